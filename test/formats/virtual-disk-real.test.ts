import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { linkChains } from '../../src/formats/disk-chain.ts';
import { inMemory, type RandomAccess } from '../../src/formats/random-access.ts';
import { readVirtualDisk, type VirtualDisk } from '../../src/formats/virtual-disk.ts';
import { GIB, KIB, MIB } from '../../src/units.ts';
import { codesOf } from './vhd-laws.ts';

const SAMPLES = resolve(import.meta.dirname, '../../../shared/data/vhd');
const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;
const hasBzip2 = has('bzip2');
const hasQemu = has('qemu-img') && has('qemu-io');

function unpacked(name: string): Uint8Array {
  const path = join(SAMPLES, name);
  if (name.endsWith('.gz')) return gunzipSync(readFileSync(path));
  return execFileSync('bzip2', ['-dc', path], { maxBuffer: GIB });
}

async function read(bytes: Uint8Array): Promise<VirtualDisk> {
  const { disk } = await readVirtualDisk(inMemory(bytes));
  return disk!;
}

const NO_PROBLEMS = { problems: [] };
const VHD = { format: 'vhd', blockBytes: 2 * MIB, logicalSectorBytes: 512, physicalSectorBytes: undefined } as const;

describe.each([
  [
    // Made by qemu-img 7.2: 1 MiB at 0, something at 10 MiB + 300 KiB and at 63 MiB + 512.
    'qemu-img_dyn1M.vhdx.gz',
    {
      format: 'vhdx',
      type: 'dynamic',
      virtualSizeBytes: 64 * MIB,
      allocatedBytes: 3 * MIB,
      blockBytes: MIB,
      logicalSectorBytes: 512,
      physicalSectorBytes: 512,
      dataWriteGuid: '{6bbcbf65-0723-424f-bd85-138feb6f367b}',
      hasLogToReplay: false,
      createdBy: 'QEMU v7.2.22',
      ...NO_PROBLEMS,
    },
  ],
  [
    // The same without the last write.
    'qemu-img_dyn.vhd.gz',
    {
      ...VHD,
      ...NO_PROBLEMS,
      type: 'dynamic',
      virtualSizeBytes: 64 * MIB,
      allocatedBytes: 4 * MIB,
      createdBy: 'qem2 5.3 (Wi2k)',
    },
  ],
  [
    'hyperv2012r2-dynamic.vhd.bz2',
    {
      ...VHD,
      ...NO_PROBLEMS,
      type: 'dynamic',
      virtualSizeBytes: 127 * GIB,
      allocatedBytes: 0,
      createdBy: 'win 6.3 (Wi2k)',
      // Of version 4, as the bytes in Windows' order say.
      id: '{c85f2d6d-baee-4cde-8cee-de3a12db7c98}',
    },
  ],
  [
    'iotest-dynamic-1G.vhdx.bz2',
    {
      format: 'vhdx',
      type: 'dynamic',
      virtualSizeBytes: GIB,
      allocatedBytes: 96 * MIB,
      blockBytes: 32 * MIB,
      physicalSectorBytes: 4096,
      dataWriteGuid: '{d247cbb2-15b6-404b-9133-790733d694c0}',
      hasLogToReplay: false,
      createdBy: 'Microsoft Windows 6.2.9200.16384',
      ...NO_PROBLEMS,
    },
  ],
  [
    // Its two headers are one, with the same sequence number.
    'test-disk2vhd.vhdx.bz2',
    {
      type: 'dynamic',
      virtualSizeBytes: 256 * MIB,
      allocatedBytes: 256 * MIB,
      blockBytes: 2 * MIB,
      createdBy: 'd2v',
      ...NO_PROBLEMS,
    },
  ],
  [
    // 125.6 blocks, all there; the geometry is the greatest there is.
    'd2v-zerofilled.vhd.bz2',
    { ...VHD, ...NO_PROBLEMS, virtualSizeBytes: 263_454_720, allocatedBytes: 263_454_720, createdBy: 'd2v 1.0 (Wi2k)' },
  ],
  [
    'dfvfs_ext2.vhd.gz',
    { ...VHD, ...NO_PROBLEMS, type: 'dynamic', virtualSizeBytes: 4_212_736, allocatedBytes: 2 * MIB },
  ],
  [
    'dfvfs_fat-differential.vhd.gz',
    {
      ...VHD,
      ...NO_PROBLEMS,
      type: 'differencing',
      virtualSizeBytes: 4 * MIB,
      allocatedBytes: 18 * 512,
      parent: {
        id: '{551aa25f-94f3-4daa-9958-1951a67d5540}',
        paths: ['.\\fat-parent.vhd', 'C:\\Projects\\dfvfs\\test_data\\fat-parent.vhd'],
      },
    },
  ],
])('%s', (name, expected) => {
  const isHere = existsSync(join(SAMPLES, name)) && (name.endsWith('.gz') || hasBzip2);
  it.skipIf(!isHere)(`is read as it is${isHere ? '' : ' (skipped: no sample here, or no bzip2)'}`, async () => {
    expect(await read(unpacked(name))).toMatchObject(expected);
  });
});

