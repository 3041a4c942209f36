import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { promisesMarkdown } from '../../scripts/promises-doc.ts';
import { FIGURES } from '../../src/study/promises/figures.ts';
import { parsePromise } from '../../src/study/promises/parse-promise.ts';
import { SCOPES } from '../../src/study/promises/promise.ts';

const PAGE = readFileSync(new URL('../../docs/promises.md', import.meta.url), 'utf8');
const KNOWN = {
  vms: ['SQL01'],
  volumes: ['HV01: D:', 'C:\\ClusterStorage\\Volume1'],
  hosts: ['HV01'],
  links: ['branch'],
};

test('docs/promises.md has the figures of the registry', () => {
  expect(PAGE).toBe(promisesMarkdown(PAGE));
  for (const scope of ['fleet', ...SCOPES] as const) {
    for (const { name } of FIGURES[scope].figures) expect(PAGE).toContain(`| \`${name}`);
  }
});

test('every example of docs/promises.md is a promise', async () => {
  const examples = /```\n([^`]+)```/.exec(PAGE)![1]!.trim().split('\n');
  expect(examples.length).toBeGreaterThan(8);
  for (const text of examples) expect((await parsePromise(text, KNOWN)).problems, text).toEqual([]);
});

test('every figure can be asked for by the name that it has there', async () => {
  for (const scope of ['fleet', ...SCOPES] as const) {
    for (const { name, argument, dimension } of FIGURES[scope].figures) {
      const member = scope === 'fleet' ? '' : `${scope}['${KNOWN[scope][0]}'].`;
      const figure = `${member}${name}${argument === undefined ? '' : '(15 min)'}`;
      const limit = { ms: '1 h', B: '1 GiB', 'bit/s': '1 Mbit/s', 'B/s': '1 MB/s', number: '1', truth: '' }[dimension];
      const text = dimension === 'truth' ? figure : `${figure} <= ${limit}`;
      expect((await parsePromise(text, KNOWN)).problems, text).toEqual([]);
    }
  }
});
