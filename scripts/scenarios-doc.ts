/** `npm run docs`: makes the tables of `docs/scenarios.md` from the registries; the text around them is written by hand. */
import { readFileSync, writeFileSync } from 'node:fs';
import { LIBRARY } from '../src/study/space/library.ts';
import { VARIABLES } from '../src/study/space/variables.ts';
import { formatDurationMs } from '../src/units.ts';

const PAGE = new URL('../docs/scenarios.md', import.meta.url);
const BEGIN = '<!-- variables: made from src/study/space by npm run docs -->';
const END = '<!-- end of the variables -->';

/** The page with its tables made anew. */
export function scenariosMarkdown(page: string): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const variables = VARIABLES.map(({ key, relations, worse, subjects = [], needsSubject, step, unit, says }) => {
    const whom =
      subjects.length === 0 ? '' : `${subjects.join(', ')}${needsSubject === true ? ' (must be named)' : ''}`;
    const usual = step === undefined ? '' : unit === 'ms' || unit === 'instant' ? formatDurationMs(step) : String(step);
    return `| \`${key}\` | ${relations.map((relation) => `\`${relation}\``).join(', ')} | ${cell(says)} | ${worse ?? 'shape'} | ${usual} | ${whom} |`;
  });
  const cases = LIBRARY.map(({ name, title, says }) => `| \`${name}\` | ${title} | ${cell(says)} |`);
  const tables = [
    '## What can vary',
    [
      '| variable | how | what it is | worse is | usual step | of whom |',
      '| --- | --- | --- | --- | --- | --- |',
      ...variables,
    ].join('\n'),
    '## Named cases',
    'With `--with`, and under what a promise must hold, a name stands for one scenario; with `--vary` for a range of them.',
    ['| name | | what it stands for |', '| --- | --- | --- |', ...cases].join('\n'),
  ].join('\n\n');
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error('docs/scenarios.md has lost the marks of its tables');
  return `${before}${BEGIN}\n\n${tables}\n\n${END}${after}`;
}

if (import.meta.filename === process.argv[1]) writeFileSync(PAGE, scenariosMarkdown(readFileSync(PAGE, 'utf8')));
