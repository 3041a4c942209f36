import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePromise } from '../../src/study/promises/parse-promise.ts';
import type { Expression } from '../../src/study/promises/promise.ts';
import { DAY_MS, GIB, HOUR_MS, MINUTE_MS } from '../../src/units.ts';

const KNOWN = {
  vms: ['SQL01', 'SQL02', 'WEB01', "O'Neill", '__proto__ of nobody'],
  volumes: ['HV01: D:', 'C:\\ClusterStorage\\Volume1'],
  hosts: ['HV01'],
  links: [],
};

async function expressionOf(text: string): Promise<Expression> {
  const { requirement, problems } = await parsePromise(text, KNOWN);
  expect(problems, text).toEqual([]);
  return requirement!.expression;
}

async function refusalOf(text: string): Promise<string> {
  const { requirement, problems } = await parsePromise(text, KNOWN);
  expect(requirement, text).toBeUndefined();
  expect(problems, text).toHaveLength(1);
  const [problem] = problems;
  expect(problem).toMatchObject({ severity: 'error', file: '--require' });
  expect(problem!.value!.length).toBeLessThanOrEqual(81);
  expect(problem!.message.length).toBeGreaterThan(10);
  expect(problem!.message.length).toBeLessThan(400);
  expect(problem!.remedy.length).toBeGreaterThan(5);
  return `${problem!.code}: ${problem!.message} ${problem!.remedy}`;
}

const quantity = (value: number, dimension: string): unknown => ({ kind: 'quantity', value, dimension });

describe('what a promise may say', () => {
  test.each([
    ['15 min', 15 * MINUTE_MS],
    ['15min', 15 * MINUTE_MS],
    ['2 h 30 min', 150 * MINUTE_MS],
    ['2h 30min', 150 * MINUTE_MS],
    ['1 d 2 h 3 min 4 s', DAY_MS + 2 * HOUR_MS + 3 * MINUTE_MS + 4000],
    ['-2 h 30 min', -150 * MINUTE_MS],
    ['+2 h', 2 * HOUR_MS],
    ['3 days', 3 * DAY_MS],
    ['1.5 weeks', 10.5 * DAY_MS],
    ['1e3 ms', 1000],
    ['(15 min)', 15 * MINUTE_MS],
    ['15\u00a0min', 15 * MINUTE_MS],
  ])('a duration: %s', async (text, ms) => {
    expect(await expressionOf(`rpo.p95 <= ${text}`)).toEqual({
      kind: 'comparison',
      operator: '<=',
      left: { kind: 'figure', name: 'rpo.p95' },
      right: quantity(ms, 'ms'),
    });
  });

  test.each([
    ['volumes.max(extra) < 200 GiB', quantity(200 * GIB, 'B')],
    ['volumes.max(extra) < 1.5 TB', quantity(1.5e12, 'B')],
    ['link.p95 < 5 Mbit/s', quantity(5e6, 'bit/s')],
    ['link.p95 < 5 Mbps', quantity(5e6, 'bit/s')],
    ['link.p95 < 5 Mb/s', quantity(5e6, 'bit/s')],
    ['link.busy < 99.5 %', quantity(0.995, 'number')],
    ['link.busy < 99.5% and resyncs == 0', undefined],
    ['link.busy < 0.8', quantity(0.8, 'number')],
  ])('a quantity: %s', async (text, right) => {
    const expression = await expressionOf(text);
    if (right !== undefined) expect(expression).toMatchObject({ right });
    else expect(expression).toMatchObject({ operator: 'and', parts: [{ right: quantity(0.995, 'number') }, {}] });
  });

  test('a rate of bytes beside one of bits is brought to bits', async () => {
    expect(await expressionOf('link.p95 < 12 MB/s')).toMatchObject({
      right: { kind: 'arithmetic', operator: '*', parts: [quantity(12e6, 'B/s'), quantity(8, 'number')] },
    });
  });

  test('names are what stands between the quotes, backslashes and the other quotes included', async () => {
    expect(await expressionOf("volumes['C:\\ClusterStorage\\Volume1'].left > 0 GiB")).toMatchObject({
      left: { name: 'left', of: { scope: 'volumes', name: 'C:\\ClusterStorage\\Volume1' } },
    });
    expect(await expressionOf(`vms["O'Neill"].resyncs == 0`)).toMatchObject({ left: { of: { name: "O'Neill" } } });
  });

  test('aggregates go over all of a scope, or over those that fit a pattern', async () => {
    expect(await expressionOf("vms['SQL*'].count(resyncs > 0 and not critical) == 0")).toMatchObject({
      left: { kind: 'over', scope: 'vms', like: 'SQL*', by: 'count', inner: { operator: 'and' } },
    });
    expect(await expressionOf('volumes.all(extra <= 1 GiB)')).toMatchObject({ kind: 'over', by: 'all' });
  });

  test('a chain of comparisons is every pair of neighbours', async () => {
    expect(await expressionOf('1 min < rpo.p50 <= 5 min')).toMatchObject({
      kind: 'logic',
      operator: 'and',
      parts: [{ operator: '<' }, { operator: '<=' }],
    });
  });

  test('it says whether the lean simulation suffices, and which ages are to be counted', async () => {
    const read = async (text: string): Promise<unknown> => {
      const { requirement } = await parsePromise(text, KNOWN);
      return [requirement!.needsDetail, requirement!.withinMs];
    };
    expect(await read('rpo.p95 <= 15 min and resyncs == 0')).toEqual([false, []]);
    expect(await read('vms.max(log.fill) < 40 %')).toEqual([true, []]);
    expect(await read("volumes['HV01: D:'].left > 0 GiB")).toEqual([true, []]);
    expect(await read('rpo.within(1 h) > 99 % or vms.all(rpo.within(20 min) > 0.9)')).toEqual([
      false,
      [20 * MINUTE_MS, HOUR_MS],
    ]);
  });

  test('the text is kept without blanks at its ends', async () => {
    expect((await parsePromise('  resyncs == 0 ', KNOWN)).requirement!.text).toBe('resyncs == 0');
  });
});

