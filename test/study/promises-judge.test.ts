import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Run } from '../../src/model/run.ts';
import type { RunResult, VmResult } from '../../src/simulate/result.ts';
import { judge, simulationFor } from '../../src/study/promises/judge.ts';
import { namesOf, parsePromise } from '../../src/study/promises/parse-promise.ts';
import type { Judgement } from '../../src/study/promises/promise.ts';
import { MINUTE_MS } from '../../src/units.ts';
import { buildRun, buildVm, simulated } from '../laws/build-run.ts';

const run: Run = buildRun({
  vms: ['A', 'B', 'C'].map((name) => buildVm({ name })),
  options: { skipInitialReplication: false },
});
const real = simulated(run);

/** Three VMs with the given largest ages (minutes) and resynchronizations; the fleet has the worst age. */
function resultOf(ages: readonly (number | null)[], resyncs: readonly number[] = [0, 0, 0]): RunResult {
  const inMs = ages.map((age) => (age === null ? null : age * MINUTE_MS));
  const known = inMs.filter((age) => age !== null);
  return {
    ...real,
    rpo: { ...real.rpo, steady: { ...real.rpo.steady, maxMs: known.length === 0 ? null : Math.max(...known) } },
    vms: real.vms.map(
      (vm, place): VmResult => ({
        ...vm,
        steadyRpo: { ...vm.steadyRpo, maxMs: inMs[place] ?? null },
        resyncCount: resyncs[place]!,
        initialReplication: { ...vm.initialReplication, endMs: resyncs[place] === 9 ? null : 1 },
      }),
    ),
  };
}

async function judged(text: string, result: RunResult): Promise<Judgement> {
  const { requirement, problems } = await parsePromise(text, namesOf(run, real));
  expect(problems, text).toEqual([]);
  const judgement = judge(requirement!, run, result);
  // Plain data: workers send it, files keep it.
  expect(JSON.parse(JSON.stringify(judgement))).toEqual(judgement);
  return judgement;
}

const AT_MOST_10 = [5, 8, 10];

describe('one comparison', () => {
  test.each([
    ['rpo.max <= 20 min', true, 10, 20, 0.5],
    ['rpo.max <= 10 min', true, 10, 10, 0],
    ['rpo.max < 10 min', false, 10, 10, 0],
    ['rpo.max <= 5 min', false, 10, 5, -1],
    ['5 min >= rpo.max', false, 10, 5, -1],
    ['not (rpo.max > 5 min)', false, 10, 5, -1],
    ['not not (rpo.max <= 20 min)', true, 10, 20, 0.5],
    ['rpo.max >= 5 min', true, 10, 5, 1],
    ['rpo.max > 20 min', false, 10, 20, -0.5],
    ['20 min <= rpo.max', false, 10, 20, -0.5],
    ['rpo.max == 10 min', true, 10, 10, null],
    ['rpo.max != 10 min', false, 10, 10, null],
    ['rpo.max <= 0 min', false, 10, 0, -1],
    ['rpo.max >= 0 min', true, 10, 0, 1],
    ['rpo.max <= -10 min', false, 10, -10, -2],
    ["vms['A'].rpo.max <= 10 min", true, 5, 10, 0.5],
    ['vms.max(rpo.max) <= 20 min', true, 10, 20, 0.5],
    ['vms.min(rpo.max) <= 20 min', true, 5, 20, 0.75],
    ['vms.sum(rpo.max) <= 46 min', true, 23, 46, 0.5],
    ['vms.mean(rpo.max * 3) <= 46 min', true, 23, 46, 0.5],
    ["vms['?'].sum(rpo.max) <= 46 min", true, 23, 46, 0.5],
    ["rpo.max <= vms['A'].rpo.max * 4", true, 10, 20, 0.5],
    ['rpo.max * 2 - 10 min <= 1 h / 3', true, 10, 20, 0.5],
  ])('%s', async (text, holds, value, limit, margin) => {
    expect(await judged(text, resultOf(AT_MOST_10))).toEqual({
      holds,
      value: value * MINUTE_MS,
      limit: limit * MINUTE_MS,
      margin,
    });
  });

  test('counts', async () => {
    const result = resultOf(AT_MOST_10, [0, 2, 1]);
    expect(await judged('vms.count(resyncs > 0) <= 4', result)).toEqual({
      holds: true,
      value: 2,
      limit: 4,
      margin: 0.5,
    });
    expect(await judged('resyncs == 0', result)).toEqual({ holds: false, value: 3, limit: 0, margin: null });
    expect(await judged('resyncs <= 0', result)).toEqual({ holds: false, value: 3, limit: 0, margin: -1 });
    expect(await judged('resyncs - 3 <= 0', result)).toEqual({ holds: true, value: 0, limit: 0, margin: 0 });
    expect(await judged('1 / (resyncs - 3) <= 4', result)).toEqual({
      holds: false,
      value: null,
      limit: 4,
      margin: null,
    });
  });
});

