import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MIB, MINUTE_MS, WEEK_MS } from '../../src/units.ts';
import { codes, ingestText, lines, onlyDisk } from './text-sources.ts';

const ONE_DISK = lines('vm,disk,size_gib', 'a,d,100');
const HEADER = 'time,vm,disk,write_bytes';

/** The series of the only disk, on a clock that starts at 2026-01-05T00:00Z. */
async function series(...rows: readonly string[]): Promise<unknown> {
  return onlyDisk(await ingestText(ONE_DISK, lines(...rows), { start: '2026-01-05T00:00Z' })).churn;
}

describe('a series', () => {
  it('holds each row until the next, the last as long as the one before it', async () => {
    expect(await series(HEADER, '2026-01-05T00:00Z,a,d,100', '2026-01-05T00:05Z,a,d,200')).toEqual({
      ...{ kind: 'series', startMs: [0, 5 * MINUTE_MS], writtenBytes: [100, 200] },
      ...{ endMs: 10 * MINUTE_MS, repeatMs: 10 * MINUTE_MS },
    });
  });

  it('takes rows in any order and rows before the start', async () => {
    const rows = ['2026-01-05T00:05Z,a,d,2', '2026-01-05T00:15Z,a,d,3', '2026-01-04T23:55Z,a,d,1'];
    expect(await series(HEADER, ...rows)).toMatchObject({
      startMs: [-5 * MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS],
      writtenBytes: [1, 2, 3],
      endMs: 25 * MINUTE_MS,
    });
  });

  it('gives a lone row five minutes, and says so', async () => {
    const ingested = await ingestText(ONE_DISK, lines(HEADER, '2026-01-05T00:00Z,a,d,100'));
    expect(onlyDisk(ingested).churn).toMatchObject({ startMs: [0], endMs: 5 * MINUTE_MS, repeatMs: 5 * MINUTE_MS });
    expect(ingested.assumptions.map((assumption) => assumption.name)).toContain('loneIntervalMs');
  });

  it.each([
    [2 * HOUR_MS, 2 * HOUR_MS],
    [DAY_MS, DAY_MS],
    [2.5 * DAY_MS, 2 * DAY_MS],
    [WEEK_MS, WEEK_MS],
    [20 * DAY_MS, 2 * WEEK_MS],
  ])('of %d ms repeats its last %d ms', async (spanMs, repeatMs) => {
    const rows = [0, spanMs / 2].map((atMs) => `${1_767_571_200_000 + atMs},a,d,1`);
    const ingested = await ingestText(ONE_DISK, lines('epoch_ms,vm,disk,write_bytes', ...rows));
    expect(onlyDisk(ingested).churn).toMatchObject({ repeatMs });
    expect(ingested.assumptions.filter(({ name }) => name === 'churnRepeats')).toHaveLength(1);
  });

  it.each([
    ['time,vm,disk,write_mib', '2026-01-05T01:00:00Z,a,d,2', HOUR_MS, 2 * MIB],
    ['Timestamp;VM Name;Drive;Written (MB)', '2026-01-05 01:00:00.1239Z;a;d;1,5', HOUR_MS + 123, 1_500_000],
    ['time,vm,disk,write', '2026-01-05T02:00+01:00,a,d,2 KiB', HOUR_MS, 2048],
    ['time,vm,disk,bytes_written', '2026-01-05T02:00:00+0100,a,d,2', HOUR_MS, 2],
    ['time,vm,disk,bytes', '2026-01-05 01:00,a,d,2', HOUR_MS, 2],
    ['epoch_s,vm,disk,write_bytes', '1767574800.5,a,d,2', HOUR_MS + 500, 2],
    ['Epoch (ms),vm,disk,write_bytes', '1767574800000,a,d,2', HOUR_MS, 2],
  ])('%s: %s', async (header, row, startMs, bytes) => {
    expect(await series(header, row)).toMatchObject({ startMs: [startMs], writtenBytes: [bytes] });
  });

  it('needs no disk column where each VM has one disk', async () => {
    expect(await series('time,vm,write_bytes', '2026-01-05T00:00Z,a,7')).toMatchObject({ writtenBytes: [7] });
  });

  it('goes before the churn column, and the column is enough for disks without rows', async () => {
    const vms = lines('vm,size_gib,churn_mb_per_s', 'a,1,1', 'b,1,1');
    const { workload, assumptions } = await ingestText(vms, lines('time,vm,write_bytes', '2026-01-05T00:00Z,a,7'));
    expect(workload?.vms.map((vm) => vm.disks[0]!.churn.kind)).toEqual(['series', 'constant']);
    expect(assumptions.find(({ name }) => name === 'churnFrom')?.reason).toContain('1 disk:');
    const alone = await ingestText(ONE_DISK, lines(HEADER, '2026-01-05T00:00Z,a,d,7'));
    expect(alone.assumptions.map(({ name }) => name)).not.toContain('churnFrom');
  });

  it('keeps every one of many rows', async () => {
    const rows = Array.from({ length: 5000 }, (_, index) => `${1_767_571_200 + (4999 - index) * 300},a,d,${index}`);
    const { churn } = onlyDisk(await ingestText(ONE_DISK, lines('epoch_s,vm,disk,write_bytes', ...rows)));
    expect(churn).toMatchObject({
      startMs: Array.from({ length: 5000 }, (_, index) => index * 5 * MINUTE_MS),
      writtenBytes: Array.from({ length: 5000 }, (_, index) => 4999 - index),
    });
  });

  it('says where nothing is known yet of a disk when the run starts, and refuses a disk rewritten every second', async () => {
    const vms = lines('vm,size_gib,used_gib', 'a,1,1', 'b,1,1');
    const late = lines('time,vm,write_bytes', '2026-01-05T00:00Z,a,1', '2026-01-05T02:00Z,b,1');
    const { problems, workload } = await ingestText(vms, late);
    expect(problems.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      'warning churn-begins-late',
      'warning churn-short',
    ]);
    expect(problems[0]!.message).toContain('1 disk begins after the start of the run, by up to 2 h');
    expect(workload).toBeDefined();
    const wild = lines('time,vm,write_bytes', '2026-01-05T00:00:00Z,a,2000000000', '2026-01-05T00:00:01Z,b,1');
    expect((await ingestText(vms, wild)).problems.map(({ code }) => code)).not.toContain('vms-churn-over-size');
    const quick = lines('time,vm,write_bytes', '2026-01-05T00:00:00Z,a,2000000000', '2026-01-05T00:00:01Z,a,1');
    expect((await ingestText(lines('vm,size_gib', 'a,1'), quick)).problems).toMatchObject([
      { code: 'vms-churn-over-size', row: 2 },
    ]);
  });

  it('gives write_iops its mean rate', async () => {
    const vms = lines('vm,size_gib,write_iops', 'a,1,2');
    const churn = lines('time,vm,write_bytes', '2026-01-05T00:00Z,a,300000', '2026-01-05T00:05Z,a,900000');
    expect(onlyDisk(await ingestText(vms, churn)).meanWriteBytes).toBe(1000);
  });
});

