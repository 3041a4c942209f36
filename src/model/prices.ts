import { type Bytes, DAY_MS, type Millis } from '../units.ts';
import { DISK_TYPES, type DiskType } from './rules.ts';

/**
 * Prices that a user has brought along, and what he has decided that changes a bill. Plain data: it stands in the plan, so that
 * every amount can be traced to a file and a meter.
 */
export interface PriceBook {
  /** Three letters (ISO 4217); one for all files. */
  readonly currency: string;
  /** Azure's name of the target region (`westeurope`); `null` where no price depends on one. */
  readonly region: string | null;
  readonly files: readonly PriceFile[];
  readonly meters: readonly Meter[];
}

export interface PriceFile {
  readonly file: string;
  /** Our own form, or a saved answer of the Azure Retail Prices API. */
  readonly kind: 'own' | 'retail';
  /** `2026-01-05`: of the prices, where the file says it. A saved answer only says since when each meter holds. */
  readonly date: string | null;
  /** Where the prices come from, in the user's words. */
  readonly source: string | null;
  readonly rowCount: number;
  /** Rows that price something of ours; the others were passed over. */
  readonly usedCount: number;
}

/** One price, possibly in tiers. */
export interface Meter {
  /** What it prices: {@link itemUnit} has the forms. */
  readonly item: string;
  readonly file: string;
  /** As the bill names it; a stranger's text. */
  readonly name: string;
  readonly product: string;
  /** Since when it holds, `2026-01-05`; `null` where nothing says it. */
  readonly date: string | null;
  /** The prices are for so many units together: 10,000 operations, 100 GB. */
  readonly perCount: number;
  /** Ascending by `fromUnits`, each unit at the price of the tier in which it lies. */
  readonly tiers: readonly PriceTier[];
}

export interface PriceTier {
  readonly fromUnits: number;
  readonly price: number;
}

/** What a price is for one of. */
export type CostUnit =
  | 'instance-months'
  | 'GB-months'
  | 'GB'
  | 'operations'
  | 'disk-months'
  | 'VM-hours'
  | 'connections';

/** Forms of the items, for people: what stands in angle brackets is one of several. */
export const ITEM_FORMS: readonly (readonly [form: string, unit: CostUnit, meaning: string])[] = [
  ['licence/azure', 'instance-months', 'Site Recovery, an instance replicated to Azure'],
  ['licence/site', 'instance-months', 'Site Recovery, an instance replicated to a site of your own (System Center)'],
  [
    'page-blob/<gpv1|gpv2>/<LRS|GRS|RA-GRS|ZRS|GZRS|RA-GZRS>/gb',
    'GB-months',
    'data in a storage account as page blobs',
  ],
  ['page-blob/<gpv1|gpv2>/<redundancy>/writes', 'operations', 'write operations on them'],
  ['log-storage/gb', 'GB-months', 'replication logs in the further standard storage account of premium replicas'],
  ['snapshots/<LRS|ZRS>/gb', 'GB-months', 'snapshots of managed disks'],
  ['disk/<tier>/<LRS|ZRS>', 'disk-months', 'a managed disk of a tier: disk/P10/LRS'],
  [
    'compute/<size>/<linux|windows>',
    'VM-hours',
    'a running VM: compute/Standard_D4s_v5/linux; linux = without a Windows licence',
  ],
  ['egress/gb', 'GB', 'data that leaves Azure over the Internet'],
  ['connection', 'connections', 'the ExpressRoute circuit, gateway or line, a month of it'],
  ['line/gb', 'GB', 'data over a line between two sites'],
  ['site-storage/gb', 'GB-months', 'storage at a second site'],
];

const REDUNDANCY = '(?:LRS|GRS|RA-GRS|ZRS|GZRS|RA-GZRS)';
const UNITS: readonly (readonly [RegExp, CostUnit])[] = [
  [/^licence\/(?:azure|site)$/, 'instance-months'],
  [new RegExp(`^page-blob/gpv[12]/${REDUNDANCY}/gb$`), 'GB-months'],
  [new RegExp(`^page-blob/gpv[12]/${REDUNDANCY}/writes$`), 'operations'],
  [/^log-storage\/gb$/, 'GB-months'],
  [/^snapshots\/(?:LRS|ZRS)\/gb$/, 'GB-months'],
  [/^disk\/[PES]\d{1,2}\/(?:LRS|ZRS)$/, 'disk-months'],
  [/^compute\/[A-Za-z0-9_-]{1,60}\/(?:linux|windows)$/, 'VM-hours'],
  [/^egress\/gb$/, 'GB'],
  [/^connection$/, 'connections'],
  [/^line\/gb$/, 'GB'],
  [/^site-storage\/gb$/, 'GB-months'],
];

