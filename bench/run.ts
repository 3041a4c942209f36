/**
 * `npm run bench`: how fast the product is on this machine, each line the median of several runs with the fastest and the slowest beside
 * it, and its peers measured in the same breath. Figures of a shared machine: read the ratios. They are kept, with their method, in
 * bench/README.md. It takes some ten minutes.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { searchBandwidth } from '../src/plan/bandwidth.ts';
import { simulate } from '../src/simulate/simulate.ts';
import { benchFleet, benchRun } from './fleet.ts';
import { sharedLink } from './shared-link.ts';

const VM_COUNT = 1000;
const REPEATS = 3;

interface Timing {
  readonly medianSec: number;
  readonly fastestSec: number;
  readonly slowestSec: number;
}

function timingOf(unsorted: readonly number[]): Timing {
  const seconds = [...unsorted].sort((a, b) => a - b);
  return { medianSec: seconds[seconds.length >> 1]!, fastestSec: seconds[0]!, slowestSec: seconds.at(-1)! };
}

function timed(work: () => void, repeats = REPEATS): Timing {
  return timingOf(
    Array.from({ length: repeats }, () => {
      const startMs = performance.now();
      work();
      return (performance.now() - startMs) / 1000;
    }),
  );
}

function line(what: string, timing: Timing, figure: string): void {
  const spread = `${timing.fastestSec.toFixed(2)}–${timing.slowestSec.toFixed(2)}`;
  process.stdout.write(`| ${what} | ${timing.medianSec.toFixed(2)} s | ${spread} | ${figure} |\n`);
}

const millions = (count: number, seconds: number): string => `${(count / seconds / 1e6).toFixed(2)} M VM-cycles/s`;
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

process.stdout.write(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}\n\n`);
process.stdout.write('| what | median | fastest–slowest | figure |\n|---|---|---|---|\n');

const folder = mkdtempSync(join(tmpdir(), 'asr-plan-bench-'));
try {
  sharedLinkBesideItsPeers();
  largeFleets();
  search();
  await twoCores();
  endToEnd();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
// Files: each with tables of its own, its peer in the same run.
for (const name of ['./scan.ts', './hrl.ts', './parquet.ts']) {
  process.stdout.write('\n');
  spawnSync(process.execPath, [here(name)], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** The model of bench/peers/; all must agree to the last byte. */
function sharedLinkBesideItsPeers(): void {
  const runs = Array.from({ length: REPEATS + 1 }, () => sharedLink(7)).slice(1);
  const ours = timingOf(runs.map(({ wallSec }) => wallSec));
  const { bytes, completed, missed, p95DelaySec } = runs[0]!;
  const expected = bytes === 45489414428686 && completed === 1906534 && missed === 109466;
  line(
    'shared link, ours',
    ours,
    `${millions(completed + missed, ours.medianSec)}; published figures: ${expected}, ${p95DelaySec.toFixed(9)} s`,
  );
  const inC = peer(
    'gcc',
    ['-O3', '-march=native', here('peers/peer.c'), '-lm', '-o', join(folder, 'peer')],
    join(folder, 'peer'),
    ['7', '3'],
  );
  if (inC !== undefined)
    line('shared link, C', inC, `ours takes ${(ours.medianSec / inC.medianSec).toFixed(1)} × as long`);
  const simpy = peer('/usr/bin/python3', ['-c', 'import simpy'], '/usr/bin/python3', [
    here('peers/peer_simpy.py'),
    '7',
    '1',
  ]);
  if (simpy !== undefined)
    line('shared link, SimPy', simpy, `ours is ${(simpy.medianSec / ours.medianSec).toFixed(0)} × as fast`);
}

/** Runs a peer where the machine can; it prints `wall=` for each repeat. */
function peer(
  prepare: string,
  prepareArgs: readonly string[],
  command: string,
  args: readonly string[],
): Timing | undefined {
  if (spawnSync(prepare, prepareArgs).status !== 0) return undefined;
  const { stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return timingOf([...stdout.matchAll(/wall=([\d.]+)/g)].map(([, seconds]) => Number(seconds)));
}

interface Fleet {
  readonly seconds: readonly number[];
  readonly cycles: number;
  readonly peakBytes: number;
}

function fleet(...args: readonly (string | number)[]): Fleet {
  const { stdout, stderr } = spawnSync(process.execPath, [here('one-fleet.ts'), ...args.map(String)], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

function largeFleets(): void {
  const report = (what: string, { seconds, cycles, peakBytes }: Fleet, more = ''): void => {
    const timing = timingOf(seconds);
    const memory = `peak ${Math.round(peakBytes / 2 ** 20)} MiB`;
    line(what, timing, `${millions(cycles, timing.medianSec)}, ${memory}${more}`);
  };
  report('1,000 VMs × 2 disks, 7 d, objectives', fleet(1000, 7, REPEATS, 'lean'));
  report('1,000 VMs × 2 disks, 7 d, everything recorded', fleet(1000, 7, REPEATS, 'detail'));
  report('10,000 VMs × 2 disks, 30 d, objectives', fleet(10_000, 30, 1, 'lean'));
  report('10,000 VMs × 2 disks, 7 d, everything recorded', fleet(10_000, 7, 1, 'detail'));
  let before: Timing | undefined;
  for (const count of [1000, 10_000, 100_000]) {
    const grown = fleet(count, 1, count > 10_000 ? 1 : REPEATS, 'lean');
    const timing = timingOf(grown.seconds);
    const allowed = (10 * Math.log(count)) / Math.log(count / 10);
    const growth =
      before === undefined
        ? ''
        : `, ${(timing.medianSec / before.medianSec).toFixed(1)} × (n·log n: ${allowed.toFixed(1)})`;
    report(`${count.toLocaleString('en')} VMs × 2 disks, 1 d, objectives`, grown, growth);
    before = timing;
  }
}

function search(): void {
  const run = benchRun(VM_COUNT);
  const one = timed(() => simulate(run, { objectivesOnly: true }));
  let runs = 0;
  const whole = timed(() => {
    runs = 0;
    searchBandwidth(run, { onTry: () => runs++ });
  }, 1);
  line(
    'bandwidth search, both answers, 1,000 VMs, 7 d',
    whole,
    `${(whole.medianSec / one.medianSec).toFixed(1)} × one run; ${runs} runs, to 1 %`,
  );
}

/** Two scenarios that know nothing of each other, in two processes. */
async function twoCores(): Promise<void> {
  const args = [here('one-fleet.ts'), '1000', '21', '1', 'lean'];
  const apart = (): Promise<void> =>
    new Promise((resolve, reject) => {
      spawn(process.execPath, args, { stdio: 'ignore' }).on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`ended with ${code}`)),
      );
    });
  const ratios: number[] = [];
  const together: number[] = [];
  for (let repeat = 0; repeat < 5; repeat++) {
    let startMs = performance.now();
    await apart();
    await apart();
    const inTurnMs = performance.now() - startMs;
    startMs = performance.now();
    await Promise.all([apart(), apart()]);
    together.push((performance.now() - startMs) / 1000);
    ratios.push(inTurnMs / 1000 / together.at(-1)!);
  }
  line(
    'two scenarios on two cores',
    timingOf(together),
    `${timingOf(ratios).medianSec.toFixed(2)} × one core, median of 5`,
  );
}

function endToEnd(): void {
  const run = benchRun(VM_COUNT);
  const whole = timed(() => simulate(run), 1);
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
  }, 1);
  line(
    'analyze, 1,000 VMs, 7 d, report and JSON',
    analyze,
    `${(analyze.medianSec / whole.medianSec).toFixed(1)} × one simulation`,
  );
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