describe('what is answered with the nearest right name', () => {
  test.each([
    ['rpo.p59 <= 15 min', '“rpo.p59” (character 1)', 'Did you mean `rpo.p95`'],
    ['resyncs == 0 and rpo.p59 <= 15 min', '“rpo.p59” (character 18)', 'Did you mean `rpo.p95`'],
    ['cycles.mised < 3', 'is no figure of the plan', '`cycles.missed`'],
    ["vms['SQL1'].rpo.max <= 1 h", 'names a VM that is not in this run', "`vms['SQL01']`"],
    ["vms['ONeill'].resyncs == 0", 'names a VM', '`vms["O\'Neill"]`'],
    ["volumes['HV01: E:'].extra <= 1 GiB", 'names a volume', "`volumes['HV01: D:']`"],
    ["volumes['D:'].extra <= 1 GiB", 'names a volume', "`volumes['HV01: D:']`"],
    [`vms['${'x'.repeat(200)}'].resyncs == 0`, 'names a VM', "There are 5, such as `vms['SQL01']`"],
    ["vms['SQL01'].rpo.mx <= 1 h", 'is no figure of a VM', '`rpo.max`'],
    ['vms.mex(rpo.max) <= 1 h', '`mex` over VMs', '`vms.max(…)`'],
    ["vms['SQL*'].rpo.max <= 1 h", 'is a pattern', "`vms['SQL*'].max(rpo.max)`"],
    ["vms['SQLX*'].max(rpo.max) <= 1 h", 'no VM fits', "`vms['SQL01']`"],
    ['vms.max(link.busy) <= 1', 'is no figure of a VM', 'a figure of the whole fleet'],
    ['log.fill <= 1', 'is no figure of the plan', '`vms.max(log.fill)`'],
    ['links.max(busy) <= 1', 'of which this run has none', ''],
    ['vms.rpo.max <= 1 h', 'without saying how', "`vms['SQL01'].rpo.max`"],
    ["vms['SQL01'] <= 1", 'no figure of it', "`vms['SQL01'].rpo.max`"],
    ['rpo.within <= 1', 'lacks what stands in its brackets', '`rpo.within(15 min)`'],
    ['rpo.within(2) <= 1', 'is no age', ''],
    ['rpo.within(0 min) <= 1', 'is no age', ''],
    ['rpo.within(resyncs * 1 min) <= 1', 'is no age', ''],
    ['rpo.p95(15 min) <= 1', 'takes nothing in brackets', '`rpo.p95`'],
    ['link.p95 <= 15 mbps', 'unit “mbps”', 'Write `Mbps`'],
    ['volumes.max(extra) <= 1 K', 'unit “K”', 'Write `KiB`'],
    ['volumes.max(extra) <= 1 gib', 'unit “gib”', 'Write `GiB`'],
    ['rpo.p95 <= 10 m', 'unit “m”', 'Write `min`'],
    ['rpo.p95 <= 10 minuts', 'unit “minuts”', 'Write `minute`'],
    ['rpo.p95 <= 2d10h', 'unit “d10h”', '`2 d 10 h`'],
    ['link.p95 <= 5 Mbit', 'unit “Mbit”', 'Write `Mbit/s`'],
    ['rpo.p95 <= min', 'unit without a number', '`1 min`'],
    ['rpo.p95 <= 15 i', 'unit “i”', ''],
    ['rpo.p95 <= 15 e', 'unit “e”', ''],
    ['rpo.p95 <= pi', 'is no figure', ''],
    ['not rpo.max > 1 h', '`not`', 'not (rpo.max > 1 h)'],
    ['rpo.max <= 1,5 h', '“,”', '1.5 h'],
    ['rpo.max ≤ 1 h', '“≤”', 'Write `<=`'],
    ['rpo.max <= 1 h && resyncs == 0', '“&”', 'Write `and`'],
  ])('%s', async (text, message, remedy) => {
    const said = await refusalOf(text);
    expect(said).toContain(message);
    expect(said).toContain(remedy);
  });
});

