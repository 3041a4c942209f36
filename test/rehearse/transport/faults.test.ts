import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, RealClock } from '../../../src/rehearse/clock.ts';
import { LinkError } from '../../../src/rehearse/replica-service.ts';
import { FaultProxy, type FaultProxyOptions } from '../../../src/rehearse/transport/faults.ts';
import type { HttpsReplica } from '../../../src/rehearse/transport/https-replica.ts';
import { type MadeCertificates, makeCertificates } from '../../../src/rehearse/transport/make-certificates.ts';
import { Ends, eventually, ID, NAMES, SESSION } from './ends.ts';

let folder: string;
let made: MadeCertificates;
let ends: Ends;
const proxies: FaultProxy[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'asr-plan-faults-'));
  made = await makeCertificates(join(folder, 'made'), NAMES);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(async () => {
  ends = await Ends.start(made);
});
afterEach(async () => {
  await ends.close();
  for (const proxy of proxies.splice(0)) await proxy.close();
});

async function proxied(
  change: Partial<FaultProxyOptions> = {},
): Promise<{ readonly proxy: FaultProxy; readonly replica: HttpsReplica }> {
  const proxy = await FaultProxy.start({ targetPort: ends.port, clock: new RealClock(), ...change });
  proxies.push(proxy);
  return { proxy, replica: ends.client({ port: proxy.port }) };
}

function dataOf(lengthBytes: number): Uint8Array {
  return Uint8Array.from({ length: lengthBytes }, (_, at) => (at * 131 + (at >> 8)) % 251);
}

/** Whether the chunk that the replica was given is this one. */
function isSame(call: readonly unknown[] | undefined, data: Uint8Array): boolean {
  return Buffer.compare(call![5] as Uint8Array, data) === 0;
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return await call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Time that passes only where somebody waits, all of which it keeps. */
function notedClock(): Clock & { readonly waitsMs: number[] } {
  let nowMs = 0;
  const waitsMs: number[] = [];
  return {
    latenessMs: 0,
    waitsMs,
    nowMs: () => nowMs,
    until: async (atMs) => {
      waitsMs.push(atMs - nowMs);
      nowMs = Math.max(nowMs, atMs);
    },
    run: (activity) => activity(),
  };
}

describe('a network without faults', () => {
  test('passes on any bytes unchanged', async () => {
    const { replica } = await proxied();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 1, max: 100 }), async (data, times) => {
        const body = Buffer.concat(Array.from({ length: times }, () => data));
        await replica.putChunk(ID, SESSION, 0, 0, body);
        expect(isSame(ends.service.calls.at(-1), body)).toBe(true);
      }),
      { numRuns: 30 },
    );
    expect(ends.refusals).toEqual([]);
  });
});

