/**
 * `npm run score -- [folder]`: rehearses every block trace (`*.csv.gz`) of a folder, by default that of `datasets/traces`, and prints what the planner
 * predicted beside what was measured, as the table in docs/method.md. `--speed 20` is twenty times as fast as the trace, `stepped` as fast as it goes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import type { ScoreRow } from '../src/plan/score/score.ts';
import { renderScoreMarkdown } from '../src/report/terminal-score.ts';

const ROOT = join(import.meta.dirname, '..');
/** Room to spare in every interval, and some that there is not: a link on which the busiest five minutes of the trace just fail to fit. */
const BANDWIDTHS: Readonly<Record<string, string>> = {
  'cloudphysics_2h.csv.gz': '20Mbps',
  'rec_devfiles_xfs.csv.gz': '4Mbps',
  'rec_pgbench_ext4.csv.gz': '60Mbps',
};
const BANDWIDTH = '50Mbps';
/** What happens in each: an outage, and a resynchronization that an administrator asks for. */
const HAPPENINGS = ['--fault', 'link down at 20min for 7min', '--action', 'resynchronize all at 40min'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { speed: { type: 'string', default: '20' } },
});
const folder = positionals[0] ?? join(ROOT, 'datasets', 'traces');
const scratch = mkdtempSync(join(tmpdir(), 'asr-plan-score-'));
let isBroken = false;
process.stdout.write(
  `Speed ${values.speed}, ${availableParallelism()} cores (${cpus()[0]?.model}), Node ${process.version}.\n`,
);
try {
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.csv.gz')))
    isBroken = !score(name) || isBroken;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = isBroken ? 1 : 0;

function score(name: string): boolean {
  const trace = join(scratch, 'trace.csv');
  const json = join(scratch, 'rehearsal.json');
  writeFileSync(trace, gunzipSync(readFileSync(join(folder, name))));
  const bandwidth = BANDWIDTHS[name] ?? BANDWIDTH;
  const flags = ['--bandwidth', bandwidth, '--copy-frequency', '5min', '--skip-initial-replication', '--aligned'];
  const command = [
    'rehearse',
    '--trace',
    trace,
    ...flags,
    ...HAPPENINGS,
    '--speed',
    values.speed,
    '--json',
    json,
    '--quiet',
  ];
  const startedAtMs = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, 'src/cli/main.ts'), ...command], {
    encoding: 'utf8',
  });
  if (status !== 0 && status !== 1) throw new Error(`${name}: exit code ${status}\n${stderr}`);
  const { rows } = JSON.parse(readFileSync(json, 'utf8')) as { readonly rows: readonly ScoreRow[] };
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0);
  process.stdout.write(`\n\`${name}\`, ${bandwidth}, in ${seconds} s:\n\n${renderScoreMarkdown(rows)}`);
  return status === 0;
}
