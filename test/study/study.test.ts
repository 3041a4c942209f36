import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import Papa from 'papaparse';
import { beforeAll, describe, expect, test } from 'vitest';
import { studyCsvFiles, studyCsvNames } from '../../src/report/study/study-csv.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { answerScenario } from '../../src/study/answer-scenario.ts';
import { checkObjective } from '../../src/study/check.ts';
import { runStudy } from '../../src/study/run-study.ts';
import { solveFor } from '../../src/study/solve-for.ts';
import { applySettings } from '../../src/study/space/apply-point.ts';
import { cutOffText } from '../../src/study/space/check-space.ts';
import { parseSetting } from '../../src/study/space/parse-vary.ts';
import type { Study } from '../../src/study/study.ts';
import { HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { buildRun } from '../laws/build-run.ts';
import { askOfRequest, fullStudy, requestOf, STUDY_RUN, spaceOf, studyOf } from './sample-study.ts';

let full: Study;
beforeAll(async () => {
  full = await fullStudy();
});

const validate = new Ajv2020({ strict: true, allErrors: true }).compile(
  JSON.parse(readFileSync(new URL('../../schemas/study.schema.json', import.meta.url), 'utf8')),
);

describe('a study of the simulation itself', () => {
  test('the smallest outage that breaks is the one that running every minute finds', async () => {
    const run = buildRun({ options: { horizonMs: 12 * HOUR_MS } });
    const space = spaceOf(run, 'outage.length in 0 min .. 3 h', 'outage.start = 4 h');
    const limitMs = 90 * MINUTE_MS;
    const naive = space.dimensions[0]!.levels.find((length) => {
      const settings = parseSetting(`outage.length = ${length}ms`, { run, file: '' }).settings;
      const outage = applySettings(run, [...settings, ...space.fixed]);
      return simulate(outage).rpo.steady.maxMs! > limitMs;
    })!;
    const study = await studyOf(['rpo.max <= 90 min'], ['outage.length in 0 min .. 3 h', 'outage.start = 4 h'], {
      run,
      scenariosMost: 60,
    });
    expect(study.method).toBe('bisection');
    expect(study.counterexample!.values).toEqual({ 'outage.length': naive });
    expect(study.safe!.values['outage.length']).toEqual({ from: 0, to: naive - MINUTE_MS });
    expect(study.scenariosRun).toBeLessThan(60);
    const whole = await studyOf(['rpo.max <= 90 min'], ['outage.length in 0 min .. 3 h', 'outage.start = 4 h'], {
      run,
    });
    expect([whole.exact, whole.method, whole.scenariosRun]).toEqual([true, 'whole', 181]);
    expect(whole.counterexample!.values).toEqual(study.counterexample!.values);
  });

  test('the counterexample is a run that breaks, and what the study says it comes to', async () => {
    const settings = Object.entries(full.counterexample!.values).map(([name, value]) => {
      const { unit, relation } = full.dimensions.find((own) => own.name === name)!;
      return { variable: { key: name, unit, multiplies: relation === 'x' }, value };
    });
    const { rpo } = simulate(applySettings(STUDY_RUN, settings));
    expect(rpo.steady.maxMs).toBe(full.counterexample!.planValue[0]!.value);
    expect(rpo.steady.maxMs).toBeGreaterThan(3 * HOUR_MS);
    expect(full.counterexample!.replay).toContain(
      `--with 'outage.length = ${full.counterexample!.values['outage.length']! / 1000}s'`,
    );
    // The series rounds as it samples.
    const worstMs = Math.max(...full.timeline!.brokenAgeMs.map((age) => age ?? 0));
    expect(Math.abs(worstMs - rpo.steady.maxMs!)).toBeLessThanOrEqual(1);
    expect(full.timeline!.brokenSentBytes.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThan(0);
    expect(full.timeline!.brokenAgeMs).toHaveLength(full.timeline!.baseAgeMs.length);
  });

  test('every part has what it says', () => {
    expect(full.holds).toBe(false);
    expect(full.base.holds).toBe(true);
    expect(full.dimensions.map(({ name, role }) => `${name} ${role}`)).toEqual([
      'outage.length severity',
      'outage.start shape',
      'churn severity',
    ]);
    expect(full.resolution).toEqual({ 'outage.length': '10 min', 'outage.start': '1 h', churn: '99 quantiles' });
    expect(full.frontiers.map(({ along }) => along)).toEqual(['outage.start', 'churn']);
    for (const { points } of full.frontiers) {
      for (const { largestSafe, smallestBreaking } of points) {
        if (largestSafe !== null && smallestBreaking !== null)
          expect(smallestBreaking - largestSafe).toBe(10 * MINUTE_MS);
      }
    }
    expect(full.alone.map(({ dimension }) => dimension)).toEqual(['outage.length', 'churn']);
    expect(full.tornado).toHaveLength(4);
    expect(full.tornado[0]!.dimension).toBe('outage.length');
    expect(full.monteCarlo!.alternatives.map(({ name }) => name)).toEqual([
      'bandwidth = 10 Mbit/s',
      'bandwidth = 5 Mbit/s',
    ]);
    expect(full.monteCarlo!.draws).toBe(64);
    expect(
      full.monteCarlo!.quantiles.every(({ value }, index, all) => index === 0 || value! >= all[index - 1]!.value!),
    ).toBe(true);
  });

  test('a promise that holds everywhere has no counterexample, and all is safe', async () => {
    const study = await studyOf(['rpo.max <= 40 h'], ['outage.length in 0 h .. 2 h step 1 h', 'outage.start in day']);
    expect([study.holds, study.exact, study.counterexample, study.timeline]).toEqual([true, true, null, null]);
    expect(study.safe).toEqual({
      values: { 'outage.length': { from: 0, to: 2 * HOUR_MS } },
      text: 'Any outage.length up to 2 h is safe at every outage.start.',
      shapesRun: 24,
      wholeRun: true,
    });
    expect(validate(study), JSON.stringify(validate.errors)).toBe(true);
  });

  test('where the base case is broken the way back to what holds is looked for', async () => {
    const run = {
      ...STUDY_RUN,
      site: { ...STUDY_RUN.site, link: { ...STUDY_RUN.site.link, capacityBitsPerSec: 600_000 } },
    };
    const study = await studyOf(['rpo.max <= 15 min'], ['churn x 0.1 .. 2 step 0.1'], { run });
    expect(study.base.holds).toBe(false);
    expect(study.counterexample!.size).toBe(0);
    expect(study.safe!.values.churn!.to).toBeLessThan(1);
  });

  test('the same request gives the same study, whatever the order in which scenarios are answered', async () => {
    const request = await requestOf(['rpo.max <= 3 h'], ['outage.length in 0 h .. 8 h', 'outage.start in day'], {
      scenariosMost: 200,
    });
    const ask = askOfRequest(request);
    const oneByOne = await runStudy(request, async (scenarios, wanted) => {
      const answers = [];
      for (const scenario of scenarios.toReversed()) answers.unshift(...(await ask([scenario], wanted)));
      return answers;
    });
    expect(oneByOne).toEqual(await runStudy(request, ask));
  });

  test('a verdict is had sooner and is the same, whatever is promised', async () => {
    const promises = [
      'rpo.max <= 3 h',
      'vms.max(rpo.max) < 3 h',
      '4 h >= rpo.max',
      'rpo.max <= 3 h and resyncs == 0',
      'rpo.p95 <= 1 h',
      'rpo.max <= 3 h or resyncs == 0',
    ];
    let sooner = 0;
    for (const promise of promises) {
      const { requirements, space } = await requestOf(
        [promise],
        ['outage.length in 0 h .. 8 h step 1 h', 'outage.start = 12 h'],
      );
      for (const length of space.dimensions[0]!.levels) {
        const settings = [...space.fixed, { variable: space.dimensions[0]!.variable, value: length }];
        const question = { run: STUDY_RUN, requirements };
        const verdict = answerScenario(question, settings, 'verdict');
        expect(verdict.holds, `${promise} ${length}`).toBe(answerScenario(question, settings, 'values').holds);
        if (verdict.judgements === null) sooner++;
      }
    }
    expect(sooner).toBeGreaterThan(15);
  });

  test('what is cut off at the end of the run is said', async () => {
    const space = spaceOf(STUDY_RUN, 'outage.length in 0 h .. 8 h', 'outage.start in week');
    expect(cutOffText(space.dimensions, [], STUDY_RUN)).toContain('would end 7 h after the end');
    const early = spaceOf(STUDY_RUN, 'outage.length in 0 h .. 8 h', 'outage.start in day');
    expect(cutOffText(early.dimensions, [], STUDY_RUN)).toBeUndefined();
    const study = await studyOf(['rpo.max <= 3 h'], ['outage.length in 0 h .. 8 h step 4 h', 'outage.start in week']);
    expect(study.methodText).toContain('cut off');
  });

  test('the published schema takes it, and can fail', () => {
    expect(validate(full), JSON.stringify(validate.errors)).toBe(true);
    expect(JSON.parse(JSON.stringify(full))).toEqual(full);
    expect(validate({ ...full, exact: 'yes' })).toBe(false);
    expect(validate({ ...full, more: 1 })).toBe(false);
  });
});

describe('CSV', () => {
  test("what was found, exact and as people read it; a stranger's formula is text", () => {
    const named = JSON.parse(JSON.stringify(full).replaceAll('outage.length', '=cmd()')) as Study;
    const [answer, frontier, sensitivity, alone, draws] = studyCsvFiles(named).map(
      (text) => Papa.parse<Record<string, string>>(text.slice(1), { header: true, skipEmptyLines: true }).data,
    );
    expect(studyCsvNames()).toHaveLength(5);
    expect(answer!.map(({ promise }) => promise)).toEqual(['rpo.max <= 3 h', 'resyncs == 0']);
    expect(Number(answer![0]!.counterexample_value)).toBe(full.counterexample!.planValue[0]!.value);
    expect(frontier).toHaveLength(full.frontiers.reduce((sum, { points }) => sum + points.length, 0));
    expect(frontier![0]!.severity).toBe("'=cmd()");
    expect(Number(frontier![0]!.largest_safe)).toBe(full.frontiers[0]!.points[0]!.largestSafe);
    expect(sensitivity).toHaveLength(full.tornado.length);
    expect(alone!.map(({ smallest_breaking }) => smallest_breaking)).toEqual(
      full.alone.map(({ smallestBreaking }) => String(smallestBreaking ?? '')),
    );
    expect(draws!.map(({ held }) => Number(held))).toEqual(full.monteCarlo!.alternatives.map(({ held }) => held));
  });
});

describe('solve', () => {
  test('the least link is the one below which it breaks, by calculation', async () => {
    // A set of 5 min of 100 kB/s plus one of 20 kB/s every 5 min must be through within 5 min for the age to stay at 10 min.
    const request = await requestOf(['rpo.max <= 10 min'], ['bandwidth in 500 kbps .. 2 Mbps step 10 kbps'], {
      scenariosMost: 500,
    });
    const solution = await solveFor(request, 0, askOfRequest(request));
    const maxAt = (bitsPerSec: number): number =>
      simulate({
        ...STUDY_RUN,
        site: { ...STUDY_RUN.site, link: { ...STUDY_RUN.site.link, capacityBitsPerSec: bitsPerSec } },
      }).rpo.steady.maxMs!;
    expect(maxAt(solution.value!)).toBeLessThanOrEqual(10 * MINUTE_MS);
    expect(maxAt(solution.breaksAt!)).toBeGreaterThan(10 * MINUTE_MS);
    expect(solution.value! - solution.breaksAt!).toBe(10_000);
    expect(solution.text).toContain('The least bandwidth that will do is');
    expect(solution.witness!.replay).toContain(`bandwidth = ${solution.breaksAt}bps`);
    expect(solution.exact).toBe(true);
  });

  test('nothing will do, or anything', async () => {
    const never = await requestOf(['rpo.max <= 1 s'], ['bandwidth in 500 kbps .. 2 Mbps']);
    expect(await solveFor(never, 0, askOfRequest(never))).toMatchObject({ value: null, breaksAt: 2e6 });
    const always = await requestOf(['rpo.max <= 40 h'], ['bandwidth in 500 kbps .. 2 Mbps']);
    expect(await solveFor(always, 0, askOfRequest(always))).toMatchObject({
      value: 500e3,
      breaksAt: null,
      witness: null,
    });
  });
});

describe('check', () => {
  test('an objective about nothing that varies is the base case', async () => {
    const request = await requestOf(['rpo.max <= 15 min'], []);
    const checked = await checkObjective('usual', request, askOfRequest(request));
    expect(checked).toMatchObject({
      name: 'usual',
      holds: true,
      exact: true,
      scenariosRun: 1,
      counterexample: null,
      safe: null,
    });
    const broken = await requestOf(['rpo.max <= 1 s'], []);
    expect((await checkObjective('never', broken, askOfRequest(broken))).counterexample).toMatchObject({ text: '' });
  });
});
