import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RealClock, SteppedClock } from '../../src/rehearse/clock.ts';
import { GuestContent } from '../../src/rehearse/guest/guest-content.ts';
import { madeUpWrites } from '../../src/rehearse/guest/made-up-writes.ts';
import { replay } from '../../src/rehearse/guest/replay.ts';
import { Pacer } from '../../src/rehearse/pacer.ts';
import { MemoryDisk } from './memory-disk.ts';

describe('a clock that leaps', () => {
  test('wakes everybody at their instants, in order, the last ones last', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(20), fc.boolean()), { minLength: 1, maxLength: 20 }), async (waits) => {
        const clock = new SteppedClock();
        const woken: [number, boolean][] = [];
        await Promise.all(
          waits.map(([atMs, isLast]) =>
            clock.run(async () => {
              await clock.until(atMs, undefined, isLast);
              expect(clock.nowMs()).toBe(atMs);
              woken.push([atMs, isLast]);
              // Work of whatever length in the machine's time takes none of the clock's.
              await new Promise((resolve) => setImmediate(resolve));
            }),
          ),
        );
        const later = woken.filter(([atMs]) => atMs > 0);
        const expected = waits.filter(([atMs]) => atMs > 0).sort((a, b) => a[0] - b[0] || Number(a[1]) - Number(b[1]));
        expect(later).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  test('stands still while anything is under way', async () => {
    const clock = new SteppedClock();
    let release = (): void => undefined;
    const held = clock.run(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    let isWoken = false;
    const waiting = clock.run(async () => {
      await clock.until(5);
      isWoken = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([clock.nowMs(), isWoken]).toEqual([0, false]);
    release();
    await held;
    await waiting;
    expect([clock.nowMs(), isWoken]).toEqual([5, true]);
  });

  test('who is called off wakes at once, and time does not move for it', async () => {
    const clock = new SteppedClock();
    const off = new AbortController();
    const waiting = clock.run(() => clock.until(1000, off.signal));
    off.abort();
    await waiting;
    expect(clock.nowMs()).toBe(0);
  });
});

test('the machine’s clock, faster: waits are at least as long as they are', async () => {
  const clock = new RealClock(1000);
  const atMs = clock.nowMs() + 5000;
  await clock.until(atMs);
  expect(clock.nowMs()).toBeGreaterThanOrEqual(atMs);
});

test('limited bandwidth: bytes one behind the other take their time, and time that nobody used is not saved up', async () => {
  const clock = new SteppedClock();
  await clock.run(async () => {
    const pacer = new Pacer(clock, 8000);
    await pacer.take(10);
    await pacer.take(5);
    expect(clock.nowMs()).toBe(15);
    await clock.until(100);
    await pacer.take(10);
    expect(clock.nowMs()).toBe(110);
    await new Pacer(clock, Number.POSITIVE_INFINITY).take(1e12);
    expect(clock.nowMs()).toBe(110);
  });
});

describe('a replay', () => {
  test('writes what the trace says when it says it', async () => {
    const clock = new SteppedClock();
    const disk = new MemoryDisk(100_000);
    const seen: [number, number, number][] = [];
    const { write } = disk;
    disk.write = (data, offset) => {
      seen.push([clock.nowMs(), offset, data.length]);
      return write.call(disk, data, offset);
    };
    const writes = [
      { atMs: 0, offset: 5, lengthBytes: 7 },
      { atMs: 3.5, offset: 0, lengthBytes: 512 },
      { atMs: 3.5, offset: 99_000, lengthBytes: 1000 },
    ];
    const outcome = await clock.run(() =>
      replay(writes, disk, new GuestContent(1), clock, new AbortController().signal),
    );
    expect(seen).toEqual(writes.map(({ atMs, offset, lengthBytes }) => [atMs, offset, lengthBytes]));
    expect(outcome).toEqual({ writeCount: 3, writtenBytes: 1519, latestMs: 0 });
  });

  test('a write that fails ends it', async () => {
    const clock = new SteppedClock();
    const writes = madeUpWrites({ bytesPerSec: 1000, writeBytes: 100, hotBytes: 1e6, untilMs: 10_000, seed: 1 });
    const signal = new AbortController().signal;
    const disk = new MemoryDisk(100);
    await expect(clock.run(() => replay(writes, disk, new GuestContent(1), clock, signal))).rejects.toThrow(RangeError);
  });

  test('a made-up load has its rate and stays in its hot set', () => {
    const writes = [
      ...madeUpWrites({ bytesPerSec: 50_000, writeBytes: 5000, hotBytes: 20_000, untilMs: 10_000, seed: 3 }),
    ];
    expect(writes).toHaveLength(100);
    expect(writes.at(-1)!.atMs).toBe(10_000);
    expect(new Set(writes.map(({ offset }) => offset))).toEqual(new Set([0, 5000, 10_000, 15_000]));
  });
});
