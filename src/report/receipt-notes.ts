import { formatLocal, type RunClock } from '../model/clock.ts';
import type { Receipt } from '../model/receipt.ts';

/** A receipt's sentences: what the file was taken for, what was read, joined, and left aside. */
export function receiptNotes(receipt: Receipt, clock: RunClock): string[] {
  const count = (value: number): string => value.toLocaleString('en-US');
  const local = (epochMs: number): string => formatLocal(clock, epochMs - clock.startEpochMs);
  const { coversMs } = receipt;
  return [
    `${receipt.format}: ${count(receipt.rowCount)} rows read, ${count(receipt.usedCount)} used`,
    ...receipt.read,
    ...receipt.joins.map(
      ({ what, count: found, examples }) => `${what}: ${count(found)}${examplesOf(examples, found)}`,
    ),
    ...receipt.dropped.map(({ reason, count: left }) => `left aside: ${count(left)}, ${reason}`),
    ...(coversMs === undefined
      ? []
      : [`from ${local(coversMs.fromEpochMs)} to ${local(coversMs.untilEpochMs)} ${clock.timeZone}`]),
  ];
}

function examplesOf(examples: readonly string[], count: number): string {
  if (examples.length === 0) return '';
  return ` (${examples.join(', ')}${count > examples.length ? ' …' : ''})`;
}