describe('what does not fit together', () => {
  test.each([
    ['rpo.p95 <= 200 GiB', '“rpo.p95” is a duration, “200 GiB” are bytes'],
    ['rpo.p95 <= 15', '“15” is a number without a unit'],
    ['rpo.p95 > 0', '“0” is a number without a unit'],
    ['resyncs == 1 h', '“1 h” is a duration'],
    ['rpo.p95 + 1 GiB <= 15 min', 'joins by +'],
    ['rpo.p95 * rpo.p50 <= 15 min', 'joins by *'],
    ['1 / rpo.p95 <= 15', 'joins by /'],
    ['rpo.p95 <= 1 h + 5 %', 'joins by +'],
    ['(resyncs == 0) == (critical == 0)', 'compares two conditions'],
    ['(resyncs == 0) + 1 <= 3', 'joins by +'],
    ['-(resyncs == 0) <= 3', 'operator'],
    ['rpo.p95', 'is a duration, where a condition is wanted'],
    ['resyncs and critical == 0', 'is a number without a unit, where a condition is wanted'],
    ['vms.all(resyncs)', '`all` takes a condition'],
    ['vms.max(critical) <= 1', '`max` takes a figure'],
    ['vms.max(5) <= 1', 'says nothing of a VM'],
    ['vms.count(5 > 3) <= 1', 'says nothing of a VM'],
    ["vms.max(vms['SQL01'].resyncs) <= 1", 'says nothing of a VM'],
    ['vms.max(vms.max(resyncs)) <= 1', 'inside another'],
    ['5 < 6', 'the same in every scenario'],
    ['link.sent <= 5 Mbit/s', 'is a rate in bit/s'],
  ])('%s', async (text, message) => {
    expect(await refusalOf(text)).toContain(message);
  });
});

const LONG = 10_000_000;

