import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRules } from '../../src/ingest/rules-file.ts';
import { SHIPPED_RULE_FILES } from '../../src/plan/shipped-rules.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const FILES = readdirSync(resolve(ROOT, 'rules'));
const textOf = (file: string): string => readFileSync(resolve(ROOT, 'rules', file), 'utf8');
const schema = JSON.parse(readFileSync(resolve(ROOT, 'schemas/rules.schema.json'), 'utf8'));
const validate = new Ajv2020({ strict: true, strictTypes: false, allErrors: true }).compile(schema);

const LIMIT = {
  ...{ id: 'mine', title: 'Mine', scenarios: ['hyperv-to-azure'], field: 'disk.sizeBytes', comparison: 'at-most' },
  ...{ limit: 100, unit: 'GiB', effect: 'incompatible', action: 'Do.', collect: 'Ask.' },
  ...{ source: 'a page', sourceDate: '2026-01-05' },
};
const fileOf = (...limits: readonly unknown[]): object => ({ schema: 'asr-plan/rules@1', title: 'x', limits });
const parse = (value: unknown) => parseRules('r.json', JSON.stringify(value));
const columns = (value: unknown) => parse(value).problems.map(({ code, column }) => `${code} ${column ?? ''}`.trim());

describe.each(FILES)('rules/%s', (file) => {
  it('is read without a problem, fits the published schema, and is the one that is in force', () => {
    const { rules, problems } = parseRules(file, textOf(file));
    expect(problems).toEqual([]);
    expect(validate(JSON.parse(textOf(file))) ? [] : validate.errors).toEqual([]);
    const shipped = SHIPPED_RULE_FILES.find((candidate) => candidate.file === `rules/${file}`)!;
    const filled = { limits: [], diskTiers: [], vmSizes: [], ...shipped.rules };
    expect({ ...filled, $schema: undefined }).toEqual({ ...rules, $schema: undefined });
  });
});

it('ships every file that is in the folder', () => {
  expect(SHIPPED_RULE_FILES.map(({ file }) => file).sort()).toEqual(FILES.map((file) => `rules/${file}`).sort());
});