describe('several parts', () => {
  test.each([
    ['rpo.max <= 20 min and rpo.max <= 40 min', true, 0.5],
    ['rpo.max <= 20 min and rpo.max <= 5 min', false, -1],
    ['rpo.max <= 20 min or rpo.max <= 40 min', true, 0.75],
    ['rpo.max <= 20 min or rpo.max <= 5 min', true, 0.5],
    ['rpo.max <= 8 min or rpo.max <= 5 min', false, -0.25],
    ['resyncs == 0 and rpo.max <= 20 min', true, 0.5],
    ['not (rpo.max <= 20 min and rpo.max <= 5 min)', true, 1],
    ['5 min <= rpo.max <= 20 min', true, 0.5],
    ['11 min <= rpo.max <= 20 min', false, -1 / 11],
    ['vms.all(rpo.max <= 20 min)', true, 0.5],
    ['vms.all(rpo.max <= 5 min)', false, -1],
    ['vms.any(rpo.max <= 10 min)', true, 0.5],
    ['vms.any(rpo.max <= 4 min)', false, -0.25],
    ["vms['A'].unprotected or rpo.max <= 20 min", true, 0.5],
    ['not vms.any(unprotected)', true, null],
  ])('%s', async (text, holds, margin) => {
    const found = await judged(text, resultOf(AT_MOST_10));
    expect(found).toMatchObject({ holds, value: null, limit: null });
    if (margin === null) expect(found.margin).toBeNull();
    else expect(found.margin).toBeCloseTo(margin, 12);
  });
});

describe('what a scenario does not know', () => {
  const nobody = resultOf([null, null, null]);
  const somebody = resultOf([5, null, 10]);

  test.each([
    ['rpo.max <= 20 min', nobody, false],
    ['not (rpo.max <= 20 min)', nobody, false],
    ['rpo.max != 20 min', nobody, false],
    ['rpo.max <= 20 min or resyncs == 0', nobody, true],
    ['rpo.max <= 20 min and resyncs == 0', nobody, false],
    ['not (rpo.max <= 20 min and resyncs > 0)', nobody, true],
    // One of three was never protected: the largest of the others is not the largest of all.
    ['vms.max(rpo.max) <= 20 min', somebody, false],
    ['vms.all(rpo.max <= 20 min)', somebody, false],
    ['vms.any(rpo.max <= 6 min)', somebody, true],
    ['not vms.all(rpo.max <= 6 min)', somebody, true],
    ['vms.count(rpo.max > 20 min) == 0', somebody, false],
    ['vms.sum(rpo.max) > 0 min', somebody, false],
    ['vms.mean(rpo.max) > 0 min', somebody, false],
  ])('%s: %s', async (text, result, holds) => {
    const found = await judged(text, result);
    expect(found.holds).toBe(holds);
    if (!holds) expect(found).toMatchObject({ value: null, margin: null });
  });

  test('what did not end ends never', async () => {
    const result = resultOf(AT_MOST_10, [0, 9, 0]);
    expect(await judged('ir.end <= 3 days', result)).toMatchObject({ holds: false, value: null, margin: null });
    expect((await judged('ir.end > 3 days', result)).holds).toBe(true);
    expect((await judged("vms['A'].ir.end <= 3 days", result)).holds).toBe(true);
    expect((await judged('vms.count(ir.end > 3 days) == 1', result)).holds).toBe(true);
    // Infinity less Infinity is nothing.
    expect((await judged('ir.end - vms.max(ir.end) == 0 s', result)).holds).toBe(false);
    expect((await judged('not (ir.end - vms.max(ir.end) == 0 s)', result)).holds).toBe(false);
  });

  test('a member that the scenario does not have', async () => {
    const without = { ...resultOf(AT_MOST_10), vms: [] };
    expect((await judged("vms['A'].resyncs == 0", without)).holds).toBe(false);
    expect((await judged('vms.max(resyncs) == 0', without)).holds).toBe(false);
    expect((await judged('vms.mean(resyncs) == 0', without)).holds).toBe(false);
    expect((await judged('vms.all(resyncs == 0)', without)).holds).toBe(true);
    expect((await judged('vms.any(resyncs == 0)', without)).holds).toBe(false);
    expect((await judged('vms.sum(resyncs) == 0', without)).holds).toBe(true);
  });
});

