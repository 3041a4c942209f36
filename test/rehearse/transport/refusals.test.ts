import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { request } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AuthenticationError, LinkError } from '../../../src/rehearse/replica-service.ts';
import { checkAuthentication } from '../../../src/rehearse/transport/check-authentication.ts';
import { checksumOf, NO_BODY } from '../../../src/rehearse/transport/checksum.ts';
import { type MadeCertificates, makeCertificates } from '../../../src/rehearse/transport/make-certificates.ts';
import { isLoopback } from '../../../src/rehearse/transport/routes.ts';
import { Sessions } from '../../../src/rehearse/transport/sessions.ts';
import { DAY_MS } from '../../../src/units.ts';
import { credentialsOf, Ends, eventually, ID, NAMES, SESSION } from './ends.ts';

let folder: string;
let made: MadeCertificates;
let other: MadeCertificates;
let expired: MadeCertificates;
let ends: Ends;
const strangers: Socket[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'asr-plan-refusals-'));
  made = await makeCertificates(join(folder, 'made'), NAMES);
  other = await makeCertificates(join(folder, 'other'), NAMES);
  expired = await makeCertificates(join(folder, 'expired'), { ...NAMES, validFromMs: Date.now() - 9 * DAY_MS });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  ends = await Ends.start(made, { idleMs: 300, headersMs: 300 });
});
afterEach(async () => {
  for (const stranger of strangers.splice(0)) stranger.destroy();
  await ends.close();
});

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return await call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('certificates', () => {
  test('of another authority: told to both ends, and not to be tried again', async () => {
    const replica = ends.client({ credentials: credentialsOf(other, made) });
    expect(await failureOf(replica.beginCopy(ID, { id: SESSION, kind: 'initial' }))).toBeInstanceOf(
      AuthenticationError,
    );
    await eventually(() => ends.refusals.length > 0);
    expect(ends.refusals).toEqual(['no accepted certificate: CERT_SIGNATURE_FAILURE']);
    expect(ends.service.calls).toEqual([]);
  });

  test('that have expired, of the authority that is believed', async () => {
    const late = await Ends.start(made, {
      credentials: {
        certificate: readFileSync(made.replica.certificatePath, 'utf8'),
        key: readFileSync(made.replica.keyPath, 'utf8'),
        authority: readFileSync(expired.replica.authorityPath, 'utf8'),
      },
    });
    try {
      const replica = late.client({ credentials: credentialsOf(expired, made) });
      const error = await failureOf(replica.beginCopy(ID, { id: SESSION, kind: 'initial' }));
      expect(error).toBeInstanceOf(AuthenticationError);
      expect(String(error)).toContain('expired');
      await eventually(() => late.refusals.length > 0);
      expect(late.refusals).toEqual(['no accepted certificate: CERT_HAS_EXPIRED']);
      expect(late.service.calls).toEqual([]);
    } finally {
      await late.close();
    }
  });

  test('of the replica’s end are none of a primary', async () => {
    const replica = ends.client({ credentials: credentialsOf({ ...made, primary: made.replica }) });
    expect(await failureOf(replica.beginCopy(ID, { id: SESSION, kind: 'initial' }))).toBeInstanceOf(Error);
    await eventually(() => ends.refusals.length > 0);
    expect(ends.refusals).toEqual(['no accepted certificate: INVALID_PURPOSE']);
    expect(ends.service.calls).toEqual([]);
  });

  test('with an address for a name', async () => {
    const addressed = await makeCertificates(join(folder, 'addressed'), { ...NAMES, replicaName: '127.0.0.1' });
    const local = await Ends.start(addressed);
    try {
      await local.client({ replicaName: '127.0.0.1' }).beginCopy(ID, { id: SESSION, kind: 'initial' });
      const wrong = local.client({ replicaName: '127.0.0.2' }).beginCopy(ID, { id: SESSION, kind: 'initial' });
      expect(await failureOf(wrong)).toBeInstanceOf(AuthenticationError);
      expect(local.service.calls).toHaveLength(1);
    } finally {
      await local.close();
    }
  });
});

