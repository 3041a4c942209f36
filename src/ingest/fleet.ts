import type { Assumption } from '../model/assumption.ts';
import { DEFAULT_MEAN_WRITE_BYTES } from '../model/policy.ts';
import { type DiskTraits, knownTraits, mergedTraits, type VmTraits } from '../model/traits.ts';
import { type Churn, type ChurnSeries, type Disk, meanBytesPerSec, type Vm } from '../model/workload.ts';
import { type Bytes, type BytesPerSec, formatBytes, formatDurationMs, SECOND_MS } from '../units.ts';
import type { AssumedChurn } from './assumed-churn.ts';
import type { MeasuredChurn } from './churn-series.ts';
import { formatOfPath } from './export-traits.ts';
import type { Inventory, InventoryDisk, InventoryVm } from './inventory.ts';
import type { DiskRow } from './inventory-file.ts';
import { countOf } from './problem-list.ts';
import type { ReplicationLogs } from './replication-logs.ts';
import { MAX_BYTES_PER_SEC, MIN_WRITE_BYTES } from './vms.ts';

const DEFAULT_HOST = 'host1';
const DEFAULT_VOLUME = 'volume1';

/** What is known of disks besides their rows, by their indexes: measured series, their coverage, what logs tell, assumed churn. */
export type KnownOfDisks = Pick<MeasuredChurn, 'seriesOf' | 'coverageOf'> &
  Pick<ReplicationLogs, 'factsOf'> &
  Pick<AssumedChurn, 'churnOf'>;

/** How many disks each default was taken for. */
interface Defaults {
  host: number;
  volume: number;
  usedBytes: number;
  meanWriteBytes: number;
  churnShare: number;
  seriesOverColumn: number;
  writeRaised: number;
}

/**
 * The VMs of the inventory with their churn: a disk's measured series where there is one, else its churn column. What the
 * file leaves open gets a default, recorded as an assumption.
 */
export function assembleFleet(
  inventory: Inventory,
  { seriesOf, coverageOf, factsOf, churnOf }: KnownOfDisks,
  givenMeanWriteBytes: Bytes | undefined,
): { vms: Vm[]; assumptions: Assumption[] } {
  const defaults: Defaults = {
    ...{ host: 0, volume: 0, usedBytes: 0, meanWriteBytes: 0 },
    ...{ churnShare: 0, seriesOverColumn: 0, writeRaised: 0 },
  };
  const meanWriteBytes = givenMeanWriteBytes ?? DEFAULT_MEAN_WRITE_BYTES;
  const vms = inventory.vms.map((vm): Vm => {
    if (vm.host === undefined) defaults.host += vm.disks.length;
    const disks = vm.disks.map((disk): Disk => {
      const coverage = coverageOf.get(disk.index);
      const facts = factsOf.get(disk.index);
      const assumed = churnOf.get(disk.index);
      const row = { ...facts, ...disk.row, ...(assumed === undefined ? {} : { churn: assumed }) };
      const assembled = assembleDisk({ ...disk, row }, seriesOf.get(disk.index), meanWriteBytes, defaults);
      const traits = diskTraits(row);
      return {
        ...assembled,
        ...(traits === undefined ? {} : { traits }),
        readFrom: { file: disk.file.problems.file, row: disk.row.row },
        ...(coverage === undefined ? {} : { coverage }),
        ...(assumed === undefined ? {} : { isChurnAssumed: true }),
        ...(facts?.overwrite === undefined ? {} : { overwrite: facts.overwrite }),
      };
    });
    const traits = vm.disks.reduce<VmTraits | undefined>((all, { row }) => mergedTraits(all, row.vmTraits), undefined);
    return { name: vm.name, host: vm.host ?? DEFAULT_HOST, disks, ...(traits === undefined ? {} : { traits }) };
  });
  if (defaults.writeRaised > 0) {
    const message = `${countOf(defaults.writeRaised, 'disk')}: churn ÷ write_iops is less than a sector; ${MIN_WRITE_BYTES} bytes per write are used.`;
    const remedy = 'Check the units of churn and that write_iops counts writes only.';
    const file = inventory.files.find(({ rows }) => rows.some(({ writesPerSec }) => writesPerSec !== undefined))!;
    file.problems.warning('vms-mean-write-raised', { column: file.headerOf('write_iops') }, message, remedy);
  }
  return { vms, assumptions: assumptionsOf(defaults, meanWriteBytes, givenMeanWriteBytes !== undefined) };
}

