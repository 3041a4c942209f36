import { parseExclusions } from '../ingest/exclusions.ts';
import { type Ingested, type Input, ingest } from '../ingest/ingest.ts';
import { parseMap } from '../ingest/mapped-table.ts';
import { hasErrors, type Problem } from '../model/problem.ts';
import type { Workload } from '../model/workload.ts';
import type { Millis } from '../units.ts';
import { dailyShare, FlagReader } from './flag-reader.ts';
import type { Files, Named } from './opened-file.ts';

/** The flags that say what is read and how, of every command that reads a workload. */
export interface InputFlags {
  readonly churn?: string;
  readonly start?: string;
  readonly timeZone?: string;
  readonly exclude: readonly string[];
  readonly map?: string;
  readonly assumeChurn?: string;
}

/** Where files come from, and who is told how far the reading is. */
export interface Reading {
  readonly files: Files;
  readonly onProgress: (words: string) => void;
}

export interface ReadWorkload extends Pick<Ingested, 'assumptions' | 'receipts' | 'measured'> {
  readonly workload: Workload;
}

/** Files and folders to a workload; `undefined`, with problems, where there is an error in any of them. */
export async function readWorkload(
  files: readonly string[],
  flags: InputFlags,
  horizonMs: Millis,
  problems: Problem[],
  { files: opener, onProgress }: Reading,
): Promise<ReadWorkload | undefined> {
  const named: Named[] = files.map((path) => ({ path }));
  if (flags.churn !== undefined) named.push({ path: flags.churn, role: 'churn' });
  const opened = await opener.inputs(named);
  problems.push(...opened.problems);
  return await workloadOf(opened.inputs, flags, horizonMs, problems, onProgress);
}

/** The same of inputs that are open already. */
export async function workloadOf(
  inputs: readonly Input[],
  flags: InputFlags,
  horizonMs: Millis,
  problems: Problem[],
  onProgress: Reading['onProgress'],
): Promise<ReadWorkload | undefined> {
  const { exclusions, problems: wrongPatterns } = parseExclusions(flags.exclude);
  problems.push(...wrongPatterns);
  const reader = new FlagReader();
  const assumedChurnPerDay = reader.read(
    '--assume-churn',
    flags.assumeChurn,
    dailyShare,
    'a share of the used bytes per day',
    '3%/day',
    undefined as number | undefined,
  );
  const map = flags.map === undefined ? undefined : parseMap(flags.map);
  problems.push(...reader.problems, ...(map?.problems ?? []));
  // What could not be opened might have been the inventory: what is missing without it says nothing.
  if (hasErrors(problems.filter(({ code }) => code.startsWith('text-') || code.startsWith('input-')))) return undefined;
  const {
    workload,
    problems: found,
    ...read
  } = await ingest(inputs, {
    ...{ horizonMs, exclusions },
    ...(assumedChurnPerDay === undefined ? {} : { assumedChurnPerDay }),
    ...(map === undefined || hasErrors(map.problems) ? {} : { columnMap: map.columns }),
    onProgress: (bytes, file) => onProgress(`Reading ${nameOf(file)}: ${Math.floor(bytes / 1e6)} MB`),
    ...(flags.timeZone === undefined ? {} : { timeZone: flags.timeZone }),
    ...(flags.start === undefined ? {} : { start: flags.start }),
  });
  problems.push(...found);
  return workload === undefined ? undefined : { ...read, workload };
}

/** Of a path of any system. */
function nameOf(path: string): string {
  return path.replace(/^.*[\\/]/s, '');
}
