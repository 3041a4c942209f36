import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type IncomingHttpHeaders, request as plainRequest } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, RealClock } from '../../../src/rehearse/clock.ts';
import { Pacer } from '../../../src/rehearse/pacer.ts';
import { AuthenticationError, LinkError, ReplicaError } from '../../../src/rehearse/replica-service.ts';
import { checksumOf } from '../../../src/rehearse/transport/checksum.ts';
import { type Credentials, CredentialsError, readCredentials } from '../../../src/rehearse/transport/credentials.ts';
import { HttpsReplica, type HttpsReplicaOptions } from '../../../src/rehearse/transport/https-replica.ts';
import { type MadeCertificates, makeCertificates } from '../../../src/rehearse/transport/make-certificates.ts';
import { type Refusal, type ReplicaServer, serveReplica } from '../../../src/rehearse/transport/serve-replica.ts';
import { DAY_MS } from '../../../src/units.ts';
import { RecordedService } from './recorded-service.ts';

const ID = '00000000-0000-4000-8000-00000000000a';
const SESSION = '00000000-0000-4000-8000-00000000000b';
const NAMES = { primaryName: 'primary.test', replicaName: 'replica.test', validDays: 2 };
const DATA = Buffer.from('what the guest wrote');

let folder: string;
let made: MadeCertificates;
let other: MadeCertificates;
let expired: MadeCertificates;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'asr-plan-transport-'));
  made = await makeCertificates(join(folder, 'made'), NAMES);
  other = await makeCertificates(join(folder, 'other'), NAMES);
  expired = await makeCertificates(join(folder, 'expired'), { ...NAMES, validFromMs: Date.now() - 9 * DAY_MS });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let service: RecordedService;
let server: ReplicaServer;
let refusals: Refusal[];
let failures: unknown[];
const opened: HttpsReplica[] = [];

beforeEach(async () => {
  service = new RecordedService();
  refusals = [];
  failures = [];
  server = await serveReplica(service, {
    port: 0,
    address: '127.0.0.1',
    credentials: await readCredentials(made.replica),
    refused: (refusal) => refusals.push(refusal),
    failed: (error) => failures.push(error),
    idleMs: 400,
    headersMs: 300,
    requestMs: 1000,
  });
});
afterEach(async () => {
  for (const client of opened.splice(0)) client.close();
  await server.close();
});

async function client(change: Partial<HttpsReplicaOptions> = {}): Promise<HttpsReplica> {
  const replica = new HttpsReplica({
    host: '127.0.0.1',
    port: server.port,
    credentials: await readCredentials(made.primary),
    replicaName: 'replica.test',
    pacer: new Pacer(new RealClock(), Number.POSITIVE_INFINITY),
    compresses: false,
    ...change,
  });
  opened.push(replica);
  return replica;
}

