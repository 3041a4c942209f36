/**
 * Paths of virtual disks' files, as Windows writes them and as its counters name them: `\\?\C:\ClusterStorage\Volume1\SQL01\data.vhdx` and
 * `--?-C:-ClusterStorage-Volume1-SQL01-data.vhdx` are one disk, and so is its checkpoint `data_<GUID>.avhdx` (formats F1).
 */

/** One text for all spellings of a path: what counters make of it, in lower case. Not invertible: `a-b\c` and `a\b-c` are one. */
export function pathKey(path: string): string {
  const key = path.trim().toLowerCase().replace(/[\\/]/g, '-').replace(/-+/g, '-');
  return key.replace(/^-(\?|\.)-/, '').replace(/^unc-/, '');
}

/** The key without the ending, and for a checkpoint's file that of the disk that it belongs to. */
export function stemKey(path: string): string {
  return pathKey(path)
    .replace(/\.(a?vhdx?|hrl)$/, '')
    .replace(CHECKPOINT, '');
}

const CHECKPOINT = /_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Whether a text is the path of a virtual disk's file. */
export function isDiskPath(text: string): boolean {
  return /[\\/].*\.a?vhdx?$|^.+\.a?vhdx?$/i.test(text.trim());
}

/** The last part of a path. */
export function fileNameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

/** The file's name without its ending and a checkpoint's mark, in lower case. */
export function fileStemKey(path: string): string {
  return stemKey(fileNameOf(path));
}

/** Folders that say nothing of whose disks lie in them. */
const COMMON_FOLDERS =
  /^(virtual hard disks|virtual machines|vhds?|vhdx|disks?|snapshots|hyper-v|volume\d*|clusterstorage|vms?)$/i;

/**
 * The VM to which a disk most likely belongs where nothing but its path is known: the nearest folder that bears a name of its own, else
 * the file's name. Hyper-V puts a VM's disks into `<name>\Virtual Hard Disks`.
 */
export function vmOfPath(path: string): string {
  const parts = path.split(/[\\/]/).filter((part) => part !== '' && part !== '?' && part !== '.');
  const file = parts.pop() ?? path;
  const folder = parts.toReversed().find((part) => !COMMON_FOLDERS.test(part) && !/^[a-z]:$/i.test(part));
  return folder ?? file.replace(/\.a?vhdx?$/i, '').replace(new RegExp(CHECKPOINT.source, 'i'), '');
}

/** The volume on which a path lies: a Cluster Shared Volume, a drive, a share, a mounted volume; '' where it does not show. */
export function volumeOfPath(path: string): string {
  const plain = path
    .trim()
    .replace(/^\\\\[?.]\\(UNC\\)?/i, (_, unc: string | undefined) => (unc === undefined ? '' : '\\\\'));
  const found = /^[a-z]:[\\/]ClusterStorage[\\/][^\\/]+|^[a-z]:|^[\\/]{2}[^\\/]+[\\/][^\\/]+|^Volume\{[^}]+\}/i.exec(
    plain,
  );
  return found?.[0] ?? '';
}
