import { settingsOf } from '../model/policy.ts';
import type { Run } from '../model/run.ts';
import type { Disk, Vm } from '../model/workload.ts';
import { entryRunBytes, logFileBytes } from '../replication/log-size.ts';
import { ChurnIntegral } from '../simulate/churn-integral.ts';
import { type BitsPerSec, type Bytes, HOUR_MS, SECOND_MS } from '../units.ts';

/** Why a disk is worth a look: its name, or what it writes. */
export type ExclusionReason = 'page file' | 'tempdb' | 'temporary files' | 'backup' | 'churn';

/** A disk that may be left out of replication, and what that saves. Whether its VM can do without it is for its owner to say. */
export interface ExclusionAdvice {
  readonly vm: string;
  readonly disk: string;
  readonly reason: ExclusionReason;
  /** Of its deltas on the wire, with metadata, compression and protocol: over the horizon, and in its busiest hour. */
  readonly meanBitsPerSec: BitsPerSec;
  readonly busiestHourBitsPerSec: BitsPerSec;
  /** Its part of all deltas of the fleet. */
  readonly shareOfDeltas: number;
  /** That need not be sent at first, before compression. */
  readonly initialBytes: Bytes;
  /** Of its open log and the one in flight in its busiest hour. */
  readonly logBytes: Bytes;
}

const ADVICE_MOST = 20;
/** A disk without a telling name is worth a look from this part of the fleet's deltas on … [chosen] */
const SHARE_LEAST = 0.05;
/** … where it writes so many times as much for each used byte as the fleet's median disk. [chosen] */
const TIMES_MEDIAN_LEAST = 3;

/** Whole words of names, in English and German; `template` and `contemporary` are no temporary files. */
const NAMES: readonly (readonly [reason: ExclusionReason, words: readonly string[]])[] = [
  ['page file', ['pagefile', 'page', 'paging', 'swap', 'swapfile', 'auslagerung', 'auslagerungsdatei']],
  ['tempdb', ['tempdb']],
  ['temporary files', ['temp', 'tmp', 'scratch', 'cache', 'temporary', 'spool', 'temporär']],
  ['backup', ['backup', 'backups', 'dump', 'dumps', 'bak', 'sicherung', 'datensicherung']],
];

/**
 * The disks whose exclusion would save most, the most bandwidth first: those whose names say that nobody needs them after a failover (page files: facts 7, BPA 45;
 * tempdb, temporary files, backups), and those that make a large part of the fleet's deltas alone. The disk that a VM boots from is never
 * advised. Figures are of the deltas alone and without another simulation: log size law, compression and efficiency (semantics 4, 5) of each disk's own churn.
 */
