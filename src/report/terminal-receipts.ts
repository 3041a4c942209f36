import type { RunClock } from '../model/clock.ts';
import type { Receipt } from '../model/receipt.ts';
import { receiptNotes } from './receipt-notes.ts';
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
