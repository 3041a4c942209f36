import type { DiskParent, VirtualDisk } from './vhd-common.ts';

/** A disk and the path of its file, or its name, with `\` or `/`. Names need not differ. */
export interface NamedDisk {
  readonly name: string;
  readonly disk: VirtualDisk;
}

export type ChainProblemCode =
  /** The parent is not among the disks. */
  | 'chain-parent-absent'
  /** A disk lies where the parent should, under another identity: another disk, or one written to since. */
  | 'chain-parent-changed'
  /** Several disks may be the parent, and nothing tells which. */
  | 'chain-parent-ambiguous'
  /** A disk is its own ancestor. */
  | 'chain-loop';

export interface ChainProblem {
  readonly code: ChainProblemCode;
  /** The disk whose parent is in question; of a loop, each disk of it, child before parent. */
  readonly names: readonly string[];
  readonly message: string;
}

export interface DiskChain {
  /** Child before parent: first the tip, which no other disk has for its parent, and last the base. */
  readonly disks: readonly NamedDisk[];
  /** Whether the last has no parent: otherwise the chain is broken there, or runs into a loop. */
  readonly isWhole: boolean;
}

export interface DiskChains {
  /** One for each tip, in the order of the disks. Disks of a loop without a tip are in none. */
  readonly chains: readonly DiskChain[];
  readonly problems: readonly ChainProblem[];
}

/** So many names a sentence bears. */
const MOST_LISTED = 4;

/**
 * Finds the parent of each differencing disk among the disks: by identity (VHDX: the parent's DataWriteGuid, [MS-VHDX]
 * 2.6.2.6.3; VHD: its UniqueId), and where there is none, by the path at which it should lie, which is then a problem. That
 * a VHD parent was written to since does not show: its identity stays.
 */
export function linkChains(disks: readonly NamedDisk[]): DiskChains {
  const problems: ChainProblem[] = [];
  const finder = new ParentFinder(disks);
  const parents = disks.map((_, child) => finder.parentOf(child, problems));
  const hasChild = new Set(parents);
  const inLoop = findLoops(disks, parents, problems);
  const chains: DiskChain[] = [];
  for (let tip = 0; tip < disks.length; tip++) {
    if (!hasChild.has(tip)) chains.push(chainFrom(tip, disks, parents, inLoop));
  }
  return { chains, problems };
}

function chainFrom(
  tip: number,
  disks: readonly NamedDisk[],
  parents: readonly (number | undefined)[],
  inLoop: ReadonlySet<number>,
): DiskChain {
  const links: NamedDisk[] = [];
  let at: number | undefined = tip;
  let last = disks[tip]!;
  while (at !== undefined && !inLoop.has(at)) {
    last = disks[at]!;
    links.push(last);
    at = parents[at];
  }
  return { disks: links, isWhole: last.disk.type !== 'differencing' };
}

/** The disks of all loops, each found once: a walk ends at a disk that this or an earlier walk has passed. */
function findLoops(
  disks: readonly NamedDisk[],
  parents: readonly (number | undefined)[],
  problems: ChainProblem[],
): ReadonlySet<number> {
  const inLoop = new Set<number>();
  const walkOf = new Map<number, number>();
  for (let start = 0; start < disks.length; start++) {
    let at: number | undefined = start;
    while (at !== undefined && !walkOf.has(at)) {
      walkOf.set(at, start);
      at = parents[at];
    }
    if (at === undefined || walkOf.get(at) !== start) continue;
    const names: string[] = [];
    for (let link: number = at; !inLoop.has(link); link = parents[link]!) {
      inLoop.add(link);
      names.push(disks[link]!.name);
    }
    const shown = names.length > MOST_LISTED ? [...names.slice(0, MOST_LISTED), '…'] : names;
    const message = `The disk is its own ancestor: ${[...shown, names[0]].join(' → ')}.`;
    problems.push({ code: 'chain-loop', names, message });
  }
  return inLoop;
}

class ParentFinder {
  private readonly disks: readonly NamedDisk[];
  private readonly byIdentity = new Map<string, number[]>();
  private readonly byFileName = new Map<string, number[]>();

  constructor(disks: readonly NamedDisk[]) {
    this.disks = disks;
    disks.forEach(({ name, disk }, index) => {
      const identity = disk.format === 'vhdx' ? disk.dataWriteGuid : disk.id;
      if (identity !== undefined) put(this.byIdentity, `${disk.format} ${identity}`, index);
      put(this.byFileName, `${disk.format} ${partsOf(name).at(-1)}`, index);
    });
  }