export function exclusionAdvice({ workload, policy, site, options }: Run): ExclusionAdvice[] {
  const { vms } = workload;
  const settings = settingsOf(
    policy,
    vms.map(({ name }) => name),
  );
  const disks = vms.flatMap((vm, v) =>
    vm.disks.map((disk, at) => ({
      vm,
      disk,
      at,
      compressionRatio: settings[v]!.compressionRatio,
      intervalMs: settings[v]!.copyFrequencyMs,
    })),
  );
  const churn = new ChurnIntegral(
    disks.map(({ disk }) => disk.churn),
    options.growthRatio,
  );
  const { rules } = policy;
  const wireRatio = (at: number): number => disks[at]!.compressionRatio / site.link.efficiencyRatio;
  /** Log bytes of what a disk writes in a time, cut at every interval. */
  const logBytesOf = (at: number, writtenBytes: Bytes, spanMs: number): Bytes => {
    const { disk, intervalMs } = disks[at]!;
    const cuts = Math.max(1, spanMs / intervalMs);
    return cuts * logFileBytes(writtenBytes / cuts, entryRunBytes(disk.meanWriteBytes, rules), rules);
  };
  const wireBytes = disks.map(
    (_, at) => logBytesOf(at, churn.writtenBytes(at, options.horizonMs), options.horizonMs) * wireRatio(at),
  );
  const fleetBytes = wireBytes.reduce((sum, bytes) => sum + bytes, 0);
  const perUsedByte = disks.map(
    ({ disk }, at) => churn.writtenBytes(at, options.horizonMs) / Math.max(1, disk.usedBytes),
  );
  const median = perUsedByte.toSorted((a, b) => a - b)[Math.floor(disks.length / 2)] ?? 0;
  const candidates = disks.flatMap(({ vm, disk, at: place }, at) => {
    if (place === bootDiskOf(vm)) return [];
    const isLarge = wireBytes[at]! >= SHARE_LEAST * fleetBytes && perUsedByte[at]! >= TIMES_MEDIAN_LEAST * median;
    const reason = reasonOf(disk.name) ?? (isLarge ? 'churn' : undefined);
    return reason === undefined ? [] : [{ at, vm, disk, reason }];
  });
  return candidates
    .toSorted((a, b) => wireBytes[b.at]! - wireBytes[a.at]! || a.at - b.at)
    .slice(0, ADVICE_MOST)
    .map(({ at, vm, disk, reason }) => adviceOf(vm, disk, reason, at));

  function adviceOf(vm: Vm, disk: Disk, reason: ExclusionReason, at: number): ExclusionAdvice {
    let busiestBytes = 0;
    const hourMs = Math.min(HOUR_MS, options.horizonMs);
    for (let fromMs = 0; fromMs + hourMs <= options.horizonMs; fromMs += hourMs) {
      const written = churn.writtenBytes(at, fromMs + hourMs) - churn.writtenBytes(at, fromMs);
      busiestBytes = Math.max(busiestBytes, written);
    }
    const { intervalMs } = disks[at]!;
    const cycleBytes = (busiestBytes * Math.min(intervalMs, hourMs)) / hourMs;
    return {
      ...{ vm: vm.name, disk: disk.name, reason },
      meanBitsPerSec: (wireBytes[at]! * 8 * SECOND_MS) / options.horizonMs,
      busiestHourBitsPerSec: (logBytesOf(at, busiestBytes, hourMs) * wireRatio(at) * 8 * SECOND_MS) / hourMs,
      shareOfDeltas: fleetBytes === 0 ? 0 : wireBytes[at]! / fleetBytes,
      initialBytes: disk.usedBytes,
      logBytes: Math.round(2 * logFileBytes(cycleBytes, entryRunBytes(disk.meanWriteBytes, rules), rules)),
    };
  }
}

/** Words of the disk that a VM starts from; `c` is the drive's letter. */
const BOOT_WORDS = ['os', 'system', 'boot', 'root', 'windows', 'win', 'c'];

/** The disk that a VM boots from, as far as names tell: one that is called so, else the first by name, whatever the order of the file. */
function bootDiskOf({ disks }: Vm): number {
  const named = disks.findIndex(({ name }) => wordsOf(name).some((word) => BOOT_WORDS.includes(word)));
  if (named >= 0) return named;
  return disks.reduce((first, { name }, at) => (name < disks[first]!.name ? at : first), 0);
}

/** What a disk's name says that it is for; `undefined` where it says nothing. */
export function reasonOf(name: string): ExclusionReason | undefined {
  const words = wordsOf(name);
  const joined = words.map((word, at) => `${word}${words[at + 1] ?? ''}`);
  const has = (word: string): boolean => words.includes(word) || joined.includes(word);
  return NAMES.find(([, known]) => known.some(has))?.[0];
}

/** Of a path only the file's name counts: folders say where a disk lies. Words end at anything that is no letter, and where capitals begin a new one: `SQL01_TempDB2.vhdx`, `SQLTempDB`, `pageFile`. */
function wordsOf(name: string): string[] {
  return name
    .slice(-256)
    .replace(/^.*[\\/](?=.)/s, '')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}]+/u);
}