describe('problems', () => {
  const first = '2026-01-05T00:00Z,a,d,1';
  it.each([
    [[HEADER, '2026-13-05T00:00Z,a,d,1'], 'churn-wrong-time@2', 'time'],
    [[HEADER, '2026-02-30T00:00Z,a,d,1'], 'churn-wrong-time@2', 'time'],
    [[HEADER, '05.01.2026 00:00,a,d,1'], 'churn-wrong-time@2', 'time'],
    [[HEADER, '1767574800,a,d,1'], 'churn-wrong-time@2', 'time'],
    [['epoch_s,vm,disk,write_bytes', '1767574800000,a,d,1'], 'churn-wrong-time@2', 'epoch_s'],
    [['epoch_s,vm,disk,write_bytes', '2026-01-05,a,d,1'], 'csv-wrong-number@2', 'epoch_s'],
    [[HEADER, '2026-01-05T00:00Z,a,d,x'], 'csv-wrong-number@2', 'write_bytes'],
    [[HEADER, '2026-01-05T00:00Z,a,d,'], 'churn-missing-bytes@2', 'write_bytes'],
    [[HEADER, '2026-01-05T00:00Z,a,d,-1'], 'churn-negative@2', 'write_bytes'],
    [['time,vm,disk,write', '2026-01-05T00:00Z,a,d,1'], 'csv-missing-unit@2', 'write'],
    [[HEADER, first, '2026-01-05T00:05Z,a,d,1', '2026-01-05T00:00Z,a,d,1'], 'churn-duplicate-time@4', 'time'],
    [[HEADER, first, '2026-01-05T00:00:01Z,a,d,10000000001'], 'churn-too-high@3', 'write_bytes'],
    [['vm,disk,write_bytes', 'a,d,1'], 'csv-missing-column@1', 'time'],
    [['time,epoch_s,vm,disk,write_bytes', first], 'csv-same-column-twice@1', 'epoch_s'],
    [['time,vm,disk,write_bytes_per_s', first], '~csv-unknown-columns@1 csv-missing-column@1', undefined],
    [[HEADER], 'csv-header-only', undefined],
    [[], 'csv-empty', undefined],
  ])('%j', async (rows, expected, column) => {
    const ingested = await ingestText(ONE_DISK, lines(...rows));
    expect(codes(ingested).join(' ')).toBe(expected);
    expect(ingested.problems[0]).toMatchObject({ file: 'series.csv', ...(column === undefined ? {} : { column }) });
    expect(ingested.workload).toBeUndefined();
  });

  it('accepts 10 GB/s', async () => {
    expect(await series(HEADER, first, '2026-01-05T00:00:01Z,a,d,10000000000')).toBeDefined();
  });

  it('names the remedy for epochs under the header time', async () => {
    const { problems } = await ingestText(ONE_DISK, lines(HEADER, '1767574800,a,d,1'));
    expect(problems[0]!.remedy).toContain('epoch_s');
  });

  it('warns once of disks that are not in the inventory, with a hint at capitals', async () => {
    const unknown = ['A,d', 'a,D', 'b,d', 'c,d', 'e,d', 'f,d'].map((names) => `2026-01-05T00:00Z,${names},1`);
    const { problems, workload } = await ingestText(ONE_DISK, lines(HEADER, first, ...unknown, ...unknown));
    expect(codes({ problems })).toEqual(['~churn-unknown-disks']);
    const { message } = problems.find(({ code }) => code === 'churn-unknown-disks')!;
    expect(message).toContain('6 of the disks');
    expect(message).toContain('"e / d" and 1 more');
    expect(message).toContain('"A / d" differs from "a / d" in capitals only');
    expect(workload).toBeDefined();
  });

  it('knows the disks that the inventory excludes', async () => {
    const vms = lines('vm,disk,size_gib,exclude', 'a,d,1,', 'a,e,1,yes');
    const { problems } = await ingestText(vms, lines(HEADER, first, '2026-01-05T00:00Z,a,e,1'));
    expect(codes({ problems })).toEqual(['~vms-excluded-disks']);
  });

  it('names --churn where a disk has churn in neither file', async () => {
    const vms = lines('vm,disk,size_gib', 'a,d,1', 'b,d,1');
    const { problems } = await ingestText(vms, lines(HEADER, first));
    expect(codes({ problems })).toEqual(['vms-missing-churn@3']);
    expect(problems[0]!.remedy).toContain('--churn');
  });

  it('asks once for the disk where a VM has several', async () => {
    const vms = lines('vm,disk,size_gib', 'a,d,1', 'a,e,1');
    const rows = ['2026-01-05T00:00Z,a,1', '2026-01-05T00:05Z,a,1'];
    expect(codes(await ingestText(vms, lines('time,vm,write_bytes', ...rows)))).toEqual(['churn-unnamed-disk@2']);
  });

  it('reports both files and the options at once', async () => {
    const ingested = await ingestText(lines('vm,size_gib', 'a,x'), lines('time,vm,write_bytes', 'x,a,-1'), {
      ...{ timeZone: 'Mars/Olympus', start: 'noon' },
    });
    expect(codes(ingested)).toEqual([
      ...['csv-wrong-number@2', 'churn-wrong-time@2', 'churn-negative@2'],
      ...['clock-wrong-zone', 'clock-wrong-start'],
    ]);
    expect(ingested.problems.map((problem) => problem.file)).toEqual([
      ...['vms.csv', 'series.csv', 'series.csv', '--time-zone', '--start'],
    ]);
  });

  it('warns of times with and without offsets in one file', async () => {
    const rows = ['2026-01-05T00:00+01:00,a,d,1', '2026-01-05T00:05,a,d,1'];
    expect(codes(await ingestText(ONE_DISK, lines(HEADER, ...rows)))).toEqual(['~churn-mixed-times']);
  });
});