/** Past the checks of `readCredentials`, as who means no good would. */
function credentialsOf({ primary }: MadeCertificates): Credentials {
  return {
    certificate: readFileSync(primary.certificatePath, 'utf8'),
    key: readFileSync(primary.keyPath, 'utf8'),
    // It believes the real replica: only its own certificate is wrong.
    authority: readFileSync(made.primary.authorityPath, 'utf8'),
  };
}

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('what arrives', () => {
  test('is what was sent, and so are the answers', async () => {
    const replica = await client();
    const relationship = { id: ID, vmName: 'SQL01 "ä"', disks: [{ name: 'd', sizeBytes: 5 }], chunkBytes: 4096 };
    expect(await replica.open(relationship)).toEqual({ appliedSet: 7, recoveryPointAtMs: 1.5, copy: null });
    await replica.beginCopy(ID, { id: SESSION, kind: 'resync' });
    expect([...(await replica.digests(ID, 1, 2, 3))]).toEqual([1, 2, 3]);
    await replica.putChunk(ID, SESSION, 1, 2, DATA);
    await replica.endCopy(ID, SESSION, 1234.5);
    await replica.putLog(ID, 3, 1, 4096, DATA);
    const set = { number: 3, cutAtMs: 5.25, logs: [{ sizeBytes: 9, sha256: 'ab' }], keepFromMs: null };
    await replica.commitSet(ID, set);
    expect(service.calls).toEqual([
      ['open', relationship],
      ['beginCopy', ID, { id: SESSION, kind: 'resync' }],
      ['digests', ID, 1, 2, 3],
      ['putChunk', ID, SESSION, 1, 2, Uint8Array.from(DATA)],
      ['endCopy', ID, SESSION, 1234.5],
      ['putLog', ID, 3, 1, 4096, Uint8Array.from(DATA)],
      ['commitSet', ID, set],
    ]);
    expect(refusals).toEqual([]);
  });

  test('any bytes, compressed or not', async () => {
    for (const compresses of [false, true]) {
      const replica = await client({ compresses });
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), fc.integer({ min: 1, max: 40 }), async (data, times) => {
          const body = Buffer.concat(Array.from({ length: times }, () => data));
          await replica.putChunk(ID, SESSION, 0, 0, body);
          expect(Buffer.compare(service.calls.at(-1)![5] as Uint8Array, body)).toBe(0);
        }),
        { numRuns: 30 },
      );
    }
  });

  test('compression is counted, and saves wire bytes', async () => {
    const replica = await client({ compresses: true });
    await replica.putChunk(ID, SESSION, 0, 0, new Uint8Array(1_000_000));
    const { rawBytes, compressedBytes, wireBytes } = replica.counters;
    expect(rawBytes).toBe(1_000_000);
    expect(compressedBytes).toBeLessThan(1000);
    expect(wireBytes).toBeLessThan(10_000);
  });

  test('wire bytes are those that the network carries', async () => {
    let seenBytes = 0;
    const proxy = await listening((socket) => {
      const onward = connect(server.port, '127.0.0.1');
      pipeCounted(socket, onward, (bytes) => {
        seenBytes += bytes;
      });
    });
    const replica = await client({ port: portOf(proxy) });
    for (let chunk = 0; chunk < 5; chunk++) await replica.putChunk(ID, SESSION, 0, chunk, new Uint8Array(100_000));
    await eventually(() => seenBytes >= replica.counters.wireBytes);
    // What the end of the handshake brings after the answer may be seen a moment later by one of the two.
    expect(Math.abs(replica.counters.wireBytes - seenBytes)).toBeLessThan(600);
    replica.close();
    proxy.close();
  });

  test('each error of the replica comes back as itself', async () => {
    const replica = await client();
    for (const code of ['unknown', 'conflict', 'corrupt', 'invalid', 'full', 'refused'] as const) {
      service.failure = new ReplicaError(code, `for ${code}`);
      const error = await replica.putChunk(ID, SESSION, 0, 0, DATA).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(ReplicaError);
      expect(error).toMatchObject({ code, message: `for ${code}` });
    }
  });

  test('a defect of the replica is told to its own log and not to the network', async () => {
    const replica = await client();
    service.failure = new Error('/secret/path');
    const error = await replica.putChunk(ID, SESSION, 0, 0, DATA).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(LinkError);
    expect(String(error)).not.toContain('secret');
    expect(failures.map(String)).toEqual(['Error: /secret/path']);
    await replica.putChunk(ID, SESSION, 0, 0, DATA);
  });

  test('limited bandwidth: every byte on the wire has had its time', async () => {
    let nowMs = 0;
    const clock: Clock = {
      latenessMs: 0,
      nowMs: () => nowMs,
      until: async (atMs) => {
        nowMs = Math.max(nowMs, atMs);
      },
      run: (activity) => activity(),
    };
    const replica = await client({ pacer: new Pacer(clock, 8e6) });
    for (let chunk = 0; chunk < 3; chunk++) await replica.putChunk(ID, SESSION, 0, chunk, new Uint8Array(200_000));
    const { wireBytes } = replica.counters;
    expect(wireBytes).toBeGreaterThan(600_000);
    expect(Math.abs(nowMs - wireBytes / 1000)).toBeLessThan(1);
  });

  test('a call that is broken off ends, and the next one goes through', async () => {
    const replica = await client();
    let begun = false;
    service.putLog = () => {
      begun = true;
      return new Promise(() => undefined);
    };
    const call = replica.putLog(ID, 1, 0, 0, DATA).catch((thrown: unknown) => thrown);
    await eventually(() => begun);
    replica.breakOff();
    expect(await call).toBeInstanceOf(LinkError);
    await replica.putChunk(ID, SESSION, 0, 0, DATA);
  });

  test('a replica that was started anew: the session is begun again', async () => {
    const replica = await client();
    await replica.putChunk(ID, SESSION, 0, 0, DATA);
    const { port } = server;
    await server.close();
    server = await serveReplica(service, {
      port,
      address: '127.0.0.1',
      credentials: await readCredentials(made.replica),
      refused: (refusal) => refusals.push(refusal),
      failed: (error) => failures.push(error),
    });
    // The connection that was kept alive may be found broken first.
    await replica.putChunk(ID, SESSION, 0, 1, DATA).catch((error: unknown) => expect(error).toBeInstanceOf(LinkError));
    await replica.putChunk(ID, SESSION, 0, 2, DATA);
    expect(service.calls.at(-1)).toEqual(['putChunk', ID, SESSION, 0, 2, Uint8Array.from(DATA)]);
  });

  test('nobody listens: a link error', async () => {
    const replica = await client();
    await server.close();
    await expect(replica.beginCopy(ID, { id: SESSION, kind: 'initial' })).rejects.toBeInstanceOf(LinkError);
  });
});

