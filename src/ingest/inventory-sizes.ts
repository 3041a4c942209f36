import { type Bytes, formatBytes } from '../units.ts';
import type { Export } from './inventory-export.ts';
import { MAX_DISK_BYTES, MIN_DISK_BYTES } from './vms.ts';

/** 256 SCSI disks and 4 by IDE of the largest size (Microsoft, "Hyper-V scalability"). */
const MAX_VM_BYTES: Bytes = 260 * MAX_DISK_BYTES;

/** A disk's size in an export, by the limits of an inventory (vms.ts); 0 where it is refused, which is reported. */
export function diskSize(table: Export, key: string): Bytes {
  const text = table.text(key);
  const report = (code: string, message: string, remedy: string): Bytes => {
    table.error(code, key, message, remedy);
    return 0;
  };
  if (text === '')
    return report('vms-missing-size', 'The disk has no size.', 'Give its virtual size, or delete the row.');
  const value = table.number(key);
  if (value === undefined) return 0;
  const bytes = Math.round(value);
  if (bytes <= 0) {
    return report(
      'vms-size-not-positive',
      'A disk is larger than 0 bytes.',
      'Give its virtual size, or delete the row.',
    );
  }
  if (bytes < MIN_DISK_BYTES) {
    return report(
      'vms-size-too-small',
      `The disk is smaller than ${formatBytes(MIN_DISK_BYTES)}.`,
      'Check the number.',
    );
  }
  if (bytes <= MAX_DISK_BYTES) return bytes;
  const message = `The disk is larger than ${formatBytes(MAX_DISK_BYTES)}, the limit of a VHDX.`;
  return report('vms-size-too-large', message, 'Check the number.');
}

/**
 * The used bytes of a disk or VM of `sizeBytes` (0: not known); `undefined` where the export does not tell them. More than the size are taken as the
 * size: tools round, and count what lies beside the disk. Beyond `slackBytes` that is noted for {@link warnOfSizes}.
 */
export function usedWithin(
  table: Export,
  key: string,
  sizeBytes: Bytes,
  name: string,
  slackBytes: Bytes = 0,
): Bytes | undefined {
  const value = table.number(key);
  if (value === undefined) return undefined;
  const bytes = Math.round(value);
  if (bytes < 0) {
    table.error('vms-negative-used', key, 'Used bytes cannot be negative.', 'Give 0 or more.');
    return undefined;
  }
  if (sizeBytes === 0 && bytes > MAX_VM_BYTES) {
    table.error('vms-used-too-large', key, 'No VM has as much.', 'Check the number.');
    return undefined;
  }
  if (sizeBytes === 0 || bytes <= sizeBytes) return bytes;
  if (bytes - sizeBytes > slackBytes) table.note('used', name);
  return sizeBytes;
}

/** The size of all disks of a VM together; `undefined` where the export does not tell it, or says 0. */
export function vmSize(table: Export, key: string, vm: string): Bytes | undefined {
  const value = table.number(key);
  if (value === undefined) return undefined;
  const bytes = Math.round(value);
  if (bytes < 0) {
    table.error('vms-size-not-positive', key, 'A size cannot be negative.', 'Give 0 or more.');
  } else if (bytes > MAX_DISK_BYTES) {
    table.note('large', vm);
  }
  return bytes >= MIN_DISK_BYTES && bytes <= MAX_DISK_BYTES ? bytes : undefined;
}

/** The warnings of what the functions above noted; to be given at the end. */
export function warnOfSizes(table: Export): void {
  table.warnOf(
    'used',
    'inventory-used-over-size',
    (count, names) => `More is used than the size in ${count}; the size is taken: ${names}.`,
    'row',
    'Nothing, where the tool rounds or counts snapshots and swap files; else correct the numbers.',
  );
  table.warnOf(
    'large',
    'inventory-vm-too-large',
    (count, names) =>
      `All disks of ${count} together are larger than ${formatBytes(MAX_DISK_BYTES)}, the limit of one: ${names}. Their sizes are not taken from here.`,
    'VM',
    'Give a file with the single disks as well.',
  );
}
