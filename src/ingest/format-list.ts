import { MAX_RECORD_CHARACTERS } from '../formats/csv-records.ts';
import type { Problem } from '../model/problem.ts';
import type { TableSource } from './table-source.ts';
import type { TextSource } from './text-source.ts';

interface Listed {
  readonly line: number;
  readonly values: Map<string, string>;
}

/** As many records as an inventory has rows, with a property more than any cmdlet has. [chosen] */
const MAX_RECORDS = 200_000;
const MAX_PROPERTIES = 200;
const MAX_VALUE_CHARACTERS = 32_768;
/** Properties of all records together: the text is held until its end, since only then all columns are known. [chosen] */
const MAX_VALUES = 4_000_000;

/** `Path            : C:\a.vhdx`; the colons of a list stand in one column, behind blanks. */
const PROPERTY = /^([A-Za-z][\w.-]{0,63})\s*:(?: (.*))?$/;
/** `    "Path":  "C:\\a.vhdx",` as ConvertTo-Json writes it. */
const JSON_PROPERTY = /^\s+"([A-Za-z]\w{0,63})":\s+(.*?),?\s*$/;

/**
 * Whether a text looks like the output of PowerShell's Format-List: a property per line, two of them at least, in the first lines that are neither
 * blank nor comments.
 */
export function isFormatList(text: string): boolean {
  const lines = text
    .slice(0, 16_384)
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .slice(0, 3);
  return lines.length > 1 && lines.slice(0, 2).every((line) => /^[A-Za-z][\w.-]{0,63}\s*:(\s|$)/.test(line));
}

/**
 * The text of Format-List as a table: a row per record, a column per property, in the order in which they came first. Records end at a blank line, or
 * where a property comes again; a long value goes on in the next, indented line. Other lines are passed over. Records of ConvertTo-Json among them
 * are read too.
 */
export function formatListTable(source: TextSource): TableSource {
  const list = new RecordList();
  return {
    name: source.name,
    brokenOff: () => source.brokenOff?.() ?? (list.isFull ? tooLong(source.name) : undefined),
    async read(sink) {
      let line = 0;
      let rest = '';
      for await (const chunk of source.chunks) {
        // A return at the end may be half of a line end.
        const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/);
        rest = lines.pop()!;
        for (const text of lines) list.add(text, ++line);
        if (rest.length > MAX_RECORD_CHARACTERS) {
          sink.fault({ kind: 'record-too-long', line: line + 1 });
          rest = '';
          break;
        }
        if (list.isFull) break;
      }
      list.add(rest, ++line);
      const headers = [...list.headers];
      if (headers.length === 0 || !sink.header(headers, list.records[0]!.line, '\t')) return;
      for (const { line: row, values } of list.records) {
        sink.record(
          headers.map((header) => values.get(header) ?? ''),
          row,
        );
      }
    },
  };
}

function tooLong(file: string): Problem {
  const message = 'The list is longer than any inventory; it was not read to its end.';
  return { severity: 'error', code: 'format-list-too-long', file, message, remedy: 'Give the disks by Export-Csv.' };
}

class RecordList {
  readonly records: Listed[] = [];
  readonly headers = new Set<string>();
  isFull = false;
  #values: Map<string, string> | undefined;
  #last: string | undefined;
  #valueCount = 0;

  add(text: string, line: number): void {
    const bare = text.replace(/^\uFEFF/, '').trimEnd();
    if (bare === '') {
      this.#values = undefined;
      return;
    }
    const json = JSON_PROPERTY.exec(bare);
    const plain = json === null ? PROPERTY.exec(bare) : null;
    if (json !== null) this.#set(json[1]!, jsonText(json[2]!), line);
    else if (plain !== null) this.#set(plain[1]!, (plain[2] ?? '').trim(), line);
    else if (/^\s/.test(bare) && this.#values !== undefined && this.#last !== undefined) this.#goOn(bare.trim());
    else this.#values = undefined;
  }

  #set(name: string, value: string, line: number): void {
    if (this.isFull) return;
    if (this.#values === undefined || this.#values.has(name)) {
      this.isFull = this.records.length === MAX_RECORDS;
      if (this.isFull) return;
      this.#values = new Map();
      this.records.push({ line, values: this.#values });
    }
    if (!this.headers.has(name) && this.headers.size === MAX_PROPERTIES) return;
    this.headers.add(name);
    this.#values.set(name, value);
    this.#last = name;
    this.isFull = ++this.#valueCount === MAX_VALUES;
  }

  #goOn(text: string): void {
    const value = `${this.#values!.get(this.#last!) ?? ''}${text}`;
    if (value.length <= MAX_VALUE_CHARACTERS) this.#values!.set(this.#last!, value);
  }
}

function jsonText(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? value : value === null || typeof value === 'object' ? '' : String(value);
  } catch {
    return '';
  }
}