describe('who is not let in', () => {
  test.each([
    ['a certificate of another authority', () => credentialsOf(other)],
    ['an expired certificate', () => credentialsOf(expired)],
  ])('%s', async (_, credentials) => {
    const replica = await client({ credentials: credentials() });
    const error = await replica.putChunk(ID, SESSION, 0, 0, DATA).catch((thrown: unknown) => thrown);
    expect(error instanceof AuthenticationError || error instanceof LinkError).toBe(true);
    await eventually(() => refusals.length > 0);
    expect(refusals[0]!.reason).toMatch(/no accepted certificate/);
    expect(service.calls).toEqual([]);
  });

  test('no certificate', async () => {
    const authority = readFileSync(made.primary.authorityPath);
    const error = await exchange({ ca: authority }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    await eventually(() => refusals.length > 0);
    expect(refusals[0]!.reason).toMatch(/no accepted certificate/);
    expect(service.calls).toEqual([]);
  });

  test('the replica of another authority, or of another name, is not believed', async () => {
    const strange = { ...credentialsOf(made), authority: readFileSync(other.primary.authorityPath, 'utf8') };
    for (const change of [{ credentials: strange }, { replicaName: 'elsewhere.test' }]) {
      const replica = await client(change);
      await expect(replica.putChunk(ID, SESSION, 0, 0, DATA)).rejects.toBeInstanceOf(AuthenticationError);
    }
    expect(service.calls).toEqual([]);
  });

  test('plain HTTP to another address than the loopback, on either side', async () => {
    const options = { refused: () => undefined, failed: () => undefined, credentials: null, port: 0 };
    await expect(serveReplica(service, { ...options, address: '0.0.0.0' })).rejects.toThrow('loopback only');
    await expect(client({ credentials: null, host: '192.0.2.1' })).rejects.toThrow('loopback only');
    const plain = await serveReplica(service, options);
    const replica = await client({ credentials: null, port: plain.port });
    await replica.putChunk(ID, SESSION, 0, 0, DATA);
    expect(service.calls).toHaveLength(1);
    await plain.close();
  });
});

interface Exchanged {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request as a stranger with a certificate makes it. */
function exchange(options: RequestOptions, body: string | Uint8Array = ''): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: server.port, servername: 'replica.test', agent: false, ...options },
      (response) => {
        let text = '';
        response.on('data', (piece) => {
          text += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

function own(): RequestOptions {
  const { key, certificate, authority } = credentialsOf(made);
  return { key, cert: certificate, ca: authority };
}

async function session(): Promise<string> {
  const headers = { 'x-checksum': checksumOf('POST', '/v1/sessions', Buffer.alloc(0)) };
  const { text } = await exchange({ ...own(), method: 'POST', path: '/v1/sessions', headers });
  return JSON.parse(text).session;
}

const CHUNK_PATH = `/v1/relationships/${ID}/copies/${SESSION}/disks/0/chunks/0`;

async function put(path: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<Exchanged> {
  return await exchange(
    {
      ...own(),
      method: 'PUT',
      path,
      headers: {
        'x-session': await session(),
        'x-sequence': '1',
        'x-checksum': checksumOf('PUT', path, body),
        'content-length': body.length,
        ...headers,
      },
    },
    body,
  );
}

describe('what is not taken', () => {
  test('paths that are none of the replica’s, however they are written', async () => {
    for (const path of [
      '/',
      '/v1/relationships/../../etc/passwd',
      `/v1/relationships/${ID}/copies/${SESSION}/disks/0/chunks/0?x=1`,
      `/v1/relationships/%2e%2e/copies/${SESSION}/disks/0/chunks/0`,
      `/v1/relationships/${ID.toUpperCase()}/copies/${SESSION}/disks/0/chunks/0`,
      `/v1/relationships/${ID}/copies/${SESSION}/disks/-1/chunks/0`,
      `/v1/relationships/${ID}/copies/${SESSION}/disks/0/chunks/1e3`,
      `/v1/relationships/${ID}/copies/${SESSION}/disks/0/chunks/9999999999999999`,
      `/v1/relationships/${ID}/copies/..%2f..%2f${SESSION}/disks/0/chunks/0`,
      `/v1/relationships/${ID}\\..\\x/copies/${SESSION}/disks/0/chunks/0`,
      `//v1/relationships/${ID}/copies/${SESSION}/disks/0/chunks/0`,
    ]) {
      expect((await put(path, DATA)).status, path).toBe(404);
    }
    expect(refusals).toHaveLength(11);
    expect(service.calls).toEqual([]);
  });

  test('a request that is not the one of its checksum', async () => {
    for (const [path, body] of [
      [CHUNK_PATH, Buffer.from('another')],
      // What is meant for another place is as wrong as what was changed.
      [CHUNK_PATH.replace('chunks/0', 'chunks/1'), DATA],
    ] as const) {
      expect((await put(CHUNK_PATH, DATA, { 'x-checksum': checksumOf('PUT', path, body) })).status).toBe(422);
    }
    const replica = await client({
      tamper: (body) => {
        const changed = Uint8Array.from(body);
        changed[3]! ^= 1;
        return changed;
      },
    });
    await expect(replica.putChunk(ID, SESSION, 0, 0, DATA)).rejects.toMatchObject({ code: 'corrupt' });
    expect(refusals.map(({ reason }) => reason)).toEqual(
      Array(3).fill('a request that is not the one of its checksum'),
    );
    expect(service.calls).toEqual([]);
  });

  test('a request that was here before, with all that it had', async () => {
    const headers = { 'x-session': await session(), 'x-sequence': '5' };
    expect((await put(CHUNK_PATH, DATA, headers)).status).toBe(200);
    expect((await put(CHUNK_PATH, DATA, headers)).status).toBe(409);
    expect((await put(CHUNK_PATH, DATA, { ...headers, 'x-sequence': '4' })).status).toBe(409);
    expect((await put(CHUNK_PATH, DATA, { ...headers, 'x-sequence': '06' })).status).toBe(409);
    expect((await put(CHUNK_PATH, DATA, { ...headers, 'x-sequence': '6' })).status).toBe(200);
    expect(service.calls).toHaveLength(2);
    expect(refusals).toHaveLength(3);
  });

  test('a session of nobody’s', async () => {
    expect((await put(CHUNK_PATH, DATA, { 'x-session': ID })).text).toContain('session');
    expect(service.calls).toEqual([]);
  });

  test('bodies that are too large, of unknown length, or swell when they are decompressed', async () => {
    const large = { 'content-length': String(17 * 1024 ** 2) };
    // The replica answers without reading; the stranger may find the connection gone.
    const answer = await put(CHUNK_PATH, DATA, large).then(
      ({ status }) => status,
      () => 413,
    );
    expect(answer).toBe(413);
    const chunked = await put(CHUNK_PATH, DATA, { 'content-length': '', 'transfer-encoding': 'chunked' }).then(
      ({ status }) => status,
      () => 411,
    );
    expect([400, 411]).toContain(chunked);
    const bomb = zstdCompressSync(Buffer.alloc(64 * 1024 ** 2));
    expect((await put(CHUNK_PATH, bomb, { 'content-encoding': 'zstd' })).status).toBe(422);
    expect((await put(CHUNK_PATH, DATA, { 'content-encoding': 'gzip' })).status).toBe(415);
    expect(service.calls).toEqual([]);
    expect(refusals.length).toBeGreaterThan(3);
  });

  test('headers without end', async () => {
    const answer = await put(CHUNK_PATH, DATA, { 'x-long': 'x'.repeat(20_000) }).then(
      ({ status }) => status,
      () => 431,
    );
    expect(answer).toBe(431);
    await eventually(() => refusals.some(({ reason }) => /HEADER_OVERFLOW/.test(reason)));
    expect(service.calls).toEqual([]);
  });

  test('JSON that is none, or has another shape', async () => {
    for (const text of [
      '',
      '{',
      '[]',
      '7',
      '{"vmName":7,"disks":[],"chunkBytes":1}',
      '{"vmName":"a","disks":[3],"chunkBytes":1}',
    ]) {
      expect((await put(`/v1/relationships/${ID}`, Buffer.from(text))).status, text).toBe(400);
    }
    expect(service.calls).toEqual([]);
  });

  test('who sends too slowly is cut off: before the headers are whole, and within a body', async () => {
    const { key, cert, ca } = own();
    for (const text of [
      'PUT / HTTP/1.1\r\nx-a: b',
      `PUT ${CHUNK_PATH} HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\nx-checksum: a\r\nx-session: ${await session()}\r\nx-sequence: 1\r\n\r\nabc`,
    ]) {
      const socket = connectTls({
        host: '127.0.0.1',
        port: server.port,
        servername: 'replica.test',
        key,
        cert,
        ca,
      } as object);
      socket.on('error', () => undefined);
      socket.write(text);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    expect(refusals.length).toBeGreaterThan(1);
    expect(service.calls).toEqual([]);
  });
});

describe('certificates', () => {
  test('keys are readable by their owner alone', () => {
    for (const { keyPath } of [made.primary, made.replica]) expect(statSync(keyPath).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'made')).mode & 0o777).toBe(0o700);
    expect(existsSync(join(folder, 'made', 'authority.key'))).toBe(false);
  });

  test('what is wrong is told at once, with file and remedy, and never what is in it', async () => {
    const noPem = join(folder, 'text.pem');
    writeFileSync(noPem, 'my secret', { mode: 0o644 });
    const error = await readCredentials({
      certificatePath: join(folder, 'absent.pem'),
      keyPath: noPem,
      authorityPath: noPem,
    }).catch((thrown: unknown) => thrown as CredentialsError);
    expect(error).toBeInstanceOf(CredentialsError);
    expect(String(error)).toContain('absent.pem: cannot be read (ENOENT)');
    const wrong = await readCredentials({
      ...made.primary,
      keyPath: noPem,
      authorityPath: other.primary.authorityPath,
    }).catch((thrown: unknown) => thrown as CredentialsError);
    expect((wrong as CredentialsError).problems).toEqual([
      expect.stringContaining('holds no private key in PEM form'),
      expect.stringContaining('others on this machine can read the key. Run chmod 600'),
      expect.stringContaining('was not issued by'),
    ]);
    expect(String(wrong)).not.toContain('secret');
    await expect(readCredentials({ ...made.primary, keyPath: made.replica.keyPath })).rejects.toThrow(
      'does not belong',
    );
    await expect(readCredentials(expired.primary)).rejects.toThrow('expired');
    await expect(readCredentials(made.primary, Date.now() - 5 * DAY_MS)).rejects.toThrow('clock');
  });

  test('no key is in what a refusal or a failure says', async () => {
    const replica = await client({ credentials: credentialsOf(other) });
    const error = await replica.putChunk(ID, SESSION, 0, 0, DATA).catch((thrown: unknown) => thrown);
    await eventually(() => refusals.length > 0);
    for (const text of [String(error), JSON.stringify(error), JSON.stringify(refusals)]) {
      expect(text).not.toMatch(/PRIVATE KEY|BEGIN/);
    }
  });
});

describe('plain HTTP', () => {
  test('is not understood by a replica that wants certificates', async () => {
    const error = await new Promise((resolve) => {
      plainRequest({ host: '127.0.0.1', port: server.port, path: '/' }, resolve).on('error', resolve).end();
    });
    expect(error).toBeInstanceOf(Error);
    await eventually(() => refusals.length > 0);
    expect(service.calls).toEqual([]);
  });
});

function listening(connected: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve) => {
    const proxy = createServer(connected);
    proxy.listen(0, '127.0.0.1', () => resolve(proxy));
  });
}

function portOf(proxy: Server): number {
  return (proxy.address() as { readonly port: number }).port;
}

function pipeCounted(one: Socket, two: Socket, count: (bytes: number) => void): void {
  for (const [from, to] of [
    [one, two],
    [two, one],
  ] as const) {
    from.on('data', (data) => {
      count(data.length);
      to.write(data);
    });
    from.on('close', () => to.destroy());
    from.on('error', () => undefined);
  }
}
