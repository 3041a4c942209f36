/** The fleet of a seed: few and small enough that thousands of runs pass in minutes, and every rule bites. */
import type { Churn, Disk, OverwriteModel, Vm } from '../../../src/model/workload.ts';
import { DAY_MS, GIB, HOUR_MS, MIB, MINUTE_MS } from '../../../src/units.ts';
import type { Random } from './random.ts';

/** Volumes on which a host's disks lie; the last is one for all hosts. */
const VOLUMES = ['C:', 'D:', 'C:\\ClusterStorage\\Volume1'];

export function drawVms(random: Random): Vm[] {
  const vmCount = random.chance(0.3) ? random.integer(1, 2) : random.integer(2, 12);
  const hosts = Array.from({ length: random.integer(1, 3) }, (_, h) => `host-${h}`);
  // A fleet's disks share a budget, so that the link that heals it does not have to be absurd.
  const sizeMostBytes = (8 * GIB) / Math.sqrt(vmCount);
  const vms = Array.from({ length: vmCount }, (_, v): Vm => {
    const disks = Array.from({ length: random.integer(1, 3) }, (_, d) => drawDisk(random, `disk-${d}`, sizeMostBytes));
    return { name: `vm-${String(v).padStart(2, '0')}`, host: random.pick(hosts), disks: random.shuffled(disks) };
  });
  // Names decide, never rows (decision 0002, 2).
  return random.shuffled(vms);
}

function drawDisk(random: Random, name: string, sizeMostBytes: number): Disk {
  const sizeBytes = Math.round(random.logUniform(32 * MIB, sizeMostBytes));
  const overwrite = random.chance(0.5) ? drawOverwrite(random, sizeBytes) : undefined;
  return {
    name,
    volume: random.pick(VOLUMES),
    sizeBytes,
    usedBytes: Math.floor(sizeBytes * random.pick([0, 0.05, 0.3, 0.6, 1])),
    churn: drawChurn(random, sizeBytes),
    meanWriteBytes: random.pick([512, 4096, 8192, 65_536, 10_000.5]),
    ...(overwrite === undefined ? {} : { overwrite }),
  };
}

function drawOverwrite(random: Random, sizeBytes: number): OverwriteModel {
  return { hotBytes: Math.round(sizeBytes * random.pick([0, 0.01, 0.2, 1])), hotShare: random.pick([0.2, 0.8, 1]) };
}

/** The churn is drawn as the time in which half the disk is written, since that is what the half-disk rule goes by. */
function drawChurn(random: Random, sizeBytes: number): Churn {
  if (random.chance(0.08)) return { kind: 'constant', bytesPerSec: 0 };
  const halfMs = random.logUniform(3 * HOUR_MS, 40 * DAY_MS);
  const bytesPerMs = sizeBytes / 2 / halfMs;
  if (random.chance(0.5)) return { kind: 'constant', bytesPerSec: bytesPerMs * 1000 };
  return drawSeries(random, bytesPerMs);
}

function drawSeries(random: Random, bytesPerMs: number): Churn {
  const widthMs = random.pick([5 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS]);
  const count = random.integer(1, 8);
  const firstMs = random.chance(0.2) ? -widthMs : 0;
  const startMs = Array.from({ length: count }, (_, i) => firstMs + i * widthMs);
  return {
    kind: 'series',
    startMs,
    writtenBytes: startMs.map(() => Math.round(bytesPerMs * widthMs * random.pick([0, 0.2, 1, 3]))),
    endMs: firstMs + count * widthMs,
    repeatMs: random.chance(0.8) ? count * widthMs : 0,
  };
}

/** The highest rate of a churn: what the time to heal is computed from. */
export function highestBytesPerMs(churn: Churn): number {
  if (churn.kind === 'constant') return churn.bytesPerSec / 1000;
  const ends = [...churn.startMs.slice(1), churn.endMs];
  return Math.max(...churn.writtenBytes.map((bytes, i) => bytes / (ends[i]! - churn.startMs[i]!)));
}
