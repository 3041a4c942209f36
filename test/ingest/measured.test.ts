import { existsSync, readFileSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ingested, type IngestOptions, ingest } from '../../src/ingest/ingest.ts';
import { writtenCounter } from '../../src/ingest/write-counters.ts';
import { type ChurnSeries, confidenceOf, type Disk } from '../../src/model/workload.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { codes, lines, textInput } from './text-sources.ts';

const SHARED = joinPath(import.meta.dirname, '../../../shared/data');
const DISKS = lines(
  'vm,disk,size_gib,used_gib',
  'SQL01,D:\\VMs\\SQL01\\data.vhdx,200,90',
  'SQL01,D:\\VMs\\SQL01\\os.vhdx,60,20',
  'WEB01,os.vhdx,40,15',
);

function read(churn: string, options: Partial<IngestOptions> = {}, disks = DISKS): Promise<Ingested> {
  return ingest([textInput('disks.csv', disks), textInput('measured', churn)], { horizonMs: DAY_MS, ...options });
}

function diskOf({ workload, problems }: Ingested, name: string): Disk {
  const disk = workload?.vms.flatMap(({ disks }) => disks).find((one) => one.name.endsWith(name));
  if (disk === undefined) throw new Error(JSON.stringify(problems, undefined, 1));
  return disk;
}

function seriesOf(read: Ingested, name: string): ChurnSeries {
  const { churn } = diskOf(read, name);
  if (churn.kind !== 'series') throw new Error('no series');
  return churn;
}

const OBJECT = '\\\\HV1\\Hyper-V Virtual Storage Device';
const DATA = `${OBJECT}(--?-D:-VMs-SQL01-data.vhdx)\\Write Bytes/sec`;
const CHECKPOINT = `${OBJECT}(D:-VMs-SQL01-data_0A1B2C3D-0000-1111-2222-333344445555.avhdx)\\Write Bytes/sec`;
const OS = `${OBJECT}(d:-vms-sql01-os.vhdx)\\Write Bytes/sec`;
const WEB = `${OBJECT}(C:-ClusterStorage-Volume1-WEB01-os.vhdx)\\Write Bytes/sec`;
const READ = `${OBJECT}(d:-vms-sql01-os.vhdx)\\Read Bytes/sec`;

function pdh(zone: string, counters: readonly string[], ...rows: readonly (readonly string[])[]): string {
  return lines(
    ...[[`(PDH-CSV 4.0) ${zone}`, ...counters], ...rows].map((cells) => cells.map((cell) => `"${cell}"`).join(',')),
  );
}

