import { formatLocal } from '../../model/clock.ts';
import { formatBitsPerSec, formatBytes, formatDurationMs, formatShare } from '../../units.ts';
import type { Chart, Column, Row, Timed } from '../charts/chart.ts';
import { shownName } from '../shown-name.ts';

type Value = Row[string] | undefined;

/** A value as the table prints it. */
export function printed({ clock }: Timed, column: Column, value: Value): string {
  if (value === null || value === undefined) return '–';
  if (typeof value !== 'number') return shownName(String(value));
  switch (column.kind) {
    case 'instant':
      return formatLocal(clock, value);
    case 'bytes':
      return formatBytes(value);
    case 'mbps':
      return formatBitsPerSec(value);
    case 'duration':
      return formatDurationMs(value);
    case 'share':
      return formatShare(value);
    default:
      return String(value);
  }
}

/** The column's title without the bare value's unit, which the table prints with each value. */
export function tableTitle(column: Column): string {
  return column.title.replace(/ \((ms|B|bit\/s)\)$/, '');
}

/** The chart's rows as CSV (RFC 4180, with a mark that makes spreadsheets read UTF-8). Instants are local time. */
export function csvOf<About extends Timed>(about: About, chart: Chart<About>): string {
  const header = chart.columns.map((column) =>
    column.kind === 'instant' ? `${column.title} (${about.clock.timeZone})` : column.title,
  );
  const rows = chart
    .rows(about)
    .map((row) => chart.columns.map((column) => csvValue(about, column, row[column.field])));
  return `\uFEFF${[header.map(quoted), ...rows].map((cells) => cells.join(',')).join('\r\n')}\r\n`;
}

function csvValue({ clock }: Timed, column: Column, value: Value): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return column.kind === 'instant' ? formatLocal(clock, value) : String(value);
  return quoted(String(value));
}

function quoted(text: string): string {
  // A spreadsheet would run a cell that begins like a formula; the apostrophe makes it text.
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
