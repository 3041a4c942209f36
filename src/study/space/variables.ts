import { isLike } from '../../model/name-pattern.ts';
import { type Run, withBandwidth } from '../../model/run.ts';
import { SCENARIOS } from '../../model/scenario.ts';
import type { Host, Link } from '../../model/site.ts';
import type { Disk, Vm } from '../../model/workload.ts';
import { changedRun } from '../../plan/what-if.ts';
import { DAY_MS, MINUTE_MS } from '../../units.ts';
import type { EventKey, EventPart, SubjectScope } from './events.ts';
import type { ValueUnit, Variable } from './space.ts';
import { scaledChurn, sharpenedChurn, shiftedChurn } from './vary-churn.ts';
import { withAddedVms, withBatches } from './vary-fleet.ts';

/** What can vary, and how. */
export interface VariableKind {
  readonly key: string;
  readonly unit: ValueUnit;
  /** Which way is worse; `undefined` where neither is: then it is a shape. What is said here is checked by every search. */
  readonly worse?: 'more' | 'less';
  /** `in`: replaces what the base case has; `x`: multiplies it. */
  readonly relations: readonly ('in' | 'x')[];
  /** Whom it can be said of, `vms['SQL*'].churn`; absent = of all alone. */
  readonly subjects?: readonly SubjectScope[];
  /** It must be said of somebody. */
  readonly needsSubject?: boolean;
  readonly least: number;
  readonly most: number;
  /** Only these values. */
  readonly values?: (run: Run) => readonly number[];
  /** Default resolution; absent = a hundredth of the range or a little less, in round numbers. */
  readonly step?: number;
  readonly says: string;
  /** What the base case has, of a variable that replaces it; `null` where it has none. */
  readonly base: (run: Run) => number | null;
  readonly change: Change;
}

/** A change of its own, or a part of an event that is made of several variables. */
type Change =
  | { readonly kind: 'run'; readonly apply: (run: Run, value: number, variable: Variable) => Run }
  | { readonly kind: 'event'; readonly event: EventKey; readonly part: EventPart };

type Applied = (run: Run, value: number, variable: Variable) => Run;

const change = (apply: Applied): Change => ({ kind: 'run', apply });
const partOf = (event: EventKey, part: EventPart): Change => ({ kind: 'event', event, part });
const nothing = (): null => null;
const BITS_PER_SEC = { unit: 'bit/s', least: 1e3, most: 1e14 } as const;
const RATIO = { unit: 'ratio', least: 0, most: 1000 } as const;
const LENGTH_MOST_MS = 400 * DAY_MS;

