import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Cell,
  executeNotebook,
  findNbconvert,
  NOTEBOOKS,
  notebookNames,
  notebookText,
  readNotebook,
} from '../scripts/notebooks.ts';

const INSTALL_MS = 600_000;
const NOTEBOOK_MS = 300_000;

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'asr-plan-notebooks-'));
  findNbconvert();
}, INSTALL_MS);

afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true });
});

const textOf = ({ source }: Cell): string => source.join('');

test('there are the four that were promised', () => {
  expect(notebookNames()).toEqual(
    expect.arrayContaining([
      'sizing-a-link.ipynb',
      'validating-the-model.ipynb',
      'what-an-outage-costs.ipynb',
      'which-disks-to-exclude.ipynb',
    ]),
  );
});

describe.each(notebookNames())('%s', (name) => {
  const { cells } = readNotebook(join(NOTEBOOKS, name));

  test('begins with its question, asserts what it concludes, and ends with the answer', () => {
    expect(cells[0]!.cell_type).toBe('markdown');
    expect(textOf(cells[0]!).split('\n')[0]).toMatch(/^# .+\?$/);
    expect(
      cells.filter((cell) => cell.cell_type === 'code' && /\bassert\b[.(]/.test(textOf(cell))).length,
    ).toBeGreaterThan(2);
    expect(textOf(cells.at(-2)!)).toBe('## The answer');
    const answer = cells.at(-1)!.outputs!.map(({ data }) => String(data?.['text/plain']));
    expect(answer.join()).toMatch(/^\*\*[^*]+\.\*\*$/);
  });

  test('uses nothing of the product but the library', () => {
    const imported = cells
      .filter((cell) => cell.cell_type === 'code')
      .flatMap((cell) => [...textOf(cell).matchAll(/\bfrom '([^']+)'|\bimport\('([^']+)'\)/g)])
      .map((match) => match[1] ?? match[2]);
    expect(imported.length).toBeGreaterThan(0);
    const allowed = ['asr-plan', 'asr-plan/arbitraries', './show.ts', 'fast-check', 'node:assert/strict'];
    expect(imported.filter((from) => !allowed.includes(from!))).toEqual([]);
  });

  test.concurrent(
    'executes, and shows what it showed when it was written (npm run notebooks -- --write)',
    async ({ expect: expectHere }) => {
      const path = join(NOTEBOOKS, name);
      const executed = await executeNotebook(path);
      expectHere(shownBy(executed.cells)).toEqual(shownBy(cells));
      expectHere(notebookText(executed)).toBe(notebookText(readNotebook(path)));
    },
    NOTEBOOK_MS,
  );
});

/** What people read: texts and tables. */
function shownBy(cells: readonly Cell[]): string[] {
  return cells.flatMap(({ outputs = [] }) =>
    outputs.flatMap(({ data, text }) => (text ?? [data?.['text/plain'] ?? []].flat()) as string[]),
  );
}

describe('a notebook that is wrong is noticed', () => {
  const written = (...sources: readonly string[]): string => {
    const path = join(folder, `${sources.length}-${Math.random().toString(36).slice(2)}.ipynb`);
    const cells = sources.map((source, at) => ({
      ...{ cell_type: 'code' as const, id: `c${at}`, metadata: {}, execution_count: null, outputs: [] },
      source: [source],
    }));
    writeFileSync(path, notebookText({ cells, metadata: {}, nbformat: 4, nbformat_minor: 5 }));
    return path;
  };

  test.each([
    ['a thrown error', `throw new Error('planted')`, 'planted'],
    ['an assertion', `import assert from 'node:assert/strict';\nassert.equal(1, 2);`, 'AssertionError'],
    ['a rejected promise', `await Promise.reject(new Error('planted later'))`, 'planted later'],
    ['an import that is not there', `import { nothing } from './not-there.ts';`, 'not-there'],
  ])(
    '%s',
    async (_, source, said) => {
      await expect(executeNotebook(written('const a = 1;', source))).rejects.toThrow(said);
    },
    NOTEBOOK_MS,
  );

  test(
    'a value that is another today is another output',
    async () => {
      // The rest is that of notebooks/show.ts: without it the kernel may lose both outputs, which are then the same.
      const path = written('console.log(Math.random());\nawait new Promise((resolve) => setTimeout(resolve, 500));');
      expect(notebookText(await executeNotebook(path))).not.toBe(notebookText(await executeNotebook(path)));
    },
    NOTEBOOK_MS,
  );
});
