import type { FieldId } from '../model/rules.ts';
import type { Disk, Vm, VmTraits } from '../model/workload.ts';
import type { ChurnIntegral } from '../simulate/churn-integral.ts';
import { type Bytes, type BytesPerSec, DAY_MS, HOUR_MS, type Millis, SECOND_MS } from '../units.ts';
import { exactly, type Found, type Span } from './demand.ts';

/** What a VM's values are taken from, besides itself. */
export interface VmFacts {
  /** Of all disks of the run, growth included. */
  readonly churn: ChurnIntegral;
  /** Place of the VM's first disk in it. */
  readonly firstDisk: number;
  readonly horizonMs: Millis;
  readonly growthRatio: number;
  readonly isOnClusterNode: boolean | undefined;
  /** Most that its kept recovery points took in the run. */
  readonly recoveryPointBytes: Bytes;
}

/** The value of a field of a VM, or of one of its disks. */
export type ValueOf = (field: FieldId, disk?: Disk) => Found;

/** The values of a VM's fields, each reckoned once. */
export function valuesOf(vm: Vm, facts: VmFacts): ValueOf {
  const known = new Map<FieldId, Found>();
  const ofVm = (field: FieldId): Found => {
    if (!known.has(field)) known.set(field, vmValue(field, vm, facts));
    return known.get(field);
  };
  return (field, disk) =>
    field.startsWith('disk.')
      ? disk === undefined
        ? undefined
        : diskValue(field, disk, vm, facts.growthRatio)
      : ofVm(field);
}

function diskValue(field: FieldId, disk: Disk, { disks }: Vm, growthRatio: number): Found {
  const { traits = {} } = disk;
  switch (field) {
    case 'disk.sizeBytes':
      return traits.isWholeVm === true ? { least: 0, most: disk.sizeBytes } : exactly(disk.sizeBytes);
    case 'disk.isOsDisk':
      return isOsDisk(disk, disks);
    case 'disk.format':
      return traits.format;
    case 'disk.is4kNative':
      return is4kNative(traits.logicalSectorBytes, traits.physicalSectorBytes);
    case 'disk.isShared':
      return traits.isShared;
    case 'disk.isOnClusterStorage':
      return isOnClusterStorage(disk.volume);
    case 'disk.partitionCount':
      return spanOf(traits.partitionCount);
    case 'disk.ioPerSec':
      return grown(spanOf(traits.ioPerSec) ?? atLeast(traits.writesPerSec), growthRatio);
    default:
      return undefined;
  }
}

