import { settingsOf } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import type { Disk, Vm } from '../model/workload.ts';
import { entryRunBytes, logFileBytes } from '../replication/log-size.ts';
import { ChurnIntegral } from '../simulate/churn-integral.ts';
import { type BitsPerSec, type Bytes, HOUR_MS, type Millis, SECOND_MS } from '../units.ts';

/** Why a disk is worth a look: its name, or what it writes. */
export type ExclusionReason = 'page file' | 'tempdb' | 'temporary files' | 'backup' | 'churn';

/** A disk that may be left out of replication, and what that saves. Whether its VM can do without it is for its owner to say. */
export interface ExclusionAdvice {
  readonly vm: string;
  readonly disk: string;
  readonly reason: ExclusionReason;
  /**
   * Of its deltas on the wire, with growth, metadata, compression and protocol (semantics 2, 4, 5): over the horizon, and in the
   * busiest of the hours that begin with the run and of the last one of the horizon.
   */
  readonly meanBitsPerSec: BitsPerSec;
  readonly busiestHourBitsPerSec: BitsPerSec;
  /** Its part of the deltas of all disks that can be protected; the parts of a fleet add up to 1. */
  readonly shareOfDeltas: number;
  /** Used bytes, which need not be sent at first (semantics 7), before compression. */
  readonly initialBytes: Bytes;
  /** Of its open log and the one in flight, each of a whole interval of its busiest hour; a burst shorter than that needs more. */
  readonly logBytes: Bytes;
}

const ADVICE_MOST = 20;
/** A disk without a telling name is worth a look from this part of the fleet's deltas on … [chosen] */
const SHARE_LEAST = 0.05;
/** … where it writes so many times as much for each used byte as the fleet's median disk (the upper one of two). [chosen] */
const TIMES_MEDIAN_LEAST = 3;

/**
 * Whole words of names, in English and German; `template` and `contemporary` are no temporary files. Page files, tempdb and backups are
 * what people leave out (facts 3.6, 7, 11; Azure Site Recovery, "Exclude disks from disaster recovery"); the words are ours. [chosen]
 */
const NAMES: readonly (readonly [reason: ExclusionReason, words: readonly string[]])[] = [
  [
    'page file',
    ['pagefile', 'page', 'paging', 'swap', 'swapfile', 'auslagerung', 'auslagerungsdatei', 'auslagerungsdateien'],
  ],
  ['tempdb', ['tempdb']],
  [
    'temporary files',
    [
      ...['temp', 'tmp', 'scratch', 'cache', 'caches', 'temporary', 'spool', 'zwischenspeicher'],
      ...['temporär', 'temporäre', 'temporaer', 'temporaere'],
    ],
  ],
  [
    'backup',
    [
      ...['backup', 'backups', 'dump', 'dumps', 'bak'],
      ...['sicherung', 'sicherungen', 'datensicherung', 'datensicherungen'],
    ],
  ],
];

/** A disk of a VM that can be protected, and how it is replicated. */
interface Candidate {
  readonly vm: Vm;
  readonly disk: Disk;
  readonly compressionRatio: number;
  readonly intervalMs: Millis;
  readonly mayBoot: boolean;
}

/**
 * The disks whose exclusion would save most, at most 20, the most bandwidth first, then by name: those whose names say that nobody needs
 * them after a failover (page files: facts 7, BPA 45; tempdb, temporary files, backups), and those that make a large part of the fleet's
 * deltas alone. Never the disk that a VM boots from: to Azure it cannot be left out ("You can't exclude operating system disks": Azure
 * Site Recovery, "Exclude disks from disaster recovery"), between sites the replica may not start without it (Enable-VMReplication,
 * -ExcludedVhd). Nor a disk of a VM that cannot be protected.
 *
 * Figures are of the deltas alone, as if protection began with the run, and without another simulation: the log size law, compression and
 * efficiency (semantics 4, 5) over each disk's own churn, cut into equal logs, one for each interval. So a disk's bandwidth is the same
 * whatever other disks are left out.
 */
