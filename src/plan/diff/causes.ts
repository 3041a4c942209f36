import type { Assumption } from '../../model/assumption.ts';
import { describeEvent } from '../../model/event-text.ts';
import type { Receipt } from '../../model/receipt.ts';
import type { Outage } from '../../model/site.ts';
import type { FurtherLinkResult, HostResult, Plan, PlanVm, VolumeResult } from '../plan.ts';
import { type Change, type ChangeOf, changesOf, type DiffValue, difference, pairUp } from './change.ts';

export type CauseKind =
  | 'product'
  | 'run'
  | 'assumption'
  | 'file'
  | 'event'
  | 'outage'
  | 'vm'
  | 'host'
  | 'volume'
  | 'link';

/** Something that went into the runs and differs. */
export interface DiffCause extends Change {
  readonly kind: CauseKind;
  /** The assumption, file, VM, host, volume or line; '' of the run's own. */
  readonly name: string;
}

/** What went into the two runs and differs: the run's options, assumptions, files, events, and what the inputs say of VMs and site. */
export function causesOf(before: Plan, after: Plan): DiffCause[] {
  return [
    ...named('product', '', changesOf(PRODUCT, before, after)),
    ...named('run', '', changesOf(RUN, before, after)),
    ...assumptionCauses(before.assumptions, after.assumptions),
    ...subjectCauses('file', before.receipts, after.receipts, ({ file }) => file, FILE),
    ...occurrenceCauses('event', before.events, after.events, ({ text }) => text),
    ...occurrenceCauses('outage', outagesOf(before), outagesOf(after), (text) => text),
    ...subjectCauses('vm', before.vms, after.vms, ({ name }) => name, VM),
    ...subjectCauses('host', before.hosts, after.hosts, ({ name }) => name, HOST),
    ...subjectCauses('volume', before.volumes, after.volumes, ({ name }) => name, VOLUME),
    ...subjectCauses('link', before.furtherLinks, after.furtherLinks, ({ name }) => name, LINK),
  ];
}

const PRODUCT: readonly ChangeOf<Plan>[] = [
  { id: 'version', title: 'Version of asr-plan', unit: '', of: ({ version }) => version },
];

const RUN: readonly ChangeOf<Plan>[] = [
  { id: 'scenario', title: 'Scenario', unit: '', of: ({ scenario }) => scenario.id },
  { id: 'startEpochMs', title: 'Start, since 1970', unit: 'ms', of: ({ clock }) => clock.startEpochMs },
  { id: 'horizonMs', title: 'Horizon', unit: 'ms', of: ({ horizonMs }) => horizonMs },
  { id: 'rpoTargetMs', title: 'Desired RPO', unit: 'ms', of: ({ rpo }) => rpo.targetMs },
  { id: 'seed', title: 'Seed', unit: '', of: ({ seed }) => seed },
  { id: 'copyFrequencyMs', title: 'Copy frequency', unit: 'ms', of: ({ scenario }) => scenario.copyFrequencyMs },
];

/** Told of the run already, or found by a search and so an answer. */
const NO_CAUSES = new Set(['horizonMs', 'rpoTargetMs', 'seed', 'start', 'copyFrequencyMs']);

function isCause({ name, origin }: Assumption): boolean {
  return !NO_CAUSES.has(name) && (name !== 'capacityBitsPerSec' || origin === 'given');
}

function assumptionCauses(before: readonly Assumption[], after: readonly Assumption[]): DiffCause[] {
  const pairs = pairUp(before.filter(isCause), after.filter(isCause), ({ name }) => name);
  return pairs.flatMap((pair) => {
    const change = { id: 'value', title: 'Value', unit: '' as const };
    // An assumption that only one plan makes, of no value, is one nevertheless.
    const none = pair.before === undefined || pair.after === undefined ? 'none' : null;
    const changes = difference(change, plainValue(pair.before, none), plainValue(pair.after, none));
    return named('assumption', pair.key, changes);
  });
}

function plainValue(assumption: Assumption | undefined, none: string | null): DiffValue {
  if (assumption === undefined) return null;
  const { value } = assumption;
  if (value === null) return none;
  return Array.isArray(value) ? value.join(', ') : (value as DiffValue);
}