/** An expression as text, and what it comes to, made side by side: nothing of the product in it. */
interface Twin {
  readonly text: string;
  readonly value: number;
}

const MINUTES = [7, 11, 13];
const RESYNCS = [1, 2, 4];
const twinResult = resultOf(MINUTES, RESYNCS);

const anyNumber: fc.Arbitrary<Twin> = fc.oneof(
  fc.integer({ min: 0, max: 50 }).map((value) => ({ text: String(value), value })),
  fc.integer({ min: 1, max: 400 }).map((value) => ({ text: `${value} %`, value: value / 100 })),
  fc.constant({ text: 'resyncs', value: 7 }),
  fc.integer({ min: 0, max: 2 }).map((vm) => ({ text: `vms['${'ABC'[vm]}'].resyncs`, value: RESYNCS[vm]! })),
  fc.integer({ min: 0, max: 5 }).map((least) => ({
    text: `vms.count(resyncs > ${least})`,
    value: RESYNCS.filter((count) => count > least).length,
  })),
  fc.constantFrom(
    { text: 'vms.max(resyncs)', value: 4 },
    { text: 'vms.min(resyncs)', value: 1 },
    { text: 'vms.sum(resyncs * 2)', value: 14 },
    { text: 'vms.mean(resyncs)', value: 7 / 3 },
  ),
);
const anyMinutes: fc.Arbitrary<Twin> = fc.oneof(
  fc.integer({ min: 0, max: 50 }).map((value) => ({ text: `${value} min`, value: value * MINUTE_MS })),
  fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 59 })).map(([h, min]) => ({
    text: `${h} h ${min} min`,
    value: (h * 60 + min) * MINUTE_MS,
  })),
  fc.integer({ min: 0, max: 2 }).map((vm) => ({
    text: `vms['${'ABC'[vm]}'].rpo.max`,
    value: MINUTES[vm]! * MINUTE_MS,
  })),
  fc.constant({ text: 'rpo.max', value: 13 * MINUTE_MS }),
);

type Level = 'sum' | 'product' | 'atom';
/** In brackets where the operator around it binds closer. */
function inside(twin: Twin, level: Level, wanted: Level): string {
  const order: readonly Level[] = ['sum', 'product', 'atom'];
  return order.indexOf(level) < order.indexOf(wanted) ? `(${twin.text})` : twin.text;
}

interface Leveled extends Twin {
  readonly level: Level;
}

const arithmetic = (leaf: fc.Arbitrary<Twin>): fc.Arbitrary<Leveled> =>
  fc.letrec<{ tree: Leveled }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      leaf.map((twin): Leveled => ({ ...twin, level: 'atom' })),
      fc.tuple(tie('tree'), tie('tree'), fc.constantFrom('+', '-')).map(
        ([a, b, operator]): Leveled => ({
          text: `${a.text} ${operator} ${inside(b, b.level, 'product')}`,
          value: operator === '+' ? a.value + b.value : a.value - b.value,
          level: 'sum',
        }),
      ),
      fc.tuple(tie('tree'), anyNumber, fc.constantFrom('*', '/')).map(
        ([a, b, operator]): Leveled => ({
          // Without brackets `1 / 2 %` can be read in two ways, and is refused.
          text: `${inside(a, a.level, 'product')} ${operator} ${b.text.endsWith('%') ? `(${b.text})` : b.text}`,
          value: operator === '*' ? a.value * b.value : b.value === 0 ? Number.NaN : a.value / b.value,
          level: 'product',
        }),
      ),
    ),
  })).tree;

