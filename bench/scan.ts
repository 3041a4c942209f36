/**
 * How fast the scanners of the two large series formats are, beside DuckDB's `read_csv` on the same files in the same run:
 * `node bench/scan.ts`, some two minutes. Files of 209 and 257 MB are made in the folder for temporary files and deleted.
 *
 * - long: 5 M rows `time,vm,disk,write_bytes` of 500 disks, summed by disk and five minutes;
 * - wide: a performance log of 2,000 quoted columns and 8,640 rows, summed by column.
 *
 * The files are read once before, so that they lie in the page cache. Each reading is a process of its own, whose peak
 * memory is its own and whose first, cold reading is the one that counts; ours is one thread, DuckDB has all cores. It is
 * told the columns and their types. Times are inside the process, from opening the file to the sums.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { LongCsvScanner } from '../src/formats/long-csv.ts';
import { PdhScanner } from '../src/formats/pdh.ts';
import { peakBytes } from './peak.ts';

const REPEATS = 5;
const CHUNK_BYTES = 1024 ** 2;

const LONG_ROWS = 5_000_000;
const DISKS = 500;
const LONG_STEP_MS = 15_000;
const BUCKET_MS = 300_000;
const START_MS = Date.UTC(2026, 0, 5);

const WIDE_COLUMNS = 2000;
const WIDE_ROWS = 8640;

type Shape = 'long' | 'wide';
type Reader = 'ours' | 'duckdb';

/** What a process prints. Both readers must find the same sums; those of the wide file are not whole. */
interface Result {
  readonly seconds: number;
  readonly peakBytes: number;
  /** Of all threads, start-up included: what the machine's other work does not stretch. */
  readonly cpuSeconds: number;
  readonly groups: number;
  /** A weighted sum of all groups, so that a value in a wrong group shows. */
  readonly check: number;
}

const [reader, shape, path] = process.argv.slice(2) as [Reader?, Shape?, string?];
if (reader === undefined || shape === undefined || path === undefined) bench();
else process.stdout.write(JSON.stringify(await run(reader, shape, path)));

