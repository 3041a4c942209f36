/**
 * `npm test`: lint and format, type check and build, then every test; the last line counts them. Stops at the first step that
 * fails, with its exit code.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const scratch = mkdtempSync(join(tmpdir(), 'asr-plan-test-'));
const results = join(scratch, 'results.json');

/**
 * Every run of `npm test` draws the same random tests, so that what fails has a cause in the files. `ASR_PLAN_SEED=any` draws anew: that is how to
 * hunt, and what it finds belongs into a test of its own.
 */
process.env.ASR_PLAN_SEED ??= '204437462';

function run(title: string, ...args: readonly string[]): void {
  process.stdout.write(`\n== ${title}\n`);
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status === 0) return;
  process.stdout.write(`\n${title} failed\n`);
  process.exit(status ?? 1);
}

process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
run('Lint and format', 'node_modules/@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.');
process.stdout.write(`Random tests: ASR_PLAN_SEED=${process.env.ASR_PLAN_SEED}\n`);
run('Type check and build', 'scripts/build.ts');
run(
  'Tests',
  'node_modules/vitest/vitest.mjs',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${results}`,
);

const { numPassedTests, numTotalTests, numPendingTests, testResults } = JSON.parse(readFileSync(results, 'utf8'));
const skipped = numPendingTests === 0 ? '' : `, ${numPendingTests} skipped`;
process.stdout.write(`\n${numPassedTests} of ${numTotalTests} tests passed in ${testResults.length} files${skipped}\n`);