describe('real chains', () => {
  const names = ['dfvfs_image.vhd', 'dfvfs_image-differential.vhd', 'dfvfs_fat-differential.vhd'];
  const isHere = names.every((name) => existsSync(join(SAMPLES, `${name}.gz`)));

  it.skipIf(!isHere)(`one whole, one broken${isHere ? '' : ' (skipped: no samples here)'}`, async () => {
    const disks = await Promise.all(
      names.map(async (name) => ({ name: name.slice(6), disk: await read(unpacked(`${name}.gz`)) })),
    );
    // Another tool refuses them for their checksums; whatever else they say is right.
    expect(codesOf(disks[0]!.disk.problems)).toEqual(['vhd-footer-damaged', 'vhd-footer-copy']);
    expect(codesOf(disks[1]!.disk.problems)).toEqual(['vhd-footer-damaged', 'vhd-footer-copy', 'vhd-header-damaged']);
    expect(disks[1]!.disk).toMatchObject({ virtualSizeBytes: 204 * 512, allocatedBytes: 204 * 512 });
    const { chains, problems } = linkChains(disks);
    expect(chains.map((chain) => [chain.isWhole, ...chain.disks.map(({ name }) => name)])).toEqual([
      [true, 'image-differential.vhd', 'image.vhd'],
      [false, 'fat-differential.vhd'],
    ]);
    expect(problems.map(({ code, names: of }) => [code, ...of])).toEqual([
      ['chain-parent-absent', 'fat-differential.vhd'],
    ]);
  });
});

describe('files that qemu-img makes', () => {
  const folder = hasQemu ? mkdtempSync(join(tmpdir(), 'asr-plan-vhd-')) : '';
  afterAll(() => {
    if (hasQemu) rmSync(folder, { recursive: true });
  });

  async function readPath(path: string): Promise<VirtualDisk> {
    const handle = await open(path);
    try {
      const file: RandomAccess = {
        sizeBytes: (await handle.stat()).size,
        read: async (into, offset) => (await handle.read(into, 0, into.length, offset)).bytesRead,
      };
      return (await readVirtualDisk(file)).disk!;
    } finally {
      await handle.close();
    }
  }

  function parseSize(text: string): number {
    const factor = { k: KIB, M: MIB, G: GIB, T: 1024 * GIB }[text.at(-1)!] ?? 1;
    return Number.parseInt(text, 10) * factor;
  }

  it.skipIf(!hasQemu).each([
    ['vhdx', 'subformat=dynamic,block_size=1M', '64M', ['0 1M', '10M 300k', '63M 512']],
    ['vhdx', 'subformat=dynamic,block_size=2M', '10241M', ['0 512', '4094M 2M', '8191M 1M', '10240M 1M']],
    ['vhdx', 'subformat=dynamic,block_size=256M', '3T', ['2T 4k']],
    ['vhdx', 'subformat=dynamic,block_size=8M', '64T', ['65535G 4k']],
    ['vhdx', 'subformat=fixed,block_size=1M', '8M', ['1M 1M']],
    ['vhdx', 'subformat=fixed,block_size=2M', '9M', []],
    ['vpc', 'subformat=dynamic,force_size=on', '64M', ['0 1M', '10M 300k']],
    ['vpc', 'subformat=dynamic,force_size=on', '65M', ['64M 1M']],
    ['vpc', 'subformat=dynamic', '5G', ['4G 4k']],
    ['vpc', 'subformat=dynamic,force_size=on', '2040G', ['2039G 1M']],
    ['vpc', 'subformat=fixed,force_size=on', '7M', []],
    ['vpc', 'subformat=fixed', '7M', []],
  ] as const)(`%s %s %s${hasQemu ? '' : ' (skipped: no qemu-img here)'}`, async (format, options, size, writes) => {
    const path = join(folder, 'disk');
    execFileSync('qemu-img', ['create', '-q', '-f', format, '-o', options, path, size]);
    for (const write of writes) {
      execFileSync('qemu-io', ['-f', format, '-c', `write -P 0xa5 ${write}`, path], { stdio: 'ignore' });
    }
    const qemu = (command: string): unknown =>
      JSON.parse(execFileSync('qemu-img', [command, '-f', format, '--output', 'json', path], { encoding: 'utf8' }));
    const info = qemu('info') as { 'virtual-size': number; 'cluster-size'?: number };
    const disk = await readPath(path);
    expect(disk.problems).toEqual([]);
    expect(disk.format).toBe(format === 'vpc' ? 'vhd' : 'vhdx');
    expect(disk.type).toBe(options.includes('fixed') ? 'fixed' : 'dynamic');
    expect(disk.virtualSizeBytes).toBe(info['virtual-size']);
    if (disk.format === 'vhdx' || disk.type === 'dynamic') expect(disk.blockBytes).toBe(info['cluster-size']);
    const touched = new Set(writes.map((write) => Math.floor(parseSize(write.split(' ')[0]!) / disk.blockBytes!)));
    const heldBytes = [...touched].map((block) =>
      Math.min(disk.blockBytes!, disk.virtualSizeBytes - block * disk.blockBytes!),
    );
    const expected = disk.type === 'fixed' ? disk.virtualSizeBytes : heldBytes.reduce((sum, bytes) => sum + bytes, 0);
    expect(disk.allocatedBytes).toBe(expected);
    // Of a VHDX qemu-img says that all of it is data.
    if (disk.format === 'vhd' && disk.type === 'dynamic') {
      const map = qemu('map') as { length: number; data: boolean }[];
      expect(disk.allocatedBytes).toBe(map.reduce((sum, extent) => sum + (extent.data ? extent.length : 0), 0));
    }
    rmSync(path);
  });

  it.skipIf(!hasQemu)('a raw file is none', async () => {
    const { disk, problems } = await readVirtualDisk(inMemory(new Uint8Array(64 * KIB)));
    expect(disk).toBeUndefined();
    expect(codesOf(problems)).toEqual(['disk-unknown']);
  });
});
