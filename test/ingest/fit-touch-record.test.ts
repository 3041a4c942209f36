/** What is recorded of the places of writes, against sets of block numbers; and a workload that carries it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitDisk, withFit } from '../../src/ingest/fit-disk.ts';
import { TouchRecorder } from '../../src/ingest/fit-touch-record.ts';
import { parseWorkload, renderWorkload } from '../../src/ingest/workload-file.ts';
import { WriteHistory } from '../../src/ingest/write-history.ts';
import { blockRunsOf, TOUCH_NUMBERS_MOST, type TouchRecord } from '../../src/model/touch-record.ts';
import type { ChurnSeries, Workload } from '../../src/model/workload.ts';
import { GIB, KIB, MIB, SECOND_MS, TIB } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';
import { lines, textInput } from './text-sources.ts';

interface Write {
  readonly atMs: number;
  readonly offset: number;
  readonly length: number;
}

const STEP_MS = 30 * SECOND_MS;

const writes = fc
  .array(
    fc.record({
      afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 0, max: 3_000_000 })),
      offset: fc.oneof(
        fc.integer({ min: 0, max: 64 }).map((block) => block * MIB),
        fc.integer({ min: 0, max: 64 * MIB }),
        fc.constant(64 * TIB - 8 * MIB),
      ),
      length: fc.oneof(fc.constantFrom(1, 512, MIB, 4 * MIB), fc.integer({ min: 1, max: 4 * MIB })),
    }),
    { minLength: 1, maxLength: 80 },
  )
  .map((steps) => {
    let atMs = 0;
    return steps.map(({ afterMs, offset, length }): Write => {
      atMs += afterMs;
      return { atMs, offset, length };
    });
  });

function blocksOf(entry: readonly number[]): number[] {
  const runs = blockRunsOf(entry);
  const blocks: number[] = [];
  for (let at = 0; at < runs.length; at += 2) {
    for (let block = runs[at]!; block < runs[at + 1]!; block++) blocks.push(block);
  }
  return blocks;
}

function naive(given: readonly Write[], intervalMs: number, count: number): number[][] {
  const sets = Array.from({ length: count }, () => new Set<number>());
  for (const { atMs, offset, length } of given) {
    for (let block = Math.floor(offset / MIB); block * MIB < offset + length; block++) {
      sets[Math.floor(atMs / intervalMs)]!.add(block);
    }
  }
  return sets.map((set) => [...set].sort((a, b) => a - b));
}

const numberCount = ({ runs }: TouchRecord): number => runs.reduce((sum, entry) => sum + entry.length, 0);

describe('a touch record', () => {
  it('holds the blocks of each step of the churn, or of each so many where steps or runs are too many', () => {
    const limits = fc.record({
      numbersMost: fc.constantFrom(TOUCH_NUMBERS_MOST, 40, 8),
      stepsMost: fc.constantFrom(20_000, 7),
    });
    fc.assert(
      fc.property(writes, limits, fc.boolean(), (given, { numbersMost, stepsMost }, asksBetween) => {
        const history = new WriteHistory({ stepsMost });
        const recorder = new TouchRecorder(STEP_MS, { numbersMost, intervalsMost: stepsMost });
        for (const { atMs, offset, length } of given) {
          history.add(atMs, offset, length);
          recorder.add(atMs, offset, length);
          if (asksBetween) history.summary();
        }
        const { churn, touched } = history.summary();
        const stepMs = (churn!.startMs[1] ?? churn!.endMs) - churn!.startMs[0]!;
        const record = recorder.record(churn!.startMs.length === 1 ? STEP_MS : stepMs, churn!.startMs.length);
        if (numbersMost === TOUCH_NUMBERS_MOST) expect(record).toEqual(touched);
        if (record === undefined) {
          // At some time not even all in one had room.
          const runCounts = given.map((_, at) => {
            const all = naive(given.slice(0, at + 1), Number.MAX_SAFE_INTEGER, 1)[0]!;
            return all.filter((block) => !all.includes(block - 1)).length;
          });
          expect(2 * Math.max(...runCounts)).toBeGreaterThan(numbersMost);
          return;
        }
        expect(numberCount(record)).toBeLessThanOrEqual(numbersMost);
        expect(record.runs).toHaveLength(Math.ceil(churn!.startMs.length / record.intervalsEach));
        const intervalMs = record.intervalsEach * (churn!.startMs.length === 1 ? STEP_MS : stepMs);
        expect(record.runs.map(blocksOf)).toEqual(naive(given, intervalMs, record.runs.length));
        if (numbersMost === TOUCH_NUMBERS_MOST) expect(record.intervalsEach).toBe(1);
      }),
      { numRuns: 300 },
    );
  });

  it('of a disk that is written all over at random is below a megabyte, whatever the disk', () => {
    const recorder = new TouchRecorder(STEP_MS);
    let place = 1;
    for (let step = 0; step < 240; step++) {
      for (let write = 0; write < 8192; write++) {
        place = (place * 48_271) % 2_147_483_647;
        recorder.add(step * STEP_MS, (place % 8192) * MIB, 4 * KIB);
      }
    }
    const record = recorder.record(STEP_MS, 240)!;
    expect(record.runs.length).toBeGreaterThan(20);
    expect(JSON.stringify(record).length).toBeLessThan(1_000_000);
  });

  it('has no shorter intervals than the churn', () => {
    const recorder = new TouchRecorder(STEP_MS);
    for (const [step, block] of [
      [0, 3],
      [1, 4],
      [3, 3],
      [4, 9],
    ] as const)
      recorder.add(step * STEP_MS, block * MIB, 1);
    expect(recorder.record(2 * STEP_MS, 3)).toEqual({
      blockBytes: MIB,
      intervalsEach: 1,
      runs: [
        [3, 2],
        [3, 1],
        [9, 1],
      ],
    });
    recorder.add(6 * STEP_MS, 0, 1);
    expect(recorder.record(2 * STEP_MS, 4)!.runs.at(-1)).toEqual([0, 1]);
  });

  it('is given up where one interval is too much, and keeps nothing then', () => {
    const recorder = new TouchRecorder(STEP_MS);
    for (let block = 0; block <= TOUCH_NUMBERS_MOST; block += 2) recorder.add(0, block * MIB, 1);
    for (let block = 0; block < 300_000; block += 2) recorder.add(STEP_MS, block * MIB, 1);
    expect(recorder.record(STEP_MS, 2)).toBeUndefined();
  });
});

const trace = lines(
  'time_s,op,offset,length',
  `0,W,0,4096`,
  `10,W,${5 * MIB - 1},2`,
  `40,W,${100 * MIB},4096`,
  `100,R,${200 * MIB},4096`,
  `100,W,0,4096`,
);

function workloadOf(sizeBytes: number): Workload {
  return buildRun({ vms: [buildVm({ disks: [buildDisk({ sizeBytes, usedBytes: MIB })] })] }).workload;
}

describe('a fit', () => {
  it('puts the record of the trace into the workload, which is read back with it', async () => {
    const { value: fit, problems } = await fitDisk(textInput('trace.csv', trace));
    expect(problems).toEqual([]);
    const { value: workload, problems: placing } = withFit(workloadOf(GIB), 'vm0', 'disk0', fit!);
    expect(placing).toEqual([]);
    const { touched } = workload!.vms[0]!.disks[0]!.churn as ChurnSeries;
    expect(touched).toEqual({ blockBytes: MIB, intervalsEach: 1, runs: [[0, 1, 3, 2], [100, 1], [], [0, 1]] });
    const text = [...renderWorkload({ workload: workload!, assumptions: [], receipts: [] })].join('');
    const read = parseWorkload('w.json', text);
    expect(read.problems.all()).toEqual([]);
    expect(read.value!.workload).toEqual(workload);
  });

  it('leaves the places out where they lie beyond the end of the disk', async () => {
    const { value: fit } = await fitDisk(textInput('trace.csv', trace));
    for (const [sizeBytes, code] of [
      [100 * MIB, 'fit-beyond-disk'],
      [100 * MIB + 1, undefined],
    ] as const) {
      const { value, problems } = withFit(workloadOf(sizeBytes), 'vm0', 'disk0', fit!);
      expect(problems.map((problem) => problem.code)).toEqual(code === undefined ? [] : [code]);
      expect('touched' in value!.vms[0]!.disks[0]!.churn).toBe(code === undefined);
      const text = [...renderWorkload({ workload: value!, assumptions: [], receipts: [] })].join('');
      expect(parseWorkload('w.json', text).problems.all()).toEqual([]);
    }
  });

  it('says where places are too many to be kept', async () => {
    const rows = Array.from({ length: TOUCH_NUMBERS_MOST / 2 + 1 }, (_, at) => `0,W,${2 * at * MIB},512`);
    const { value, problems } = await fitDisk(textInput('trace.csv', lines('time_s,op,offset,length', ...rows)));
    expect(problems.map(({ code }) => code)).toEqual(['fit-no-places']);
    expect(withFit(workloadOf(TIB), 'vm0', 'disk0', value!).value!.vms[0]!.disks[0]!.churn).not.toHaveProperty(
      'touched',
    );
  });
});

describe('a record in a workload file', () => {
  const churn = { kind: 'series', startMs: [0, 10, 20], writtenBytes: [9, 9, 9], endMs: 30, repeatMs: 0 };

  function codesOf(touched: unknown): string[] {
    const [vm] = workloadOf(10 * MIB + 1).vms;
    const vms = [{ ...vm!, disks: [{ ...vm!.disks[0]!, churn: { ...churn, touched } as ChurnSeries }] }];
    const text = [...renderWorkload({ workload: { ...workloadOf(GIB), vms }, assumptions: [], receipts: [] })].join('');
    return parseWorkload('w.json', text)
      .problems.all()
      .map(({ column }) => column!.replace(/^.*touched/, 'touched'));
  }

  const whole = { blockBytes: MIB, intervalsEach: 2, runs: [[0, 1, 9, 1], []] };
  it.each<[string, unknown]>([
    ['touched', []],
    ['touched', 7],
    ['touched.blockBytes', { ...whole, blockBytes: 4096 }],
    ['touched.intervalsEach', { ...whole, intervalsEach: 0 }],
    ['touched.intervalsEach', { ...whole, intervalsEach: 1.5 }],
    ['touched.intervalsEach', { ...whole, intervalsEach: '2' }],
    ['touched.runs', { ...whole, intervalsEach: 1 }],
    ['touched.runs', { ...whole, intervalsEach: 3 }],
    ['touched.runs', { ...whole, runs: { length: 2 } }],
    ['touched.runs[1]', { ...whole, runs: [[], [0]] }],
    ['touched.runs[1]', { ...whole, runs: [[], 'xx'] }],
    ['touched.runs[0]', { ...whole, runs: [[-1, 2], []] }],
    ['touched.runs[0]', { ...whole, runs: [[0, 0], []] }],
    ['touched.runs[0]', { ...whole, runs: [[0, 1, 0, 1], []] }],
    ['touched.runs[0]', { ...whole, runs: [[0, 1.5], []] }],
    ['touched.runs[0]', { ...whole, runs: [[1e300, 1], []] }],
    ['touched.runs[0]', { ...whole, runs: [[10, 2], []] }],
  ])('is refused at %s: %j', (path, touched) => {
    expect(codesOf(touched)).toEqual([path]);
  });

  it('is taken where it is whole', () => {
    expect(codesOf(whole)).toEqual([]);
    expect(
      codesOf({
        ...whole,
        runs: [
          [10, 1],
          [0, 11],
        ],
      }),
    ).toEqual([]);
  });

  it('is refused where it is too long', () => {
    const runs = Array.from({ length: TOUCH_NUMBERS_MOST / 2 }, () => 1);
    const touched = { blockBytes: MIB, intervalsEach: 1, runs: [runs, runs, [0, 1]] };
    const disk = buildDisk({ sizeBytes: TIB, churn: { ...churn, touched } as ChurnSeries });
    const workload = buildRun({ vms: [buildVm({ disks: [disk] })] }).workload;
    const text = [...renderWorkload({ workload, assumptions: [], receipts: [] })].join('');
    expect(
      parseWorkload('w.json', text)
        .problems.all()
        .map(({ message }) => message),
    ).toEqual([`At most ${TOUCH_NUMBERS_MOST} numbers are expected.`]);
  });
});
