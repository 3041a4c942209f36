import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readPrices } from '../../src/ingest/prices.ts';
import { ITEM_FORMS, itemUnit } from '../../src/model/prices.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { LICENCE, retailPage, retailRow } from '../ingest/retail-page.ts';
import { validatePlan } from '../plan/validate-plan.ts';
import { ROOT, runCli, ScratchFolder } from './run-cli.ts';

const VMS =
  'vm,disk,host,volume,size_gib,used_gib,churn_gib_per_day\nSQL01,data,HV1,D:,100,9,1\nWEB01,os,HV1,D:,40,15,1\n';
const ARGS = ['analyze', 'vms.csv', '--bandwidth', '100Mbps', '--horizon', '2d'];
const EXAMPLE = join(ROOT, 'datasets/prices/example.json');

describe('--prices', () => {
  test('a file of our own and saved pages give a plan with amounts, by its schema', () => {
    using folder = new ScratchFolder({
      'vms.csv': VMS,
      'page.json': retailPage([retailRow(LICENCE), retailRow({ retailPrice: 19.5 })]),
    });
    const { code, stdout, stderr } = runCli([...ARGS, '--prices', 'page.json', '--json', '-'], folder.path);
    expect([code, stderr]).toEqual([0, '']);
    const plan: Plan = JSON.parse(stdout);
    expect(validatePlan(plan)).toEqual([]);
    expect(plan.cost.lines[0]).toMatchObject({ id: 'licence', amountMicros: 42_000_000 });
    const mixed = runCli([...ARGS, '--prices', 'page.json', '--prices', EXAMPLE, '--json', '-'], folder.path);
    expect((JSON.parse(mixed.stdout) as Plan).cost.lines[0]).toMatchObject({ amountMicros: 40_000_000 });
  });

  test('the summary has a sentence of cost', () => {
    using folder = new ScratchFolder({ 'vms.csv': VMS });
    const { stdout } = runCli([...ARGS, '--prices', EXAMPLE, '--out', 'r.html'], folder.path);
    expect(stdout).toMatch(/\nCost\n[\d,.]+ EUR a month/);
  });

  test('what is wrong in any of the files is told at once, with exit code 2', () => {
    using folder = new ScratchFolder({
      'vms.csv': `${VMS}X,os\n`,
      'usd.json': JSON.stringify({
        schema: 'asr-plan/prices@1',
        currency: 'USD',
        prices: [{ item: 'connection', price: -1 }],
      }),
      'spoilt.json': '{',
    });
    const { code, stdout, stderr } = runCli(
      [...ARGS, '--prices', 'usd.json', '--prices', EXAMPLE, '--prices', 'spoilt.json', '--prices', 'none.json'],
      folder.path,
    );
    expect([code, stdout]).toEqual([2, '']);
    for (const text of [
      'vms.csv',
      'usd.json',
      'several currencies',
      'spoilt.json',
      'none.json',
      'no such file',
      'A price is a number',
    ]) {
      expect(stderr).toContain(text);
    }
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('docs/prices.md', () => {
  const page = readFileSync(join(ROOT, 'docs/prices.md'), 'utf8');

  test('its example is read as it stands', () => {
    const [example] = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, text]) => text!);
    expect(readPrices([{ file: 'docs', text: example! }]).problems).toEqual([]);
  });

  test('every item that it names is one, and every kind of item is named', () => {
    const named = [...page.matchAll(/`([a-z]+[\w-]*\/[\w/-]+|connection)`/g)].map(([, item]) => item!);
    expect(named.length).toBeGreaterThan(9);
    for (const item of named) expect(itemUnit(item), item).toBeDefined();
    for (const [form] of ITEM_FORMS)
      expect(
        named.some((item) => item.split('/')[0] === form.split('/')[0]),
        form,
      ).toBe(true);
  });
});
