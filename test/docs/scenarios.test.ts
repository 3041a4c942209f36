import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { scenariosMarkdown } from '../../scripts/scenarios-doc.ts';
import { parseVary } from '../../src/study/space/parse-vary.ts';
import { DAY_MS } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';

const PAGE = readFileSync(new URL('../../docs/scenarios.md', import.meta.url), 'utf8');

test('docs/scenarios.md has the variables and cases of the registries', () => {
  expect(PAGE).toBe(scenariosMarkdown(PAGE));
});

test('every example of docs/scenarios.md is read', () => {
  const run = buildRun({
    vms: [buildVm({ name: 'SQL01', host: 'HV01', disks: [buildDisk()] })],
    options: { horizonMs: 7 * DAY_MS },
  });
  const examples = /```\n([^`]+)```/.exec(PAGE)![1]!.trim().split('\n');
  expect(examples.length).toBeGreaterThan(10);
  for (const text of examples) expect(parseVary(text, { run, file: 'docs' }).problems, text).toEqual([]);
});