/** What the files say of the disk besides, the ending of its file's name and the rate of its writes among it. */
function diskTraits(row: DiskRow): DiskTraits | undefined {
  const isWriteSizeKnown = row.meanWriteBytes !== undefined || (row.writesPerSec ?? 0) > 0 || undefined;
  const format = formatOfPath(row.path ?? row.disk);
  return mergedTraits(
    row.traits,
    knownTraits<DiskTraits>({ writesPerSec: row.writesPerSec, isWriteSizeKnown, format }),
  );
}

/** Reports each disk whose churn stands nowhere. */
export function checkChurn(inventory: Inventory, hasSeries: (diskIndex: number) => boolean, churnFile?: string): void {
  const where = churnFile === undefined ? '' : ` and has no rows in ${churnFile}`;
  for (const vm of inventory.vms) {
    for (const disk of vm.disks) {
      if (disk.row.churn === undefined && !hasSeries(disk.index)) reportNoChurn(vm, disk, where);
    }
  }
}

function reportNoChurn(vm: InventoryVm, { name, row, file }: InventoryDisk, where: string): void {
  const message = `Disk "${name}" of VM "${vm.name}" has no churn${where}.`;
  const remedy =
    'Fill in its churn (0 is fine), or measure it and give --churn series.csv; names in both files must be alike, capitals too.';
  const place = { row: row.row, column: file.headerOf('churn'), value: '' };
  file.problems.error('vms-missing-churn', place, message, remedy);
}

/** Reports that files which are sound tell of no disk. */
export function checkAny({ vms, files }: Inventory): void {
  if (vms.length > 0 || files.some(({ problems }) => problems.errorCount > 0)) return;
  const message = 'No disk is left to plan: the files tell of none, or all are left out.';
  const remedy =
    'Give a file that tells the disks and their sizes (Get-VHD, RVTools vDisk, our CSV), or exclude fewer.';
  files[0]!.problems.error('input-no-disks', {}, message, remedy);
}

/** Reports each disk of which no file tells the size. What was refused in its own row has been reported there. */
export function checkSizes(inventory: Inventory): void {
  const refused = new Set(inventory.files.filter(({ problems }) => problems.errorCount > 0));
  for (const { name, disks } of inventory.vms) {
    for (const disk of disks) {
      const { row, file } = disk;
      if (row.sizeBytes > 0 || refused.has(file)) continue;
      const message = `No file says how large the disk "${disk.name}" of VM "${name}" is.`;
      const remedy = 'Give a file with its size too (Get-VHD, or our CSV), or leave it out with --exclude.';
      file.problems.error('join-no-size', { row: row.row, column: file.headerOf('size') }, message, remedy);
    }
  }
}

/** Reports shares of the used bytes that come to more than a disk takes; plain rates were judged when they were read. */
export function checkShares(inventory: Inventory): void {
  for (const { row, file } of inventory.vms.flatMap(({ disks }) => disks)) {
    const { churn, usedBytes, sizeBytes } = row;
    if (churn?.isShare !== true || churn.perSec * (usedBytes ?? sizeBytes) <= MAX_BYTES_PER_SEC) continue;
    const message = 'This share of the used bytes is more than 10 GB/s, and no disk is written that fast.';
    const place = { row: row.row, column: file.headerOf('churn') };
    file.problems.error('vms-churn-too-high', place, message, 'Check the percentage.');
  }
}

/**
 * Reports disks that would be written anew more than once a second: half a disk of logs would pile up within half a second,
 * and a VM be marked for resynchronization without end. No real disk does that.
 */
export function checkRewrites(inventory: Inventory, seriesOf: ReadonlyMap<number, ChurnSeries>): void {
  for (const { disks } of inventory.vms) {
    for (const { index, row, file } of disks) {
      const series = seriesOf.get(index);
      const share = row.churn?.isShare === true ? (row.usedBytes ?? row.sizeBytes) : 1;
      const bytesPerSec = series === undefined ? (row.churn?.perSec ?? 0) * share : highestBytesPerSec(series);
      if (row.sizeBytes === 0 || bytesPerSec <= row.sizeBytes) continue;
      file.problems.error(
        'vms-churn-over-size',
        { row: row.row, column: file.headerOf('size') },
        `At up to ${formatBytes(bytesPerSec)}/s the disk of ${formatBytes(row.sizeBytes)} would be written anew more than once a second.`,
        series === undefined
          ? 'Check the units of size and churn.'
          : 'Check the units of size and of the churn series.',
      );
    }
  }
}

/** Warns of disks that were measured for less than a day: nights, backups and week ends are guesses then. */
export function checkShort(inventory: Inventory, { coverageOf }: Pick<MeasuredChurn, 'coverageOf'>): void {
  const hours = [...coverageOf.values()].map(({ hoursOfWeek }) => hoursOfWeek).filter((count) => count < 24);
  if (hours.length === 0) return;
  inventory.files[0]!.problems.warning(
    'churn-short',
    {},
    `The churn of ${countOf(hours.length, 'disk')} was measured in less than a day (${Math.min(...hours.slice(0, 1000))} of the week's 168 hours); it is repeated all week.`,
    'Measure a week, with its nights, backups and month ends, before you order a line.',
  );
}