describe('hostile texts are refused with a reason', () => {
  /** Each with what refuses it; those that are long or deep never reach the parser. */
  const HOSTILE: readonly (readonly [string, string])[] = [
    ['import("fs")', 'promise-text'],
    ["import(['fs'])", 'promise-'],
    ['import(fs) > 1', 'promise-name'],
    ['createUnit("a")', 'promise-text'],
    ['createUnit(a) > 1', 'promise-name'],
    ['evaluate(x) > 1', 'promise-name'],
    ['parse(x) > 1', 'promise-name'],
    ['simplify(x) > 1', 'promise-name'],
    ['__proto__', 'promise-name'],
    ['__proto__ > 1', 'promise-name'],
    ['constructor', 'promise-name'],
    ['constructor > 1', 'promise-name'],
    ['toString > 1', 'promise-name'],
    ['toString() > 1', 'promise-not-allowed'],
    ['hasOwnProperty(resyncs) > 1', 'promise-name'],
    ['vms.constructor.constructor("return 1")()', 'promise-text'],
    ['vms.constructor.constructor(1)(2) > 1', 'promise-not-allowed'],
    ['vms.constructor(resyncs) > 1', 'promise-name'],
    ["vms['__proto__'].resyncs > 1", 'promise-name'],
    ["vms['constructor'].resyncs > 1", 'promise-name'],
    ["vms['SQL01'].__proto__ > 1", 'promise-name'],
    ["vms['SQL01'].constructor > 1", 'promise-name'],
    ["vms['SQL01']['resyncs'] > 1", 'promise-not-allowed'],
    ["vms['SQL01', 'SQL02'].resyncs > 1", 'promise-character'],
    ['vms[1].resyncs > 1', 'promise-not-allowed'],
    ['vms[resyncs].resyncs > 1', 'promise-not-allowed'],
    ['rpo.__proto__ > 1', 'promise-name'],
    ["rpo['p95'] <= 15 min", 'promise-not-allowed'],
    ["['rpo'].p95 <= 15 min", 'promise-'],
    ['"a".constructor', 'promise-text'],
    ["'a' == 'a'", 'promise-text'],
    ['1:1e9', 'promise-character'],
    ['sum(1:1000000000) > 1', 'promise-character'],
    ['x=1', 'promise-character'],
    ['f(x)=x', 'promise-character'],
    ['resyncs = 0', 'promise-character'],
    ['[1,2]', 'promise-character'],
    ['[resyncs] == 0', 'promise-not-allowed'],
    ['{a:1}', 'promise-character'],
    ['resyncs == 0 ? 1 : 2', 'promise-character'],
    ['5! > resyncs', 'promise-character'],
    ["resyncs' == 0", 'promise-text'],
    ['resyncs ^ 2 == 0', 'promise-character'],
    ['9^9^9^9 > resyncs', 'promise-character'],
    ['resyncs .* 2 == 0', 'promise-not-allowed'],
    ['resyncs to min == 0', 'promise-not-allowed'],
    ['resyncs in min == 0', 'promise-not-allowed'],
    ['resyncs mod 2 == 0', 'promise-not-allowed'],
    ['resyncs % 2 == 0', 'promise-'],
    ['resyncs == 0 xor critical == 0', 'promise-not-allowed'],
    ['resyncs | 1 == 0', 'promise-character'],
    ['~resyncs == 0', 'promise-character'],
    ['resyncs << 2 == 0', 'promise-not-allowed'],
    ['resyncs == 0; critical == 0', 'promise-character'],
    ['resyncs == 0\ncritical == 0', 'promise-'],
    ['resyncs == 0 # a comment', 'promise-character'],
    ['a?.b > 1', 'promise-character'],
    ['resyncs == true', 'promise-not-allowed'],
    ['resyncs == null', 'promise-not-allowed'],
    ['resyncs == undefined', 'promise-not-allowed'],
    ['resyncs == NaN', 'promise-not-allowed'],
    ['resyncs < Infinity', 'promise-not-allowed'],
    ['resyncs < 1e999', 'promise-not-allowed'],
    ['rpo.p95 < 1e999 min', 'promise-quantity'],
    ['rpo.p95 < 1e308 weeks', 'promise-quantity'],
    ['resyncs < 0x10', 'promise-character'],
    ['resyncs < 0b11', 'promise-character'],
    ['resyncs < i', 'promise-name'],
    ['resyncs 0', 'promise-'],
    ['2 resyncs == 0', 'promise-quantity'],
    ['1 / 2 h < rpo.p95', 'two ways'],
    ['2 (3 h) < rpo.p95', 'promise-quantity'],
    ['2 h 30 GiB < rpo.p95', 'promise-quantity'],
    ['50 % 3 % < link.busy', 'promise-quantity'],
    ['', 'promise-empty'],
    ['   ', 'promise-empty'],
    ['!', 'promise-character'],
    ["'", 'promise-text'],
    ["vms[''].resyncs > 1", 'promise-text'],
    ['resyncs == 0\0', 'promise-character'],
    ['resyncs == 0\u202e', 'promise-character'],
    ['resyncs == 0\u200b', 'promise-character'],
    ['resyncs == 0\ud800', 'promise-character'],
    ['rеsyncs == 0', 'promise-character'],
    ['þ > resyncs', 'promise-character'],
    ['resyncs == 0 and', 'promise-syntax'],
    [')(', 'promise-syntax'],
    ['resyncs == (0', 'promise-syntax'],
    ['('.repeat(400), 'promise-too-deep'],
    ['('.repeat(100_000), 'promise-too-long'],
    [`${'('.repeat(13)}resyncs == 0${')'.repeat(13)}`, 'promise-too-deep'],
    ['vms['.repeat(100), 'promise-too-deep'],
    [`${'-'.repeat(400)}1 < resyncs`, 'promise-too-deep'],
    [`${'- '.repeat(200)}1 < resyncs`, 'promise-too-deep'],
    [`${'not '.repeat(100)}(resyncs == 0)`, 'promise-too-deep'],
    [`${'1+'.repeat(150)}1 < resyncs`, 'promise-too-long'],
    [`resyncs < 1${' + 5%'.repeat(90)}`, 'promise-too-long'],
    ["vms['a'].x+".repeat(30), 'promise-too-long'],
    ['a'.repeat(LONG), 'promise-too-long'],
    [' '.repeat(LONG), 'promise-too-long'],
    ["'".repeat(501), 'promise-too-long'],
  ];

  test('there are many', () => expect(HOSTILE.length).toBeGreaterThan(80));

  test.each(HOSTILE.map(([text, code]) => [text.slice(0, 60), code, text] as const))('%j', async (_, code, text) => {
    expect(await refusalOf(text)).toContain(code);
  });

  test('a promise at the bounds is read', async () => {
    await expressionOf(`${'('.repeat(12)}resyncs == 0${')'.repeat(12)}`);
    await expressionOf('not not not (resyncs == 0)');
    await expressionOf(`resyncs == 0${' '.repeat(488)}`);
    await expressionOf(`resyncs <${' 1 +'.repeat(95)} 1`);
  });

  test('nothing of the parser’s is handed on: the expression is plain data', async () => {
    const { requirement } = await parsePromise("vms['SQL*'].max(rpo.max) / 2 <= 1 h and resyncs == 0", KNOWN);
    expect(structuredClone(requirement)).toEqual(requirement);
    expect(JSON.parse(JSON.stringify(requirement))).toEqual(requirement);
  });
});

