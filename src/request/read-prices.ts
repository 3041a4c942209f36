import { readPrices } from '../ingest/prices.ts';
import type { PriceInput } from '../model/prices.ts';
import type { Problem } from '../model/problem.ts';
import { type Files, wholeText } from './opened-file.ts';

/** The files of `--prices`; `undefined` where none were given, or where one of them has an error. */
export async function readPriceFiles(
  paths: readonly string[],
  problems: Problem[],
  opener: Files,
): Promise<PriceInput | undefined> {
  if (paths.length === 0) return undefined;
  const files: { file: string; text: string }[] = [];
  for (const path of paths) {
    const opened = await opener.open(path);
    const text = opened.value === undefined ? undefined : await wholeText(opened.value);
    problems.push(...opened.problems, ...(text?.problems ?? []));
    if (text?.value !== undefined) files.push({ file: path, text: text.value });
  }
  const read = readPrices(files);
  problems.push(...read.problems);
  return read.input;
}