/** The unit that an item is priced by; `undefined` where it is no item. */
export function itemUnit(item: string): CostUnit | undefined {
  return UNITS.find(([form]) => form.test(item))?.[1];
}

export const REPLICA_KINDS = ['storage account', 'managed disks'] as const;
export const ACCOUNT_KINDS = ['gpv1', 'gpv2'] as const;
export const REDUNDANCIES = ['LRS', 'GRS', 'RA-GRS', 'ZRS', 'GZRS', 'RA-GZRS'] as const;
/** The placement's tier of each disk, whatever its type. */
export const AS_PLACED = 'as placed';
export type CostDiskType = DiskType | typeof AS_PLACED;
export const COST_DISK_TYPES: readonly CostDiskType[] = [AS_PLACED, ...DISK_TYPES];
export const DISK_REDUNDANCIES = ['LRS', 'ZRS'] as const;
export const OS_LICENCES = ['hybrid benefit', 'windows', 'linux'] as const;

/** What the bill hangs on besides prices: what is chosen in Azure, and how often drills are held. */
export interface CostTerms {
  /** Where replicas lie until a failover. */
  readonly replica: (typeof REPLICA_KINDS)[number];
  readonly account: (typeof ACCOUNT_KINDS)[number];
  readonly redundancy: (typeof REDUNDANCIES)[number];
  /** Of replicas on managed disks, and of the disks that a failover makes. */
  readonly diskType: CostDiskType;
  readonly diskRedundancy: (typeof DISK_REDUNDANCIES)[number];
  /** Whose Windows licence runs in Azure. */
  readonly osLicence: (typeof OS_LICENCES)[number];
  /** An instance's first days without a licence charge. */
  readonly freeDays: number;
  readonly drillsPerYear: number;
  readonly drillMs: Millis;
  /** How long the fleet runs in Azure after a disaster. */
  readonly failoverMs: Millis;
  /** Bytes that one write operation carries to the storage account; `null` = unknown (undocumented). */
  readonly operationBytes: Bytes | null;
  /** How long a log stays in the further account of premium replicas; `null` = unknown (undocumented). */
  readonly logRetentionMs: Millis | null;
  /** Taken off every price. */
  readonly discountRatio: number;
  /** Azure's size of the VMs whose name fits, the first that fits; the placement's where none does. */
  readonly vmSizes: readonly { readonly vm: string; readonly size: string }[];
}

/**
 * Drills, redundancy and hybrid benefit as Microsoft's deployment planner has them ("Cost estimation report by Azure Site Recovery
 * Deployment Planner", 11/27/2018: four drills a year of seven days, LRS, Azure Hybrid Use Benefit); the free days by "General
 * questions about the Azure Site Recovery service", 05/27/2021; replicas in a storage account by "Common questions - Hyper-V to Azure
 * disaster recovery", 12/27/2024. General-purpose v2, the placement's disks and the seven days of a failover are `[chosen]`.
 */
export const DEFAULT_TERMS: CostTerms = {
  replica: 'storage account',
  account: 'gpv2',
  redundancy: 'LRS',
  diskType: AS_PLACED,
  diskRedundancy: 'LRS',
  osLicence: 'hybrid benefit',
  freeDays: 31,
  drillsPerYear: 4,
  drillMs: 7 * DAY_MS,
  failoverMs: 7 * DAY_MS,
  operationBytes: null,
  logRetentionMs: null,
  discountRatio: 0,
  vmSizes: [],
};

/** All that the user has said of prices. Without any file: no book, and {@link DEFAULT_TERMS}. */
export interface PriceInput {
  readonly book: PriceBook | null;
  readonly terms: CostTerms;
}