const anyToken = fc.constantFrom(
  ...['rpo.p95', 'resyncs', 'vms', "['SQL01']", "['SQL*']", '.max(', 'rpo.max', ')', '(', '[', ']', '.', 'volumes'],
  ...['extra', '.count', '.all(', '15', '1e9', '0.5', 'min', 'h', 'GiB', 'Mbit', '/', 's', '%', '+', '-', '*', '<='],
  ...['<', '==', '!=', '>', 'and', 'or', 'not', 'to', 'in', 'mod', 'xor', 'true', "'", '"', ' ', 'within(', 'i', 'e'],
  ...['constructor', '__proto__', '5 %', '2 h 30 min', 'null', '0x', '1.', '..', 'end', '\n'],
);

describe('any text', () => {
  const neverThrows = async (text: string): Promise<void> => {
    const { requirement, problems } = await parsePromise(text, KNOWN);
    expect(requirement === undefined).toBe(problems.length > 0);
  };

  test('whatever the characters', async () => {
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 600 }), neverThrows), { numRuns: 500 });
    await fc.assert(fc.asyncProperty(fc.string({ unit: 'grapheme-ascii', maxLength: 60 }), neverThrows), {
      numRuns: 500,
    });
  });

  test('whatever the order of what may stand in it', async () => {
    const soup = fc.array(anyToken, { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(soup, fc.constantFrom('', ' '), (tokens, blank) => neverThrows(tokens.join(blank))),
      {
        numRuns: 3000,
      },
    );
  });
});
