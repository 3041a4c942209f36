import { mergedTraits, type VmTraits } from '../model/traits.ts';
import type { DiskRow, InventoryFile, VmRow } from './inventory-file.ts';
import type { JoinedDisk } from './join-rows.ts';

interface VmFacts {
  readonly row: VmRow;
  readonly file: InventoryFile;
}

/**
 * Adds what files say of whole VMs: a host; the used bytes and the churn, spread over those disks of which no file knows them, by their
 * sizes; and one disk for a VM of which no file knows the disks.
 */
export function withVmRows(
  disks: readonly JoinedDisk[],
  files: readonly InventoryFile[],
  onlyDisk: string,
): JoinedDisk[] {
  const factsOf = new Map<string, VmFacts[]>();
  for (const file of files) {
    for (const row of file.vms) {
      const facts = factsOf.get(row.vm.toLowerCase());
      if (facts === undefined) factsOf.set(row.vm.toLowerCase(), [{ row, file }]);
      else facts.push({ row, file });
    }
  }
  if (factsOf.size === 0) return [...disks];
  const withFacts = [...Map.groupBy(disks, ({ vm }) => vm.toLowerCase())].flatMap(([key, members]) => {
    const facts = factsOf.get(key) ?? [];
    factsOf.delete(key);
    return filled(
      members,
      facts.map(({ row }) => row),
    );
  });
  return [...withFacts, ...[...factsOf.values()].flatMap((facts) => wholeVm(facts, onlyDisk))];
}

function filled(disks: readonly JoinedDisk[], facts: readonly VmRow[]): JoinedDisk[] {
  const host = facts.find((fact) => fact.host !== '')?.host ?? '';
  const usedBytes = facts.find((fact) => fact.usedBytes !== undefined)?.usedBytes;
  const churn = facts.find((fact) => fact.churn !== undefined)?.churn;
  const traits = facts.reduce<VmTraits | undefined>((all, fact) => mergedTraits(all, fact.traits), undefined);
  const usedOf = spread(disks, usedBytes, ({ usedBytes: own }) => own);
  const isChurnKnown = disks.some(({ row }) => row.churn !== undefined);
  const churnOf = spread(disks, isChurnKnown ? undefined : churn?.perSec, () => undefined);
  return disks.map((disk, at) => {
    const used = usedOf[at];
    const perSec = churnOf[at];
    const vmTraits = mergedTraits(disk.row.vmTraits, traits);
    const row: DiskRow = {
      ...disk.row,
      ...(vmTraits === undefined ? {} : { vmTraits }),
      host: disk.row.host || host,
      ...(used === undefined ? {} : { usedBytes: Math.min(Math.round(used), disk.row.sizeBytes || used) }),
      // A share is of each disk's own used bytes already.
      ...(perSec === undefined || churn === undefined
        ? {}
        : { churn: { ...churn, perSec: churn.isShare ? churn.perSec : perSec } }),
    };
    return { ...disk, row };
  });
}

/** The disks' own values; what is left of the VM's total falls on the others by their sizes. `undefined` where there is none. */
function spread(
  disks: readonly JoinedDisk[],
  total: number | undefined,
  ownOf: (row: DiskRow) => number | undefined,
): (number | undefined)[] {
  const own = disks.map(({ row }) => ownOf(row));
  if (total === undefined) return own;
  const open = disks.filter((_, at) => own[at] === undefined);
  const sizes = open.reduce((sum, { row }) => sum + row.sizeBytes, 0);
  const left = Math.max(0, total - own.reduce<number>((sum, value) => sum + (value ?? 0), 0));
  return disks.map(({ row }, at) => own[at] ?? left * (sizes > 0 ? row.sizeBytes / sizes : 1 / open.length));
}

/** A VM of which no file knows the disks: one that is as large as they are together. */
function wholeVm(facts: readonly VmFacts[], onlyDisk: string): JoinedDisk[] {
  const sized = facts.find(({ row }) => row.sizeBytes !== undefined);
  const first = sized ?? facts[0]!;
  // A list of VMs beside a list of disks: that a VM has none there is no fault, but nothing can be planned for it.
  if (sized === undefined) return [];
  const row: DiskRow = {
    ...{ row: first.row.row, vm: first.row.vm, disk: onlyDisk, host: '', volume: '', sizeBytes: first.row.sizeBytes! },
    traits: { isWholeVm: true },
  };
  return filled(
    [{ vm: first.row.vm, name: onlyDisk, row, file: first.file }],
    facts.map((fact) => fact.row),
  );
}
