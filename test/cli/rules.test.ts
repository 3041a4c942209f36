import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { ROOT, runCli, ScratchFolder } from './run-cli.ts';

const VMS = 'vm,disk,size_gib,churn_gib_per_day\nSQL01,data,5000,1\nWEB01,os,40,1\n';
const SHIPPED = JSON.parse(readFileSync(join(ROOT, 'rules/hyper-v-site-recovery.json'), 'utf8'));
const MINE = {
  ...{ schema: SHIPPED.schema, title: 'Newer' },
  limits: [{ ...SHIPPED.limits[0], limit: 32_767, source: 'a newer page', sourceDate: '2026-01-05' }],
};
const ARGS = ['analyze', 'vms.csv', '--bandwidth', '1Gbps', '--horizon', '1d', '--json', '-', '-q'];

function planOf(args: readonly string[], folder: ScratchFolder): Plan {
  const plan: Plan = JSON.parse(runCli([...ARGS, ...args], folder.path).stdout);
  expect(validatePlan(plan)).toEqual([]);
  return plan;
}

test('--rules overrides by id, the plan says so, and an incompatible VM counts until it is left out', () => {
  using folder = new ScratchFolder({ 'vms.csv': VMS, 'mine.json': JSON.stringify(MINE) });
  const shipped = planOf([], folder);
  const [sql] = shipped.compatibility.vms;
  expect(sql).toMatchObject({ vm: 'SQL01', verdict: 'incompatible', excludeOption: "--exclude 'vm:SQL01'" });
  expect(shipped.fleet.vmCount).toBe(2);
  const given = planOf(['--rules', 'mine.json'], folder);
  expect(given.compatibility.vms[0]!.verdict).toBe('unknown');
  expect(given.runHash).toBe(shipped.runHash);
  expect(given.rules.limits[0]).toMatchObject({ file: 'mine.json', limit: 32_767, replaced: { limit: 4095 } });
  expect(given.assumptions.find(({ name }) => name === 'compatibilityRules')).toMatchObject({
    ...{ origin: 'given', reason: expect.stringContaining('mine.json: 2026-01-05') },
  });
  const without = planOf(['--exclude', 'vm:SQL01'], folder);
  expect(without.compatibility.vms.map(({ vm }) => vm)).toEqual(['WEB01']);
});

test('what is wrong with files of rules is told at once, with exit code 2', () => {
  using folder = new ScratchFolder({
    'vms.csv': VMS,
    'bad.json': '{"title":1,"limits":[{"id":"x y"}]}',
    'vms.json': '[]',
  });
  const { code, stderr, stdout } = runCli(
    [...ARGS, '--rules', 'bad.json', '--rules', 'vms.json', '--rules', 'none.json', '--rpo', 'x'],
    folder.path,
  );
  expect([code, stdout]).toEqual([2, '']);
  for (const place of ['--rpo', 'bad.json, column title', 'limits[0].sourceDate', 'vms.json', 'none.json']) {
    expect(stderr).toContain(place);
  }
  expect(stderr).not.toContain('our own fault');
});