const FILE: readonly ChangeOf<Receipt>[] = [
  { id: 'format', title: 'Recognised as', unit: '', of: ({ format }) => format },
  { id: 'sizeBytes', title: 'Size', unit: 'B', of: ({ sizeBytes }) => sizeBytes ?? null },
  { id: 'rowCount', title: 'Rows read', unit: '', of: ({ rowCount }) => rowCount },
  { id: 'usedCount', title: 'Rows used', unit: '', of: ({ usedCount }) => usedCount },
];

const VM: readonly ChangeOf<PlanVm>[] = [
  { id: 'host', title: 'Host', unit: '', of: ({ host }) => host },
  { id: 'diskCount', title: 'Disks', unit: '', of: ({ diskCount }) => diskCount },
  { id: 'provisionedBytes', title: 'Provisioned', unit: 'B', of: ({ provisionedBytes }) => provisionedBytes },
  { id: 'usedBytes', title: 'Used', unit: 'B', of: ({ usedBytes }) => usedBytes },
  { id: 'churnBytesPerDay', title: 'Churn per day', unit: 'B/d', of: ({ churnBytesPerDay }) => churnBytesPerDay },
  { id: 'confidence', title: 'Churn is known', unit: '', of: ({ confidence }) => confidence },
  { id: 'copyFrequencyMs', title: 'Copy frequency', unit: 'ms', of: ({ copyFrequencyMs }) => copyFrequencyMs },
  { id: 'cloud', title: 'Cloud of VMM', unit: '', of: ({ cloud }) => cloud },
];

const HOST: readonly ChangeOf<HostResult>[] = [
  { id: 'vmCount', title: 'VMs at the start', unit: '', of: ({ vmCount }) => vmCount },
  { id: 'uplinkBitsPerSec', title: 'Way out', unit: 'bit/s', of: ({ uplinkBitsPerSec }) => uplinkBitsPerSec },
  { id: 'maxActiveTransfers', title: 'Transfers at a time', unit: '', of: (host) => host.maxActiveTransfers },
];

const VOLUME: readonly ChangeOf<VolumeResult>[] = [
  { id: 'diskCount', title: 'Disks', unit: '', of: ({ diskCount }) => diskCount },
  { id: 'provisionedBytes', title: 'Provisioned', unit: 'B', of: ({ provisionedBytes }) => provisionedBytes },
  { id: 'capacityBytes', title: 'Capacity', unit: 'B', of: ({ capacityBytes }) => capacityBytes },
  { id: 'freeBytes', title: 'Free', unit: 'B', of: ({ freeBytes }) => freeBytes },
];

const LINK: readonly ChangeOf<FurtherLinkResult>[] = [
  { id: 'capacityBitsPerSec', title: 'Capacity', unit: 'bit/s', of: (link) => link.capacityBitsPerSec },
];

/** What is there in one plan only, then what differs in both. */
function subjectCauses<Item>(
  kind: CauseKind,
  before: readonly Item[],
  after: readonly Item[],
  nameOf: (item: Item) => string,
  values: readonly ChangeOf<Item>[],
): DiffCause[] {
  return pairUp(before, after, nameOf).flatMap((pair) => {
    if (pair.before !== undefined && pair.after !== undefined) {
      return named(kind, pair.key, changesOf(values, pair.before, pair.after));
    }
    return named(kind, pair.key, presence(pair.before !== undefined, pair.after !== undefined));
  });
}

/** What is told by its words alone: it was there or not. */
function occurrenceCauses<Item>(
  kind: CauseKind,
  before: readonly Item[],
  after: readonly Item[],
  textOf: (item: Item) => string,
): DiffCause[] {
  return subjectCauses(kind, before, after, textOf, []);
}

function presence(before: boolean, after: boolean): Change[] {
  return difference({ id: 'there', title: 'There', unit: '' }, before, after);
}

/** Of the site's link and of the further ones, in the words of `--fault`. */
function outagesOf({ link, furtherLinks }: Plan): string[] {
  const text = ({ startMs, endMs }: Outage, name?: string): string =>
    describeEvent({ kind: 'linkDown', atMs: startMs, untilMs: endMs, ...(name === undefined ? {} : { link: name }) });
  return [
    ...link.outages.map((outage) => text(outage)),
    ...furtherLinks.flatMap(({ name, outages }) => outages.map((outage) => text(outage, name))),
  ];
}

function named(kind: CauseKind, name: string, changes: readonly Change[]): DiffCause[] {
  return changes.map((change) => ({ kind, name, ...change }));
}
