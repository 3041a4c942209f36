/** What is wrong with an input, in a form that every edge (terminal, report, JSON) can print. */

export interface Problem {
  /** `error`: the run cannot go on. `warning`: it goes on, and the report says so. */
  readonly severity: 'error' | 'warning';
  /** Stable, for tests and scripts: `csv-missing-column`. */
  readonly code: string;
  /** The file's name as the user gave it, or the flag (`--bandwidth`). */
  readonly file: string;
  /** Line of the file, the first is 1; absent where the problem is the whole file's. */
  readonly row?: number;
  /** The column's header, or the path inside a JSON file. */
  readonly column?: string;
  /** The offending text, cut to 80 characters. */
  readonly value?: string;
  readonly message: string;
  /** What the user can do about it. */
  readonly remedy: string;
}

/** A problem of a whole file. */
export function problemOf(
  severity: Problem['severity'],
  code: string,
  file: string,
  message: string,
  remedy: string,
): Problem {
  return { severity, code, file, message, remedy };
}

const SHOWN_VALUE_LENGTH = 80;

/** Cuts a stranger's text to what a message can carry. */
export function shownValue(text: string): string {
  return text.length <= SHOWN_VALUE_LENGTH ? text : `${text.slice(0, SHOWN_VALUE_LENGTH)}…`;
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
