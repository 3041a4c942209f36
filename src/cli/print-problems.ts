import type { Problem } from '../model/problem.ts';

/** Problems for a terminal, errors first: where, what, which value, what to do. Strangers' text cannot move the cursor. */
export function printProblems(problems: readonly Problem[]): string {
  return problems
    .toSorted((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning'))
    .map((problem) => {
      const place = [
        problem.file,
        problem.row === undefined ? [] : `row ${problem.row}`,
        problem.column === undefined ? [] : `column ${problem.column}`,
      ]
        .flat()
        .join(', ');
      const value = problem.value === undefined ? '' : ` (found: ${problem.value})`;
      return `${visible(`${problem.severity}: ${place}: ${problem.message}${value}`)}\n  ${visible(problem.remedy)}\n`;
    })
    .join('');
}

/** Control, line-breaking and direction-changing characters shown as their code points. */
function visible(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
