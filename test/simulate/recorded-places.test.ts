/** A touch record in a simulation, against sets of block numbers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blockRunsOf,
  coarser,
  countOfBlocks,
  entryOf,
  type TouchRecord,
  united,
} from '../../src/model/touch-record.ts';
import { type ChurnSeries, type Disk, modelledTouchedBytes } from '../../src/model/workload.ts';
import { windowChurn } from '../../src/plan/failures/window.ts';
import type { ReplicationCore } from '../../src/replication/columns.ts';
import { ChurnIntegral } from '../../src/simulate/churn-integral.ts';
import { RecordedPlaces } from '../../src/simulate/recorded-places.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { burstChurn, scaledChurn, shiftedChurn } from '../../src/study/space/vary-churn.ts';
import { DAY_MS, HOUR_MS, MIB, MINUTE_MS } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm, simulated } from '../laws/build-run.ts';

/** The sets as a record keeps them. */
function recordOf(sets: readonly ReadonlySet<number>[], intervalsEach = 1): TouchRecord {
  const runs = sets.map((set) => {
    const blocks = [...set].sort((a, b) => a - b);
    const starts = blocks.filter((block) => !set.has(block - 1));
    const untils = blocks.filter((block) => !set.has(block + 1)).map((block) => block + 1);
    return entryOf(Uint32Array.from(starts.flatMap((start, at) => [start, untils[at]!])));
  });
  return { blockBytes: MIB, intervalsEach, runs };
}

const DISK_BLOCKS = 40;
const blockSet = fc.array(fc.integer({ min: 0, max: DISK_BLOCKS - 1 }), { maxLength: 12 }).map((list) => new Set(list));

describe('runs of blocks', () => {
  it('are sets: united, in larger blocks, counted, and back', () => {
    fc.assert(
      fc.property(blockSet, blockSet, fc.integer({ min: 1, max: 5 }), (a, b, factor) => {
        const { runs } = recordOf([a, b]);
        const [runsA, runsB] = [blockRunsOf(runs[0]!), blockRunsOf(runs[1]!)];
        const both = new Set([...a, ...b]);
        const [expected] = recordOf([both]).runs;
        expect(entryOf(united(runsA, runsB))).toEqual(expected);
        expect(countOfBlocks(united(runsA, runsB))).toBe(both.size);
        const scaled = new Set([...both].map((block) => Math.floor(block / factor)));
        expect(entryOf(coarser(united(runsA, runsB), factor))).toEqual(recordOf([scaled]).runs[0]);
      }),
    );
  });
});

interface Recorded {
  readonly disk: Disk;
  readonly sets: readonly ReadonlySet<number>[];
  readonly growthRatio: number;
}

/** A series that begins before, at or after 0 and may repeat from within an interval; each of its intervals writes something. */
const recorded = fc
  .record({
    lengths: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 }),
    bytes: fc.array(fc.integer({ min: 100_000, max: 5_000_000 }), { minLength: 12, maxLength: 12 }),
    sets: fc.array(blockSet, { minLength: 12, maxLength: 12 }),
    startMs: fc.integer({ min: -200, max: 50 }),
    repeatShare: fc.constantFrom(0, 0.3, 0.77, 1),
    growthRatio: fc.constantFrom(0, 0.3, 1),
    intervalsEach: fc.integer({ min: 1, max: 3 }),
    overwrite: fc.option(fc.record({ hotBytes: fc.constant(3 * MIB), hotShare: fc.constantFrom(0.5, 1) }), {
      nil: undefined,
    }),
  })
  .map(({ lengths, bytes, sets, startMs, repeatShare, growthRatio, intervalsEach, overwrite }): Recorded => {
    let endMs = startMs;
    const starts = lengths.map((lengthMs) => {
      endMs += lengthMs;
      return endMs - lengthMs;
    });
    const kept = sets.slice(0, Math.ceil(lengths.length / intervalsEach));
    const churn: ChurnSeries = {
      ...{ kind: 'series', startMs: starts, writtenBytes: bytes.slice(0, lengths.length), endMs },
      ...{ repeatMs: Math.floor((endMs - startMs) * repeatShare), touched: recordOf(kept, intervalsEach) },
    };
    const disk = buildDisk({ churn, sizeBytes: DISK_BLOCKS * MIB, ...(overwrite === undefined ? {} : { overwrite }) });
    return { disk, sets: kept, growthRatio };
  });

