import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DiskChains, linkChains, type NamedDisk } from '../../src/formats/disk-chain.ts';
import { readVirtualDisk } from '../../src/formats/virtual-disk.ts';
import { MIB } from '../../src/units.ts';
import { buildVhd, type VhdSpec } from './vhd-build-vhd.ts';
import { buildVhdx, NO_GUID, type VhdxSpec } from './vhd-build-vhdx.ts';

/** `{…}` of a number, so that tests can say identities by numbers. */
const guid = (number: number): string => `{${String(number).padStart(8, '0')}-2222-4333-8444-0123456789ab}`;

interface Said {
  /** DataWriteGuid, or UniqueId. */
  readonly is: number;
  readonly parent?: number;
  readonly parent2?: number;
  readonly relative?: string;
  readonly absolute?: string;
}

async function vhdx(name: string, said: Said): Promise<NamedDisk> {
  const locator: [string, string][] = [];
  if (said.parent !== undefined) locator.push(['parent_linkage', guid(said.parent)]);
  if (said.parent2 !== undefined) locator.push(['parent_linkage2', guid(said.parent2)]);
  if (said.relative !== undefined) locator.push(['relative_path', said.relative]);
  if (said.absolute !== undefined) locator.push(['absolute_win32_path', said.absolute]);
  const spec: VhdxSpec = {
    type: locator.length > 0 ? 'differencing' : 'dynamic',
    virtualSizeBytes: MIB,
    blockBytes: MIB,
    logicalSectorBytes: 512,
    physicalSectorBytes: 512,
    id: guid(1000),
    dataWriteGuid: guid(said.is),
    logGuid: NO_GUID,
    createdBy: '',
    locator,
    blocks: [],
  };
  return { name, disk: (await readVirtualDisk(buildVhdx(spec))).disk! };
}

async function vhd(name: string, said: Said): Promise<NamedDisk> {
  const spec: VhdSpec = {
    type: said.parent === undefined ? 'dynamic' : 'differencing',
    virtualSizeBytes: MIB,
    blockBytes: 2 * MIB,
    id: guid(said.is),
    footerBytes: 512,
    parentId: guid(said.parent ?? 0),
    parentName: said.relative ?? '',
    relativePath: said.relative ?? '',
    absolutePath: said.absolute ?? '',
    blocks: [],
  };
  return { name, disk: (await readVirtualDisk(buildVhd(spec))).disk! };
}

async function link(...disks: readonly Promise<NamedDisk>[]): Promise<{ chains: string[]; problems: string[] }> {
  return shown(linkChains(await Promise.all(disks)));
}

function shown({ chains, problems }: DiskChains): { chains: string[]; problems: string[] } {
  return {
    chains: chains.map(({ disks, isWhole }) => disks.map(({ name }) => name).join(' > ') + (isWhole ? '' : ' > ?')),
    problems: problems.map(({ code, names }) => `${code} ${names.join(' ')}`),
  };
}

describe('chains', () => {
  it('from the tip to the base, by identity whatever the names', async () => {
    expect(
      await link(
        vhdx('b', { is: 2, parent: 1 }),
        vhdx('alone', { is: 9 }),
        vhdx('base', { is: 1 }),
        vhdx('tip', { is: 3, parent: 2, relative: '.\\base' }),
      ),
    ).toEqual({ chains: ['alone', 'tip > b > base'], problems: [] });
  });

  it('two tips share a base', async () => {
    expect(await link(vhd('base', { is: 1 }), vhd('x', { is: 2, parent: 1 }), vhd('y', { is: 3, parent: 1 }))).toEqual({
      chains: ['x > base', 'y > base'],
      problems: [],
    });
  });

  it('by the second linkage', async () => {
    expect(await link(vhdx('base', { is: 2 }), vhdx('tip', { is: 3, parent: 1, parent2: 2 }))).toEqual({
      chains: ['tip > base'],
      problems: [],
    });
  });

  it('a VHD is no parent of a VHDX, nor at its place', async () => {
    expect(await link(vhd('base', { is: 1 }), vhdx('tip', { is: 2, parent: 1, relative: '.\\base' }))).toEqual({
      chains: ['base', 'tip > ?'],
      problems: ['chain-parent-absent tip'],
    });
  });
});

