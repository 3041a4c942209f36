import type { ExclusionAdvice } from '../exclusion-advice.ts';
import { groupedBy } from './fleet.ts';
import { quoted } from './powershell.ts';

/**
 * `$leaveOut`: of each VM that has any, the disks that the plan proposes to leave out, empty unless `$LeaveDisksOut` is `$true`.
 *
 * @param nameOf what the disk is called there; `null` = it cannot be named
 * @returns no lines where none of the VMs has such a disk
 */
export function leaveOutLines(
  exclusions: readonly ExclusionAdvice[],
  vms: ReadonlySet<string>,
  nameOf: (disk: string) => string | null,
): string[] {
  const named = exclusions.flatMap(({ vm, disk }) => {
    const name = vms.has(vm) ? nameOf(disk) : null;
    return name === null ? [] : [{ vm, name }];
  });
  if (named.length === 0) return [];
  return [
    '$leaveOut = @{}',
    'if ($LeaveDisksOut) {',
    ...groupedBy(named, ({ vm }) => vm).map(
      ([vm, disks]) => `    $leaveOut[${quoted(vm)}] = @(${disks.map(({ name }) => quoted(name)).join(', ')})`,
    ),
    '}',
  ];
}

/** The file's name without folder and ending. */
export function diskFileOf(disk: string): string {
  const file = disk.slice(
    Math.max(disk.lastIndexOf('\\', disk.length - 2), disk.lastIndexOf('/', disk.length - 2)) + 1,
  );
  return file.replace(/\.a?vhd[xs]?$/i, '');
}

/** A drive's or a share's path with the ending of a virtual disk, as `-ExcludedVhdPath` wants it; `null` where it is none. */
export function fullPathOf(disk: string): string | null {
  return /^([a-z]:\\|\\\\[^\\]).*\.a?vhd[xs]?$/is.test(disk) ? disk : null;
}
