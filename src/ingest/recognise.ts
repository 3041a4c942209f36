import { readCsv } from '../formats/csv.ts';
import type { Input } from './input.ts';

/** Kinds of files, by what is done with them. */
export type Recognised =
  | { readonly kind: 'inventory' | 'churn' | 'pdh' | 'prometheus' | 'parquet' | 'workload' }
  /** None of ours, and what to do about it. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly remedy: string }
  /** Nothing that is known, and it came with a folder. */
  | { readonly kind: 'ignored' };

/** Tells by its content what a file is, never by its name. What cannot be told is what the user said, else an inventory: its reader says what it lacks. */
export async function recognise(input: Input): Promise<Recognised> {
  const text = input.headText;
  const start4 = String.fromCharCode(...input.head.subarray(0, 4));
  if (start4 === 'PAR1') return { kind: 'parquet' };
  if (text === undefined) {
    if (!('encoding' in input.sniffed)) return refused(input.sniffed.what, input.sniffed.remedy);
    return refused('a binary file', 'Export the table as CSV, in UTF-8 or UTF-16.');
  }
  const start = text.replace(/^\uFEFF/, '').trimStart();
  if (/^"?\(PDH-[CT]SV/i.test(start)) return { kind: 'pdh' };
  if (start.startsWith('{')) return json(start);
  if (/^#\s*(HELP|TYPE)\s+\w+/.test(start)) {
    const remedy =
      'Ask Prometheus for a range: /api/v1/query_range?query=rate(windows_hyperv_virtual_storage_device_bytes_written[5m])&start=…&end=…&step=300, and give its JSON.';
    return refused('a single scrape of an exporter, which has totals and no rates', remedy);
  }
  return table(await headerOf(text), input);
}

function table(headers: readonly string[], input: Input): Recognised {
  if (input.role !== undefined) return { kind: input.role };
  const names = new Set(headers.map((header) => header.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')));
  const has = (...patterns: readonly RegExp[]): boolean =>
    patterns.every((pattern) => [...names].some((name) => pattern.test(name)));
  if (
    has(
      /^(time|timestamp|datetime|start|date|epoch)/,
      /^(vm|vmname|name|server|machine)/,
      /^(write|written|churn|bytes|data)/,
    )
  ) {
    return { kind: 'churn' };
  }
  if (has(/^(vm|vmname|name|server|virtualmachine|machine)/) || has(/size|capacity/)) return { kind: 'inventory' };
  return input.isFound === true ? { kind: 'ignored' } : { kind: 'inventory' };
}

function json(start: string): Recognised {
  if (/^\{\s*"schema"\s*:\s*"asr-plan\/workload@/.test(start)) return { kind: 'workload' };
  if (/^\{\s*"status"\s*:\s*"(success|error)"/.test(start)) return { kind: 'prometheus' };
  if (/"(link|hosts|clouds|volumes)"\s*:/.test(start)) {
    return refused('a site file, it seems', 'Give it with --site.');
  }
  return refused(
    'a JSON file that is neither a workload nor a Prometheus range',
    'Give the JSON of /api/v1/query_range, or of asr-plan import.',
  );
}

function refused(what: string, remedy: string): Recognised {
  return { kind: 'refused', code: 'input-not-readable', message: `This looks like ${what}.`, remedy };
}

/** The cells of the first record of a CSV. */
async function headerOf(text: string): Promise<readonly string[]> {
  let headers: readonly string[] = [];
  await readCsv(once(text), {
    header(cells) {
      headers = cells;
      return false;
    },
    record() {},
    fault() {},
  });
  return headers;
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}