export function exclusionAdvice(run: Run): ExclusionAdvice[] {
  const { policy, site, options } = run;
  const { rules } = policy;
  const { horizonMs } = options;
  const disks = candidatesOf(run);
  const churn = new ChurnIntegral(
    disks.map(({ disk }) => disk.churn),
    options.growthRatio,
  );
  const wireRatio = (at: number): number => disks[at]!.compressionRatio / site.link.efficiencyRatio;
  /** Log bytes of what a disk writes in a time, cut at every interval. */
  const logBytesOf = (at: number, writtenBytes: Bytes, spanMs: Millis): Bytes => {
    const { disk, intervalMs } = disks[at]!;
    const cuts = Math.max(1, spanMs / intervalMs);
    return cuts * logFileBytes(writtenBytes / cuts, entryRunBytes(disk.meanWriteBytes, rules), rules);
  };
  const written = disks.map((_, at) => churn.writtenBytes(at, horizonMs));
  const wireBytes = written.map((bytes, at) => logBytesOf(at, bytes, horizonMs) * wireRatio(at));
  const fleetBytes = wireBytes.reduce((sum, bytes) => sum + bytes, 0);
  const perUsedByte = disks.map(({ disk }, at) => written[at]! / Math.max(1, disk.usedBytes));
  const median = perUsedByte.toSorted((a, b) => a - b)[Math.floor(disks.length / 2)] ?? 0;
  // Empty logs travel too, but they are no churn: in a fleet that writes nothing no disk stands out.
  const isLarge = (at: number): boolean =>
    written[at]! > 0 && wireBytes[at]! >= SHARE_LEAST * fleetBytes && perUsedByte[at]! >= TIMES_MEDIAN_LEAST * median;
  return disks
    .flatMap(({ vm, disk, mayBoot }, at) => {
      if (mayBoot) return [];
      const reason = reasonOf(disk.name, vm.name) ?? (isLarge(at) ? 'churn' : undefined);
      return reason === undefined ? [] : [{ at, vm, disk, reason }];
    })
    .toSorted(
      (a, b) => wireBytes[b.at]! - wireBytes[a.at]! || byText(a.vm.name, b.vm.name) || byText(a.disk.name, b.disk.name),
    )
    .slice(0, ADVICE_MOST)
    .map(({ at, vm, disk, reason }) => adviceOf(vm, disk, reason, at));

  function adviceOf(vm: Vm, disk: Disk, reason: ExclusionReason, at: number): ExclusionAdvice {
    const hourMs = Math.min(HOUR_MS, horizonMs);
    const writtenFrom = (fromMs: Millis): Bytes =>
      churn.writtenBytes(at, fromMs + hourMs) - churn.writtenBytes(at, fromMs);
    let busiestBytes = writtenFrom(horizonMs - hourMs);
    for (let fromMs = 0; fromMs + hourMs <= horizonMs; fromMs += hourMs) {
      busiestBytes = Math.max(busiestBytes, writtenFrom(fromMs));
    }
    const { intervalMs } = disks[at]!;
    const cycleBytes = (busiestBytes * Math.min(intervalMs, hourMs)) / hourMs;
    return {
      ...{ vm: vm.name, disk: disk.name, reason },
      meanBitsPerSec: (wireBytes[at]! * 8 * SECOND_MS) / horizonMs,
      busiestHourBitsPerSec: (logBytesOf(at, busiestBytes, hourMs) * wireRatio(at) * 8 * SECOND_MS) / hourMs,
      shareOfDeltas: fleetBytes === 0 ? 0 : wireBytes[at]! / fleetBytes,
      initialBytes: disk.usedBytes,
      logBytes: Math.round(2 * logFileBytes(cycleBytes, entryRunBytes(disk.meanWriteBytes, rules), rules)),
    };
  }
}