/** Warns of disks whose measured churn begins after the run: until then nothing is written to them. */
export function checkCoverage(inventory: Inventory, seriesOf: ReadonlyMap<number, ChurnSeries>): void {
  const late = [...seriesOf.values()].map((series) => series.startMs[0]!).filter((startMs) => startMs > 0);
  if (late.length === 0) return;
  const longestMs = late.reduce((most, startMs) => Math.max(most, startMs));
  inventory.files[0]!.problems.warning(
    'churn-begins-late',
    {},
    `The measured churn of ${countOf(late.length, 'disk')} begins after the start of the run, by up to ${formatDurationMs(longestMs)}; until then nothing is written to them.`,
    'Begin the run later with --start, or measure all disks over the same time.',
  );
}

function highestBytesPerSec(series: ChurnSeries): BytesPerSec {
  return series.writtenBytes.reduce((highest, bytes, i) => {
    const lengthMs = (series.startMs[i + 1] ?? series.endMs) - series.startMs[i]!;
    return lengthMs > 0 ? Math.max(highest, (bytes * SECOND_MS) / lengthMs) : highest;
  }, 0);
}

function assembleDisk(
  { name, row }: InventoryDisk,
  series: ChurnSeries | undefined,
  meanWriteBytes: Bytes,
  defaults: Defaults,
): Disk {
  if (row.volume === '') defaults.volume++;
  if (row.usedBytes === undefined) defaults.usedBytes++;
  const usedBytes = row.usedBytes ?? row.sizeBytes;
  if (series !== undefined && row.churn !== undefined) defaults.seriesOverColumn++;
  if (series === undefined && row.churn?.isShare === true) defaults.churnShare++;
  const rate = row.churn?.isShare === true ? row.churn.perSec * usedBytes : (row.churn?.perSec ?? 0);
  const churn: Churn = series ?? { kind: 'constant', bytesPerSec: rate };
  return {
    name,
    volume: row.volume === '' ? DEFAULT_VOLUME : row.volume,
    sizeBytes: row.sizeBytes,
    usedBytes,
    churn,
    meanWriteBytes: row.meanWriteBytes ?? writeSize(churn, row.writesPerSec, defaults) ?? meanWriteBytes,
  };
}

/** Bytes per write from the rates of both; `undefined` (and counted as a default) where one is not known. */
function writeSize(churn: Churn, writesPerSec: number | undefined, defaults: Defaults): Bytes | undefined {
  const bytesPerSec = meanBytesPerSec(churn);
  if (writesPerSec === undefined || writesPerSec === 0 || bytesPerSec === 0) {
    defaults.meanWriteBytes++;
    return undefined;
  }
  const bytes = Math.round(bytesPerSec / writesPerSec);
  if (bytes >= MIN_WRITE_BYTES) return bytes;
  defaults.writeRaised++;
  return MIN_WRITE_BYTES;
}

function assumptionsOf(defaults: Defaults, meanWriteBytes: Bytes, isMeanWriteGiven: boolean): Assumption[] {
  const assumptions: Assumption[] = [];
  const assume = (count: number, name: string, value: Assumption['value'], reason: string): void => {
    if (count === 0) return;
    const about = `${countOf(count, 'disk')}: ${reason}`;
    assumptions.push({ name, value, reason: about, source: 'chosen', origin: 'default' });
  };
  assume(defaults.host, 'host', DEFAULT_HOST, 'no host is named, so that one host runs them all');
  assume(defaults.volume, 'volume', DEFAULT_VOLUME, 'no volume is named, so that each host has one for them');
  assume(
    defaults.usedBytes,
    'usedBytes',
    'sizeBytes',
    'the used bytes are not known; the whole size is sent at first, the worst case',
  );
  assume(defaults.churnShare, 'churnShareOf', 'usedBytes', 'churn in % per day is taken of the used bytes');
  assume(
    defaults.seriesOverColumn,
    'churnFrom',
    'series',
    'churn is given in both files; the measured series is used, the column is not',
  );
  if (defaults.meanWriteBytes > 0) {
    const reason = `${countOf(defaults.meanWriteBytes, 'disk')}: the mean size of a write is not in the file; it sets the metadata in the log`;
    const origin = isMeanWriteGiven ? 'given' : 'default';
    assumptions.push({ name: 'meanWriteBytes', value: meanWriteBytes, reason, source: 'chosen', origin });
  }
  return assumptions;
}