function vmValue(field: FieldId, vm: Vm, facts: VmFacts): Found {
  const { name, disks, traits = {} } = vm;
  const generation = generationOf(traits);
  switch (field) {
    case 'vm.generation':
      return spanOf(generation);
    case 'vm.diskCount':
      return disks.some(isWholeVm) ? { least: 1, most: Number.POSITIVE_INFINITY } : exactly(disks.length);
    case 'vm.dataDiskCount':
      return dataDiskCount(disks);
    case 'vm.osDiskCount':
      return osDiskCount(disks);
    case 'vm.provisionedBytes':
      return exactly(disks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
    case 'vm.nameLength':
      return exactly([...name].length);
    case 'vm.nameOddCharacterCount':
      return exactly(oddCharacterCount(name));
    case 'vm.osFamily':
      return osFamilyOf(traits.operatingSystem);
    case 'vm.windowsServerYear':
      return spanOf(windowsServerYear(traits.operatingSystem));
    case 'vm.architecture':
      return architectureOf(traits);
    case 'vm.isEncrypted':
      return traits.isEncrypted;
    case 'vm.hasFibreChannel':
      return traits.hasFibreChannel;
    case 'vm.isOnClusterNode':
      return facts.isOnClusterNode;
    case 'vm.hasReplicaBroker':
      return traits.hasReplicaBroker;
    case 'vm.cores':
      return spanOf(traits.cores);
    case 'vm.memoryBytes':
      return spanOf(traits.memoryBytes);
    case 'vm.nicCount':
      return spanOf(traits.nicCount);
    case 'vm.ioPerSec':
      return grown(
        total(
          traits.ioPerSec,
          disks.map((disk) => spanOf(disk.traits?.ioPerSec) ?? atLeast(disk.traits?.writesPerSec)),
        ),
        facts.growthRatio,
      );
    case 'vm.writesPerSec':
      return grown(
        total(
          traits.writesPerSec,
          disks.map((disk) => spanOf(disk.traits?.writesPerSec)),
        ),
        facts.growthRatio,
      );
    case 'vm.meanWriteBytes':
      return meanWriteBytes(disks, facts);
    case 'vm.churnBytesPerSec':
      return churnOver(disks, facts, facts.horizonMs, (bytes) => (bytes * SECOND_MS) / facts.horizonMs);
    case 'vm.busiestDayChurnBytesPerDay':
      return busiestDay(disks, facts);
    case 'vm.recoveryPointBytes':
      return disks.some(({ isChurnAssumed }) => isChurnAssumed === true)
        ? undefined
        : exactly(facts.recoveryPointBytes);
    default:
      return undefined;
  }
}

function spanOf(value: number | undefined): Span | undefined {
  return value === undefined ? undefined : exactly(value);
}

function atLeast(value: number | undefined): Span | undefined {
  return value === undefined ? undefined : { least: value, most: Number.POSITIVE_INFINITY };
}

function grown(span: Span | undefined, growthRatio: number): Span | undefined {
  if (span === undefined) return undefined;
  return { least: span.least * (1 + growthRatio), most: span.most * (1 + growthRatio) };
}

/** The VM's own figure, else the sum of its disks'; `undefined` where nothing of it is known. */
function total(own: number | undefined, ofDisks: readonly (Span | undefined)[]): Span | undefined {
  if (own !== undefined) return exactly(own);
  if (ofDisks.every((span) => span === undefined)) return undefined;
  return ofDisks.reduce<Span>(
    (sum, span) => ({
      least: sum.least + (span?.least ?? 0),
      most: sum.most + (span?.most ?? Number.POSITIVE_INFINITY),
    }),
    exactly(0),
  );
}

/** "Generation 1 (BIOS boot type)", "generation 2 (EFI boot type)": the deployment planner's report takes them for one. */
export function generationOf({ generation, firmware }: VmTraits): 1 | 2 | undefined {
  if (generation !== undefined || firmware === undefined) return generation;
  return firmware === 'BIOS' ? 1 : 2;
}

/** Where one disk is said to be the operating system's, a disk of which nothing is said is none. [chosen] */
function isOsDisk({ traits }: Disk, disks: readonly Disk[]): boolean | undefined {
  if (traits?.isOsDisk !== undefined) return traits.isOsDisk;
  return disks.some((other) => other.traits?.isOsDisk === true) ? false : undefined;
}

/** It stands for all disks of a VM of which no file knows the single ones. */
function isWholeVm({ traits }: Disk): boolean {
  return traits?.isWholeVm === true;
}

function osDiskCount(disks: readonly Disk[]): Span | undefined {
  const said = disks.filter(({ traits }) => traits?.isOsDisk === true).length;
  return said === 0 ? undefined : exactly(said);
}

/** One disk of a VM may be its operating system's, or none of those that are replicated. */
function dataDiskCount(disks: readonly Disk[]): Span {
  if (disks.some(isWholeVm)) return { least: 0, most: Number.POSITIVE_INFINITY };
  const said = disks.filter(({ traits }) => traits?.isOsDisk === true).length;
  if (said > 0 || disks.every(({ traits }) => traits?.isOsDisk === false)) return exactly(disks.length - said);
  return { least: disks.length - 1, most: disks.length };
}

const SECTOR_4K_BYTES = 4096;

function is4kNative(logicalBytes: Bytes | undefined, physicalBytes: Bytes | undefined): boolean | undefined {
  if (logicalBytes === undefined) return undefined;
  if (logicalBytes !== SECTOR_4K_BYTES) return false;
  return physicalBytes === undefined ? undefined : physicalBytes === SECTOR_4K_BYTES;
}

/** By the volume's path; `undefined` of one that is no path of a host, such as a share or a datastore. */
function isOnClusterStorage(volume: string): boolean | undefined {
  if (/^[a-z]:\\clusterstorage\\/i.test(volume)) return true;
  return /^[a-z]:/i.test(volume) ? false : undefined;
}

/** Hosts that are nodes of a cluster, and those that are none; of others nothing is known. [chosen] */
export function clusterNodes(vms: readonly Vm[]): ReadonlyMap<string, boolean> {
  const nodes = new Map<string, boolean>();
  for (const [host, members] of Map.groupBy(vms, (vm) => vm.host)) {
    const isNode = members.some(
      ({ traits, disks }) =>
        traits?.isClustered === true || disks.some(({ volume }) => isOnClusterStorage(volume) === true),
    );
    if (isNode) nodes.set(host, true);
    else if (members.every(({ traits }) => traits?.isClustered === false)) nodes.set(host, false);
  }
  return nodes;
}

/** Characters other than letters, digits and hyphens, and hyphens at either end. */
function oddCharacterCount(name: string): number {
  const odd = [...name].filter((character) => !/^[A-Za-z0-9-]$/.test(character)).length;
  const ends = [...new Set([0, name.length - 1])].filter((at) => name[at] === '-').length;
  return odd + ends;
}

const LINUX =
  /\b(linux|ubuntu|debian|centos|red hat|rhel|suse|sles|opensuse|fedora|oracle enterprise|rocky|alma|freebsd|photon|coreos)\b/i;

function osFamilyOf(operatingSystem: string | undefined): string | undefined {
  if (operatingSystem === undefined) return undefined;
  if (/windows/i.test(operatingSystem)) return 'Windows';
  return LINUX.test(operatingSystem) ? 'Linux' : undefined;
}

function windowsServerYear(operatingSystem: string | undefined): number | undefined {
  const year = /windows(?:\(r\)|®)? server(?:\(r\)|®)?[^\d]{0,12}(20\d\d)/i.exec(operatingSystem ?? '')?.[1];
  return year === undefined ? undefined : Number(year);
}

function architectureOf({ architecture, operatingSystem }: VmTraits): string | undefined {
  if (architecture !== '32-bit') return architecture;
  return windowsServerYear(operatingSystem) === 2008 ? '32-bit Windows Server 2008' : architecture;
}

/** Of all writes of the VM, by what each disk writes; `undefined` where it is assumed of a disk that writes. */
function meanWriteBytes(disks: readonly Disk[], facts: VmFacts): Span | undefined {
  let bytes = 0;
  let writes = 0;
  for (const [at, disk] of disks.entries()) {
    const written = facts.churn.writtenBytes(facts.firstDisk + at, facts.horizonMs);
    if (written === 0) continue;
    if (disk.traits?.isWriteSizeKnown !== true) return undefined;
    bytes += written;
    writes += written / disk.meanWriteBytes;
  }
  return writes === 0 ? undefined : exactly(bytes / writes);
}

/** A figure of what the disks write; where the churn of some is assumed, it is at least that of the others. */
function churnOver(
  disks: readonly Disk[],
  { churn, firstDisk }: VmFacts,
  untilMs: Millis,
  figure: (bytes: Bytes) => number,
): Span {
  let bytes = 0;
  let isAssumed = false;
  for (const [at, disk] of disks.entries()) {
    if (disk.isChurnAssumed === true) isAssumed = true;
    else bytes += churn.writtenBytes(firstDisk + at, untilMs);
  }
  const least = figure(bytes);
  return { least, most: isAssumed ? Number.POSITIVE_INFINITY : least };
}

/** The most in 24 hours: of those that begin with the run and each day after, and of the last ones. Of a shorter run its mean. */
function busiestDay(disks: readonly Disk[], facts: VmFacts): Span {
  const { horizonMs } = facts;
  if (horizonMs < DAY_MS) return churnOver(disks, facts, horizonMs, (bytes) => (bytes * DAY_MS) / horizonMs);
  const starts = [horizonMs - DAY_MS];
  for (let fromMs = 0; fromMs + DAY_MS <= horizonMs; fromMs += DAY_MS) starts.push(fromMs);
  const days = starts.map((fromMs) => {
    const until = churnOver(disks, facts, fromMs + DAY_MS, (bytes) => bytes);
    const before = churnOver(disks, facts, fromMs, (bytes) => bytes);
    return { least: until.least - before.least, most: until.most };
  });
  const least = days.reduce((most, day) => Math.max(most, day.least), 0);
  return { least, most: days[0]!.most === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : least };
}

/** What a disk writes a second in its busiest hour: of those that begin with the run and each hour after, and of the last one. */
export function busiestHourBytesPerSec(churn: ChurnIntegral, disk: number, horizonMs: Millis): BytesPerSec {
  const hourMs = Math.min(HOUR_MS, horizonMs);
  const writtenFrom = (fromMs: Millis): Bytes =>
    churn.writtenBytes(disk, fromMs + hourMs) - churn.writtenBytes(disk, fromMs);
  let busiestBytes = writtenFrom(horizonMs - hourMs);
  for (let fromMs = 0; fromMs + hourMs <= horizonMs; fromMs += hourMs) {
    busiestBytes = Math.max(busiestBytes, writtenFrom(fromMs));
  }
  return (busiestBytes * SECOND_MS) / hourMs;
}
