import type { RandomAccess } from './random-access.ts';
import { readBytes } from './random-access.ts';
import { readVhd, VHD_COOKIE, vhdFooterBytes } from './vhd.ts';
import { type DiskProblem, DiskProblemList, hasText, type VirtualDisk } from './vhd-common.ts';
import { readVhdx, VHDX_SIGNATURE } from './vhdx.ts';

export type { DiskParent, DiskProblem, DiskProblemCode, FatalDiskProblem, VirtualDisk } from './vhd-common.ts';

/** So many bytes of a file's start and of its end tell its format. */
export const VIRTUAL_DISK_PROBE_BYTES = 512;

/**
 * Tells a virtual disk by its content: from a file's first bytes and, for a fixed VHD, which has its only mark at the end,
 * its last ones ({@link VIRTUAL_DISK_PROBE_BYTES} each, or the whole of a shorter file).
 */
export function virtualDiskFormat(head: Uint8Array, tail?: Uint8Array): VirtualDisk['format'] | undefined {
  if (hasText(head, 0, VHDX_SIGNATURE)) return 'vhdx';
  const isVhd = hasText(head, 0, VHD_COOKIE) || (tail !== undefined && vhdFooterBytes(tail) !== undefined);
  return isVhd ? 'vhd' : undefined;
}

/**
 * Reads the headers and the block table of a VHD or VHDX, whichever the file is. What the file has wrong is among the
 * problems, and nothing in it makes this throw; the reads of `file` may. Reads less than 1 GiB in pieces of up to 1 MiB and
 * keeps no table.
 *
 * @returns the problems, the very list of `disk.problems`, and no disk where they leave none to speak of
 */
export async function readVirtualDisk(
  file: RandomAccess,
): Promise<{ readonly disk?: VirtualDisk; readonly problems: readonly DiskProblem[] }> {
  const problems = new DiskProblemList();
  const head = await readBytes(file, 0, VIRTUAL_DISK_PROBE_BYTES);
  const tail = await readBytes(file, Math.max(0, file.sizeBytes - VIRTUAL_DISK_PROBE_BYTES), VIRTUAL_DISK_PROBE_BYTES);
  const format = virtualDiskFormat(head, tail);
  if (format === undefined) problems.add('disk-unknown', 0, 'The file is neither a VHD nor a VHDX.');
  const disk = format === undefined ? undefined : await (format === 'vhdx' ? readVhdx : readVhd)(file, problems);
  return { ...(disk === undefined ? {} : { disk }), problems: problems.found };
}
