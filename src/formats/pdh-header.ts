/** The header line of a performance log in text (formats F1): the zone, and what each column counts. */
import type { Delimiter } from './csv-records.ts';

/** Longest header line. Some 2,600 counters of a desktop machine take 0.2 MB. */
export const MAX_HEADER_BYTES: number = 64 * 1024 ** 2;
/** More counters than any log has: each costs an object. */
const MAX_COUNTERS: number = 2 ** 18;
const MAX_FIRST_CELL = 1024;

/** A counter path, `\\host\object(instance#index)\counter`. */
export interface CounterPath {
  /** As written. */
  readonly path: string;
  readonly host?: string;
  /**
   * `''` where the text is no counter path; all of it is then the counter. Windows writes the comment of a data
   * collector set as the last column's name, commas and all.
   */
  readonly object: string;
  readonly instance?: string;
  /** Which of several instances of the same name, where a `#1` stands behind it; the first has none. */
  readonly index?: number;
  readonly counter: string;
}

export interface PdhHeader {
  readonly delimiter: Delimiter;
  /** As written, perhaps cut off or localised. */
  readonly zoneName?: string;
  /** Local time = UTC - westMinutes. */
  readonly westMinutes?: number;
  /** Column 0 is the first behind the time. */
  readonly counters: readonly CounterPath[];
}

const FIRST_CELL = /^"?\(PDH-[CT]SV 4\.0\)/i;

/** Whether a file's first bytes are a text log's: `(PDH-CSV 4.0)` or `(PDH-TSV 4.0)`, behind blank lines or a BOM. */
export function isPdhText(head: Uint8Array): boolean {
  return FIRST_CELL.test(String.fromCharCode(...head.subarray(0, 256)).replace(/^(\u00ef\u00bb\u00bf)?\s*/, ''));
}

/** Reads the header line, without its end. A fault's name where it is none, or has more than {@link MAX_COUNTERS}. */
export function parseHeader(line: string): PdhHeader | 'no-pdh-header' | 'too-many-counters' {
  if (!FIRST_CELL.test(line)) return 'no-pdh-header';
  const head = line.slice(0, MAX_FIRST_CELL);
  // The zone may hold delimiters and lack its end; a counter path begins with a backslash.
  const match = /^"?\(PDH-([CT])SV 4\.0\)(.*?)"?(?:([,;\t])"?(?=\\)|[,;\t]?$)/i.exec(head);
  const zone = match?.[2] ?? '';
  const delimiter = (match?.[3] ?? (match?.[1]?.toUpperCase() === 'T' ? '\t' : ',')) as Delimiter;
  const cellsFrom = match?.[3] === undefined ? line.length : match[0].length;
  const paths = splitPaths(
    line,
    match?.[0].endsWith('"') === true && cellsFrom < line.length ? cellsFrom - 1 : cellsFrom,
    delimiter,
  );
  if (paths === undefined) return 'too-many-counters';
  return { delimiter, ...parseZone(zone), counters: paths.map(parseCounterPath) };
}

/**
 * The cells from `from` on; `undefined` where there are too many. A quote ends a cell only before a delimiter or the
 * end, so that a stray one costs its own cell.
 */
function splitPaths(line: string, from: number, delimiter: Delimiter): string[] | undefined {
  const paths: string[] = [];
  for (let at = from; at < line.length; ) {
    if (paths.length === MAX_COUNTERS) return undefined;
    const isQuoted = line[at] === '"';
    let end = isQuoted ? closingQuote(line, at + 1, delimiter) : line.indexOf(delimiter, at);
    if (end < 0) end = line.length;
    paths.push(isQuoted ? line.slice(at + 1, end).replaceAll('""', '"') : line.slice(at, end));
    at = end + (isQuoted ? 2 : 1);
  }
  return paths;
}

function closingQuote(line: string, from: number, delimiter: Delimiter): number {
  for (let at = line.indexOf('"', from); at >= 0; at = line.indexOf('"', at + 1)) {
    if (line[at + 1] === '"') at++;
    else if (at + 1 === line.length || line[at + 1] === delimiter) return at;
  }
  return -1;
}

/** ` (China Standard Time)(-480)`, ` (Maroc (heure d`, ` (` or nothing. */
function parseZone(text: string): { zoneName?: string; westMinutes?: number } {
  const match = /^ *\((.*?)\)? *(?:\((-?\d{1,4})\)?)?$/.exec(text.trim());
  const name = match?.[1]?.trim() ?? '';
  const minutes = Number(match?.[2] ?? Number.NaN);
  return {
    ...(name === '' ? {} : { zoneName: name }),
    // Zones reach from UTC-12 to UTC+14; daylight time may add an hour.
    ...(Math.abs(minutes) <= 15 * 60 ? { westMinutes: minutes + 0 } : {}),
  };
}

/**
 * Splits a counter path (learn.microsoft.com, "Specifying a Counter Path"). An instance may hold brackets and
 * backslashes: it ends at the last `)\`, as counters hold none, but may hold brackets themselves. What looks like an
 * index may be part of the name.
 */
export function parseCounterPath(path: string): CounterPath {
  const host = /^\\\\([^\\]*)(?=\\)/.exec(path)?.[1];
  const rest = host === undefined ? path.replace(/^\\/, '') : path.slice(host.length + 3);
  const bracket = rest.indexOf('(');
  const backslash = rest.indexOf('\\');
  const named = { path, ...(host === undefined ? {} : { host }) };
  if (backslash < 0 || (bracket >= 0 && bracket < backslash && !rest.includes(')\\')))
    return { ...named, object: '', counter: rest };
  if (bracket < 0 || bracket > backslash)
    return { ...named, object: rest.slice(0, backslash), counter: rest.slice(backslash + 1) };
  const end = rest.lastIndexOf(')\\');
  if (end < bracket) return { ...named, object: '', counter: rest };
  const written = rest.slice(bracket + 1, end);
  const index = /#(\d{1,9})$/.exec(written);
  return {
    ...named,
    object: rest.slice(0, bracket),
    instance: index === null ? written : written.slice(0, index.index),
    ...(index === null ? {} : { index: Number(index[1]) }),
    counter: rest.slice(end + 2),
  };
}