describe('a performance log', () => {
  const log = pdh(
    '(W. Europe Standard Time)(-60)',
    [DATA, READ, OS, WEB, CHECKPOINT],
    ['01/05/2026 00:00:00.000', ' ', '1', ' ', ' ', ' '],
    ['01/05/2026 00:01:00.000', '1000', '1', '10', '7', '0'],
    ['01/05/2026 00:02:00.000', '0', '1', ' ', '7', '500'],
    ['01/05/2026 00:03:00.000', '0', '1', '30', '7', '100'],
  );

  it('is rates since the sample before: bytes, times, joins, a disk with its checkpoint, blank is no zero', async () => {
    const result = await read(log, { start: '2026-01-05T00:00+01:00' });
    expect(seriesOf(result, 'data.vhdx')).toMatchObject({
      ...{ startMs: [0, MINUTE_MS, 2 * MINUTE_MS], endMs: 3 * MINUTE_MS },
      writtenBytes: [60_000, 30_000, 6000],
    });
    // The blank minute is filled with the disk's own mean, (10 + 30) / 2 · 60, not with 0.
    expect(seriesOf(result, 'SQL01\\os.vhdx').writtenBytes).toEqual([600, 1200, 1800]);
    expect(diskOf(result, 'SQL01\\os.vhdx').coverage).toEqual({ hoursOfWeek: 1, measuredRatio: 2 / 3 });
    expect(confidenceOf(diskOf(result, 'SQL01\\os.vhdx'))).toBe('part');
    expect(seriesOf(result, 'os.vhdx').writtenBytes.length).toBe(3);
    expect(result.workload!.clock.timeZone).toBe('+01:00');
    expect(result.receipts[1]).toMatchObject({
      ...{ format: 'PerfMon log (PDH)', rowCount: 4 },
      read: expect.arrayContaining(['5 counters, of which 4 say what is written to a disk']),
      joins: [{ what: 'disks of the inventory that it measures', count: 3, examples: [] }],
    });
    expect(result.assumptions).toContainEqual(expect.objectContaining({ name: 'churnFilled' }));
  });

  it('is local in the zone that the user names where that has the header’s offset', async () => {
    const night = pdh(
      '(W. Europe Standard Time)(-60)',
      [DATA],
      ['03/29/2026 01:58:00.000', ' '],
      ['03/29/2026 01:59:00.000', '1'],
      ['03/29/2026 03:00:00.000', '1'],
      ['03/29/2026 03:01:00.000', '1'],
    );
    const one = lines('vm,disk,size_gib,used_gib', 'SQL01,D:\\VMs\\SQL01\\data.vhdx,200,90');
    const zoned = await read(night, { timeZone: 'Europe/Berlin' }, one);
    const { startMs } = seriesOf(zoned, 'data.vhdx');
    // The hour that summer time takes away is no gap.
    expect(startMs.map((at) => at - startMs[0]!)).toEqual([0, MINUTE_MS, 2 * MINUTE_MS]);
    const fixed = await read(night, {}, one);
    expect(seriesOf(fixed, 'data.vhdx').startMs.length).toBe(4);
  });

  it('leaves a long gap open instead of spreading a sample over it', async () => {
    const gap = pdh(
      '(UTC)(0)',
      [DATA],
      ['01/05/2026 00:00:00.000', ' '],
      ['01/05/2026 00:01:00.000', '100'],
      ['01/05/2026 10:01:00.000', '100'],
    );
    const one = lines('vm,disk,size_gib,used_gib', 'SQL01,D:\\VMs\\SQL01\\data.vhdx,200,90');
    const { startMs, writtenBytes, endMs } = seriesOf(
      await read(gap, { start: '2026-01-05T00:00Z' }, one),
      'data.vhdx',
    );
    expect(startMs).toEqual([0, MINUTE_MS, 10 * HOUR_MS]);
    expect([writtenBytes[0], writtenBytes[2], endMs]).toEqual([6000, 6000, 10 * HOUR_MS + MINUTE_MS]);
    expect(diskOf(await read(gap, {}, one), 'data.vhdx').coverage!.measuredRatio).toBeCloseTo(2 / 601, 6);
  });

  it('with a gap has the disk’s own mean of that hour of the day', async () => {
    const hours = Array.from({ length: 48 }, (_, hour) => hour + 1);
    const rows = hours.map((hour) => {
      const day = 5 + Math.floor(hour / 24);
      const written = hour === 34 ? ' ' : String(((hour - 1) % 24) + 1);
      return [`01/0${day}/2026 ${String(hour % 24).padStart(2, '0')}:00:00.000`, written];
    });
    const log = pdh('(UTC)(0)', [DATA], ['01/05/2026 00:00:00.000', ' '], ...rows);
    const one = lines('vm,disk,size_gib,used_gib', 'SQL01,D:\\VMs\\SQL01\\data.vhdx,200,90');
    const { writtenBytes } = seriesOf(await read(log, {}, one), 'data.vhdx');
    // From 9 to 10 on the second day nothing was measured: on the first it was 10 B/s.
    expect(writtenBytes[33]).toBe(10 * 3600);
  });

  it('of the guests is joined by the machine’s name', async () => {
    const guest = pdh(
      '(UTC)(0)',
      ['\\\\sql01\\PhysicalDisk(0 C:)\\Disk Write Bytes/sec', '\\\\sql01\\PhysicalDisk(_Total)\\Disk Write Bytes/sec'],
      ['01/05/2026 00:00:00.000', ' ', ' '],
      ['01/05/2026 00:01:00.000', '5', '9'],
    );
    const result = await read(guest, {}, lines('vm,disk,size_gib,used_gib', 'SQL01,C:,200,90'));
    expect(seriesOf(result, 'C:').writtenBytes).toEqual([300]);
  });

  it('says what fits no disk, and what fits two', async () => {
    const twins = lines('vm,disk,size_gib,churn_gib_per_day', 'A,os.vhdx,10,1', 'B,os.vhdx,10,1');
    const lost = pdh(
      '(UTC)(0)',
      [`${OBJECT}(D:-somewhere-os.vhdx)\\Write Bytes/sec`, `${OBJECT}(D:-x-unknown.vhdx)\\Write Bytes/sec`],
      ['01/05/2026 00:00:00.000', '1', '1'],
    );
    expect(codes(await read(lost, {}, twins))).toEqual(['~join-not-found', '~join-ambiguous']);
    const both = pdh(
      '(UTC)(0)',
      [`${OBJECT}(D:-B-os.vhdx)\\Write Bytes/sec`],
      ['01/05/2026 00:00:00.000', '1'],
      ['01/05/2026 00:01:00.000', '1'],
    );
    const result = await read(both, {}, twins);
    expect(result.workload!.vms.map(({ disks }) => disks[0]!.churn.kind)).toEqual(['constant', 'series']);
  });

  it('on one path of several hosts is told apart by the host that counts', async () => {
    const twins = lines(
      'vm,disk,host,size_gib,used_gib,churn_gib_per_day',
      'A,D:\\VMs\\os.vhdx,hv1,10,1,1',
      'B,D:\\VMs\\os.vhdx,HV2.corp,10,1,1',
    );
    const counter = '\\\\HV2\\Hyper-V Virtual Storage Device(D:-VMs-os.vhdx)\\Write Bytes/sec';
    const log = pdh('(UTC)(0)', [counter], ['01/05/2026 00:00:00.000', '1'], ['01/05/2026 00:01:00.000', '1']);
    const { workload } = await read(log, {}, twins);
    expect(workload!.vms.map(({ disks }) => disks[0]!.churn.kind)).toEqual(['constant', 'series']);
  });

  it('without a counter of written bytes names those that are there', async () => {
    const result = await read(pdh('(UTC)(0)', ['\\\\H\\Memory\\Pages/sec'], ['01/05/2026 00:00:00.000', '1']));
    expect(codes(result)).toContain('pdh-no-write-counter');
    expect(result.problems.find(({ code }) => code === 'pdh-no-write-counter')!.message).toContain('Memory\\Pages/sec');
  });

  it.skipIf(!existsSync(SHARED))('of a real machine (../shared/data)', async () => {
    const text = readFileSync(joinPath(SHARED, 'perfmon/i-medusa_1s_disk_only.csv'), 'utf8');
    const result = await read(text, {}, lines('vm,disk,size_gib,used_gib', 'I-MEDUSA,C:,200,90'));
    expect(seriesOf(result, 'C:').writtenBytes).toHaveLength(60);
    expect(result.workload!.clock.timeZone).toBe('+08:00');
    expect(codes(result)).toEqual([]);
    const queues = readFileSync(joinPath(SHARED, 'perfmon/impc3116_15s_queue.csv'), 'utf8');
    expect(codes(await read(queues))).toContain('pdh-no-write-counter');
  });
});

