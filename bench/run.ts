/**
 * `npm run bench`: how fast the product is on this machine, each line the median of several runs with the slowest and the
 * fastest beside it. Figures of a shared machine: read the ratios. They are kept, with their method, in bench/README.md.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulate } from '../src/simulate/simulate.ts';
import { benchFleet, benchRun } from './fleet.ts';

const VM_COUNT = 1000;
const REPEATS = 3;

interface Timing {
  readonly medianSec: number;
  readonly fastestSec: number;
  readonly slowestSec: number;
}

function timed(work: () => void): Timing {
  const seconds = Array.from({ length: REPEATS }, () => {
    const startMs = performance.now();
    work();
    return (performance.now() - startMs) / 1000;
  }).sort((a, b) => a - b);
  return { medianSec: seconds[REPEATS >> 1]!, fastestSec: seconds[0]!, slowestSec: seconds.at(-1)! };
}

function line(what: string, timing: Timing, figure: string): void {
  const spread = `${timing.fastestSec.toFixed(2)}–${timing.slowestSec.toFixed(2)}`;
  process.stdout.write(`| ${what} | ${timing.medianSec.toFixed(2)} s | ${spread} | ${figure} |\n`);
}

/** Cycles that were completed or missed, of all VMs together. */
function cycles(result: ReturnType<typeof simulate>): number {
  return result.vms.reduce((sum, vm) => sum + vm.cycles.completed + vm.cycles.missed, 0);
}

function fleetCsv(): string {
  const rows = benchFleet(VM_COUNT).flatMap((vm) =>
    vm.disks.map(({ name, volume, sizeBytes, usedBytes, churn }) => {
      const bytesPerSec = churn.kind === 'constant' ? churn.bytesPerSec : 0;
      return [vm.name, name, vm.host, volume, `${sizeBytes} B`, `${usedBytes} B`, `${bytesPerSec} B/s`].join(',');
    }),
  );
  return `vm,disk,host,volume,size,used,churn\n${rows.join('\n')}\n`;
}

process.stdout.write(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}\n\n`);
process.stdout.write('| what | median | fastest–slowest | figure |\n|---|---|---|---|\n');

const run = benchRun(VM_COUNT);
const cycleCount = cycles(simulate(run));
const whole = timed(() => simulate(run));
line('bare simulation, everything recorded', whole, `${(cycleCount / whole.medianSec / 1e6).toFixed(2)} M VM-cycles/s`);
const objectives = timed(() => simulate(run, { objectivesOnly: true }));
line(
  'bare simulation, objectives only',
  objectives,
  `${(cycleCount / objectives.medianSec / 1e6).toFixed(2)} M VM-cycles/s`,
);

const folder = mkdtempSync(join(tmpdir(), 'asr-plan-bench-'));
try {
  writeFileSync(join(folder, 'vms.csv'), fleetCsv());
  const mbps = Math.round(run.site.link.capacityBitsPerSec / 1e6);
  const args = [join(folder, 'vms.csv'), '--bandwidth', `${mbps}Mbps`, '--skip-initial-replication', '--quiet'];
  const plan = join(folder, 'plan.json');
  const outputs = ['--out', join(folder, 'report.html'), '--json', plan];
  const analyze = timed(() => {
    rmSync(plan, { force: true });
    const { status, stderr } = spawnSync(process.execPath, ['bin/asr-plan.js', 'analyze', ...args, ...outputs]);
    // An exit code of 1 is an answer, but also what a command ends with that never began.
    if (status === null || status > 1 || !existsSync(plan)) throw new Error(`analyze ended with ${status}: ${stderr}`);
  });
  line(
    'analyze, end to end, report and JSON',
    analyze,
    `${(analyze.medianSec / whole.medianSec).toFixed(1)} × one simulation`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