interface Truth {
  readonly text: string;
  /** `null` where it divides by 0. */
  readonly truth: boolean | null;
}

const comparison = (side: fc.Arbitrary<Twin>): fc.Arbitrary<Truth> =>
  fc.tuple(side, side, fc.constantFrom('<=', '<', '>=', '>', '==', '!=')).map(([a, b, operator]) => {
    const known = !Number.isNaN(a.value) && !Number.isNaN(b.value);
    const less = a.value < b.value;
    const same = a.value === b.value;
    const truth = { '<=': less || same, '<': less, '>=': !less, '>': !less && !same, '==': same, '!=': !same }[
      operator
    ]!;
    return { text: `${a.text} ${operator} ${b.text}`, truth: known ? truth : null };
  });

const anyTruth: fc.Arbitrary<Truth> = fc.letrec<{ truth: Truth }>((tie) => ({
  truth: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    comparison(arithmetic(anyNumber)),
    comparison(arithmetic(anyMinutes)),
    tie('truth').map(({ text, truth }) => ({ text: `not (${text})`, truth: truth === null ? null : !truth })),
    fc.tuple(tie('truth'), tie('truth'), fc.constantFrom('and', 'or')).map(([a, b, operator]) => {
      const decides = operator === 'or';
      const truth =
        a.truth === decides || b.truth === decides ? decides : a.truth === null || b.truth === null ? null : !decides;
      return { text: `(${a.text}) ${operator} (${b.text})`, truth };
    }),
  ),
})).truth;

describe('laws', () => {
  test('any expression comes to what it comes to by hand', async () => {
    const names = namesOf(run, real);
    let read = 0;
    await fc.assert(
      fc.asyncProperty(anyTruth, async ({ text, truth }) => {
        const { requirement, problems } = await parsePromise(text, names);
        if (requirement === undefined) {
          // Only what is too large, or has no figure in it, may be refused.
          expect(
            ['promise-too-long', 'promise-too-deep', 'promise-constant'],
            `${text}: ${problems[0]!.message}`,
          ).toContain(problems[0]!.code);
          return;
        }
        read++;
        const found = judge(requirement, run, twinResult);
        expect(found.holds, text).toBe(truth === true);
        if (found.margin !== null) {
          if (found.holds) expect(found.margin, text).toBeGreaterThanOrEqual(0);
          else expect(found.margin, text).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 1000 },
    );
    expect(read).toBeGreaterThan(500);
  });

  test('the order and the number of VMs of the same names change nothing', async () => {
    const { requirement } = await parsePromise(
      "vms['B'].rpo.max <= 11 min and vms['C'].rpo.max > 12 min",
      namesOf(run, real),
    );
    const turned = { ...twinResult, vms: twinResult.vms.toReversed() };
    expect(judge(requirement!, run, turned)).toEqual(judge(requirement!, run, twinResult));
    expect(judge(requirement!, run, turned).holds).toBe(true);
  });
});

test('the simulation that promises need: detail where one asks for it, every age once', async () => {
  const read = async (text: string) => (await parsePromise(text, namesOf(run, real))).requirement!;
  const lean = await read('rpo.within(20 min) > 0.9 and rpo.within(5 min) > 0.5');
  const full = await read('vms.max(log.max) < 1 GiB or rpo.within(20 min) > 0.9');
  expect(simulationFor([lean])).toEqual({ objectivesOnly: true, withinMs: [5 * MINUTE_MS, 20 * MINUTE_MS] });
  expect(simulationFor([lean, full])).toEqual({ objectivesOnly: false, withinMs: [5 * MINUTE_MS, 20 * MINUTE_MS] });
  expect(simulationFor([await read('resyncs == 0')])).toEqual({ objectivesOnly: true });
});
