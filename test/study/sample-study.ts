import type { Run } from '../../src/model/run.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { answerScenario } from '../../src/study/answer-scenario.ts';
import { parsePromise } from '../../src/study/promises/parse-promise.ts';
import type { Requirement } from '../../src/study/promises/promise.ts';
import { runStudy, type StudyRequest } from '../../src/study/run-study.ts';
import type { AskScenarios } from '../../src/study/search/ask.ts';
import { parseVary } from '../../src/study/space/parse-vary.ts';
import type { Space } from '../../src/study/space/space.ts';
import type { Study } from '../../src/study/study.ts';
import { DAY_MS } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';

/** Two VMs of which one writes at night, on a link that has room. */
export const STUDY_RUN: Run = buildRun({
  vms: [
    buildVm({ name: 'SQL01', host: 'HV1' }),
    buildVm({
      name: '<b>WEB01',
      host: 'HV2',
      disks: [buildDisk({ churn: { kind: 'constant', bytesPerSec: 20_000 } })],
    }),
  ],
  options: { horizonMs: 2 * DAY_MS },
});

export async function promisesOf(run: Run, ...texts: readonly string[]): Promise<Requirement[]> {
  const known = {
    vms: run.workload.vms.map(({ name }) => name),
    volumes: simulate(run).volumes.map(({ name }) => name),
    hosts: ['HV1', 'HV2'],
    links: [],
  };
  const read = await Promise.all(texts.map((text) => parsePromise(text, known)));
  return read.map(({ requirement, problems }) => {
    if (requirement === undefined) throw new Error(JSON.stringify(problems));
    return requirement;
  });
}

export function spaceOf(run: Run, ...texts: readonly string[]): Space {
  const read = texts.map((text) => parseVary(text, { run, file: '--vary' }));
  const problems = read.flatMap((one) => one.problems);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return {
    dimensions: read.flatMap(({ dimensions }) => dimensions),
    fixed: read.flatMap(({ settings }) => settings),
    correlations: [],
  };
}

export async function requestOf(
  promises: readonly string[],
  varied: readonly string[],
  change: Partial<StudyRequest> = {},
): Promise<StudyRequest> {
  const run = change.run ?? STUDY_RUN;
  return {
    ...{ run, given: [], scenariosMost: 400, seed: 1, version: '0.0.0', assumptions: [] },
    requirements: await promisesOf(run, ...promises),
    space: spaceOf(run, ...varied),
    replay: (settings) => `asr-plan analyze vms.csv ${settings.map((text) => `--with '${text}'`).join(' ')}`,
    ...change,
  };
}

export function askOfRequest(request: Pick<StudyRequest, 'run' | 'requirements'>): AskScenarios {
  return async (scenarios, wanted) => scenarios.map((settings) => answerScenario(request, settings, wanted));
}

export async function studyOf(
  promises: readonly string[],
  varied: readonly string[],
  change: Partial<StudyRequest> = {},
): Promise<Study> {
  const request = await requestOf(promises, varied, change);
  return await runStudy(request, askOfRequest(request));
}

/** With everything that a study can have. */
export async function fullStudy(): Promise<Study> {
  const [compare] = spaceOf(STUDY_RUN, 'bandwidth in 5 Mbps, 10 Mbps').dimensions;
  return await studyOf(
    ['rpo.max <= 3 h', 'resyncs == 0'],
    ['outage.length in 0 h .. 8 h step 10 min', 'outage.start in day', 'churn ~ lognormal(1, 0.3)'],
    { monteCarlo: { draws: 64, halfWidth: 0.02, compare: compare! } },
  );
}
