import { formatLocal, type RunClock } from '../model/clock.ts';
import type { Receipt } from '../model/receipt.ts';
import { shownName } from './shown-name.ts';
import type { TerminalOptions } from './terminal.ts';
import { painter } from './terminal-paint.ts';
import { wrapTo } from './terminal-width.ts';

/** What became of each file, for a terminal. Ends in a newline where there is any. */
export function renderReceipts(
  receipts: readonly Receipt[],
  clock: RunClock,
  { color, width }: TerminalOptions,
): string {
  const paint = painter(color);
  return receipts
    .flatMap((receipt) => [
      ...wrapTo(shownName(receipt.file), width).map((line) => paint('bold', line)),
      ...receiptNotes(receipt, clock).flatMap((note) => wrapTo(shownName(note), width - 2).map((line) => `  ${line}`)),
    ])
    .map((line) => `${line}\n`)
    .join('');
}

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
