import { fileStemKey, isDiskPath, pathKey, stemKey } from './disk-path.ts';
import { EXCLUDED, type Inventory, type InventoryDisk } from './inventory.ts';

/** Names beyond it are counted no more: a wrong file must not fill the memory. */
const MAX_NOT_FOUND = 10_000;

/**
 * Finds the disk that a counter's instance or an exporter's label means. Counters name a virtual disk by its path with dashes in place of
 * the separators (formats F1), which cannot be undone: `a-b\c` and `a\b-c` look alike, and what fits two disks is ambiguous, never guessed.
 */
export class InstanceFinder {
  readonly #byPath = new Map<string, number[]>();
  readonly #byStem = new Map<string, number[]>();
  readonly #byFile = new Map<string, number[]>();
  readonly #ofVm = new Map<string, readonly InventoryDisk[]>();
  readonly #vmKeys: readonly (readonly [key: string, disks: readonly InventoryDisk[]])[];
  readonly #vmKeyOfDisk: string[] = [];
  readonly #hostOfDisk: (string | undefined)[] = [];
  readonly #excluded: ReadonlySet<string>;
  readonly #notFound = new Set<string>();
  readonly #ambiguous = new Set<string>();

  constructor(inventory: Inventory) {
    for (const { name: vm, host, disks } of inventory.vms) {
      this.#ofVm.set(vm.toLowerCase(), disks);
      for (const { name, index, row } of disks) {
        this.#vmKeyOfDisk[index] = pathKey(vm);
        this.#hostOfDisk[index] = host === undefined ? undefined : machineKey(host);
        const path = row.path ?? (isDiskPath(row.disk) ? row.disk : undefined);
        if (path !== undefined) {
          push(this.#byPath, pathKey(path), index);
          push(this.#byStem, stemKey(path), index);
        }
        push(this.#byFile, fileStemKey(path ?? name), index);
      }
    }
    this.#vmKeys = inventory.vms.map(({ name, disks }) => [pathKey(name), disks]);
    this.#excluded = new Set(
      [...inventory.indexes].flatMap(([, disks]) =>
        [...disks].filter(([, index]) => index === EXCLUDED).map(([disk]) => fileStemKey(disk)),
      ),
    );
  }

  /**
   * @param instance the path of a virtual disk, with separators or with dashes
   * @param host that counts it, where that is known: `D:\VMs\os.vhdx` may be on every host
   * @returns the disk's index; undefined where none or several fit
   */
  virtualDisk(instance: string, host?: string): number | undefined {
    const stem = stemKey(instance);
    const found =
      this.#only(this.#byPath.get(pathKey(instance)), host) ??
      this.#only(this.#byStem.get(stem), host) ??
      this.#byEnd(stem) ??
      this.#byVm(stem);
    if (found === undefined) this.#note(instance, stem);
    return found;
  }

  /**
   * A disk as the guest itself counts it: `0 C:` of PhysicalDisk, `C:` of LogicalDisk.
   *
   * @param machine name of the guest, perhaps with its domain
   */
  guestDisk(machine: string, instance: string): number | undefined {
    const disks = this.#ofVm.get(machine.toLowerCase()) ?? this.#ofVm.get(machine.toLowerCase().split('.')[0]!);
    const names = instance.toLowerCase().split(/\s+/);
    const named = disks?.filter(
      ({ name }) => names.includes(name.toLowerCase()) || name.toLowerCase() === instance.toLowerCase(),
    );
    const found = disks?.length === 1 ? disks[0] : named?.length === 1 ? named[0] : undefined;
    if (found === undefined) this.#note(`${machine} / ${instance}`, '');
    return found?.index;
  }

  /** What was looked for in vain, and what fits more than one disk. */
  notFound(): string[] {
    return [...this.#notFound];
  }

  ambiguous(): string[] {
    return [...this.#ambiguous];
  }

  /** The only one, or the only one on the host. */
  #only(found: readonly number[] | undefined, host: string | undefined): number | undefined {
    if (found === undefined || found.length < 2 || host === undefined) return only(found);
    const key = machineKey(host);
    return only(found.filter((index) => this.#hostOfDisk[index] === key));
  }

  /** By the longest end of the path that is some disk's file name, and by the VM's name in it where several disks have that. */
  #byEnd(stem: string): number | undefined {
    const parts = stem.split('-');
    for (let from = 0; from < parts.length; from++) {
      const found = this.#byFile.get(parts.slice(from).join('-'));
      if (found === undefined) continue;
      if (found.length === 1) return found[0];
      return only(found.filter((index) => includesName(stem, this.#vmKeyOfDisk[index]!)));
    }
    return undefined;
  }

  /** A VM with one disk, whose name is a part of the path. */
  #byVm(stem: string): number | undefined {
    const found = this.#vmKeys.filter(([key]) => includesName(stem, key));
    const longest = found.reduce((most, [key]) => Math.max(most, key.length), 0);
    const [vm, other] = found.filter(([key]) => key.length === longest);
    if (vm === undefined || other !== undefined || vm[1].length !== 1) return undefined;
    // A disk with a path of its own has been compared already.
    const [disk] = vm[1];
    return disk!.row.path === undefined && !isDiskPath(disk!.row.disk) ? disk!.index : undefined;
  }

  #note(instance: string, stem: string): void {
    if (this.#excluded.has(fileStemKey(instance))) return;
    const isAmbiguous =
      stem !== '' && stem.split('-').some((_, from, parts) => this.#byFile.has(parts.slice(from).join('-')));
    const into = isAmbiguous ? this.#ambiguous : this.#notFound;
    if (into.size < MAX_NOT_FOUND) into.add(instance);
  }
}

/** A machine's name without its domain, in lower case; an address as it is. */
function machineKey(name: string): string {
  return /^[\d.]+$/.test(name) ? name : name.toLowerCase().split('.')[0]!;
}

function push(map: Map<string, number[]>, key: string, index: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [index]);
  else list.push(index);
}

function only(found: readonly number[] | undefined): number | undefined {
  return found?.length === 1 ? found[0] : undefined;
}

/** Whether a name stands in a key between dashes, underscores or the ends. */
function includesName(key: string, name: string): boolean {
  for (let at = key.indexOf(name); at >= 0 && name !== ''; at = key.indexOf(name, at + 1)) {
    if (isEdge(key[at - 1]) && isEdge(key[at + name.length])) return true;
  }
  return false;
}

function isEdge(character: string | undefined): boolean {
  return character === undefined || /[-_. ]/.test(character);
}
