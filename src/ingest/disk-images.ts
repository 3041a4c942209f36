import { type DiskChain, linkChains, type NamedDisk } from '../formats/disk-chain.ts';
import { readVirtualDisk } from '../formats/virtual-disk.ts';
import { problemOf } from '../model/problem.ts';
import { type DiskTraits, knownTraits } from '../model/traits.ts';
import { volumeOfPath } from './disk-path.ts';
import { withTraits } from './export-traits.ts';
import type { Input } from './input.ts';
import type { DiskRow, InventoryFile } from './inventory-file.ts';
import { countOf, ProblemList } from './problem-list.ts';

/** Virtual disks themselves as an inventory, and whose Data Write GUID is which, for the logs. */
export interface DiskImages {
  readonly file: InventoryFile;
  /** Path of a VHDX by its Data Write GUID. */
  readonly pathOfGuid: ReadonlyMap<string, string>;
}

/**
 * Reads the headers of VHD and VHDX files: sizes, what is allocated, and the chains of differencing disks, each of which is one disk of a VM
 * with what all of its files hold.
 */
export async function readDiskImages(inputs: readonly Input[]): Promise<DiskImages> {
  const problems = new ProblemList(inputs.length === 1 ? inputs[0]!.name : 'virtual disks');
  const named: NamedDisk[] = [];
  let unreadCount = 0;
  for (const input of inputs) {
    if (input.withBytes === undefined) {
      problems.add(
        problemOf(
          'error',
          'disk-pipe',
          input.name,
          'A virtual disk cannot be read from a pipe.',
          'Give the file itself.',
        ),
      );
      continue;
    }
    const { disk, problems: found } = await input.withBytes(readVirtualDisk);
    if (disk === undefined) unreadCount++;
    else named.push({ name: input.name, disk });
    // In a folder one spoilt file is no reason to plan none of the others.
    const severity = disk === undefined && input.isFound !== true ? 'error' : 'warning';
    for (const { code, atBytes, message } of found) {
      problems.add(
        problemOf(
          severity,
          code,
          input.name,
          `${message} (at byte ${atBytes})`,
          disk === undefined ? 'Check that the copy is whole.' : 'Its sizes are taken as far as they could be read.',
        ),
      );
    }
  }
  const { chains, problems: broken } = linkChains(named);
  for (const { code, names, message } of broken) {
    const remedy =
      'Give the folder in which all of its files lie. A broken chain of disks fails replication until it is mended.';
    problems.add(problemOf('warning', code, names[0] ?? problems.file, message, remedy));
  }
  const pathOfGuid = new Map(
    named.flatMap(({ name, disk }) => (disk.dataWriteGuid === undefined ? [] : [[disk.dataWriteGuid, name]])),
  );
  const rows = chains.map((chain, at) => rowOf(chain, at + 1));
  const chainedCount = named.length - rows.length;
  return {
    file: {
      ...{ format: 'virtual disks (VHDX, VHD)', rows, vms: [], excluded: [], hasDiskColumn: true, problems },
      headerOf: (key) => key,
      dropped: new Map([
        ...(unreadCount > 0 ? [['not readable', unreadCount] as const] : []),
        ...(chainedCount > 0
          ? [[`${countOf(chainedCount, 'file')} of a chain, counted with its disk`, chainedCount] as const]
          : []),
      ]),
      rowCount: inputs.length,
    },
    pathOfGuid,
  };
}

function rowOf({ disks, isWhole }: DiskChain, row: number): DiskRow {
  const tip = disks[0]!;
  // The base bears the name that everybody knows the disk by.
  const path = isWhole ? disks.at(-1)!.name : tip.name;
  const sizeBytes = tip.disk.virtualSizeBytes;
  const allocated = disks.map(({ disk }) => disk.allocatedBytes);
  const usedBytes = allocated.every((bytes) => bytes !== undefined)
    ? Math.min(
        sizeBytes,
        allocated.reduce((sum, bytes) => sum + bytes, 0),
      )
    : undefined;
  return {
    ...{ row, vm: '', disk: '', host: '', volume: volumeOfPath(path), path, sizeBytes },
    ...(usedBytes === undefined ? {} : { usedBytes }),
    ...withTraits(
      knownTraits<DiskTraits>({
        format: tip.disk.format.toUpperCase(),
        kind: disks.at(-1)!.disk.type,
        logicalSectorBytes: tip.disk.logicalSectorBytes,
        physicalSectorBytes: tip.disk.physicalSectorBytes,
      }),
    ),
  };
}
