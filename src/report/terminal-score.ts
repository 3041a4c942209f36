import type { ScoreRow, ScoreUnit } from '../plan/score/score.ts';
import { formatBytes, formatDurationMs, formatShare } from '../units.ts';
import type { TerminalOptions } from './terminal.ts';
import { painter } from './terminal-paint.ts';
import { type NamedColumn, namedTable } from './terminal-table.ts';

const TEXT: Readonly<Record<ScoreUnit, (value: number) => string>> = {
  bytes: formatBytes,
  ms: formatDurationMs,
  count: (value) => value.toLocaleString('en-US'),
  ratio: (value) => value.toFixed(3),
};

const COLUMNS: readonly NamedColumn<ScoreRow>[] = [
  { title: 'Predicted', columns: 14, text: ({ unit, predicted }) => TEXT[unit](predicted) },
  { title: 'Measured', columns: 14, text: ({ unit, measured }) => TEXT[unit](measured) },
  { title: 'Error', columns: 9, text: ({ relativeError }) => errorText(relativeError) },
  { title: 'Bound', columns: 9, text: ({ holds }) => (holds === null ? '' : holds ? 'holds' : 'BROKEN') },
];

/** What was predicted beside what was measured, for a terminal. Ends in a newline. */
export function renderScore(rows: readonly ScoreRow[], { color, width }: TerminalOptions): string {
  const names = rows.map(({ title }) => title);
  return `${namedTable('Figure', names, COLUMNS, rows, width, painter(color)).join('\n')}\n`;
}

/** The same as a table in Markdown. Ends in a newline. */
export function renderScoreMarkdown(rows: readonly ScoreRow[]): string {
  const lines = rows.map((row) => `| ${[row.title, ...COLUMNS.map(({ text }) => text(row))].join(' | ')} |`);
  const titles = ['Figure', ...COLUMNS.map(({ title }) => title)];
  return `${[`| ${titles.join(' | ')} |`, `|${titles.map(() => '---').join('|')}|`, ...lines].join('\n')}\n`;
}

/** Signed: above 0 the planner said too much. */
function errorText(relativeError: number | null): string {
  if (relativeError === null) return '–';
  const text = formatShare(Math.abs(relativeError));
  return relativeError === 0 ? text : `${relativeError < 0 ? '−' : '+'}${text}`;
}