  /** The index of a differencing disk's parent. */
  parentOf(child: number, problems: ChainProblem[]): number | undefined {
    const { name, disk } = this.disks[child]!;
    if (disk.type !== 'differencing') return undefined;
    const path = disk.parent?.paths[0];
    const said = `${name} is a differencing disk. Its parent${path === undefined ? '' : `, ${path},`}`;
    const complain = (code: ChainProblemCode, what: string): void => {
      problems.push({ code, names: [name], message: `${said} ${what}` });
    };
    const places = disk.parent === undefined ? [] : placesOf(name, disk.parent);
    const alike = this.nearest(this.alike(child, disk), places);
    if (alike.length > 1) {
      complain('chain-parent-ambiguous', `may be any of ${this.listed(alike)}, which are alike: the first is taken.`);
    }
    return alike[0] ?? this.parentAt(child, this.atPlaces(disk.format, places), complain);
  }

  /** A parent by its place alone. */
  private parentAt(
    child: number,
    there: readonly number[],
    complain: (code: ChainProblemCode, what: string) => void,
  ): number | undefined {
    const listed = this.listed(there);
    if (there.length > 1) {
      complain('chain-parent-ambiguous', `may be any of ${listed}, but none has its identity: none is taken.`);
      return undefined;
    }
    const [found] = there;
    if (found === undefined) {
      complain('chain-parent-absent', 'is not among the disks.');
    } else if (found !== child) {
      complain('chain-parent-changed', `should be ${listed}, but that is another disk or was written to since.`);
    }
    return found;
  }

  /** The disks that have the parent's identity. The child is none, though one never written to may have it still. */
  private alike(child: number, { format, parent }: VirtualDisk): readonly number[] {
    const identities = new Set([parent?.id, parent?.linkage2].filter((id) => id !== undefined));
    const found = [...identities].flatMap((id) => this.byIdentity.get(`${format} ${id}`) ?? []);
    return found.filter((index) => index !== child);
  }

  private listed(indices: readonly number[]): string {
    const names = indices.slice(0, MOST_LISTED).map((index) => this.disks[index]!.name);
    return names.join(', ') + (indices.length > MOST_LISTED ? ` and ${indices.length - MOST_LISTED} more` : '');
  }

  /** Of these disks those whose names agree with a place, from the end on, as far as any does. */
  private nearest(candidates: readonly number[], places: readonly Place[]): readonly number[] {
    let best: number[] = [];
    let most = -1;
    for (const index of candidates) {
      const parts = partsOf(this.disks[index]!.name);
      const depth = Math.max(0, ...places.map((place) => agreement(parts, place.parts)));
      if (depth > most) best = [];
      most = Math.max(most, depth);
      if (depth === most) best.push(index);
    }
    return best;
  }

  /** Disks at the first place that has any. A name without a folder, or in the child's, can be any file of that name. */
  private atPlaces(format: VirtualDisk['format'], places: readonly Place[]): readonly number[] {
    for (const { parts, isExact } of places) {
      if (parts.length === 0) continue;
      const there = (this.byFileName.get(`${format} ${parts.at(-1)}`) ?? []).filter((index) => {
        const name = partsOf(this.disks[index]!.name);
        const depth = agreement(name, parts);
        return isExact
          ? depth === name.length && depth === parts.length
          : depth === Math.min(name.length, parts.length);
      });
      if (there.length > 0) return there;
    }
    return [];
  }
}

/** Where a parent may lie: a path's parts in lower case. */
interface Place {
  readonly parts: readonly string[];
  /** Whether it was made from the child's own name, so that a disk's name must be just this. */
  readonly isExact: boolean;
}

function placesOf(childName: string, parent: DiskParent): readonly Place[] {
  const folder = partsOf(childName).slice(0, -1);
  return parent.paths.map((path) => {
    const isRelative = !/^[\\/]|^[a-z]:/i.test(path);
    const parts: string[] = isRelative ? [...folder] : [];
    let isExact = isRelative;
    for (const part of partsOf(path)) {
      if (part !== '..') parts.push(part);
      // What lies above the start of the child's name is not known.
      else if (parts.pop() === undefined) isExact = false;
    }
    return { parts, isExact };
  });
}

function partsOf(path: string): readonly string[] {
  return path
    .toLowerCase()
    .split(/[\\/]+/)
    .filter((part) => part !== '' && part !== '.' && part !== '?');
}

/** How many parts of two paths agree, from the end on. */
function agreement(left: readonly string[], right: readonly string[]): number {
  let depth = 0;
  while (depth < Math.min(left.length, right.length) && left.at(-1 - depth) === right.at(-1 - depth)) depth++;
  return depth;
}

function put(map: Map<string, number[]>, key: string, index: number): void {
  const found = map.get(key);
  if (found === undefined) map.set(key, [index]);
  else found.push(index);
}
