import { type Problem, problemOf } from '../../model/problem.ts';

/** Options of everything that searches. */
export interface SearchFlags {
  readonly scenarios?: string;
  readonly workers?: string;
  readonly answers?: string;
  readonly resume?: boolean;
}

export interface SearchSettings {
  readonly scenariosMost: number;
  /** Absent = as many as there are cores. */
  readonly workers?: number;
  readonly answersPath: string;
  readonly resume: boolean;
}

const SCENARIOS_MOST = 2000;
const WORKERS_MOST = 256;
const DEFAULT_ANSWERS = 'study.answers.jsonl';

export function readSearchFlags(flags: SearchFlags, problems: Problem[]): SearchSettings {
  const workers = whole('--workers', flags.workers, WORKERS_MOST, problems);
  return {
    scenariosMost: whole('--scenarios', flags.scenarios, 1e6, problems) ?? SCENARIOS_MOST,
    ...(workers === undefined ? {} : { workers }),
    answersPath: flags.answers ?? DEFAULT_ANSWERS,
    resume: flags.resume === true,
  };
}

function whole(flag: string, text: string | undefined, most: number, problems: Problem[]): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  problems.push(
    problemOf(
      'error',
      'flag-value',
      flag,
      `'${text.slice(0, 80)}' is no number that it takes.`,
      `Write a whole number from 1 to ${most}.`,
    ),
  );
  return undefined;
}