describe('counters of written bytes', () => {
  it.each([
    ['Hyper-V Virtual Storage Device', 'Write Bytes/sec', 'host'],
    ['Virtuelles Hyper-V-Speichergerät', 'Schreibbytes/Sekunde', 'host'],
    ['Périphérique de stockage virtuel Hyper-V', 'Octets écrits/s', 'host'],
    ['PhysicalDisk', 'Disk Write Bytes/sec', 'guest'],
    ['LogicalDisk', 'Disk Write Bytes/sec', 'guest'],
    ['PhysicalDisk', 'Disk Bytes/sec', undefined],
    ['PhysicalDisk', 'Avg. Disk Bytes/Write', undefined],
    ['PhysicalDisk', 'Disk Writes/sec', undefined],
    ['Hyper-V Virtual Storage Device', 'Read Bytes/sec', undefined],
    ['Hyper-V Virtual Storage Device', 'Write Operations/Sec', undefined],
    ['Cluster CSVFS', 'Write Bytes/sec', undefined],
    ['Memory', 'Write Bytes/sec', undefined],
  ])('%s\\%s: %s', (object, counter, from) => {
    expect(writtenCounter({ path: '', object, counter, instance: 'x' })).toBe(from);
  });
});

describe('a Prometheus range', () => {
  const answer = (result: readonly unknown[]): string =>
    JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } });
  const at = (minute: number): number => 1_767_571_200 + 60 * minute;

  it('of rates and of counters gives the same intervals; a restart loses what was counted before it', async () => {
    const device = '\\\\?\\D:\\VMs\\SQL01\\data.vhdx';
    const rates = answer([
      {
        metric: { device },
        values: [
          [at(0), '5'],
          [at(1), '10'],
          [at(2), '20'],
        ],
      },
    ]);
    const counter = answer([
      {
        metric: { __name__: 'windows_hyperv_virtual_storage_device_bytes_written', device },
        values: [
          [at(0), '1000'],
          [at(1), '1600'],
          [at(2), '2800'],
        ],
      },
    ]);
    const one = lines('vm,disk,size_gib,used_gib', 'SQL01,data.vhdx,200,90');
    const expected = [600, 1200];
    expect(seriesOf(await read(rates, {}, one), 'data.vhdx').writtenBytes).toEqual(expected);
    expect(seriesOf(await read(counter, {}, one), 'data.vhdx').writtenBytes).toEqual(expected);
    const restart = counter.replace('"2800"', '"100"');
    const { coverage } = diskOf(await read(restart, {}, one), 'data.vhdx');
    expect(coverage!.measuredRatio).toBe(1);
    expect(seriesOf(await read(restart, {}, one), 'data.vhdx').writtenBytes).toEqual([600]);
  });

  it.each([
    ['{"status":"success","data":{"resultType":"vector","result":[]}}', 'prometheus-no-matrix'],
    ['{"status":"error","error":"parse error"}', 'prometheus-error'],
    ['{"status":"success","data":', 'prometheus-not-json'],
    [
      '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1]]}]}}',
      'prometheus-wrong-series',
    ],
  ])('%s: %s', async (text, code) => {
    expect(codes(await read(text))).toContain(code);
  });
});

