import { type Ingested, type IngestOptions, type Input, ingest, type TextSource } from '../../src/ingest/ingest.ts';
import type { Disk } from '../../src/model/workload.ts';
import { DAY_MS } from '../../src/units.ts';

/** The text as a source, cut into pieces of the given lengths (the last one repeats). */
export function textSource(name: string, text: string, lengths: readonly number[] = [text.length || 1]): TextSource {
  return { name, chunks: pieces(text, lengths) };
}

async function* pieces(text: string, lengths: readonly number[]): AsyncGenerator<string> {
  for (let from = 0, index = 0; from < text.length; index++) {
    const length = Math.max(1, lengths[Math.min(index, lengths.length - 1)]!);
    yield text.slice(from, from + length);
    from += length;
  }
}

/** Lines joined as a file. */
export function lines(...texts: readonly string[]): string {
  return `${texts.join('\n')}\n`;
}

/** A text as a file that was given. */
export function textInput(name: string, text: string, lengths?: readonly number[], role?: Input['role']): Input {
  const head = new TextEncoder().encode(text.slice(0, 65_536));
  return {
    ...{ name, head, headText: text.slice(0, 65_536), sniffed: { encoding: 'utf-8' } },
    text: () => textSource(name, text, lengths),
    utf8: () => ({ name, chunks: bytes(text, lengths?.[0]) }),
    ...(role === undefined ? {} : { role }),
  };
}

async function* bytes(text: string, length?: number): AsyncGenerator<Uint8Array> {
  const all = new TextEncoder().encode(text);
  const each = Math.max(1, length ?? all.length);
  for (let from = 0; from < all.length; from += each) yield all.subarray(from, from + each);
}

/** An inventory and, where it is given, a series, as `analyze vms.csv --churn series.csv` gives them. */
export function ingestText(vms: string, churn?: string, options: Partial<IngestOptions> = {}): Promise<Ingested> {
  const inputs = [
    textInput('vms.csv', vms, undefined, 'inventory'),
    ...(churn === undefined ? [] : [textInput('series.csv', churn, undefined, 'churn')]),
  ];
  return ingest(inputs, { horizonMs: 7 * DAY_MS, ...options });
}

/** The only disk of a workload that holds one; fails with the problems where there is none. */
export function onlyDisk(ingested: Ingested): Disk {
  const disk = ingested.workload?.vms[0]?.disks[0];
  if (disk === undefined) throw new Error(JSON.stringify(ingested.problems, undefined, 2));
  return disk;
}

/** `code@row` of each problem, `~` before a warning's. That the series of most tests are short is left out. */
export function codes(ingested: Pick<Ingested, 'problems'>): string[] {
  const told = ingested.problems.filter(({ code }) => code !== 'churn-short');
  return told.map(({ severity, code, row }) => {
    const place = row === undefined ? '' : `@${row}`;
    return `${severity === 'warning' ? '~' : ''}${code}${place}`;
  });
}
