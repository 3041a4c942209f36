import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { notebookNames } from '../../scripts/notebooks.ts';
import * as arbitrariesModule from '../../src/library/arbitraries.ts';
import * as library from '../../src/library/index.ts';
import { OPTION_NAMES } from '../../src/library/options.ts';
import { ROOT, runCli } from '../cli/run-cli.ts';

const PAGE = readFileSync(join(ROOT, 'docs/library.md'), 'utf8');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

describe('docs/library.md', () => {
  test('its example is the file that is run', () => {
    const [, example] = /```ts\n(.*?)```/s.exec(PAGE)!;
    expect(example).toBe(readFileSync(join(ROOT, 'examples/fleet.test.ts'), 'utf8'));
  });

  test('every function and error that is exported stands in it, and nothing that is not', () => {
    const table = PAGE.slice(0, PAGE.indexOf('`fleet` is a path'));
    const functions = Object.entries(library)
      .filter(([name, value]) => typeof value === 'function' && !/^(format|parse)/.test(name))
      .map(([name]) => name);
    const doors = table.split('\n').flatMap((row) => /^\| (`.*?) \| /.exec(row)?.[1] ?? []);
    const told = doors.flatMap((door) => [...door.matchAll(/`(\w+)[(`]/g)].map(([, name]) => name));
    expect(told.toSorted()).toEqual([...functions, 'arbitraries'].toSorted());
    for (const name of Object.keys(arbitrariesModule.arbitraries)) expect(table).toContain(`\`${name}\``);
  });

  test('the README leads to every notebook, and to files that are there', () => {
    for (const name of notebookNames()) expect(README).toContain(`(notebooks/${name})`);
    const links = [...`${README}`.matchAll(/\]\(((?:notebooks|examples|docs)\/[^)#]+)\)/g)].map(([, path]) => path!);
    expect(links.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

test('the options are the command line’s, all but those that say what is written', () => {
  const { stdout } = runCli(['analyze', '--help'], ROOT);
  const flags = [...stdout.matchAll(/^\s+(?:-\w, )?--([a-z-]+)/gm)].map(([, flag]) =>
    flag!.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
  );
  const written = [
    'out',
    'json',
    'xlsx',
    'csv',
    'charts',
    'markdown',
    'runbook',
    'batchesOut',
    'quiet',
    'anonymize',
    'namesKey',
    'help',
  ];
  expect([...new Set(flags)].filter((flag) => !written.includes(flag)).toSorted()).toEqual(
    [...OPTION_NAMES].toSorted(),
  );
});
