/** `npm run docs`: makes the tables of `docs/promises.md` from the registry of figures; the text around them is written by hand. */
import { readFileSync, writeFileSync } from 'node:fs';
import { FIGURES } from '../src/study/promises/figures.ts';
import { type QuantityDimension, SCOPES } from '../src/study/promises/promise.ts';

const PAGE = new URL('../docs/promises.md', import.meta.url);
const BEGIN = '<!-- figures: made from src/study/promises by npm run docs -->';
const END = '<!-- end of the figures -->';

const TITLES = {
  fleet: 'The whole fleet and the site’s link',
  vms: "A VM: `vms['SQL01'].…`, `vms.max(…)`",
  volumes: "A volume: `volumes['HV01: D:'].…`, `volumes.max(…)`",
  hosts: "A host: `hosts['HV01'].…`, `hosts.max(…)`",
  links: "A further link: `links['branch'].…`, `links.max(…)`",
} as const;
const KINDS: Readonly<Record<QuantityDimension, string>> = {
  ms: 'duration',
  B: 'bytes',
  'bit/s': 'bit/s',
  'B/s': 'bytes/s',
  number: 'number',
  truth: 'condition',
};

/** The page with its tables made anew. */
export function promisesMarkdown(page: string): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const tables = (['fleet', ...SCOPES] as const).map((scope) => {
    const rows = FIGURES[scope].figures.map(
      ({ name, argument, dimension, meaning, source, needsDetail }) =>
        `| \`${name}${argument === undefined ? '' : '(15 min)'}\` | ${KINDS[dimension]} | ${cell(meaning)} | \`${source}\` | ${needsDetail === true ? 'yes' : ''} |`,
    );
    return `### ${TITLES[scope]}\n\n| figure | is | what it says | field of the run’s result | detail |\n| --- | --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  });
  const [before, rest] = page.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error('docs/promises.md has lost the marks of its tables');
  return `${before}${BEGIN}\n\n${tables.join('\n')}\n${END}${after}`;
}

if (import.meta.filename === process.argv[1]) writeFileSync(PAGE, promisesMarkdown(readFileSync(PAGE, 'utf8')));
