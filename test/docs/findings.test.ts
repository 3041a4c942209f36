import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { findingsMarkdown } from '../../scripts/findings-doc.ts';
import { FINDING_RULES } from '../../src/plan/findings/registry.ts';

test('docs/findings.md is what the rules say', () => {
  expect(readFileSync(new URL('../../docs/findings.md', import.meta.url), 'utf8')).toBe(findingsMarkdown());
});

test('every rule has a file of its name, and every such file is a rule', () => {
  const files = readdirSync(new URL('../../src/plan/findings/', import.meta.url))
    .map((file) => file.replace(/\.ts$/, ''))
    .filter((name) => !['finding', 'registry', 'shares'].includes(name));
  expect(FINDING_RULES.map(({ id }) => id).toSorted()).toEqual(files.toSorted());
});