function bench(): void {
  process.stdout.write(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model}\n\n`);
  process.stdout.write(
    '| file | reader | median | fastest–slowest | MB/s | CPU | peak |\n|---|---|---|---|---|---|---|\n',
  );
  const folder = mkdtempSync(join(tmpdir(), 'asr-plan-scan-'));
  try {
    for (const one of ['long', 'wide'] as const) compare(one, join(folder, `${one}.csv`));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compare(one: Shape, file: string): void {
  if (one === 'long') writeLong(file);
  else writeWide(file);
  const { size } = statSync(file);
  readChunks(file, () => {});
  const results: Record<Reader, Result[]> = { ours: [], duckdb: [] };
  for (let repeat = 0; repeat < REPEATS; repeat++) {
    for (const who of ['ours', 'duckdb'] as const) results[who].push(spawned(who, one, file));
  }
  const ours = report(one, 'ours', results.ours, size);
  const theirs = report(one, 'duckdb', results.duckdb, size);
  const [first, second] = [results.ours[0]!, results.duckdb[0]!];
  const isEqual = first.groups === second.groups && Math.abs(first.check / second.check - 1) < 1e-12;
  process.stdout.write(`| ${one} | ours / duckdb | ${(theirs / ours).toFixed(2)} × | sums equal: ${isEqual} | | | |\n`);
  if (!isEqual) process.exitCode = 1;
  rmSync(file);
}

function report(one: Shape, who: Reader, results: readonly Result[], size: number): number {
  const sorted = (of: (result: Result) => number): number[] => results.map(of).sort((a, b) => a - b);
  const seconds = sorted((result) => result.seconds);
  const median = seconds[seconds.length >> 1]!;
  const cpu = sorted((result) => result.cpuSeconds)[seconds.length >> 1]!;
  const peakMib = Math.max(...results.map((result) => result.peakBytes)) / 1024 ** 2;
  const spread = `${seconds[0]!.toFixed(2)}–${seconds.at(-1)!.toFixed(2)}`;
  const speed = (size / median / 1e6).toFixed(0);
  process.stdout.write(
    `| ${one} | ${who} | ${median.toFixed(2)} s | ${spread} | ${speed} | ${cpu.toFixed(2)} s | ${peakMib.toFixed(0)} MiB |\n`,
  );
  return median;
}

function spawned(who: Reader, one: Shape, file: string): Result {
  const { stdout, stderr, status } = spawnSync(process.execPath, [import.meta.filename, who, one, file], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

async function run(who: Reader, one: Shape, file: string): Promise<Result> {
  const timed = who === 'duckdb' ? await duckdb(one, file) : one === 'long' ? scanLong(file) : scanWide(file);
  const { user, system } = process.cpuUsage();
  return { ...timed, peakBytes: peakBytes(), cpuSeconds: (user + system) / 1e6 };
}

type Sums = Omit<Result, 'peakBytes' | 'cpuSeconds'>;

function readChunks(file: string, push: (chunk: Uint8Array) => void): void {
  const descriptor = openSync(file, 'r');
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let length = readSync(descriptor, chunk); length > 0; length = readSync(descriptor, chunk)) {
    push(chunk.subarray(0, length));
  }
  closeSync(descriptor);
}

function scanLong(file: string): Sums {
  const startedMs = performance.now();
  const buckets = Math.ceil(((LONG_ROWS / DISKS) * LONG_STEP_MS) / BUCKET_MS);
  const sums = new Float64Array(DISKS * buckets);
  const labels: string[] = [];
  const fail = (what: unknown): never => {
    throw new Error(JSON.stringify(what));
  };
  const scanner = new LongCsvScanner({
    header: () => ({ time: 0, timeKind: 'iso', vm: 1, disk: 2, written: 3 }),
    name(id, vm, disk) {
      labels[id] = `${vm}/${disk}`;
    },
    row(id, wallMs, _offsetMs, written) {
      const index = id * buckets + Math.floor((wallMs - START_MS) / BUCKET_MS);
      sums[index] = sums[index]! + written;
    },
    slow: fail,
    fault: fail,
  });
  readChunks(file, (chunk) => scanner.push(chunk));
  scanner.end();
  const seconds = (performance.now() - startedMs) / 1000;
  let check = 0;
  for (const [index, sum] of sums.entries()) {
    check += sum * weight(labels[Math.floor(index / buckets)]!) * (1 + (index % buckets));
  }
  return { seconds, groups: sums.length, check };
}

/** `vm0012/disk1` to 25. */
function weight(label: string): number {
  return Number(label.slice(2, 6)) * 2 + Number(label.slice(-1)) + 1;
}

function scanWide(file: string): Sums {
  const startedMs = performance.now();
  const sums = new Float64Array(WIDE_COLUMNS);
  const scanner = new PdhScanner({
    columns: ({ counters }) => Uint32Array.from(counters.keys()),
    row(_wallMs, values) {
      for (let column = 0; column < values.length; column++) sums[column] = sums[column]! + values[column]!;
    },
    fault(fault) {
      throw new Error(JSON.stringify(fault));
    },
  });
  readChunks(file, (chunk) => scanner.push(chunk));
  scanner.end();
  const seconds = (performance.now() - startedMs) / 1000;
  return { seconds, groups: sums.length, check: sums.reduce((sum, value, column) => sum + value * (column + 1), 0) };
}

/** The same sums, in SQL. Only the file's own columns and types are told; DuckDB chooses its threads. */
async function duckdb(one: Shape, file: string): Promise<Sums> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const startedMs = performance.now();
  const source = `'${file.replaceAll("'", "''")}', header = true, auto_detect = false, delim = ','`;
  const sql =
    one === 'long'
      ? `SELECT vm, disk, time_bucket(INTERVAL 5 MINUTE, time) AS bucket, sum(write_bytes)::DOUBLE AS total
         FROM read_csv(${source}, columns = {time: 'TIMESTAMP', vm: 'VARCHAR', disk: 'VARCHAR', write_bytes: 'BIGINT'})
         GROUP BY ALL`
      : `SELECT ${wideNames()
          .map((name) => `sum(${name})`)
          .join()}
         FROM read_csv(${source}, quote = '"', max_line_size = 10000000,
           columns = {time: 'VARCHAR', ${wideNames()
             .map((name) => `${name}: 'DOUBLE'`)
             .join()}})`;
  // The rows stay inside: handing 250,000 groups to JavaScript would count against DuckDB.
  await connection.run(`CREATE TEMP TABLE sums AS ${sql}`);
  const seconds = (performance.now() - startedMs) / 1000;
  const read = async (query: string): Promise<number[]> =>
    (await connection.runAndReadAll(query)).getRows()[0]!.map(Number);
  if (one === 'wide') {
    const sums = await read('SELECT * FROM sums');
    return { seconds, groups: sums.length, check: sums.reduce((sum, value, column) => sum + value * (column + 1), 0) };
  }
  const bucketNumber = `(epoch_ms(bucket) - ${START_MS}) / ${BUCKET_MS} + 1`;
  const [groups, check] = await read(
    `SELECT count(*), sum(total * (vm[3:]::INT * 2 + disk[5:]::INT + 1) * (${bucketNumber})) FROM sums`,
  );
  return { seconds, groups: groups!, check: check! };
}

function wideNames(): string[] {
  return Array.from({ length: WIDE_COLUMNS }, (_, column) => `c${column}`);
}

/** Whole numbers below 2^32, the same in every run (Numerical Recipes' linear congruential generator). */
function generator(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
}

function writeLong(file: string): void {
  const next = generator();
  const names = Array.from({ length: DISKS }, (_, disk) => `vm${String(disk >> 1).padStart(4, '0')},disk${disk & 1}`);
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, 'time,vm,disk,write_bytes\n');
  for (let step = 0; step < LONG_ROWS / DISKS; step++) {
    const time = `${new Date(START_MS + step * LONG_STEP_MS).toISOString().slice(0, 19)}Z`;
    writeSync(descriptor, names.map((name) => `${time},${name},${next() % 9_000_000}\n`).join(''));
  }
  closeSync(descriptor);
}

function writeWide(file: string): void {
  const next = generator();
  const counters = wideNames().map(
    (name) => `"\\\\HOST\\Hyper-V Virtual Storage Device(D:-VMs-${name}.vhdx)\\Write Bytes/sec"`,
  );
  const descriptor = openSync(file, 'w');
  writeSync(descriptor, `"(PDH-CSV 4.0) (Coordinated Universal Time)(0)",${counters.join()}\r\n`);
  for (let row = 0; row < WIDE_ROWS; row++) {
    const iso = new Date(START_MS + row * 60_000).toISOString();
    const time = `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(0, 4)} ${iso.slice(11, 23)}`;
    const cells = counters.map(() => `"${((next() % 1e9) / 1e4 + 100).toFixed(4)}"`);
    writeSync(descriptor, `"${time}",${cells.join()}\r\n`);
  }
  closeSync(descriptor);
}