/** A stranger with a primary's certificate, who has shaken hands and says what it likes. */
async function stranger(): Promise<TLSSocket> {
  const { certificate, key, authority } = credentialsOf(made);
  const socket = connectTls({
    host: '127.0.0.1',
    port: ends.port,
    servername: 'replica.test',
    cert: certificate,
    key,
    ca: authority,
  });
  strangers.push(socket);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  return socket;
}

describe('who takes its time', () => {
  test('before the handshake is cut off', async () => {
    const socket = connect(ends.port, '127.0.0.1');
    strangers.push(socket);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(ends.refusals).toEqual(['no accepted certificate: ERR_TLS_HANDSHAKE_TIMEOUT']);
  });

  test('after the handshake, without a word', async () => {
    const socket = await stranger();
    await new Promise((resolve) => socket.once('close', resolve));
    expect(ends.refusals).toHaveLength(1);
  });

  test('between two calls is no offender: the connection goes, and nothing is told of it', async () => {
    const replica = ends.client();
    await replica.beginCopy(ID, { id: SESSION, kind: 'initial' });
    const before = await stranger();
    const checksum = checksumOf('POST', '/v1/sessions', NO_BODY);
    before.write(`POST /v1/sessions HTTP/1.1\r\nhost: a\r\nx-checksum: ${checksum}\r\ncontent-length: 0\r\n\r\n`);
    before.resume();
    // Node's own time for connections that are kept alive.
    await new Promise((resolve) => before.once('close', resolve));
    expect(ends.refusals).toEqual([]);
  }, 15_000);

  test('as the replica does to apply a set: it is waited for', async () => {
    const replica = ends.client();
    let silences = 0;
    ends.service.commitSet = () =>
      new Promise((resolve) => {
        const timer = setInterval(() => {
          silences++;
          if (silences < 4) return;
          clearInterval(timer);
          resolve();
        }, 250);
      });
    await replica.commitSet(ID, { number: 1, cutAtMs: 1, logs: [], keepFromMs: null });
    expect(silences).toBe(4);
    expect(ends.refusals).toEqual([]);
  });
});

test('more connections than are let in', async () => {
  for (let at = 0; at < 64; at++) {
    const socket = connect(ends.port, '127.0.0.1');
    strangers.push(socket);
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('connect', resolve));
  }
  const replica = ends.client();
  expect(await failureOf(replica.beginCopy(ID, { id: SESSION, kind: 'initial' }))).toBeInstanceOf(LinkError);
  expect(ends.refusals).toContain('too many connections');
  expect(ends.service.calls).toEqual([]);
  // Who never shook hands is gone after a while, and there is room again.
  for (const socket of strangers) if (!socket.destroyed) await new Promise((resolve) => socket.once('close', resolve));
  await replica.beginCopy(ID, { id: SESSION, kind: 'initial' });
  expect(ends.service.calls).toHaveLength(1);
});

