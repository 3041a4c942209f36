import { type Problem, shownValue } from '../model/problem.ts';

/** Beyond it a list helps nobody; the last problem then says how many more there are. */
export const MAX_ERRORS = 200;

/** Where in the file, in which column, on what text. */
export interface Place {
  readonly row?: number;
  readonly column?: string;
  readonly value?: string;
}

/** Collects the problems of one file: all of them in one pass, at most {@link MAX_ERRORS} errors in full. */
export class ProblemList {
  readonly file: string;
  errorCount = 0;
  private readonly problems: Problem[] = [];

  constructor(file: string) {
    this.file = file;
  }

  error(code: string, place: Place, message: string, remedy: string): void {
    this.errorCount++;
    if (this.errorCount <= MAX_ERRORS) this.problems.push(this.problem('error', code, place, message, remedy));
  }

  warning(code: string, place: Place, message: string, remedy: string): void {
    this.problems.push(this.problem('warning', code, place, message, remedy));
  }

  /** A problem that was made elsewhere, such as a file that broke off. */
  add(problem: Problem): void {
    if (problem.severity === 'error') this.errorCount++;
    this.problems.push(problem);
  }

  /** Errors that were counted but not kept. */
  addUnlisted(count: number): void {
    this.errorCount += count;
  }

  /** Sorted by line; problems of the whole file first. */
  all(): Problem[] {
    const sorted = this.problems.toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0));
    const listed = sorted.filter((problem) => problem.severity === 'error').length;
    const more = this.errorCount - listed;
    if (more === 0) return sorted;
    const message = `${more} more ${more === 1 ? 'error' : 'errors'} in this file, not listed.`;
    return [...sorted, this.problem('error', 'too-many-errors', {}, message, 'Correct the ones above first.')];
  }

  private problem(severity: Problem['severity'], code: string, place: Place, message: string, remedy: string): Problem {
    const { row, column, value } = place;
    return {
      severity,
      code,
      file: this.file,
      ...(row === undefined ? {} : { row }),
      ...(column === undefined ? {} : { column: shownValue(column) }),
      ...(value === undefined ? {} : { value: shownValue(value) }),
      message,
      remedy,
    };
  }
}

/** `one`, `2 disks`: a count with its noun. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The first five of a list of names, quoted, and how many more there are. */
export function fewNames(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => `"${shownValue(name)}"`);
  return names.length > 5 ? `${shown.join(', ')} and ${names.length - 5} more` : shown.join(', ');
}