export const VARIABLES: readonly VariableKind[] = [
  {
    ...BITS_PER_SEC,
    ...{ key: 'bandwidth', worse: 'less', relations: ['in', 'x'], says: 'capacity of the site’s link' },
    base: ({ site }) => site.link.capacityBitsPerSec,
    change: change((run, value, { multiplies }) =>
      withBandwidth(run, multiplies ? Math.round(run.site.link.capacityBitsPerSec * value) : value),
    ),
  },
  {
    ...{ key: 'rtt', unit: 'ms', worse: 'more', relations: ['in'], least: 1, most: 10_000, step: 1 },
    says: 'round trip over the site’s link; with it, a connection has a limit',
    base: ({ site }) => site.link.roundTripMs ?? null,
    change: change((run, roundTripMs) => withLink(run, { roundTripMs })),
  },
  {
    ...{ key: 'loss', unit: 'ratio', worse: 'more', relations: ['in'], least: 0, most: 0.99 },
    says: 'share of the packets that the site’s link loses',
    base: ({ site }) => site.link.lossRatio ?? null,
    change: change((run, lossRatio) => withLink(run, { lossRatio })),
  },
  {
    ...BITS_PER_SEC,
    ...{
      key: 'background',
      least: 0,
      worse: 'more',
      relations: ['in'],
      says: 'what others use of the site’s link, all the time',
    },
    base: nothing,
    change: change((run, bitsPerSec) =>
      withLink(run, { background: { kind: 'weekly', schedule: { windows: [], otherwise: bitsPerSec } } }),
    ),
  },
  {
    ...BITS_PER_SEC,
    ...{
      key: 'throttle',
      worse: 'less',
      relations: ['in'],
      says: 'limit of every host’s agent on workdays from 8:00 to 18:00, in place of its own',
    },
    base: nothing,
    change: change((run, bitsPerSec) => changedRun(run, { throttle: { kind: 'workHours', bitsPerSec } })),
  },
  {
    ...{ key: 'copy', unit: 'ms', worse: 'more', relations: ['in'], least: 1, most: DAY_MS },
    says: 'copy frequency of every VM that has none of its own',
    values: ({ policy }) => SCENARIOS[policy.scenario].copyFrequencyMs.values,
    base: ({ policy }) => policy.copyFrequencyMs,
    change: change((run, copyFrequencyMs) => changedRun(run, { copyFrequencyMs })),
  },
  {
    ...{ key: 'compression', unit: 'ratio', worse: 'more', relations: ['in'], least: 0.01, most: 1 },
    says: 'bytes on the wire per byte of a log, of every VM that has no ratio of its own',
    base: ({ policy }) => policy.compressionRatio,
    change: change((run, compressionRatio) => changedRun(run, { compressionRatio })),
  },
  {
    ...{
      key: 'growth',
      unit: 'ratio',
      worse: 'more',
      relations: ['in'],
      least: 0,
      most: 10,
      says: 'churn grows by this (--growth-factor)',
    },
    base: ({ options }) => options.growthRatio,
    change: change((run, growthRatio) => changedRun(run, { growthRatio })),
  },
  {
    ...RATIO,
    ...{ key: 'churn', worse: 'more', relations: ['x'], subjects: ['vms', 'hosts'], says: 'what is written' },
    base: () => 1,
    change: change((run, factor, variable) =>
      withChurnOf(run, variable, (disk) => ({ ...disk, churn: scaledChurn(disk.churn, factor) })),
    ),
  },
  {
    ...RATIO,
    ...{ key: 'churn.peaks', worse: 'more', relations: ['x'], subjects: ['vms', 'hosts'] },
    says: 'how far what is written departs from its mean, the total the same: 0 is level, 1 as it was given',
    base: () => 1,
    change: change((run, factor, variable) =>
      withChurnOf(run, variable, (disk) => ({ ...disk, churn: sharpenedChurn(disk.churn, factor) })),
    ),
  },
  {
    ...{
      key: 'churn.shift',
      unit: 'ms',
      relations: ['in'],
      subjects: ['vms', 'hosts'],
      least: -7 * DAY_MS,
      most: 7 * DAY_MS,
      step: 60 * MINUTE_MS,
    },
    says: 'what is written comes later by this, or earlier: a backup is moved',
    base: () => 0,
    change: change((run, byMs, variable) =>
      withChurnOf(run, variable, (disk) => ({ ...disk, churn: shiftedChurn(disk.churn, byMs) })),
    ),
  },
  {
    ...{
      key: 'overwrite',
      unit: 'ratio',
      worse: 'less',
      relations: ['x'],
      subjects: ['vms', 'hosts'],
      least: 0,
      most: 10,
    },
    says: 'share of the writes that fall on the hot set, of disks whose overwriting is known; never above 1',
    base: () => 1,
    change: change((run, factor, variable) => withChurnOf(run, variable, (disk) => withOverwrite(disk, factor))),
  },
  {
    ...{ key: 'transfers', unit: 'count', worse: 'less', relations: ['in'], least: 1, most: 1000, step: 1 },
    says: 'VMs whose transfers leave one host at a time, on every host',
    base: ({ policy }) => policy.maxActiveTransfers,
    change: change((run, maxActiveTransfers) => ({
      ...run,
      policy: { ...run.policy, maxActiveTransfers },
      site: { ...run.site, hosts: run.site.hosts.map(({ maxActiveTransfers: _, ...host }): Host => host) },
    })),
  },
  {
    ...{
      key: 'threads',
      unit: 'count',
      worse: 'less',
      relations: ['in'],
      least: 1,
      most: 32,
      step: 1,
      says: 'UploadThreadsPerVM of every host',
    },
    base: ({ policy }) => policy.rules.uploadThreadsPerVm,
    change: change((run, uploadThreadsPerVm) => changedRun(run, { uploadThreadsPerVm })),
  },
  {
    ...{
      key: 'added',
      unit: 'count',
      worse: 'more',
      relations: ['in'],
      subjects: ['vms'],
      least: 0,
      most: 5000,
      step: 1,
    },
    says: 'VMs added: copies of those that are named, or of the one whose churn is the median',
    base: () => 0,
    change: change((run, count, variable) =>
      withAddedVms(
        run,
        count,
        run.workload.vms.filter((vm) => concerns(variable, vm)),
      ),
    ),
  },
  {
    ...{ key: 'batches', unit: 'count', relations: ['in'], least: 1, most: 400, step: 1 },
    says: 'protection is enabled in so many batches a day apart, the smallest VMs first',
    base: nothing,
    change: change(withBatches),
  },
  {
    ...{
      key: 'seed',
      unit: 'count',
      relations: ['in'],
      least: 0,
      most: 2 ** 32 - 1,
      step: 1,
      says: 'seed of the cuts’ phases and of random outages (--seed)',
    },
    base: ({ options }) => options.seed,
    change: change((run, seed) => ({ ...run, options: { ...run.options, seed } })),
  },
  ...eventVariables('outage', 'the link is down', ['links']),
  ...eventVariables('slow', 'the link carries less', ['links']),
  {
    ...{ key: 'slow.to', unit: 'ratio', worse: 'less', relations: ['in'], subjects: ['links'], least: 0.001, most: 1 },
    says: 'share of its capacity that the link carries meanwhile (50 % where nothing is said)',
    base: () => 1,
    change: partOf('slow', 'amount'),
  },
  ...eventVariables('down', 'the host is down', ['hosts'], true),
  ...eventVariables('drain', 'the host’s VMs are on the host with the fewest others', ['hosts'], true),
  ...eventVariables('storm', 'every transfer fails with a recoverable error', ['vms', 'hosts']),
  ...eventVariables('taken', 'something else takes space on the volume', ['volumes'], true),
  {
    ...{
      key: 'taken.bytes',
      unit: 'B',
      worse: 'more',
      relations: ['in'],
      subjects: ['volumes'],
      needsSubject: true,
      least: 0,
      most: 2 ** 50,
    },
    says: 'how much it takes (all that is free where nothing is said)',
    base: () => 0,
    change: partOf('taken', 'amount'),
  },
  ...eventVariables('burst', 'more is written', ['vms', 'hosts']),
  {
    ...RATIO,
    ...{
      key: 'burst.factor',
      worse: 'more',
      relations: ['x'],
      subjects: ['vms', 'hosts'],
      says: 'times as much is written meanwhile (3 where nothing is said)',
    },
    base: () => 1,
    change: partOf('burst', 'amount'),
  },
];