interface Said {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @returns the status that a stranger with a certificate gets, and the text */
function ask(
  { method, path, headers = {} }: Said,
  body: string | Uint8Array = '',
): Promise<{ readonly status: number; readonly text: string }> {
  const { certificate, key, authority } = credentialsOf(made);
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: ends.port,
        servername: 'replica.test',
        agent: false,
        cert: certificate,
        key,
        ca: authority,
        method,
        path,
        headers: { 'x-checksum': checksumOf(method, path, Buffer.from(body)), ...headers },
      },
      (response) => {
        let text = '';
        response.on('data', (piece) => {
          text += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode!, text }));
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

const CHUNK_PATH = `/v1/relationships/${ID}/copies/${SESSION}/disks/0/chunks/0`;

describe('what is not taken', () => {
  test('bodies where none belong', async () => {
    const { text } = await ask({ method: 'POST', path: '/v1/sessions' });
    const own = { 'x-session': JSON.parse(text).session as string };
    const bodies: readonly Said[] = [
      { method: 'POST', path: '/v1/sessions' },
      { method: 'PUT', path: `/v1/relationships/${ID}/copies/initial/${SESSION}`, headers: { 'x-sequence': '1' } },
      { method: 'GET', path: `/v1/relationships/${ID}/disks/0/digests/0/1`, headers: { 'x-sequence': '2' } },
    ];
    for (const said of bodies) {
      for (const headers of [{ 'content-length': '3' }, { 'transfer-encoding': 'chunked' }]) {
        const sequence = `${Number(said.headers?.['x-sequence'] ?? 0) * 2 + ('content-length' in headers ? 0 : 1)}`;
        const whole = { ...said, headers: { ...own, 'x-sequence': sequence, ...headers } as Record<string, string> };
        expect((await ask(whole, 'abc')).status, `${said.path} ${JSON.stringify(headers)}`).toBe(413);
      }
    }
    expect(ends.refusals).toEqual(Array(6).fill('a body where none belongs'));
    expect(ends.service.calls).toEqual([]);
  });

  test('a request for more digests than an answer holds', async () => {
    const replica = ends.client();
    await replica.digests(ID, 0, 0, 524_288);
    const error = await failureOf(replica.digests(ID, 0, 0, 524_289));
    expect(error).toMatchObject({ code: 'invalid' });
    expect(ends.refusals).toEqual(['too many digests']);
    expect(ends.service.calls).toHaveLength(1);
  });

  test('a body that is too large is answered before it is sent', async () => {
    const { text } = await ask({ method: 'POST', path: '/v1/sessions' });
    const { session } = JSON.parse(text) as { readonly session: string };
    const socket = await stranger();
    let answer = '';
    socket.on('data', (piece) => {
      answer += piece;
    });
    socket.write(
      `PUT ${CHUNK_PATH} HTTP/1.1\r\nhost: a\r\nx-session: ${session}\r\nx-sequence: 1\r\ncontent-length: 16777217\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once('close', resolve));
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(ends.refusals).toEqual(['a body of 16777217 bytes']);
    expect(ends.service.calls).toEqual([]);
  });

  test('a body that swells beyond its bound, with the checksum of what it swells to', async () => {
    const { text } = await ask({ method: 'POST', path: '/v1/sessions' });
    const { session } = JSON.parse(text) as { readonly session: string };
    const said = (sequence: number, swollen: Uint8Array): Said => ({
      method: 'PUT',
      path: CHUNK_PATH,
      headers: {
        'x-session': session,
        'x-sequence': `${sequence}`,
        'x-checksum': checksumOf('PUT', CHUNK_PATH, swollen),
        'content-encoding': 'zstd',
      },
    });
    const largest = Buffer.alloc(16 * 1024 ** 2);
    expect((await ask(said(1, largest), zstdCompressSync(largest))).status).toBe(200);
    const larger = Buffer.alloc(largest.length + 1);
    expect((await ask(said(2, larger), zstdCompressSync(larger))).status).toBe(422);
    expect(ends.refusals).toEqual(['a body that cannot be decompressed within its bounds']);
    expect(ends.service.calls).toHaveLength(1);
  });

  test('a session of another primary', () => {
    const sessions = new Sessions();
    const session = sessions.begin('one');
    expect(sessions.refusal('other', session, '1')).toBe('session');
    // It took nothing from the one whose session it is.
    expect(sessions.refusal('one', session, '1')).toBeUndefined();
    expect(sessions.refusal('one', session, '1')).toBe('replayed');
  });

  test('a session of another replica', async () => {
    const { text } = await ask({ method: 'POST', path: '/v1/sessions' });
    const plain = await Ends.start(made, { credentials: null });
    try {
      const { session } = JSON.parse(text) as { readonly session: string };
      const answer = await fetch(`http://127.0.0.1:${plain.port}/v1/relationships/${ID}/copies/initial/${SESSION}`, {
        method: 'PUT',
        headers: { 'x-session': session, 'x-sequence': '1' },
      });
      expect(answer.status).toBe(409);
      expect(plain.service.calls).toEqual([]);
      expect(plain.refusals).toEqual(['an unknown session']);
    } finally {
      await plain.close();
    }
  });
});

