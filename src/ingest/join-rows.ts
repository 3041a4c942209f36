import { type DiskTraits, mergedTraits, type VmTraits } from '../model/traits.ts';
import { fileNameOf, fileStemKey, isDiskPath, pathKey, stemKey, vmOfPath, volumeOfPath } from './disk-path.ts';
import type { DiskRow, InventoryFile } from './inventory-file.ts';

/** A disk of one file, then of all together: its first row, filled with what others say. */
export interface JoinedDisk {
  readonly vm: string;
  /** Within its VM. */
  readonly name: string;
  readonly row: DiskRow;
  readonly file: InventoryFile;
}

/**
 * Puts rows of different files together that are of one disk: those with the same VM and name, those with the same path, and those whose path
 * has the same file name where only one disk on either side has it. What the first file says is kept; later ones fill in. Rows
 * of one file are never joined: they have been told apart.
 */
export function joinRows(disks: readonly JoinedDisk[]): JoinedDisk[] {
  const joined: Joined[] = [];
  const finder = new Finder(disks);
  // Who knows the VM goes first: a path alone then finds it.
  const known = disks.filter(({ vm }) => vm !== '');
  const byPathOnly = disks.filter(({ vm }) => vm === '');
  for (const disk of [...known, ...byPathOnly]) {
    const same = finder.find(disk);
    if (same === undefined) {
      const made = new Joined(disk);
      joined.push(made);
      finder.add(made);
    } else {
      same.fill(disk);
      finder.add(same, disk);
    }
  }
  return namedApart(joined);
}

class Joined {
  row: DiskRow;
  readonly disk: JoinedDisk;
  readonly files: Set<InventoryFile>;

  constructor(disk: JoinedDisk) {
    this.disk = disk;
    this.row = disk.row;
    this.files = new Set([disk.file]);
  }

  fill({ row, file }: JoinedDisk): void {
    this.files.add(file);
    const mine = this.row;
    if (mine.sizeBytes > 0 && row.sizeBytes > 0 && mine.sizeBytes !== row.sizeBytes) {
      const message = `The disk has ${row.sizeBytes} bytes here and ${mine.sizeBytes} in ${this.disk.file.problems.file}; the latter is taken.`;
      const place = { row: row.row, column: file.headerOf('size'), value: String(row.sizeBytes) };
      file.problems.warning('join-sizes-differ', place, message, 'Give the newer file first, or delete the older one.');
    }
    const traits = mergedTraits<DiskTraits>(mine.traits, row.traits);
    const vmTraits = mergedTraits<VmTraits>(mine.vmTraits, row.vmTraits);
    this.row = {
      ...row,
      ...mine,
      ...{ host: mine.host || row.host, volume: mine.volume || row.volume },
      sizeBytes: mine.sizeBytes > 0 ? mine.sizeBytes : row.sizeBytes,
      ...(traits === undefined ? {} : { traits }),
      ...(vmTraits === undefined ? {} : { vmTraits }),
    };
  }
}

/** Where the disks that are known so far are found by their names and paths. */
class Finder {
  readonly #byName = new Map<string, Joined>();
  readonly #byPath = new Map<string, Joined>();
  readonly #byStem = new Map<string, Joined>();
  readonly #byFileStem = new Map<string, Joined>();
  /** How many disks of one file have a file name: names that several have tell nothing. */
  readonly #shared = new Map<InventoryFile, Set<string>>();

  constructor(disks: readonly JoinedDisk[]) {
    for (const [file, members] of Map.groupBy(disks, (disk) => disk.file)) {
      const seen = new Set<string>();
      const shared = new Set<string>();
      for (const disk of members) {
        const path = pathOf(disk);
        if (path === undefined) continue;
        const stem = fileStemKey(path);
        if (seen.has(stem)) shared.add(stem);
        seen.add(stem);
      }
      this.#shared.set(file, shared);
    }
  }

  find(disk: JoinedDisk): Joined | undefined {
    const path = pathOf(disk);
    const candidates = [
      disk.vm === '' ? undefined : this.#byName.get(nameKey(disk.vm, disk.name)),
      path === undefined ? undefined : this.#byPath.get(pathKey(path)),
      path === undefined ? undefined : this.#byStem.get(stemKey(path)),
      path === undefined ? undefined : this.#byOwnFileName(path, disk),
    ];
    return candidates.find((candidate) => candidate !== undefined && !candidate.files.has(disk.file));
  }

  #byOwnFileName(path: string, { file, vm }: JoinedDisk): Joined | undefined {
    const stem = fileStemKey(path);
    if (this.#shared.get(file)!.has(stem)) return undefined;
    const found = this.#byFileStem.get(stem);
    if (found === undefined || this.#shared.get(found.disk.file)!.has(stem)) return undefined;
    // Two VMs may each have a disk.vhdx.
    return vm === '' || vm.toLowerCase() === found.disk.vm.toLowerCase() ? found : undefined;
  }

  /** @param from the row whose names lead to it besides */
  add(joined: Joined, from: JoinedDisk = joined.disk): void {
    if (from.vm !== '') this.#byName.set(nameKey(from.vm, from.name), joined);
    const path = pathOf(from);
    if (path === undefined) return;
    this.#byPath.set(pathKey(path), joined);
    this.#byStem.set(stemKey(path), joined);
    this.#byFileStem.set(fileStemKey(path), joined);
  }
}

/** A disk column often holds the path. */
function pathOf({ row }: JoinedDisk): string | undefined {
  return row.path ?? (isDiskPath(row.disk) ? row.disk : undefined);
}

function nameKey(vm: string, disk: string): string {
  return JSON.stringify([vm.toLowerCase(), disk.toLowerCase()]);
}

/** Names a VM after the path where no file names it, and tells apart disks of one VM that came with one name from several files. */
function namedApart(joined: readonly Joined[]): JoinedDisk[] {
  const taken = new Set<string>();
  return joined.map(({ disk, row }) => {
    const path = pathOf(disk);
    const vm = disk.vm === '' && path !== undefined ? vmOfPath(path) : disk.vm;
    const volume = row.volume === '' && path !== undefined ? volumeOfPath(path) : row.volume;
    let name = disk.vm === '' && path !== undefined ? fileNameOf(path) : disk.name;
    for (let count = 2; taken.has(JSON.stringify([vm, name])); count++) {
      name = `${path === undefined ? disk.name : fileNameOf(path)} (${count})`;
    }
    taken.add(JSON.stringify([vm, name]));
    return { vm, name, row: { ...row, vm, volume }, file: disk.file };
  });
}