describe('samples of Get-Counter and Get-ClusterPerf', () => {
  const header =
    'Path,InstanceName,CookedValue,RawValue,SecondValue,MultipleCount,CounterType,Timestamp,Timestamp100NSec';
  const one = lines('vm,disk,size_gib,used_gib', 'SQL01,data.vhdx,200,90');
  const path = '\\\\hv1\\hyper-v virtual storage device(d:-vms-sql01-data.vhdx)\\write bytes/sec';

  it('are rates at their times, ticks before texts', async () => {
    const ticks = (minute: number): string =>
      String((BigInt(1_767_571_200 + 60 * minute) + 11_644_473_600n) * 10_000_000n);
    const rows = [0, 1, 2].map((at) => `${path},d:-vms,${10 * at},0,0,1,0,05.01.2026 00:0${at}:00,${ticks(at)}`);
    expect(seriesOf(await read(lines(header, ...rows), {}, one), 'data.vhdx').writtenBytes).toEqual([600, 1200]);
    const texts = [0, 1, 2].map((at) => `${path},d:-vms,${10 * at},0,0,1,0,1/5/2026 12:0${at}:00 AM,`);
    expect(seriesOf(await read(lines(header, ...texts), {}, one), 'data.vhdx').writtenBytes).toEqual([600, 1200]);
  });

  it('are refused where day and month could be meant either way', async () => {
    const rows = [0, 1].map((at) => `${path},d:-vms,1,0,0,1,0,01/05/2026 00:0${at}:00,`);
    expect(codes(await read(lines(header, ...rows), {}, one))).toEqual([
      'samples-wrong-time@2',
      'samples-wrong-time@3',
    ]);
  });

  it('of a cluster tell only what is written to disks', async () => {
    const text = lines(
      'Time,Value,MetricId,ObjectDescription',
      '2026-01-05T00:00:00Z,1,Vhd.Throughput.Write,D:\\VMs\\SQL01\\data.vhdx',
      '2026-01-05T00:00:00Z,9,Vhd.Throughput.Read,D:\\VMs\\SQL01\\data.vhdx',
      '2026-01-05T00:05:00Z,2,Vhd.Throughput.Write,D:\\VMs\\SQL01\\data.vhdx',
    );
    expect(seriesOf(await read(text, {}, one), 'data.vhdx').writtenBytes).toEqual([600]);
  });
});

