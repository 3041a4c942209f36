/**
 * Makes the files of this folder but for `trace.csv`: one hour of two disks, a minute a sample, in every form in which users have it.
 *
 *     node datasets/measured/make.ts
 *
 * Run again, it writes the same bytes (Parquet: the same rows).
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { HrlWriter } from '../../src/formats/hrl-write.ts';

const FOLDER = import.meta.dirname;
const MINUTES = 60;
/** 2026-01-05T08:00Z, a Monday. */
const START_SEC = 1_767_600_000;
const EPOCH_2000_SEC = 946_684_800;
const FILETIME_1970_SEC = 11_644_473_600;
/** West European winter time. */
const OFFSET_SEC = 3600;
const DISKS = [
  { vm: 'SQL01', disk: 'data.vhdx', path: 'D:\\VMs\\SQL01\\data.vhdx' },
  { vm: 'SQL01', disk: 'os.vhdx', path: 'D:\\VMs\\SQL01\\os.vhdx' },
] as const;

/** Bytes per second in a minute: a multiple of 8 KiB ÷ 64, so that logs can tell the same. */
function rate(disk: number, minute: number): number {
  return (disk === 0 ? 1 + (minute % 10) + (minute >= 30 && minute < 35 ? 40 : 0) : 1 + (minute % 3)) * 8192;
}

const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
const instance = (path: string): string => `--?-${path.replace(/[\\/]/g, '-')}`;
const iso = (minute: number, shiftSec = 0): string => {
  const sec = 8 * 3600 + 60 * minute + shiftSec;
  return `2026-01-05T${two(sec / 3600)}:${two((sec / 60) % 60)}:00`;
};

function file(name: string, content: string | Uint8Array): void {
  writeFileSync(join(FOLDER, name), content);
}

function lines(rows: readonly string[], end = '\n'): string {
  return rows.map((row) => `${row}${end}`).join('');
}

/** Samples stand at the ends of the minutes: the first says nothing. */
function samples(): { minute: number; values: (number | undefined)[] }[] {
  return Array.from({ length: MINUTES + 1 }, (_, minute) => ({
    minute,
    values: DISKS.map((_, disk) => (minute === 0 ? undefined : rate(disk, minute - 1))),
  }));
}

function pdh(kind: 'CSV' | 'TSV', delimiter: string): string {
  const counters = DISKS.map(
    ({ path }) => `\\\\HV1\\Hyper-V Virtual Storage Device(${instance(path)})\\Write Bytes/sec`,
  );
  const header = [`(PDH-${kind} 4.0) (W. Europe Standard Time)(-60)`, ...counters];
  const rows = samples().map(({ minute, values }) => {
    const time = `01/05/2026 ${iso(minute, OFFSET_SEC).slice(11)}.000`;
    return [time, ...values.map((value) => (value === undefined ? ' ' : value.toFixed(6)))];
  });
  return lines(
    [header, ...rows].map((cells) => cells.map((cell) => `"${cell}"`).join(delimiter)),
    '\r\n',
  );
}

function getCounter(): string {
  const properties =
    'Path,InstanceName,CookedValue,RawValue,SecondValue,MultipleCount,CounterType,Timestamp,Timestamp100NSec,Status';
  const header = properties.split(',').map((name) => `"${name}"`);
  const rows = samples().flatMap(({ minute, values }) =>
    values.map((value, disk) => {
      const of = instance(DISKS[disk]!.path).toLowerCase();
      const path = `\\\\hv1\\hyper-v virtual storage device(${of})\\write bytes/sec`;
      const ticks = BigInt(START_SEC + 60 * minute + OFFSET_SEC + FILETIME_1970_SEC) * 10_000_000n;
      const time = `05.01.2026 ${iso(minute, OFFSET_SEC).slice(11)}`;
      return [path, of, value ?? 0, 0, 0, 1, 272_696_576, time, ticks, 0].map((cell) => `"${cell}"`);
    }),
  );
  return lines([header, ...rows].map((cells) => cells.join(',')));
}

function prometheus(): string {
  const result = DISKS.map(({ path }, disk) => ({
    metric: { device: path.toLowerCase(), instance: 'hv1:9182', job: 'windows' },
    values: samples().map(({ minute, values }) => [START_SEC + 60 * minute, String(values[disk] ?? 0)]),
  }));
  return `${JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } })}\n`;
}

function clusterPerf(): string {
  const rows = samples().flatMap(({ minute, values }) =>
    values.map((value, disk) => `"${iso(minute)}Z","${value ?? 0}","Vhd.Throughput.Write","${DISKS[disk]!.path}"`),
  );
  return lines(['"Time","Value","MetricId","ObjectDescription"', ...rows]);
}

function series(): string {
  const rows = Array.from({ length: MINUTES }, (_, minute) =>
    DISKS.map(({ vm, disk }, at) => `${iso(minute)}Z,${vm},${disk},${60 * rate(at, minute)}`),
  );
  return lines(['time,vm,disk,write_bytes', ...rows.flat()]);
}

/** Writes of 512 bytes that stand for 64 times as many: a log of the true size would take megabytes. */
function log(): Uint8Array {
  const createdSec2000 = START_SEC - EPOCH_2000_SEC;
  const writer = new HrlWriter({ createdSec2000 });
  const pieces = writer.start();
  for (let minute = 0; minute < 20; minute++) {
    for (let write = 0; write < rate(0, minute) / 8192; write++) {
      const byteOffset = write % 2 === 0 ? 4096 * (minute % 4) : 1_048_576 + 4096 * (60 * minute + write);
      pieces.push(
        ...writer.write({
          byteOffset,
          data: new Uint8Array(512),
          timestampSec2000: createdSec2000 + 60 * minute + write,
        }),
      );
    }
  }
  const { end, header } = writer.close(createdSec2000 + 1200);
  const bytes = Buffer.concat([...pieces, ...end]);
  bytes.set(header, 0);
  return bytes;
}

async function parquet(name: string): Promise<void> {
  const path = join(FOLDER, name);
  rmSync(path, { force: true });
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = series()
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => {
      const [time, vm, disk, bytes] = row.split(',');
      return `(TIMESTAMPTZ '${time}', '${vm}', '${disk}', ${bytes}::BIGINT)`;
    });
  await connection.run(
    `COPY (SELECT * FROM (VALUES ${rows.join(',')}) t(time, vm, disk, write_bytes)) TO '${path}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
}

file(
  'disks.csv',
  lines(['vm,disk,host,volume,size_gib,used_gib', ...DISKS.map(({ vm, path }) => `${vm},${path},HV1,D:,200,90`)]),
);
file('perfmon.csv', pdh('CSV', ','));
file('perfmon.tsv', pdh('TSV', '\t'));
file('get-counter.csv', getCounter());
file('prometheus.json', prometheus());
file('cluster-perf.csv', clusterPerf());
file('series.csv', series());
file('data.hrl', log());
await parquet('series.parquet');
