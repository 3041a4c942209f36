import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkRunbookPath } from '../../src/cli/runbook-output.ts';
import { runCli, ScratchFolder } from './run-cli.ts';

const QUICK = [
  'quick',
  '--vms',
  '3',
  '--disk',
  '100GB',
  '--churn',
  '5%/day',
  '--bandwidth',
  '500Mbps',
  '--horizon',
  '1d',
];

test.each(['a.md', 'b.PS1'])('of %j the ending says what is written', (path) => {
  expect(checkRunbookPath(path)).toEqual([]);
});

test.each(['runbook.txt', 'runbook', '-', 'x.ps1.bak', ''])('of %j nobody knows what is to be written', (path) => {
  const [problem, ...more] = checkRunbookPath(path);
  expect(more).toEqual([]);
  expect(problem).toMatchObject({ severity: 'error', code: 'runbook-unknown-form', file: '--runbook' });
});

test('both are written beside each other, and only their paths are told', () => {
  using folder = new ScratchFolder();
  const { stdout, stderr } = runCli([...QUICK, '--runbook', 'run.md', '--runbook', 'run.ps1'], folder.path);
  expect(stderr).not.toContain('error');
  expect(stdout).toContain('Written: run.md\nWritten: run.ps1\n');
  expect(stdout).not.toContain('AzRecoveryServices');
  expect(readFileSync(join(folder.path, 'run.md'), 'utf8')).toContain('## Task 5. Manage a recovery plan');
  expect(readFileSync(join(folder.path, 'run.ps1'), 'latin1')).toMatch(/^# Runbook: Hyper-V site to Azure/);
});

test('a wrong ending is bad input, and nothing is written', () => {
  using folder = new ScratchFolder();
  const { code, stderr } = runCli([...QUICK, '--runbook', 'run.doc', '--runbook', 'run.md'], folder.path);
  expect(code).toBe(2);
  expect(stderr).toContain('.ps1');
  expect(existsSync(join(folder.path, 'run.md'))).toBe(false);
});