describe('broken chains', () => {
  it('a parent that is not there', async () => {
    const { chains, problems } = linkChains(
      await Promise.all([vhdx('C:\\a\\tip.avhdx', { is: 2, parent: 1, relative: '.\\base.vhdx' })]),
    );
    expect(chains.map(({ isWhole }) => isWhole)).toEqual([false]);
    expect(problems).toEqual([
      {
        code: 'chain-parent-absent',
        names: ['C:\\a\\tip.avhdx'],
        message: 'C:\\a\\tip.avhdx is a differencing disk. Its parent, .\\base.vhdx, is not among the disks.',
      },
    ]);
  });

  it.each([
    ['in the same folder', 'D:\\vm\\base.vhdx', { relative: '.\\BASE.vhdx' }, true],
    ['in a folder beside', 'D:\\other\\base.vhdx', { relative: '..\\other\\base.vhdx' }, true],
    ['not in another folder', 'D:\\vm2\\base.vhdx', { relative: '.\\base.vhdx' }, false],
    [
      'by the absolute path',
      'd:\\x\\base.vhdx',
      { relative: '.\\base.vhdx', absolute: '\\\\?\\D:\\x\\base.vhdx' },
      true,
    ],
    ['under a bare name', 'base.vhdx', { absolute: 'D:\\x\\base.vhdx' }, true],
    ['above where the names begin', 'base.vhdx', { relative: '..\\..\\..\\y\\base.vhdx' }, true],
    ['with other folders in front', 'copy/D/x/base.vhdx', { absolute: 'x\\base.vhdx' }, false],
    ['not under another name', 'D:\\vm\\base2.vhdx', { relative: '.\\base.vhdx' }, false],
  ])('a parent changed since, %s', async (_name, name, paths, isFound) => {
    const tip = 'D:\\vm\\tip.avhdx';
    expect(await link(vhdx(name, { is: 7 }), vhdx(tip, { is: 2, parent: 1, ...paths }))).toEqual(
      isFound
        ? { chains: [`${tip} > ${name}`], problems: [`chain-parent-changed ${tip}`] }
        : { chains: [name, `${tip} > ?`], problems: [`chain-parent-absent ${tip}`] },
    );
  });

  it('copies of a parent: the one at its place, or the first', async () => {
    const copies = [vhdx('D:\\1\\base', { is: 1 }), vhdx('D:\\2\\base', { is: 1 })];
    const tip = (relative: string) => vhdx('D:\\2\\tip', { is: 2, parent: 1, relative });
    expect(await link(...copies, tip('.\\base'))).toEqual({
      chains: ['D:\\1\\base', 'D:\\2\\tip > D:\\2\\base'],
      problems: [],
    });
    expect(await link(...copies, tip('..\\3\\base'))).toEqual({
      chains: ['D:\\2\\base', 'D:\\2\\tip > D:\\1\\base'],
      problems: ['chain-parent-ambiguous D:\\2\\tip'],
    });
  });

  it('two disks under one name, neither of them the parent', async () => {
    const others = [vhdx('base', { is: 7 }), vhdx('base', { is: 8 })];
    expect(await link(...others, vhdx('tip', { is: 2, parent: 1, absolute: 'D:\\base' }))).toEqual({
      chains: ['base', 'base', 'tip > ?'],
      problems: ['chain-parent-ambiguous tip'],
    });
  });
});

describe('loops', () => {
  it('two disks that are each other’s parent, and a tip on them', async () => {
    expect(
      await link(
        vhdx('tip', { is: 3, parent: 2 }),
        vhdx('a', { is: 1, parent: 2 }),
        vhdx('b', { is: 2, parent: 1 }),
        vhdx('base', { is: 4 }),
      ),
    ).toEqual({ chains: ['tip > ?', 'base'], problems: ['chain-loop b a'] });
  });

  it('a disk that lies where its parent should', async () => {
    expect(await link(vhdx('D:\\a', { is: 1, parent: 2, relative: '.\\a' }))).toEqual({
      chains: [],
      problems: ['chain-loop D:\\a'],
    });
  });

  it('but a child that has its parent’s identity is not its own', async () => {
    expect(await link(vhdx('tip', { is: 1, parent: 1 }))).toEqual({
      chains: ['tip > ?'],
      problems: ['chain-parent-absent tip'],
    });
    expect(await link(vhdx('tip', { is: 1, parent: 1 }), vhdx('base', { is: 1 }))).toEqual({
      chains: ['tip > base'],
      problems: [],
    });
  });
});

describe('laws', () => {
  it('of any disks: who is whose parent is told right, and each disk is in a chain or in a loop', async () => {
    const pool = await Promise.all(
      Array.from({ length: 8 * 9 }, (_, index) => {
        const parent = (index % 9) - 1;
        return vhdx(`disk${Math.floor(index / 9)}`, { is: Math.floor(index / 9), ...(parent < 0 ? {} : { parent }) });
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1, max: 7 }), { minLength: 1, maxLength: 8 }), (parents) => {
        const disks = parents.map((parent, index) => pool[index * 9 + parent + 1]!);
        const { chains, problems } = linkChains(disks);
        const parentOf = (index: number): number | undefined => {
          const parent = parents[index]!;
          return parent < 0 || parent >= disks.length || parent === index ? undefined : parent;
        };
        const loops = problems.filter(({ code }) => code === 'chain-loop');
        const looped = loops.flatMap(({ names }) => names);
        expect(new Set(looped).size).toBe(looped.length);
        disks.forEach((disk, index) => {
          let at = parentOf(index);
          for (let step = 0; step < disks.length && at !== undefined && at !== index; step++) at = parentOf(at);
          expect(looped.includes(disk.name)).toBe(at === index);
          const isTip = disks.every((_, child) => parentOf(child) !== index);
          expect(chains.filter((chain) => chain.disks[0] === disk).length).toBe(isTip ? 1 : 0);
          const isIn = looped.includes(disk.name) || chains.some((chain) => chain.disks.includes(disk));
          expect(isIn).toBe(true);
          const isAbsent = problems.some(({ code, names }) => code === 'chain-parent-absent' && names[0] === disk.name);
          expect(isAbsent).toBe(parents[index]! >= 0 && parentOf(index) === undefined);
        });
        for (const { disks: links, isWhole } of chains) {
          const indices = links.map((link) => disks.indexOf(link));
          for (let link = 0; link + 1 < indices.length; link++)
            expect(parentOf(indices[link]!)).toBe(indices[link + 1]);
          expect(isWhole).toBe(parents[indices.at(-1)!]! < 0);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('a chain of 5,000 is walked once from its tip', async () => {
    const base = await vhdx('0', { is: 0 });
    const child = await vhdx('1', { is: 1, parent: 0 });
    const disks = Array.from({ length: 5000 }, (_, index) => ({
      name: `${index}`,
      disk:
        index === 0
          ? base.disk
          : { ...child.disk, dataWriteGuid: guid(index), parent: { id: guid(index - 1), paths: [] } },
    }));
    const { chains, problems } = linkChains(disks);
    expect(problems).toEqual([]);
    expect(chains.map((chain) => [chain.isWhole, chain.disks.length])).toEqual([[true, 5000]]);
  });
});