describe('a file that is refused', () => {
  it.each([
    ['no JSON', '{"schema"', 'rules-not-json'],
    ['NaN, which is no JSON', '{"schema":"asr-plan/rules@1","title":"x","limits":[{"limit":NaN}]}', 'rules-not-json'],
    ['a list', '[]', 'rules-wrong-type'],
    ['nothing', 'null', 'rules-wrong-type'],
    ['very deep', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'rules-wrong-type'],
    ['very long', `"${'x'.repeat(4_000_001)}"`, 'rules-too-large'],
  ])('%s', (_, text, code) => {
    const { rules, problems } = parseRules('r.json', text);
    expect(rules).toBeUndefined();
    expect(problems.map((problem) => problem.code)).toEqual([code]);
  });

  it('a deep value where a number belongs is refused at its place', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const text = JSON.stringify(fileOf({ ...LIMIT, limit: 'HERE' })).replace('"HERE"', deep);
    expect(parseRules('r.json', text).problems.map(({ column, value }) => [column, value])).toEqual([
      ['limits[0].limit', '[…]'],
    ]);
  });

  it('says all that is wrong at once, each with its place', () => {
    const wrong = {
      ...LIMIT,
      id: '__proto__',
      limit: '100',
      unit: 'Gib',
      sourceDate: '2026-02-30',
      field: 'disk.size',
    };
    expect(columns({ ...fileOf(wrong, 7, { ...LIMIT, note: '' }), vmSizes: [{ id: 'a' }], extra: 1 })).toEqual([
      'rules-unknown-key extra',
      'rules-wrong-type limits[1]',
      'rules-wrong-value limits[0].id',
      'rules-wrong-value limits[0].sourceDate',
      'rules-wrong-value limits[0].field',
      'rules-wrong-value limits[0].unit',
      'rules-wrong-value limits[2].note',
      'rules-missing vmSizes[0].source',
      'rules-missing vmSizes[0].sourceDate',
      'rules-missing vmSizes[0].cores',
      'rules-missing vmSizes[0].memoryGib',
      'rules-missing vmSizes[0].dataDiskCount',
      'rules-missing vmSizes[0].nicCount',
      'rules-missing vmSizes[0].iops',
    ]);
  });

  it.each<[string, object, string]>([
    ['no date of the source', { sourceDate: undefined }, 'rules-missing limits[0].sourceDate'],
    ['no source', { source: ' ' }, 'rules-wrong-value limits[0].source'],
    ['a unit of another dimension', { unit: 'IOPS' }, 'rules-wrong-value limits[0].unit'],
    ['a limit below 0', { limit: -1 }, 'rules-wrong-value limits[0].limit'],
    ['a word for a number', { limit: 'much' }, 'rules-wrong-value limits[0].limit'],
    ['a list for a number', { comparison: 'one-of', limit: ['a'] }, 'rules-wrong-value limits[0].comparison'],
    ['an unknown scenario', { scenarios: ['vmware'] }, 'rules-wrong-value limits[0].scenarios'],
    ['one scenario twice', { scenarios: ['vmm-to-vmm', 'vmm-to-vmm'] }, 'rules-wrong-value limits[0].scenarios'],
    ['a line break in a text', { title: 'a\nb' }, 'rules-wrong-value limits[0].title'],
    [
      'yes for true',
      { field: 'disk.isShared', comparison: 'equals', unit: 'yes/no', limit: 'yes' },
      'rules-wrong-value limits[0].limit',
    ],
    [
      'a VM that hangs on a disk',
      {
        field: 'vm.cores',
        unit: 'count',
        when: [{ field: 'disk.isOsDisk', comparison: 'equals', limit: true, unit: 'yes/no' }],
      },
      'rules-wrong-value limits[0].when[0].field',
    ],
    ['too many conditions', { when: Array.from({ length: 11 }, () => ({})) }, 'rules-wrong-value limits[0].when'],
  ])('%s', (_, change, expected) => {
    expect(columns(fileOf({ ...LIMIT, ...change }))).toEqual([expected]);
  });

  it('infinity, which JSON can carry as 1e999', () => {
    const text = JSON.stringify(fileOf(LIMIT)).replace('100', '1e999');
    expect(parseRules('r.json', text).problems.map(({ column }) => column)).toEqual(['limits[0].limit']);
  });

  it('an id twice', () => {
    expect(columns(fileOf(LIMIT, { ...LIMIT, limit: 5 }))).toEqual(['rules-wrong-value limits[1].id']);
  });

  it('a key __proto__ is only an unknown key, and changes no prototype', () => {
    const text = JSON.stringify(fileOf(LIMIT)).replace('"title":"x"', '"title":"x","__proto__":{"polluted":1}');
    const { rules, problems } = parseRules('r.json', text);
    expect(problems.map(({ code, column }) => [code, column])).toEqual([['rules-unknown-key', '__proto__']]);
    expect(rules).toBeUndefined();
    expect('polluted' in {}).toBe(false);
  });

  it('units and fields that every object has are none', () => {
    expect(columns(fileOf({ ...LIMIT, unit: 'toString' }))).toEqual(['rules-wrong-value limits[0].unit']);
    expect(columns(fileOf({ ...LIMIT, field: 'constructor' }))).toEqual(['rules-wrong-value limits[0].field']);
  });

  it('more rules than a page can show', () => {
    const many = Array.from({ length: 501 }, (_, at) => ({ ...LIMIT, id: `r${at}` }));
    expect(columns(fileOf(...many))).toEqual(['rules-wrong-value limits']);
  });
});

it('a file without rules is a warning', () => {
  expect(
    parse({ schema: 'asr-plan/rules@1', title: 'x' }).problems.map(({ severity, code }) => [severity, code]),
  ).toEqual([['warning', 'rules-none']]);
});

it('what is read fits the schema, and what does not fit it is not read', () => {
  const junk = fc.oneof(
    fc.constant(undefined),
    fc.jsonValue(),
    fc.constantFrom('', 'GiB', 'at-most', 'disk.sizeBytes', -1, 1e300),
  );
  const keys = fc.constantFrom(...Object.keys(LIMIT), 'when', 'note', 'zz');
  fc.assert(
    fc.property(fc.array(fc.tuple(keys, junk), { maxLength: 4 }), (changes) => {
      const file = JSON.parse(JSON.stringify(fileOf({ ...LIMIT, ...Object.fromEntries(changes) })));
      const { rules } = parse(file);
      if (rules !== undefined) expect(validate(file) ? [] : validate.errors).toEqual([]);
      if (!validate(file)) expect(rules).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

it('any text gives rules or problems, and never throws', () => {
  const [text] = FILES.map(textOf);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: text!.length }), fc.string({ maxLength: 3 }), (at, piece) => {
      const { rules, problems } = parseRules('r.json', text!.slice(0, at) + piece + text!.slice(at + piece.length));
      expect(rules !== undefined || problems.length > 0).toBe(true);
    }),
    { numRuns: 200 },
  );
});