/** The stretches of a record one after another, what is repeated spelled out `turns` times; positions count from the run's start. */
function stretchesOf({ disk, sets, growthRatio }: Recorded, turns: number) {
  const churn = disk.churn as ChurnSeries;
  const each = churn.touched!.intervalsEach;
  const grown = churn.writtenBytes.map((bytes) => bytes * (1 + growthRatio));
  const firstMs = churn.endMs - churn.repeatMs;
  const stretches: { fromMs: number; fromBytes: number; untilBytes: number; set: ReadonlySet<number> }[] = [];
  let atBytes = 0;
  for (let turn = 0; turn <= (churn.repeatMs > 0 ? turns : 0); turn++) {
    for (const [index, set] of sets.entries()) {
      const fromMs = churn.startMs[index * each]!;
      const until = Math.min((index + 1) * each, churn.startMs.length);
      let bytes = 0;
      for (let step = index * each; step < until; step++) {
        const stepMs = churn.startMs[step]!;
        const stepEndMs = churn.startMs[step + 1] ?? churn.endMs;
        const insideMs = turn === 0 ? stepEndMs - stepMs : stepEndMs - Math.max(firstMs, stepMs);
        if (insideMs > 0) bytes += (grown[step]! * insideMs) / (stepEndMs - stepMs);
      }
      if (bytes === 0) continue;
      stretches.push({ fromMs: fromMs + turn * churn.repeatMs, fromBytes: atBytes, untilBytes: atBytes + bytes, set });
      atBytes += bytes;
    }
  }
  return stretches;
}

/** Bytes from the record's beginning to the run's start, which may lie in what is repeated. */
function beforeRunBytes({ disk, growthRatio }: Recorded): number {
  const churn = disk.churn as ChurnSeries;
  const steps: { fromMs: number; untilMs: number; bytes: number }[] = [];
  for (let turn = 0; turn <= (churn.repeatMs > 0 ? 400 : 0); turn++) {
    churn.startMs.forEach((startMs, step) => {
      const endMs = churn.startMs[step + 1] ?? churn.endMs;
      const fromMs = turn === 0 ? startMs : Math.max(startMs, churn.endMs - churn.repeatMs);
      if (endMs <= fromMs) return;
      const bytes = (churn.writtenBytes[step]! * (1 + growthRatio) * (endMs - fromMs)) / (endMs - startMs);
      steps.push({ fromMs: fromMs + turn * churn.repeatMs, untilMs: endMs + turn * churn.repeatMs, bytes });
    });
  }
  return steps.reduce(
    (sum, { fromMs, untilMs, bytes }) =>
      sum + (bytes * Math.max(0, Math.min(untilMs, 0) - fromMs)) / (untilMs - fromMs),
    0,
  );
}

const placesOf = ({ disk, growthRatio }: Recorded): RecordedPlaces =>
  RecordedPlaces.of([disk], new ChurnIntegral([disk.churn], growthRatio))!;