describe('several files of churn', () => {
  it('that overlap are believed in the order in which they are given', async () => {
    const row = (minute: number, bytes: number): string => `2026-01-05T00:0${minute}:00Z,a,d,${bytes}`;
    const header = 'time,vm,disk,write_bytes';
    const one = lines('vm,disk,size_gib,used_gib', 'a,d,10,1');
    const inputs = [
      textInput('one', one),
      textInput('first', lines(header, row(0, 1), row(1, 2))),
      textInput('second', lines(header, row(1, 9), row(2, 3))),
    ];
    const result = await ingest(inputs, { horizonMs: DAY_MS });
    expect(seriesOf(result, 'd').writtenBytes).toEqual([1, 2, 3]);
    expect(result.receipts[2]!.dropped).toEqual([{ reason: 'another file had them already', count: 1 }]);
  });

  it('of two hosts between which a VM moves count every byte once', async () => {
    const clock = (minute: number, second: number): string =>
      `01/05/2026 00:${String(minute).padStart(2, '0')}:${second}.000`;
    const minutes = Array.from({ length: 30 }, (_, minute) => minute);
    // Each host samples at its own second; the counter is blank where the VM is not.
    const host = (name: string, second: number, isThere: (minute: number) => boolean): string =>
      pdh(
        '(UTC)(0)',
        [DATA.replace('HV1', name)],
        ...minutes.map((minute) => [clock(minute, second), isThere(minute) ? '1000' : ' ']),
      );
    const logs = [
      textInput(
        'one',
        host('HV1', 10, (minute) => minute < 12),
      ),
      textInput(
        'two',
        host('HV2', 40, (minute) => minute >= 12),
      ),
    ];
    const disks = textInput('disks', lines('vm,disk,size_gib,used_gib', 'SQL01,D:\\VMs\\SQL01\\data.vhdx,200,90'));
    for (const files of [logs, logs.toReversed()]) {
      const { writtenBytes, startMs, endMs } = seriesOf(
        await ingest([disks, ...files], { horizonMs: DAY_MS }),
        'data.vhdx',
      );
      const bytes = writtenBytes.reduce((sum, written) => sum + written, 0);
      // A thousand bytes a second all the time, but for the minute of the move.
      expect(Math.abs(bytes - endMs + startMs[0]!)).toBeLessThanOrEqual(60_000);
    }
  });

  it('keep every byte, however many rows are summed by five minutes', async () => {
    const { ChurnStore } = await import('../../src/ingest/churn-store.ts');
    const { UTC } = await import('../../src/ingest/time-zone.ts');
    const rowsOf = fc.array(
      fc.record({ disk: fc.nat({ max: 3 }), minute: fc.nat({ max: 40 }), bytes: fc.nat({ max: 1000 }) }),
      { minLength: 1, maxLength: 200 },
    );
    fc.assert(
      fc.property(rowsOf, fc.integer({ min: 4, max: 60 }), (rows, most) => {
        const store = new ChurnStore(most);
        for (const { disk, minute, bytes } of rows) store.add(disk, 0, 1, minute * MINUTE_MS, false, bytes);
        const all = store.writtenBytes.subarray(0, store.length).reduce((sum, bytes) => sum + bytes, 0);
        expect(all).toBe(rows.reduce((sum, { bytes }) => sum + bytes, 0));
        expect(store.length + store.summedCount).toBe(rows.length);
        // Each disk's bytes by five minutes are what they were.
        const epochMs = store.epochMsIn(UTC);
        const key = (disk: number, atMs: number): string => `${disk}/${Math.floor(atMs / (5 * MINUTE_MS))}`;
        const sums = new Map<string, number>();
        for (let at = 0; at < store.length; at++) {
          const step = key(store.diskIndex[at]!, epochMs[at]!);
          sums.set(step, (sums.get(step) ?? 0) + store.writtenBytes[at]!);
        }
        for (const { disk, minute, bytes } of rows) {
          const step = key(disk, minute * MINUTE_MS);
          sums.set(step, sums.get(step)! - bytes);
        }
        expect([...sums.values()].every((left) => left === 0)).toBe(true);
      }),
    );
  });
});