/** The disks of all VMs that can be protected: what is not replicated saves nothing when it is left out (semantics 6). */
function candidatesOf({ workload, policy }: Run): Candidate[] {
  const { vms } = workload;
  const unprotected = new Set(
    policy.overrides.filter((own) => own.missingPrerequisite !== undefined).map((own) => own.vm),
  );
  const settings = settingsOf(
    policy,
    vms.map(({ name }) => name),
  );
  return vms.flatMap((vm, v) => {
    if (unprotected.has(vm.name)) return [];
    const { compressionRatio, copyFrequencyMs: intervalMs } = settings[v]!;
    const bootDisks = bootDisksOf(vm);
    return vm.disks.map((disk) => ({ vm, disk, compressionRatio, intervalMs, mayBoot: bootDisks.includes(disk) }));
  });
}

/** Words of the disk that a VM starts from. */
const BOOT_WORDS = ['os', 'osdisk', 'system', 'boot', 'root', 'windows', 'win', 'betriebssystem'];
/** The drive's letter alone: a `c` between digits is a piece of a checkpoint's GUID. */
const DRIVE_C = /(?<![\p{L}\p{N}])c(?![\p{L}\p{N}])/iu;

/**
 * The disks that a VM may boot from, as far as names tell, whatever the order of the file: of those that no name gives away as a page
 * file and the like, all that are called so or have the VM's own name, which Hyper-V proposes for the first disk; else the first of them
 * by name. Where every name gives its disk away, the first of all. [chosen]
 */
function bootDisksOf({ name: vm, disks }: Vm): Disk[] {
  const silent = disks.filter(({ name }) => reasonOf(name, vm) === undefined);
  const named = silent.filter(({ name }) => isCalledBoot(name, vm));
  if (named.length > 0) return named;
  const among = silent.length > 0 ? silent : disks;
  return among.toSorted((a, b) => byText(a.name, b.name)).slice(0, 1);
}

/** What may stand behind a VM's name in the name of its first disk: a checkpoint's GUID, the ending of an image. */
const IMAGE_ENDING = /^(_[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12})?(\.a?vhd[xs]?)?$/i;

function isCalledBoot(name: string, vm: string): boolean {
  const own = ownPart(name, vm);
  const isVmItself = own !== fileName(name) && IMAGE_ENDING.test(own);
  return isVmItself || DRIVE_C.test(own) || wordsOf(own).some((word) => BOOT_WORDS.includes(word));
}

/**
 * What a disk's name says that it is for, its VM's name left aside: of `BACKUP01` every disk may be called so. `undefined` where it says
 * nothing. Only the last 256 characters are looked at.
 */
export function reasonOf(name: string, vm = ''): ExclusionReason | undefined {
  const words = wordsOf(ownPart(name, vm));
  const joined = words.map((word, at) => `${word}${words[at + 1] ?? ''}`);
  const has = (word: string): boolean => words.includes(word) || joined.includes(word);
  return NAMES.find(([, known]) => known.some(has))?.[0];
}

const NAME_MOST = 256;

/** Of a path only the file's name counts: folders say where a disk lies. */
function fileName(name: string): string {
  const end = name.slice(-NAME_MOST).normalize('NFC');
  const from = Math.max(end.lastIndexOf('\\', end.length - 2), end.lastIndexOf('/', end.length - 2));
  return end.slice(from + 1);
}

/** The file's name without its VM's in front of it, which may be a domain name of which only the host's part stands there. */
function ownPart(name: string, vm: string): string {
  const file = fileName(name);
  if (vm.length > NAME_MOST) return file;
  const whole = vm.normalize('NFC');
  const front = [whole, whole.replace(/\..*/s, '')].find(
    (prefix) =>
      prefix !== '' &&
      file.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase() &&
      !/^[\p{L}\p{N}]/u.test(file.slice(prefix.length)),
  );
  return file.slice(front?.length ?? 0);
}

/** Words end at anything that is no letter, and where capitals begin a new one: `SQL01_TempDB2.vhdx`, `SQLTempDB`, `pageFile`. */
function wordsOf(text: string): string[] {
  return text
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u);
}

/** By UTF-16 code units: the same order on every machine. */
function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
