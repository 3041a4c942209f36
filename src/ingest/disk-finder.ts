import { fileStemKey, isDiskPath } from './disk-path.ts';
import type { Inventory } from './inventory.ts';
import { fewNames, type ProblemList } from './problem-list.ts';

/** Unknown disks beyond it are counted no more: a wrong file must not fill the memory. */
const MAX_UNKNOWN_DISKS = 10_000;

/** Finds the rows' disks in the inventory and keeps a list of those that are not there. */
export class DiskFinder {
  private readonly inventory: Inventory;
  private readonly problems: ProblemList;
  private readonly unknown = new Set<string>();
  private readonly unnamed = new Set<string>();

  constructor(inventory: Inventory, problems: ProblemList) {
    this.inventory = inventory;
    this.problems = problems;
  }

  find(vm: string, disk: string, row: number): number | undefined {
    const disks = this.inventory.indexes.get(vm);
    if (disks !== undefined && disk === '') {
      if (disks.size === 1) return disks.values().next().value;
      this.reportUnnamed(vm, disks.size, row);
      return undefined;
    }
    const index = disks?.get(disk) ?? this.byFile(vm, disk);
    if (index === undefined && this.unknown.size < MAX_UNKNOWN_DISKS) {
      // Joined, not concatenated: a concatenation would hold on to the block of text that the names were cut from.
      this.unknown.add([vm, ...(disk === '' ? [] : [disk])].join(' / '));
    }
    return index;
  }

  /** A virtual disk's file by its name alone, where only one disk of the VM has it. */
  private byFile(vm: string, disk: string): number | undefined {
    if (!isDiskPath(disk)) return undefined;
    const stem = fileStemKey(disk);
    const found = this.inventory.vms
      .find(({ name }) => name === vm)
      ?.disks.filter(({ name, row }) => fileStemKey(row.path ?? name) === stem);
    return found?.length === 1 ? found[0]!.index : undefined;
  }

  /** One warning for all. Where the inventory itself was refused, that a disk is not in it says nothing. */
  reportUnknown(): void {
    if (this.unknown.size === 0 || this.inventory.files.some(({ problems }) => problems.errorCount > 0)) return;
    const names = [...this.unknown];
    const count = names.length < MAX_UNKNOWN_DISKS ? `${names.length}` : `${MAX_UNKNOWN_DISKS} or more`;
    const inventoryName = this.inventory.files.map(({ problems }) => problems.file).join(', ');
    const message = `Not used, since they are not in ${inventoryName}: ${count} of the disks here, ${fewNames(names)}.${this.caseHint(names)}`;
    const remedy = `Write the names of VM and disk as in ${inventoryName}, capitals too.`;
    this.problems.warning('churn-unknown-disks', {}, message, remedy);
  }

  /** Names that were looked for in vain. */
  notFound(): string[] {
    return [...this.unknown];
  }

  private caseHint(names: readonly string[]): string {
    const known = new Map<string, string>();
    for (const vm of this.inventory.vms) {
      known.set(vm.name.toLowerCase(), vm.name);
      for (const disk of vm.disks) known.set(`${vm.name} / ${disk.name}`.toLowerCase(), `${vm.name} / ${disk.name}`);
    }
    const name = names.find((candidate) => known.has(candidate.toLowerCase()));
    if (name === undefined) return '';
    return ` "${name}" differs from "${known.get(name.toLowerCase())}" in capitals only.`;
  }

  private reportUnnamed(vm: string, diskCount: number, row: number): void {
    if (this.unnamed.has(vm)) return;
    this.unnamed.add(vm);
    const message = `VM "${vm}" has ${diskCount} disks, and its rows do not say which one was written.`;
    this.problems.error(
      'churn-unnamed-disk',
      { row, column: 'disk' },
      message,
      'Add the column disk, named as in the inventory.',
    );
  }
}
