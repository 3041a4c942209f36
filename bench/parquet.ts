/**
 * A Parquet file of 50 M samples to a workload at 5-minute steps: `node bench/parquet.ts [disks] [samples of each]`, in a process of its own for its peak
 * memory. The file is made by DuckDB, which takes some 40 s that are not counted.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { openInputs } from '../src/cli/open-input.ts';
import { ingest } from '../src/ingest/ingest.ts';
import { peakBytes } from './peak.ts';

const DAY_MS = 86_400_000;
const [diskCount = 10_000, sampleCount = 5000] = process.argv.slice(2, 4).map(Number);
const readFolder = process.env.ASR_PLAN_BENCH_FOLDER;

if (readFolder === undefined) await makeAndMeasure();
else await measure(readFolder);

async function makeAndMeasure(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'asr-plan-bench-'));
  try {
    await writeSamples(join(folder, 'samples.parquet'));
    const rows = Array.from({ length: diskCount }, (_, disk) => `vm${disk >> 1},disk${disk & 1},100,50`);
    writeFileSync(join(folder, 'disks.csv'), `vm,disk,size_gib,used_gib\n${rows.join('\n')}\n`);
    process.stdout.write('| samples | disks | seconds | peak | rows kept |\n|---|---|---|---|---|\n');
    for (let repeat = 0; repeat < 3; repeat++) {
      const args = [fileURLToPath(import.meta.url), String(diskCount), String(sampleCount)];
      const env = { ...process.env, ASR_PLAN_BENCH_FOLDER: folder };
      const { stdout, stderr, status } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      process.stdout.write(stdout);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeSamples(path: string): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const time = "TIMESTAMPTZ '2026-01-05 00:00:00+00' + INTERVAL 1 MINUTE * s";
  const bytes = 'CAST(hash(d * 100003 + s) % 3000000 AS BIGINT)';
  const rows = `SELECT ${time} AS time, 'vm' || (d // 2) AS vm, 'disk' || (d % 2) AS disk, ${bytes} AS write_bytes FROM range(${sampleCount}) t(s), range(${diskCount}) u(d)`;
  await connection.run(`COPY (${rows}) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  instance.closeSync();
}

async function measure(folder: string): Promise<void> {
  const { inputs } = await openInputs([{ path: join(folder, 'disks.csv') }, { path: join(folder, 'samples.parquet') }]);
  const startMs = performance.now();
  const { workload, receipts, problems } = await ingest(inputs, { horizonMs: 7 * DAY_MS });
  const seconds = (performance.now() - startMs) / 1000;
  if (workload === undefined) throw new Error(JSON.stringify(problems));
  const { rowCount, usedCount } = receipts[1]!;
  process.stdout.write(
    `| ${(rowCount / 1e6).toFixed(0)} M | ${diskCount} | ${seconds.toFixed(1)} | ${(peakBytes() / 2 ** 20).toFixed(0)} MiB | ${usedCount} |\n`,
  );
}