describe('the blocks that a record says are touched', () => {
  // Evenly: generators of doubles prefer the ends.
  const share = fc.noBias(fc.nat(100_000)).map((part) => part / 100_000);

  it('are the union of the intervals, and of one at an end each block by its share', () => {
    // Short of the record, where each interval counts, and beyond it.
    const asked = fc.tuple(share, fc.constantFrom(0.2, 1, 4), share, fc.constantFrom(1, 2, 3));
    fc.assert(
      fc.property(recorded, fc.array(asked, { minLength: 1, maxLength: 8 }), (given, questions) => {
        const places = placesOf(given);
        const stretches = stretchesOf(given, 3);
        const offset = Math.floor(beforeRunBytes(given));
        const onceBytes = stretches.slice(0, given.sets.length).at(-1)!.untilBytes;
        const totalBytes = stretches.at(-1)!.untilBytes;
        for (const [begin, longest, length, factor] of questions) {
          const from = Math.floor(begin * Math.min(2 * onceBytes, totalBytes));
          const until = Math.min(Math.floor(totalBytes), Math.floor(from + length * longest * onceBytes));
          const left = new Map<number, number>();
          for (const { fromBytes, untilBytes, set } of stretches) {
            const covered = Math.min(until, untilBytes) - Math.max(from, fromBytes);
            if (covered <= 0) continue;
            const inside = covered / (untilBytes - fromBytes);
            const blocks = new Set([...set].map((block) => Math.floor(block / factor)));
            for (const block of blocks) left.set(block, (left.get(block) ?? 1) * (1 - inside));
          }
          const touched = [...left.values()].reduce((sum, untouched) => sum + 1 - untouched, 0);
          const block = factor * MIB;
          const modelled = (bytes: number): number => modelledTouchedBytes(given.disk, bytes, block) / block;
          const more = Math.max(0, modelled(until - from) - modelled(onceBytes));
          const most = Math.ceil(DISK_BLOCKS / factor);
          const found = places.touchedBytes(0, from - offset, until - offset, block) / block;
          // A byte that a floor loses is a ten-thousandth of most intervals, and counts for each block at either end.
          const slack = 0.01;
          expect(found).toBeGreaterThanOrEqual(Math.min(most, touched + more - slack - Number(more > 0)));
          expect(found).toBeLessThan(Math.min(most, touched + more + Number(more > 0)) + 1 + slack);
          expect(Number.isInteger(found)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are exactly the union from the end of one interval to that of another', () => {
    fc.assert(
      fc.property(recorded, fc.nat(11), fc.nat(11), fc.constantFrom(1, 2), (given, a, b, factor) => {
        const { sets, disk, growthRatio } = given;
        const churn = new ChurnIntegral([disk.churn], growthRatio);
        const places = RecordedPlaces.of([disk], churn)!;
        const { startMs, endMs, touched } = disk.churn as ChurnSeries;
        const [first, until] = [Math.min(a, b) % sets.length, Math.min(sets.length, Math.max(a, b) + 1)];
        if (until <= first) return;
        const boundMs = (index: number): number => startMs[index * touched!.intervalsEach] ?? endMs;
        const blocks = sets.slice(first, until).flatMap((set) => [...set].map((block) => Math.floor(block / factor)));
        const positions = [first, until].map((index) => churn.writtenBytes(0, boundMs(index)));
        expect(places.touchedBytes(0, positions[0]!, positions[1]!, factor * MIB)).toBe(
          new Set(blocks).size * factor * MIB,
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('are all of them at the end, even where its last bits lie beyond it', () => {
    const touched = recordOf([new Set([1, 3]), new Set([2, 8, 9])]);
    const writtenBytes = [2_049_816, 1_233_997];
    const series: ChurnSeries = { kind: 'series', startMs: [-41, -5], writtenBytes, endMs: -2, repeatMs: 0, touched };
    const churn = new ChurnIntegral([series], 0.3);
    expect(churn.reachedAtMs(0, 0)).toBeGreaterThan(-2);
    const places = RecordedPlaces.of([buildDisk({ churn: series })], churn)!;
    expect(places.touchedBytes(0, churn.writtenBytes(0, -5), 0, MIB)).toBe(3 * MIB);
    expect(places.touchedBytes(0, churn.writtenBytes(0, -41), 0, MIB)).toBe(5 * MIB);
  });

  it('never become fewer, are never more than the disk has, and do not depend on what was asked before', () => {
    const asked = fc.array(fc.tuple(share, share, fc.constantFrom(1, 2)), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(recorded, asked, fc.integer({ min: -9_000_000, max: 0 }), (given, questions, earliest) => {
        const totalBytes = stretchesOf(given, 4).at(-1)!.untilBytes;
        const one = placesOf(given);
        for (const [a, b, factor] of questions) {
          const [from, until] = [a, b].map((at) => Math.floor(earliest + at * totalBytes)) as [number, number];
          const ask = (places: RecordedPlaces, untilBytes: number): number =>
            places.touchedBytes(0, from, Math.max(from, untilBytes), factor * MIB);
          expect(ask(one, until + 1_777_777)).toBeGreaterThanOrEqual(ask(one, until));
          const found = ask(one, until);
          expect(found).toBe(ask(placesOf(given), until));
          expect(ask(one, from)).toBe(0);
          expect(found).toBeLessThanOrEqual(Math.ceil(DISK_BLOCKS / factor) * factor * MIB);
        }
      }),
    );
  });

  it('before the record began, and in blocks that it does not tell, are those of the overwrite model', () => {
    fc.assert(
      fc.property(
        recorded,
        fc.integer({ min: 1, max: 20_000_000 }),
        fc.integer({ min: 1, max: 9e6 }),
        (given, by, length) => {
          const places = placesOf(given);
          const firstBytes = -Math.ceil(beforeRunBytes(given));
          const modelled = (bytes: number, block: number): number => modelledTouchedBytes(given.disk, bytes, block);
          const from = firstBytes - by - length;
          expect(places.touchedBytes(0, from, from + length, MIB)).toBe(modelled(length, MIB));
          expect(places.touchedBytes(0, 0, length, MIB / 2)).toBe(modelled(length, MIB / 2));
          expect(places.touchedBytes(0, 0, length, 1.5 * MIB)).toBe(modelled(length, 1.5 * MIB));
        },
      ),
    );
  });

  it('are the same places, however fast they are written and whenever', () => {
    fc.assert(
      fc.property(recorded, fc.nat(11), fc.integer({ min: -300, max: 300 }), (given, index, byMs) => {
        const { disk, sets } = given;
        const answers = [disk.churn, scaledChurn(disk.churn, 2.5), shiftedChurn(disk.churn, byMs)].map((one) => {
          const series = one as ChurnSeries;
          const churn = new ChurnIntegral([series], 0);
          const atMs = [0, index % sets.length].map((entry) => series.startMs[entry * series.touched!.intervalsEach]!);
          const [from, until] = atMs.map((ms) => churn.writtenBytes(0, ms)) as [number, number];
          return RecordedPlaces.of([{ ...disk, churn: series }], churn)!.touchedBytes(0, from, until, MIB);
        });
        const blocks = new Set(sets.slice(0, index % sets.length).flatMap((set) => [...set]));
        expect(answers).toEqual(answers.map(() => blocks.size * MIB));
      }),
    );
  });

  it('are forgotten where the series becomes another one', () => {
    const churn: ChurnSeries = {
      ...{ kind: 'series', startMs: [0, HOUR_MS], writtenBytes: [MIB, MIB], endMs: 2 * HOUR_MS, repeatMs: 0 },
      touched: recordOf([new Set([1, 9]), new Set([3])]),
    };
    expect(burstChurn(churn, 0, MINUTE_MS, 2, DAY_MS)).not.toHaveProperty('touched');
    expect(windowChurn(churn, MINUTE_MS, HOUR_MS)).not.toHaveProperty('touched');
  });
});

/** Hourly: a block here and there for a few bytes, other ones each hour; for two days, then nothing. */
const HOURS = 48;
const SCATTERED = Array.from(
  { length: HOURS },
  (_, hour) => new Set(Array.from({ length: 50 }, (_, at) => (hour * 97 + at * 61) % 4000)),
);
const SCATTERED_CHURN: ChurnSeries = {
  kind: 'series',
  startMs: SCATTERED.map((_, hour) => hour * HOUR_MS),
  writtenBytes: SCATTERED.map(() => 1_000_000),
  ...{ endMs: HOURS * HOUR_MS, repeatMs: 0, touched: recordOf(SCATTERED) },
};
const SCATTERED_DISK = buildDisk({ sizeBytes: 4000 * MIB, usedBytes: 1000 * MIB, churn: SCATTERED_CHURN });

function unionOf(fromHour: number, untilHour: number, factor = 1): number {
  const sets = SCATTERED.slice(fromHour, untilHour);
  return new Set(sets.flatMap((set) => [...set].map((block) => Math.floor(block / factor)))).size;
}

describe('a simulation of a disk whose writes were recorded', () => {
  it('sends in a resynchronization the chunks that were touched since the recovery point', () => {
    let core: ReplicationCore | undefined;
    const sent: number[] = [];
    const run = buildRun({
      vms: [buildVm({ disks: [SCATTERED_DISK] })],
      // The set of 02:00 does not get through: the recovery point stays at 01:55. The window is open all day.
      outages: [{ startMs: 2 * HOUR_MS, endMs: 5 * HOUR_MS }],
      policy: { resyncWindow: { startMinute: 0, endMinute: 1440 } },
      events: [{ kind: 'action', action: 'resynchronize', target: { scope: 'all' }, atMs: 5 * HOUR_MS }],
    });
    simulate(run, {
      observer: {
        started(started) {
          core = started;
        },
        stepped({ nowMs }) {
          if (nowMs === 5 * HOUR_MS && core!.resyncBytes[0]! > 0) sent.push(core!.resyncBytes[0]!);
        },
      },
    });
    const { checksumBytes, chunkBytes } = run.policy.rules;
    const chunks = unionOf(2, 5) + Math.ceil((unionOf(1, 5) - unionOf(2, 5)) / 12);
    expect(sent[0]).toBe(4000 * checksumBytes + chunks * chunkBytes);
  });

  const fromScratch = { skipInitialReplication: false, horizonMs: 10 * HOUR_MS } as const;

  it('lets a snapshot grow by the blocks that were touched', () => {
    // 1000 MiB take 5 hours.
    const capacityBitsPerSec = (1000 * MIB * 8) / (5 * 3600);
    const vms = [buildVm({ disks: [SCATTERED_DISK] })];
    const result = simulated(buildRun({ vms, link: { capacityBitsPerSec }, options: fromScratch }));
    const { volumes } = result;
    const mergeMs = (unionOf(0, 5, 2) * 2 * MIB) / (buildRun().policy.rules.mergeBytesPerSec / 1000);
    expect(volumes[0]!.snapshotPeakBytes).toBeGreaterThanOrEqual(unionOf(0, 5, 2) * 2 * MIB);
    expect(volumes[0]!.snapshotPeakBytes).toBeLessThanOrEqual(
      (unionOf(0, 5, 2) + Math.ceil((50 * mergeMs) / HOUR_MS)) * 2 * MIB,
    );
    expect(result.vms[0]!.snapshotPeakBytes).toBe(volumes[0]!.snapshotPeakBytes);
    // The log and its metadata hardly count: without the record it would be 6 MiB.
    expect(volumes[0]!.snapshotPeakBytes).toBeGreaterThan(100 * MIB);
  });

  it('sees in time that scattered writes fill a volume', () => {
    // In ten hours a few bytes to each second block of 2 MiB: 75 of these, 150 MiB, are touched after 45 minutes.
    const churn: ChurnSeries = {
      ...{ kind: 'series', startMs: [0], writtenBytes: [1_000_000], endMs: 10 * HOUR_MS, repeatMs: 0 },
      touched: recordOf([new Set(Array.from({ length: 1000 }, (_, at) => 4 * at))]),
    };
    const vms = [buildVm({ disks: [{ ...SCATTERED_DISK, churn }] })];
    const volumes = [{ name: 'D:', host: 'host0', freeBytes: 150 * MIB }];
    const result = simulated(buildRun({ vms, volumes, link: { capacityBitsPerSec: 1e5 }, options: fromScratch }));
    expect(result.volumes[0]!.fullAtMs).toBe(45 * MINUTE_MS);
  });

  it('is as without one where each block is written whole and in order', () => {
    const blocks = 3;
    const sets = Array.from({ length: 48 }, (_, hour) => new Set([0, 1, 2].map((at) => hour * blocks + at)));
    const churn: ChurnSeries = {
      ...SCATTERED_CHURN,
      writtenBytes: sets.map(() => blocks * MIB),
      touched: recordOf(sets),
    };
    const { touched: _, ...bare } = churn;
    const results = [churn, bare].map((one) => {
      const vms = [buildVm({ disks: [{ ...SCATTERED_DISK, churn: one }] })];
      return simulated(buildRun({ vms, link: { capacityBitsPerSec: 1e6 }, options: fromScratch })).vms[0]!;
    });
    expect(results[0]).toEqual(results[1]);
  });
});
