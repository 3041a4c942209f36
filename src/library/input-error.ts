import type { Problem } from '../model/problem.ts';

/**
 * What was given cannot be planned: a file, an option, or what they say together. `problems` has everything that was found, warnings too,
 * as the command line would print it; the message names the errors.
 */
export class InputError extends Error {
  override readonly name: string = 'InputError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(
      problems
        .filter(({ severity }) => severity === 'error')
        .map(sentence)
        .join('\n'),
    );
    this.problems = problems;
  }
}

function sentence({ file, row, column, message, remedy }: Problem): string {
  const at = [row === undefined ? [] : `row ${row}`, column === undefined ? [] : column].flat();
  const where = `${file}${at.length === 0 ? '' : ` (${at.join(', ')})`}: `;
  // A flag's message begins with its name.
  return `${message.startsWith(`${file} `) ? '' : where}${message}${message.endsWith('.') ? '' : '.'} ${remedy}`;
}
