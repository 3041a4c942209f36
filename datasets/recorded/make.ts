/**
 * Makes `vms.csv` and `churn.csv` from our two recordings, which are given as 30-second series
 * (`window_start_s,writes,write_bytes,unique_4k_bytes`):
 *
 *     node datasets/recorded/make.ts pgbench_ext4_30s.csv devfiles_xfs_30s.csv
 */
import { readFileSync, writeFileSync } from 'node:fs';

/** Chosen: the recordings know only seconds since their own start. A Monday at ten in Berlin. */
const START_EPOCH_MS = Date.UTC(2026, 0, 5, 9);
const SIZE_GIB = 8;

interface Recorded {
  readonly vm: string;
  readonly disk: string;
  /** Assumed, see README.md: the distinct bytes of the whole recording, rounded up to half a GiB. */
  readonly usedGib: number;
}

export const PGBENCH: Recorded = { vm: 'PG01', disk: 'disk0', usedGib: 2 };
export const DEVFILES: Recorded = { vm: 'FILES01', disk: 'disk0', usedGib: 0.5 };

export interface RecordedFiles {
  readonly 'vms.csv': string;
  readonly 'churn.csv': string;
}

export function makeRecorded(pgbenchCsv: string, devfilesCsv: string): RecordedFiles {
  const machines = [
    { ...PGBENCH, windows: windowsOf(pgbenchCsv) },
    { ...DEVFILES, windows: windowsOf(devfilesCsv) },
  ];
  const vmRows = machines.map(({ vm, disk, usedGib, windows }) => {
    const bytes = windows.reduce((sum, window) => sum + window.writtenBytes, 0);
    const writes = windows.reduce((sum, window) => sum + window.writeCount, 0);
    return `${vm},${disk},LAB01,D:,${SIZE_GIB},${usedGib},${Math.round(bytes / writes)} B`;
  });
  const churnRows = machines.flatMap(({ vm, disk, windows }) =>
    windows.map(({ startSec, writtenBytes }) => `${isoTime(startSec)},${vm},${disk},${writtenBytes}`),
  );
  return {
    'vms.csv': `${['vm,disk,host,volume,size_gib,used_gib,mean_write', ...vmRows].join('\n')}\n`,
    'churn.csv': `${['time,vm,disk,write_bytes', ...churnRows].join('\n')}\n`,
  };
}

function windowsOf(csv: string): { startSec: number; writeCount: number; writtenBytes: number }[] {
  const [header, ...rows] = csv.trim().split(/\r?\n/);
  if (header !== 'window_start_s,writes,write_bytes,unique_4k_bytes') throw new Error(`not a recording: ${header}`);
  return rows.map((row) => {
    const [startSec, writeCount, writtenBytes] = row.split(',').map(Number);
    return { startSec: startSec!, writeCount: writeCount!, writtenBytes: writtenBytes! };
  });
}

function isoTime(startSec: number): string {
  return new Date(START_EPOCH_MS + startSec * 1000).toISOString().replace('.000', '');
}

if (import.meta.main) {
  const [pgbench, devfiles] = process.argv.slice(2);
  if (pgbench === undefined || devfiles === undefined) {
    process.stderr.write('Give the two recordings: node datasets/recorded/make.ts PGBENCH.csv DEVFILES.csv\n');
    process.exit(2);
  }
  const files = makeRecorded(readFileSync(pgbench, 'utf8'), readFileSync(devfiles, 'utf8'));
  for (const [name, text] of Object.entries(files)) writeFileSync(new URL(name, import.meta.url), text);
}