describe('a cut', () => {
  test('anywhere: the chunk arrives whole or not at all, and the next call goes through', async () => {
    const { proxy, replica } = await proxied();
    const data = dataOf(100_000);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 110_000 }), async (bytes) => {
        ends.service.calls.length = 0;
        proxy.cutAfter(bytes);
        const error = await failureOf(replica.putChunk(ID, SESSION, 0, 0, data));
        // With a new connection a handshake goes before: the cut is within the chunk, or comes with a later call.
        if (error !== undefined) expect(error).toBeInstanceOf(LinkError);
        proxy.cutAfter(Number.POSITIVE_INFINITY);
        await replica.putChunk(ID, SESSION, 0, 0, data);
        expect(ends.service.calls.length).toBeGreaterThan(0);
        expect(ends.service.calls.length).toBeLessThan(3);
        for (const call of ends.service.calls) expect(isSame(call, data)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  test('to the byte, and once', async () => {
    const received: Buffer[][] = [];
    const target = createServer((socket) => {
      const pieces: Buffer[] = [];
      received.push(pieces);
      socket.on('data', (piece) => pieces.push(piece));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
    const { proxy } = await proxied({ targetPort: (target.address() as AddressInfo).port });
    const data = Buffer.from(dataOf(1000));
    proxy.cutAfter(123);
    const cut = connect(proxy.port, '127.0.0.1');
    cut.on('error', () => undefined);
    cut.write(data);
    await new Promise((resolve) => cut.once('close', resolve));
    await eventually(() => Buffer.concat(received[0] ?? []).length >= 123);
    const whole = connect(proxy.port, '127.0.0.1');
    whole.write(data);
    await eventually(() => Buffer.concat(received[1] ?? []).length >= 1000);
    expect(received.map((pieces) => Buffer.concat(pieces))).toEqual([data.subarray(0, 123), data]);
    whole.destroy();
    target.close();
  });

  test('within a body: the replica is not called', async () => {
    const { proxy, replica } = await proxied();
    await replica.beginCopy(ID, { id: SESSION, kind: 'initial' });
    ends.service.calls.length = 0;
    proxy.cutAfter(50_000);
    expect(await failureOf(replica.putChunk(ID, SESSION, 0, 0, dataOf(100_000)))).toBeInstanceOf(LinkError);
    // A socket that ended and one that was reset are told otherwise by the parser; the request is broken off in both.
    await eventually(() => ends.refusals.includes('broken off'));
    expect(ends.service.calls).toEqual([]);
  });

  test('before the answer: what was done is asked for again, with a number of its own', async () => {
    const { proxy, replica } = await proxied();
    await replica.beginCopy(ID, { id: SESSION, kind: 'initial' });
    let answer = (): void => undefined;
    const { service } = ends;
    const { putLog } = service;
    service.putLog = async (...args: readonly unknown[]) => {
      await putLog.call(service, ...args);
      if (service.calls.length === 2) await new Promise<void>((resolve) => (answer = resolve));
    };
    const lost = failureOf(replica.putLog(ID, 1, 0, 0, dataOf(500)));
    await eventually(() => service.calls.length === 2);
    proxy.cutNow();
    expect(await lost).toBeInstanceOf(LinkError);
    answer();
    await replica.putLog(ID, 1, 0, 0, dataOf(500));
    expect(service.calls.slice(1).map(([name]) => name)).toEqual(['putLog', 'putLog']);
    expect(ends.refusals).toEqual([]);
  });

  test('while nothing is under way', async () => {
    const { proxy, replica } = await proxied();
    await replica.beginCopy(ID, { id: SESSION, kind: 'initial' });
    proxy.cutNow();
    // The connection that was kept alive may be found broken first.
    const error = await failureOf(replica.beginCopy(ID, { id: SESSION, kind: 'initial' }));
    if (error !== undefined) expect(error).toBeInstanceOf(LinkError);
    await replica.beginCopy(ID, { id: SESSION, kind: 'initial' });
  });
});

describe('a byte that was changed on the way', () => {
  test('breaks TLS, and nothing of it reaches the replica', async () => {
    const { proxy, replica } = await proxied();
    await replica.beginCopy(ID, { id: SESSION, kind: 'initial' });
    for (const offset of [0, 7, 300, 20_000]) {
      ends.service.calls.length = 0;
      proxy.flipAfter(offset);
      expect(await failureOf(replica.putChunk(ID, SESSION, 0, 0, dataOf(50_000)))).toBeInstanceOf(LinkError);
      expect(ends.service.calls).toEqual([]);
      await replica.putChunk(ID, SESSION, 0, 0, dataOf(50_000));
      expect(isSame(ends.service.calls[0], dataOf(50_000))).toBe(true);
    }
  });

  test('is found by the checksum where there is no TLS', async () => {
    const plain = await Ends.start(made, { credentials: null });
    try {
      const proxy = await FaultProxy.start({ targetPort: plain.port, clock: new RealClock() });
      proxies.push(proxy);
      const replica = plain.client({ port: proxy.port, credentials: null });
      await replica.beginCopy(ID, { id: SESSION, kind: 'initial' });
      plain.service.calls.length = 0;
      proxy.flipAfter(30_000);
      expect(await failureOf(replica.putChunk(ID, SESSION, 0, 0, dataOf(50_000)))).toMatchObject({ code: 'corrupt' });
      expect(plain.service.calls).toEqual([]);
      expect(plain.refusals).toEqual(['a request that is not the one of its checksum']);
      await replica.putChunk(ID, SESSION, 0, 0, dataOf(50_000));
      expect(isSame(plain.service.calls[0], dataOf(50_000))).toBe(true);
    } finally {
      await plain.close();
    }
  });
});

describe('a slow network', () => {
  test('each piece waits for the delay, either way', async () => {
    const clock = notedClock();
    const { replica } = await proxied({ clock, delayMs: 40 });
    await replica.putChunk(ID, SESSION, 0, 0, dataOf(10_000));
    // A handshake, a session and a chunk: three times there and back at the least.
    expect(clock.waitsMs.length).toBeGreaterThanOrEqual(6);
    expect(new Set(clock.waitsMs)).toEqual(new Set([40]));
  });

  test('what goes towards the replica has had its time', async () => {
    const clock = notedClock();
    const { replica } = await proxied({ clock, slowBytesPerSec: 1000 });
    await replica.putChunk(ID, SESSION, 0, 0, dataOf(100_000));
    expect(clock.nowMs()).toBeGreaterThan(100_000);
    expect(clock.nowMs()).toBeLessThan(105_000);
    expect(isSame(ends.service.calls[0], dataOf(100_000))).toBe(true);
  });

  test('a cut ends who waits', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const clock: Clock = {
      ...notedClock(),
      until: (_, signal) =>
        new Promise((resolve) => {
          signals.push(signal);
          signal?.addEventListener('abort', () => resolve());
        }),
    };
    const { proxy, replica } = await proxied({ clock, delayMs: 1 });
    const call = failureOf(replica.putChunk(ID, SESSION, 0, 0, dataOf(10)));
    await eventually(() => signals.length > 0);
    proxy.cutNow();
    expect(await call).toBeInstanceOf(LinkError);
    expect(signals.map((signal) => signal?.aborted)).toEqual(signals.map(() => true));
  });
});

test('nobody behind it: a link error', async () => {
  const { replica } = await proxied({ targetPort: 1 });
  expect(await failureOf(replica.putChunk(ID, SESSION, 0, 0, dataOf(10)))).toBeInstanceOf(LinkError);
});
