import { readPrices } from '../ingest/prices.ts';
import type { PriceInput } from '../model/prices.ts';
import type { Problem } from '../model/problem.ts';
import { readWholeText } from './read-text.ts';

/** The files of `--prices`; `undefined` where none were given, or where one of them has an error. */
export async function readPriceFiles(
  paths: readonly string[] | undefined,
  problems: Problem[],
): Promise<PriceInput | undefined> {
  if (paths === undefined || paths.length === 0) return undefined;
  const files: { file: string; text: string }[] = [];
  for (const path of paths) {
    const text = await readWholeText(path);
    problems.push(...text.problems);
    if (text.value !== undefined) files.push({ file: path, text: text.value });
  }
  const read = readPrices(files);
  problems.push(...read.problems);
  return read.input;
}
