/**
 * One simulation of the bench's fleet in a process of its own, so that its peak memory is its own: `VMs days repeats detail|lean`.
 * Prints a line of JSON.
 */
import { simulate } from '../src/simulate/simulate.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../src/units.ts';
import { benchRun } from './fleet.ts';
import { peakBytes } from './peak.ts';

const [vmCount = 1000, days = 7, repeats = 1] = process.argv.slice(2, 5).map(Number);
const plain = benchRun(vmCount, days);
/** An outage of forty minutes in the middle of the first day, after which everything is behind. */
const outages = [{ startMs: DAY_MS / 2, endMs: DAY_MS / 2 + 40 * MINUTE_MS }].filter(
  ({ startMs }) => startMs + HOUR_MS < days * DAY_MS,
);
const run = { ...plain, site: { ...plain.site, link: { ...plain.site.link, outages } } };
const seconds: number[] = [];
let cycles = 0;
for (let repeat = 0; repeat < repeats; repeat++) {
  const startMs = performance.now();
  const { vms } = simulate(run, { objectivesOnly: process.argv[5] !== 'detail' });
  seconds.push((performance.now() - startMs) / 1000);
  cycles = vms.reduce((sum, vm) => sum + vm.cycles.completed + vm.cycles.missed, 0);
}
process.stdout.write(`${JSON.stringify({ seconds, cycles, peakBytes: peakBytes() })}\n`);