describe('whoever answers as no replica does', () => {
  let impostor: Server;
  let answers: (readonly [number, string])[];

  beforeEach(async () => {
    impostor = createServer((asked, response) => {
      asked.resume();
      const [status, text] = answers.shift()!;
      response.statusCode = status;
      response.setHeader('x-checksum', checksumOf(asked.method!, asked.url!, Buffer.from(text)));
      response.end(text);
    });
    await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => impostor.close());

  const session = JSON.stringify({ session: SESSION });
  test.each([
    ['no JSON for a session', [[200, '<html>']]],
    ['nothing for a session', [[200, 'null']]],
    ['a session that would be another header', [[200, '{"session":"a\\r\\nx-b: c"}']]],
    ['a failure for a session', [[500, 'x']]],
    ['no JSON for a status', [[200, session], [200, '{']]], // biome-ignore format: a row is a line
    ['a status without its parts', [[200, session], [200, '{}']]], // biome-ignore format: a row is a line
    ['a status that counts in texts', [[200, session], [200, '{"appliedSet":"1","recoveryPointAtMs":null,"copy":null}']]], // biome-ignore format: a row is a line
    ['a copy that is none', [[200, session], [200, '{"appliedSet":1,"recoveryPointAtMs":null,"copy":{"id":"../x","kind":"initial"}}']]], // biome-ignore format: a row is a line
    ['a code of nobody’s', [[200, session], [409, '{"code":"strange"}']]], // biome-ignore format: a row is a line
    ['one unknown session after another', [[200, session], [409, '{"code":"session"}'], [200, session], [409, '{"code":"session"}']]], // biome-ignore format: a row is a line
  ] as const)('%s: a link error', async (_, said) => {
    answers = [...said];
    const replica = ends.client({ credentials: null, port: (impostor.address() as AddressInfo).port });
    const error = await failureOf(replica.open({ id: ID, vmName: 'a', disks: [], chunkBytes: 4096 }));
    expect(error).toBeInstanceOf(LinkError);
    expect(answers).toEqual([]);
  });

  test('an answer that was changed on its way: a link error', async () => {
    answers = [[200, session]];
    impostor.prependListener('request', (_, response) => {
      const { end } = response;
      response.end = ((text: string) => end.call(response, text.replace('0', '1'), 'utf8')) as typeof response.end;
    });
    const replica = ends.client({ credentials: null, port: (impostor.address() as AddressInfo).port });
    expect(String(await failureOf(replica.beginCopy(ID, { id: SESSION, kind: 'initial' })))).toContain('damaged');
  });

  test('a status with a copy under way is taken', async () => {
    const status = { appliedSet: 0, recoveryPointAtMs: null, copy: { id: SESSION, kind: 'resync' } };
    answers = [
      [200, session],
      [200, JSON.stringify(status)],
    ];
    const replica = ends.client({ credentials: null, port: (impostor.address() as AddressInfo).port });
    expect(await replica.open({ id: ID, vmName: 'a', disks: [], chunkBytes: 4096 })).toEqual(status);
  });
});

describe('authentication', () => {
  test('by certificates, or none at all', () => {
    expect(checkAuthentication('certificate')).toBeUndefined();
    expect(checkAuthentication('none')).toBeUndefined();
  });

  test('Kerberos is refused with a reason and with what there is instead', () => {
    const reason = checkAuthentication('kerberos')!;
    for (const word of ['domain controller', 'service principal name', 'certificates', '8084', 'loopback']) {
      expect(reason).toContain(word);
    }
    expect(checkAuthentication(`ntlm${'x'.repeat(1000)}`)!.length).toBeLessThan(250);
  });

  test('the loopback is what is one', () => {
    for (const address of ['127.0.0.1', '127.255.0.3', '::1', 'localhost'])
      expect(isLoopback(address), address).toBe(true);
    for (const address of ['127.999.1.1', '127.1.1.1.example', '0.0.0.0', '::', '128.0.0.1', '127.0.0.1 ', '']) {
      expect(isLoopback(address), address).toBe(false);
    }
  });
});
