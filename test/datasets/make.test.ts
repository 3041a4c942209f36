import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { makeContoso, SEED } from '../../datasets/contoso/make.ts';
import { DEVFILES, PGBENCH } from '../../datasets/recorded/make.ts';

const GIB = 1024 ** 3;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function committed(path: string): string {
  return readFileSync(new URL(`../../datasets/${path}`, import.meta.url), 'utf8');
}

/** Our own files need no CSV reader: they have no quotes. */
function rowsOf(csv: string): Record<string, string>[] {
  const [header, ...lines] = csv.trimEnd().split('\n');
  const names = header!.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((cell, index) => [names[index]!, cell])));
}

interface Series {
  readonly startMs: number[];
  readonly writtenBytes: number[];
}

function seriesByDisk(csv: string): Map<string, Series> {
  const disks = new Map<string, Series>();
  for (const { time, vm, disk, write_bytes } of rowsOf(csv)) {
    const series = disks.get(`${vm}/${disk}`) ?? { startMs: [], writtenBytes: [] };
    series.startMs.push(Date.parse(time!));
    series.writtenBytes.push(Number(write_bytes));
    disks.set(`${vm}/${disk}`, series);
  }
  return disks;
}

/** The last row lasts as long as the row before it. */
function endMs({ startMs }: Series): number {
  return 2 * startMs.at(-1)! - startMs.at(-2)!;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

describe('datasets/contoso', () => {
  const files = makeContoso();
  const vms = rowsOf(files['vms.csv']);
  const series = seriesByDisk(files['churn.csv']);
  const startMs = Date.parse('2026-01-22T00:00:00+01:00');

  it.each(['vms.csv', 'churn.csv', 'site.json'] as const)('%s comes out of make.ts byte for byte', (name) => {
    // Not toBe: a difference of a megabyte is no message that anybody can read.
    expect(files[name] === committed(`contoso/${name}`)).toBe(true);
  });

  it('depends on the seed', () => {
    const other = makeContoso(SEED + 1);
    expect(other['churn.csv'] === files['churn.csv']).toBe(false);
    expect(other['vms.csv'] === files['vms.csv']).toBe(false);
  });

  it('has a plausible size', () => {
    const sizeGib = total(vms.map((row) => Number(row.size_gib)));
    const usedGib = total(vms.map((row) => Number(row.used_gib)));
    const gibPerDay = total(vms.map((row) => Number(row.churn_gib_per_day)));
    expect(new Set(vms.map((row) => row.vm)).size).toBe(60);
    expect(vms).toHaveLength(113);
    expect(sizeGib / 1024).toBeGreaterThan(15);
    expect(sizeGib / 1024).toBeLessThan(25);
    expect(usedGib / 1024).toBeGreaterThan(6);
    expect(usedGib / 1024).toBeLessThan(10);
    expect(gibPerDay / usedGib).toBeGreaterThan(0.015);
    expect(gibPerDay / usedGib).toBeLessThan(0.03);
    expect(files['churn.csv'].length).toBeLessThan(2_500_000);
  });

  it('uses no more of a disk than there is', () => {
    for (const row of vms)
      expect(Number(row.used_gib), `${row.vm}/${row.disk}`).toBeLessThanOrEqual(Number(row.size_gib));
  });

  it('leaves room on every volume', () => {
    const site = JSON.parse(files['site.json']) as { volumes: { name: string; free: string; capacity: string }[] };
    for (const volume of site.volumes) {
      expect(Number.parseInt(volume.free, 10), volume.name).toBeGreaterThan(0.1 * Number.parseInt(volume.capacity, 10));
    }
  });

  it('names hosts and volumes that the site file has', () => {
    const site = JSON.parse(files['site.json']) as {
      hosts: { name: string }[];
      volumes: { name: string; host?: string }[];
    };
    for (const { vm, host, volume } of vms) {
      expect(
        site.hosts.map((entry) => entry.name),
        vm,
      ).toContain(host);
      const home = site.volumes.find((entry) => entry.name === volume && (entry.host ?? host) === host);
      expect(home, `${vm} on ${host}: ${volume}`).toBeDefined();
    }
  });

  it('has a series of exactly two weeks for every disk, in whole bytes', () => {
    expect([...series.keys()]).toEqual(vms.map((row) => `${row.vm}/${row.disk}`));
    for (const [name, disk] of series) {
      expect(disk.startMs[0], name).toBe(startMs);
      expect(endMs(disk) - startMs, name).toBe(14 * DAY_MS);
      const ascending = disk.startMs.every((atMs, index) => index === 0 || atMs > disk.startMs[index - 1]!);
      expect(ascending, name).toBe(true);
      expect(
        disk.writtenBytes.every((bytes) => Number.isSafeInteger(bytes) && bytes >= 0),
        name,
      ).toBe(true);
    }
  });

  it('gives the average of the series as the churn of each disk', () => {
    for (const { vm, disk, churn_gib_per_day } of vms) {
      const written = total(series.get(`${vm}/${disk}`)!.writtenBytes);
      expect((written / GIB / 14).toFixed(3), `${vm}/${disk}`).toBe(churn_gib_per_day);
    }
  });

  it('is quiet at the weekend, busy in office hours and bursts where it says so', () => {
    const writtenGib = (name: string, from: string, to: string): number => {
      const [fromMs, toMs] = [Date.parse(`${from}:00+01:00`), Date.parse(`${to}:00+01:00`)];
      const { startMs: starts, writtenBytes } = series.get(name)!;
      return total(writtenBytes.filter((_, index) => starts[index]! >= fromMs && starts[index]! < toMs)) / GIB;
    };
    const weekday = writtenGib('FS02/homes', '2026-01-28T00:00', '2026-01-29T00:00');
    expect(writtenGib('FS02/homes', '2026-01-25T00:00', '2026-01-26T00:00')).toBeLessThan(weekday / 4);
    expect(writtenGib('FS02/homes', '2026-01-28T08:00', '2026-01-28T18:00')).toBeGreaterThan(weekday * 0.75);
    // Index rebuild, bulk load, month's end, nightly backup.
    expect(writtenGib('SQL01/data', '2026-01-25T22:00', '2026-01-25T22:40')).toBeGreaterThan(25);
    expect(writtenGib('SQL03/data', '2026-01-28T20:00', '2026-01-28T22:00')).toBeGreaterThan(30);
    expect(writtenGib('SQL01/log', '2026-01-31T22:00', '2026-02-01T06:00')).toBeGreaterThan(14);
    expect(writtenGib('BKP01/temp', '2026-01-24T02:00', '2026-01-24T04:00')).toBeGreaterThan(5);
  });
});

describe('datasets/recorded', () => {
  const vms = rowsOf(committed('recorded/vms.csv'));
  const series = seriesByDisk(committed('recorded/churn.csv'));

  // Totals of the two recordings, as their README gives them.
  it.each([
    { ...PGBENCH, windowCount: 123, writeCount: 742_342, writtenBytes: 11_712_802_816 },
    { ...DEVFILES, windowCount: 119, writeCount: 96_235, writtenBytes: 1_151_138_816 },
  ])('$vm holds every byte of its recording', ({ vm, disk, usedGib, windowCount, writeCount, writtenBytes }) => {
    const recording = series.get(`${vm}/${disk}`)!;
    expect(recording.startMs).toHaveLength(windowCount);
    expect(endMs(recording) - recording.startMs[0]!).toBe(windowCount * 30_000);
    expect(total(recording.writtenBytes)).toBe(writtenBytes);
    expect(vms.find((row) => row.vm === vm)).toEqual({
      vm,
      disk,
      host: 'LAB01',
      volume: 'D:',
      size_gib: '8',
      used_gib: String(usedGib),
      mean_write: `${Math.round(writtenBytes / writeCount)} B`,
    });
  });
});
