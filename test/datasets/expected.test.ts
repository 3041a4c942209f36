import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import { ROOT, runCli } from '../cli/run-cli.ts';
import { validatePlan } from '../plan/validate-plan.ts';

/** A dataset's twin: how it is analysed, and what came out; `UPDATE=1 npx vitest run test/datasets` writes it anew. */
interface Expected {
  readonly args: readonly string[];
  readonly exitCode: number;
  /** Warnings. */
  readonly stderr: string;
  readonly plan: ReturnType<typeof headline>;
}

/** The numbers that a change of the model would move, few enough to be read in a review. */
function headline(plan: Plan) {
  const { survival: _, steadySurvival: __, ...rpo } = plan.rpo;
  return {
    verdict: plan.verdict,
    fleet: plan.fleet,
    link: plan.link,
    rpo,
    recommendation: { ...plan.recommendation, tradeoff: plan.recommendation.tradeoff.length },
    findings: plan.findings.map(({ severity, title }) => `${severity ?? 'fine'}: ${title}`),
    problems: plan.problems,
    volumes: plan.volumes,
    recoveryPlans: plan.recoveryPlans,
    events: plan.events,
    vms: plan.vms.slice(0, 5).map(({ timeline, ...vm }) => ({ ...vm, timeline: timeline.length })),
  };
}

const datasets = readdirSync(join(ROOT, 'datasets'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap((entry) =>
    readdirSync(join(ROOT, 'datasets', entry.name))
      .filter((file) => file.endsWith('.expected.json'))
      .map((file) => join('datasets', entry.name, file)),
  )
  // Others are what single readers make of single files.
  .filter((file) => 'args' in JSON.parse(readFileSync(join(ROOT, file), 'utf8')));

describe('datasets and their twins', () => {
  test('there are some', () => {
    expect(datasets.length).toBeGreaterThanOrEqual(3);
  });

  test.each(datasets)('%s', (file) => {
    const path = join(ROOT, file);
    const expected = JSON.parse(readFileSync(path, 'utf8')) as Expected;
    const { code, stdout, stderr } = runCli(['analyze', ...expected.args, '--json', '-'], join(path, '..'));
    const plan = JSON.parse(stdout) as Plan;
    expect(validatePlan(plan)).toEqual([]);
    const found: Expected = { args: expected.args, exitCode: code!, stderr, plan: headline(plan) };
    if (process.env.UPDATE === '1') writeFileSync(path, `${JSON.stringify(found, null, 2)}\n`);
    else expect(JSON.parse(JSON.stringify(found))).toEqual(expected);
  });
});

test('each dataset says where it comes from', () => {
  for (const folder of new Set(datasets.map((file) => join(ROOT, file, '..')))) {
    expect(existsSync(join(folder, 'README.md'))).toBe(true);
  }
});