/** Start and length of an event. */
function eventVariables(
  event: EventKey,
  says: string,
  subjects: readonly SubjectScope[],
  needsSubject = false,
): VariableKind[] {
  const common = { relations: ['in'], subjects, needsSubject } as const;
  return [
    {
      ...common,
      ...{ key: `${event}.start`, unit: 'instant', least: 0, most: LENGTH_MOST_MS, step: 60 * MINUTE_MS },
      says: `from when on ${says}`,
      base: nothing,
      change: partOf(event, 'start'),
    },
    {
      ...common,
      ...{ key: `${event}.length`, unit: 'ms', worse: 'more', least: 0, most: LENGTH_MOST_MS, step: MINUTE_MS },
      says: `for how long ${says}`,
      base: () => 0,
      change: partOf(event, 'length'),
    },
  ];
}

/** A kind by its key; `undefined` where there is none. */
export function kindOf(key: string): VariableKind | undefined {
  return VARIABLES.find((kind) => kind.key === key);
}

/** Whether a VM is meant: by a pattern of its own name, or by its host. */
export function concerns({ subject }: Pick<Variable, 'subject'>, vm: Vm): boolean {
  if (subject === undefined) return true;
  const { scope, name } = subject;
  return scope === 'hosts' ? vm.host === name : isLike(vm.name, name);
}

function withChurnOf(run: Run, variable: Variable, changed: (disk: Disk) => Disk): Run {
  const vms = run.workload.vms.map((vm) => (concerns(variable, vm) ? { ...vm, disks: vm.disks.map(changed) } : vm));
  return { ...run, workload: { ...run.workload, vms } };
}

function withOverwrite(disk: Disk, factor: number): Disk {
  if (disk.overwrite === undefined) return disk;
  return { ...disk, overwrite: { ...disk.overwrite, hotShare: Math.min(1, disk.overwrite.hotShare * factor) } };
}

function withLink(run: Run, change: Partial<Link>): Run {
  return { ...run, site: { ...run.site, link: { ...run.site.link, ...change } } };
}
