/**
 * `npm run bench:study`: a study of 1,000 scenarios over 200 VMs and seven days, all of them run, by the built command from file to file, on all
 * cores and on one; the goal is two minutes on two cores. Figures of a shared machine: read the ratio.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { benchRun } from './fleet.ts';

const GOAL_SEC = 120;
const VM_COUNT = 200;
/** 25 lengths at 40 hours. */
const VARIED = ['outage.length in 0 h .. 8 h step 20 min', 'outage.start in 0 h .. 156 h step 4 h'];
/** Of one a verdict comes before the end of the run; the other needs the whole of it. */
const PROMISES = ['rpo.max <= 4 h', 'rpo.p95 <= 1 h'];

const folder = mkdtempSync(join(tmpdir(), 'asr-plan-bench-'));
const { workload, site } = benchRun(VM_COUNT);
writeFileSync(join(folder, 'workload.json'), JSON.stringify(workload));

function timed(promise: string, workers: number): { seconds: number; scenariosRun: number } {
  const startedAtMs = performance.now();
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      ...[fileURLToPath(new URL('../bin/asr-plan.js', import.meta.url)), 'study', 'workload.json', '--quiet'],
      ...['--bandwidth', `${site.link.capacityBitsPerSec}bps`, '--skip-initial-replication', '--horizon', '7d'],
      ...['--require', promise, ...VARIED.flatMap((text) => ['--vary', text]), '--scenarios', '1000'],
      ...['--workers', String(workers), '--json', 'study.json'],
    ],
    { cwd: folder, encoding: 'utf8' },
  );
  if (status !== 0 && status !== 1) throw new Error(stderr);
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { seconds, scenariosRun: JSON.parse(readFileSync(join(folder, 'study.json'), 'utf8')).scenariosRun };
}

try {
  process.stdout.write(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}\n\n`);
  const cores = availableParallelism();
  for (const promise of PROMISES) {
    const all = timed(promise, cores);
    const one = timed(promise, 1);
    const ratio = (one.seconds / all.seconds).toFixed(2);
    process.stdout.write(
      `${promise}: ${all.scenariosRun} scenarios × ${VM_COUNT} VMs × 7 days in ${all.seconds.toFixed(1)} s on ${cores} threads (goal ${GOAL_SEC} s), ${one.seconds.toFixed(1)} s on one: ${ratio} ×\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
