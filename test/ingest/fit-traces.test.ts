import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type BlockTraceFile, readBlockTrace } from '../../src/ingest/block-trace.ts';
import { fitOverwrite } from '../../src/ingest/fit-overwrite.ts';
import { WriteHistory, type WriteSummary } from '../../src/ingest/write-history.ts';
import { ChurnIntegral } from '../../src/simulate/churn-integral.ts';
import { RecordedPlaces } from '../../src/simulate/recorded-places.ts';
import { GIB, KIB, MIB, MINUTE_MS } from '../../src/units.ts';
import { buildDisk } from '../laws/build-run.ts';

/** Traces of real disks. They may be read where they are, not published: where the folder is not, these tests are skipped. */
const TRACES = join(import.meta.dirname, '../../../shared/data/traces');

/** MB as `coalescing.md` prints them, there computed twice by programs of others' making. */
interface Printed {
  readonly file: string;
  readonly hours: string;
  readonly writeCount: number;
  readonly writtenMb: string;
  readonly roundedMb: string;
  /** U of 30 s, 5 min, 15 min, 1 h; of the whole. */
  readonly distinctMb: readonly string[];
  readonly factors: readonly string[];
  readonly roundedFactors: readonly string[];
  /** Mean and largest 5 minutes. */
  readonly churnMbPerSec: readonly [string, string];
  /** 64 KiB, 256 KiB, 1 MiB, 2 MiB. */
  readonly wholeChunksMb: readonly string[];
  readonly quarterHourChunksMb: readonly string[];
  /** W in MB and h. */
  readonly model: readonly [string, string];
  /** By window: modelled by measured bytes, median and worst relative error. */
  readonly fit: readonly string[];
}

const PRINTED: readonly Printed[] = [
  {
    file: 'cloudphysics_2h',
    ...{ hours: '2.00', writeCount: 66_898, writtenMb: '2408.6', roundedMb: '2687.7' },
    distinctMb: ['2145.6', '1836.8', '1813.2', '1565.6', '854.8'],
    factors: ['1.123', '1.311', '1.328', '1.538'],
    roundedFactors: ['1.253', '1.463', '1.482', '1.717'],
    churnMbPerSec: ['0.335', '3.270'],
    wholeChunksMb: ['964.1', '1214.0', '1944.1', '2749.4'],
    quarterHourChunksMb: ['2033.7', '2492.5', '3894.4', '5465.2'],
    model: ['1030.9', '1.000'],
    fit: ['0.950 0.106 0.875', '0.975 0.831 0.999', '0.934 0.447 1.216', '0.907 0.099 0.875', '1.089 0.089 0.089'],
  },
  {
    file: 'rec_devfiles_xfs',
    ...{ hours: '0.99', writeCount: 96_235, writtenMb: '1151.1', roundedMb: '1167.6' },
    distinctMb: ['719.6', '606.2', '504.9', '346.3', '346.3'],
    factors: ['1.600', '1.899', '2.280', '3.324'],
    roundedFactors: ['1.623', '1.926', '2.313', '3.372'],
    churnMbPerSec: ['0.323', '0.469'],
    wholeChunksMb: ['347.3', '348.7', '352.3', '358.6'],
    quarterHourChunksMb: ['529.1', '564.7', '655.4', '729.8'],
    model: ['4.5', '0.675'],
    fit: ['0.884 0.115 0.927', '0.707 0.258 0.495', '0.777 0.162 0.398', '1.095 0.095 0.095', '1.095 0.095 0.095'],
  },
  {
    file: 'rec_pgbench_ext4',
    ...{ hours: '1.02', writeCount: 742_342, writtenMb: '11712.8', roundedMb: '11712.8' },
    distinctMb: ['7820.5', '7377.7', '5572.1', '2105.8', '1837.6'],
    factors: ['1.498', '1.588', '2.102', '5.562'],
    roundedFactors: ['1.498', '1.588', '2.102', '5.562'],
    churnMbPerSec: ['3.196', '7.859'],
    wholeChunksMb: ['1839.2', '1843.1', '1859.1', '1877.0'],
    quarterHourChunksMb: ['6783.2', '6955.5', '7042.2', '7136.6'],
    model: ['1249.3', '0.948'],
    fit: ['1.360 0.434 1.003', '1.058 0.161 0.308', '0.930 0.106 0.151', '1.022 0.077 0.151', '1.012 0.012 0.012'],
  },
];

const mb = (bytes: number): string => (bytes / 1e6).toFixed(1);

