/**
 * Which meter of the Azure Retail Prices API prices which of our items. Names of meters are Microsoft's and change: what fits no
 * rule is passed over, and what fits one twice is told as ambiguous by whoever looks it up.
 */
export interface RetailRow {
  readonly serviceName: string;
  readonly productName: string;
  readonly skuName: string;
  readonly meterName: string;
  readonly armSkuName: string;
}

const REDUNDANCY = /\b(RA-GZRS|RA-GRS|GZRS|GRS|ZRS|LRS)\b/;
// Maps: a stranger's product may be called "constructor".
const DISK_PRODUCTS: ReadonlyMap<string, string> = new Map([
  ['Premium SSD Managed Disks', 'P'],
  ['Standard SSD Managed Disks', 'E'],
  ['Standard HDD Managed Disks', 'S'],
]);
const PAGE_BLOB_PRODUCTS: ReadonlyMap<string, string> = new Map([
  ['Standard Page Blob', 'gpv1'],
  ['Standard Page Blob v2', 'gpv2'],
]);

/**
 * The item (`model/prices.ts`) that a meter prices; `undefined` where none. Disks and snapshots by the tables of "Understand Azure Disk
 * Storage billing" (08/06/2024: "P20 LRS Disk", snapshots under "Standard HDD managed disks"); the other names as seen in public
 * answers of the API, not in a document.
 */
export function retailItem(row: RetailRow): string | undefined {
  switch (row.serviceName) {
    case 'Azure Site Recovery':
      return licence(row);
    case 'Storage':
      return storage(row);
    case 'Virtual Machines':
      return compute(row);
    case 'Bandwidth':
      return /^Standard Data Transfer Out$/i.test(row.meterName) ? 'egress/gb' : undefined;
    default:
      return undefined;
  }
}

function licence({ meterName }: RetailRow): string | undefined {
  if (/^VM Replicated to Azure$/i.test(meterName)) return 'licence/azure';
  return /^VM Replicated (to System Center|between On-premise sites)$/i.test(meterName) ? 'licence/site' : undefined;
}

function storage({ productName, skuName, meterName }: RetailRow): string | undefined {
  const letter = DISK_PRODUCTS.get(productName);
  if (letter !== undefined) {
    // Older names have no redundancy: it then stands in the SKU.
    const disk = /^([PES]\d{1,2})(?: (LRS|ZRS))? Disks?$/.exec(meterName);
    const redundancy = disk?.[2] ?? /\b(LRS|ZRS)\b/.exec(skuName)?.[1];
    if (disk !== null) {
      return disk[1]!.startsWith(letter) && redundancy !== undefined ? `disk/${disk[1]}/${redundancy}` : undefined;
    }
    // Incremental snapshots lie on standard disks whatever the disk's own type is.
    const snapshot = letter === 'S' ? /^(LRS|ZRS) Snapshots$/i.exec(meterName) : null;
    return snapshot === null ? undefined : `snapshots/${snapshot[1]!.toUpperCase()}/gb`;
  }
  const account = PAGE_BLOB_PRODUCTS.get(productName);
  const redundancy = (REDUNDANCY.exec(meterName) ?? REDUNDANCY.exec(skuName))?.[1];
  if (account === undefined || redundancy === undefined) return undefined;
  if (/(^| )Data Stored$/.test(meterName)) return `page-blob/${account}/${redundancy}/gb`;
  // "Disk Write Operations" are those of a disk in use; additional I/O units are billed besides and are not known here.
  if (/(^| )Write Operations$/.test(meterName)) return `page-blob/${account}/${redundancy}/writes`;
  return undefined;
}

function compute({ productName, skuName, meterName, armSkuName }: RetailRow): string | undefined {
  if (!/^[A-Za-z0-9_-]{1,60}$/.test(armSkuName)) return undefined;
  // Capacity that may be taken away is no place to fail over to; cloud services are not VMs of one's own.
  if (/\b(Spot|Low Priority)\b/i.test(`${skuName} ${meterName}`) || /Cloud ?Services/i.test(productName))
    return undefined;
  return `compute/${armSkuName}/${/\bWindows\b/.test(productName) ? 'windows' : 'linux'}`;
}
