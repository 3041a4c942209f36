import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseCounterPath } from '../../src/formats/pdh.ts';
import { inventoryFormatOf } from '../../src/ingest/inventory-formats.ts';
import { writtenCounter } from '../../src/ingest/write-counters.ts';
import { ROOT, runCli, ScratchFolder } from '../cli/run-cli.ts';

const PAGE = readFileSync(join(ROOT, 'docs/collect.md'), 'utf8');

describe('docs/collect.md', () => {
  test('names counters that are read', () => {
    const counters = [...PAGE.matchAll(/\\[^\\`'"\n]+\(\*\)\\[^`'"\n]+/g)].map(([path]) => path);
    expect(counters.length).toBeGreaterThanOrEqual(3);
    for (const path of counters) expect(writtenCounter(parseCounterPath(`\\\\H${path}`))).toBeDefined();
  });

  test('selects properties by which the exports are recognised', () => {
    const selections = [...PAGE.matchAll(/Select-Object ([\w,]+) \|/g)].map(([, columns]) => columns!.split(','));
    const formats = selections.map((columns) => inventoryFormatOf(columns)?.id);
    expect(formats).toEqual(['get-vmharddiskdrive', 'get-vhd', 'get-vmharddiskdrive', undefined]);
  });

  test('has commands that run', () => {
    const [block] = [...PAGE.matchAll(/```sh\n(asr-plan [^`]*)```/g)].at(-1)!.slice(1);
    using folder = new ScratchFolder();
    const datasets = `${join(ROOT, 'datasets')}/`;
    for (const line of block!.trim().split('\n')) {
      const args = line
        .split(' ')
        .slice(1)
        .map((word) => word.replace(/^datasets\//, datasets));
      expect([line, runCli(args, folder.path).code]).toEqual([line, 0]);
    }
  });

  test('gives options that there are', () => {
    const help = ['analyze', 'import', 'inspect', 'fit', 'quick']
      .map((name) => runCli([name, '--help'], ROOT).stdout)
      .join('');
    for (const [option] of PAGE.matchAll(/(?<=[ `])--[a-z][a-z-]+(?=[ `'"])/g)) {
      if (option !== '--data-urlencode') expect(help).toContain(option);
    }
  });
});