function highest5MinutesMbPerSec({ churn }: WriteSummary): number {
  const sums: number[] = [];
  churn!.startMs.forEach((startMs, at) => {
    const index = Math.floor(startMs / 300_000);
    sums[index] = (sums[index] ?? 0) + churn!.writtenBytes[at]!;
  });
  return Math.max(...sums) / 300 / 1e6;
}

/** Bytes of the touched blocks, as a simulation of the disk tells them: of the whole, and of each quarter of an hour, summed. */
function recordedMb({ churn, touched }: WriteSummary, blockBytes: number): { whole: string; quarterHours: string } {
  const series = { ...churn!, touched: touched! };
  const integral = new ChurnIntegral([series], 0);
  const places = RecordedPlaces.of([buildDisk({ sizeBytes: 300 * GIB, churn: series })], integral)!;
  const between = (fromMs: number, untilMs: number): number =>
    places.touchedBytes(0, integral.writtenBytes(0, fromMs), integral.writtenBytes(0, untilMs), blockBytes);
  let sumBytes = 0;
  for (let atMs = 0; atMs < series.endMs; atMs += 15 * MINUTE_MS) {
    sumBytes += between(atMs, Math.min(series.endMs, atMs + 15 * MINUTE_MS));
  }
  return { whole: mb(between(0, series.endMs)), quarterHours: mb(sumBytes) };
}

async function readTrace(file: string): Promise<{ read: BlockTraceFile; summary: WriteSummary }> {
  const chunks = createReadStream(join(TRACES, `${file}.csv.gz`))
    .pipe(createGunzip())
    .setEncoding('utf8');
  const history = new WriteHistory();
  const read = await readBlockTrace({ name: `${file}.csv`, chunks }, history);
  return { read, summary: history.summary(read.lengthMs) };
}

describe.skipIf(!existsSync(TRACES))('real traces (skipped where ../shared/data/traces is not)', () => {
  it.each(PRINTED)('$file has the distinct bytes that are printed of it', async (printed) => {
    const { read, summary } = await readTrace(printed.file);
    expect(read.problems.all()).toEqual([]);
    expect(read.usedCount).toBe(read.rowCount);
    expect((read.lengthMs / 3_600_000).toFixed(2)).toBe(printed.hours);
    expect(summary.writeCount).toBe(printed.writeCount);
    expect(mb(summary.writtenBytes)).toBe(printed.writtenMb);
    expect(mb(summary.roundedBytes)).toBe(printed.roundedMb);
    expect(summary.windows.map(({ distinctBytes }) => mb(distinctBytes))).toEqual(printed.distinctMb);
    const factors = (bytes: number): string[] =>
      summary.windows.slice(0, 4).map(({ distinctBytes }) => (bytes / distinctBytes).toFixed(3));
    expect(factors(summary.writtenBytes)).toEqual(printed.factors);
    expect(factors(summary.roundedBytes)).toEqual(printed.roundedFactors);
    expect(summary.chunks.map(({ chunkBytes }) => chunkBytes)).toEqual([64 * KIB, 256 * KIB, MIB, 2 * MIB]);
    expect(summary.chunks.map(({ dirtyBytes }) => mb(dirtyBytes))).toEqual(printed.wholeChunksMb);
    expect(summary.chunks.map(({ quarterHourBytes }) => mb(quarterHourBytes))).toEqual(printed.quarterHourChunksMb);
    expect(summary.touched!.intervalsEach).toBe(1);
    for (const [index, blockBytes] of [MIB, 2 * MIB].entries()) {
      const whole = printed.wholeChunksMb[index + 2];
      const quarterHours = printed.quarterHourChunksMb[index + 2];
      expect(recordedMb(summary, blockBytes)).toEqual({ whole, quarterHours });
    }
    const mean = summary.writtenBytes / (read.lengthMs / 1000) / 1e6;
    expect([mean.toFixed(3), highest5MinutesMbPerSec(summary).toFixed(3)]).toEqual(printed.churnMbPerSec);

    const fit = fitOverwrite(summary.pairs);
    expect([mb(fit.model?.hotBytes ?? 0), fit.model?.hotShare.toFixed(3)]).toEqual(printed.model);
    const compared = fit.model === undefined ? [] : fit.comparedByWindow;
    expect(
      compared.map(({ factor, medianRelativeError, worstRelativeError }) =>
        [factor, medianRelativeError, worstRelativeError].map((value) => value.toFixed(3)).join(' '),
      ),
    ).toEqual(printed.fit);
  });
});
