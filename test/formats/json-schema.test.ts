import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileSchema } from '../../src/formats/json-schema.ts';
import { samplePlan } from '../report/sample-plan.ts';

const FOLDER = new URL('../../schemas/', import.meta.url);
const read = (name: string): Record<string, unknown> => JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'));
const PLAN_SCHEMA = read('plan.schema.json');
const PLAN = JSON.stringify(samplePlan({ vmCount: 3, volumeCount: 2 }));

/** Paths to every value of a JSON value, as lists of keys. */
function places(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (value === null || typeof value !== 'object') return [path];
  const keys = Array.isArray(value) ? value.slice(0, 3).map((_, index) => index) : Object.keys(value);
  return [path, ...keys.flatMap((key) => places((value as Record<string | number, unknown>)[key], [...path, key]))];
}

const NOWHERE = Symbol('nowhere');

/** A copy with something else at a place; without the member where it is NOWHERE. */
function changed(path: readonly (string | number)[], to: unknown): unknown {
  if (path.length === 0) return to === NOWHERE ? undefined : to;
  const copy = JSON.parse(PLAN);
  let holder = copy;
  for (const key of path.slice(0, -1)) holder = holder[key];
  if (to === NOWHERE) delete holder[path.at(-1)!];
  else holder[path.at(-1)!] = to;
  return copy;
}

describe('a schema', () => {
  test.each(readdirSync(FOLDER))('%s has no keyword that is not known', (name) => {
    expect(() => compileSchema(read(name), 20)).not.toThrow();
  });

  test('agrees with Ajv on plans with something wrong in them, wherever and whatever', () => {
    const ajv = new Ajv2020({ strict: true }).compile(PLAN_SCHEMA);
    const own = compileSchema(PLAN_SCHEMA, 20);
    expect(own(JSON.parse(PLAN))).toEqual([]);
    const all = places(JSON.parse(PLAN));
    expect(all.length).toBeGreaterThan(1000);
    const junk = fc.oneof(
      fc.constantFrom<unknown>(NOWHERE, null, -1, 0, 0.5, 1e300, '', 'x', true, [], {}, [[]], [null], { scope: 'all' }),
      fc.string(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...all), junk, fc.boolean(), (path, value, asNewMember) => {
        const plan = changed(asNewMember ? [...path.slice(0, -1), '__new'] : path, value);
        const faults = own(plan);
        expect(faults.length === 0, JSON.stringify([path, value, faults])).toBe(ajv(plan) === true);
        if (faults.length > 0) refused++;
      }),
      { numRuns: 1500 },
    );
    expect(refused).toBeGreaterThan(500);
  });

  test('events: each form, and what is wrong in one is told of the form that was meant', () => {
    const own = compileSchema(PLAN_SCHEMA, 20);
    const ajv = new Ajv2020({ strict: true }).compile(PLAN_SCHEMA);
    const { events } = JSON.parse(PLAN) as { events: Record<string, unknown>[] };
    const at = events.findIndex(({ event }) => 'untilMs' in (event as object));
    const withEvent = (event: unknown): unknown => changed(['events', at, 'event'], event);
    const event = events[at]!.event as Record<string, unknown>;
    expect(own(withEvent(event))).toEqual([]);
    const wrong = withEvent({ ...event, untilMs: 'soon' });
    expect(own(wrong)).toEqual([
      { path: `events[${at}].event.untilMs`, value: '"soon"', message: 'It has to be a whole number.' },
    ]);
    expect(ajv(wrong)).toBe(false);
    expect(own(withEvent({ kind: 'meteor', atMs: 1 }))).toEqual([
      expect.objectContaining({ path: `events[${at}].event`, message: expect.stringContaining('none of the') }),
    ]);
  });

  test('faults are told by path and in words', () => {
    const own = compileSchema(PLAN_SCHEMA, 20);
    expect(own(changed(['vms', 1, 'steadyRpo', 'maxMs'], 'late'))).toEqual([
      { path: 'vms[1].steadyRpo.maxMs', value: '"late"', message: 'It has to be a whole number or null.' },
    ]);
    expect(own(changed(['link', 'capacityBitsPerSec'], NOWHERE))).toEqual([
      { path: 'link.capacityBitsPerSec', value: 'nothing', message: 'It is missing.' },
    ]);
    expect(own(changed(['link', 'a b"]'], 1))[0]).toEqual({
      ...{ path: 'link["a b\\"]"]', value: '1', message: 'It is not known here.' },
    });
    expect(own(changed(['verdict', 'objectives', 0, 'id'], 'speed'))[0]!.message).toMatch(/one of "rpo", /);
    expect(own([])).toEqual([{ path: '', value: 'a list of 0', message: 'It has to be an object.' }]);
    expect(own(changed(['scenario', 'title'], ''))[0]!.message).toBe('It has to have a character.');
  });

  test('stops at a number of faults, whatever the value: no deeper, no longer', () => {
    const own = compileSchema(PLAN_SCHEMA, 20);
    const many = changed(
      ['vms'],
      Array.from({ length: 200_000 }, () => ({ name: 1 })),
    );
    expect(own(many)).toHaveLength(20);
    expect(
      own(changed(['link'], Object.fromEntries(Array.from({ length: 200_000 }, (_, at) => [`k${at}`, 1])))),
    ).toHaveLength(20);
    let deep: unknown = 1;
    for (let level = 0; level < 200_000; level++) deep = [deep];
    expect(own(changed(['assumptions', 0, 'value'], deep)).length).toBeGreaterThan(0);
    expect(own(changed(['verdict', 'sentence'], 'x'.repeat(1e6)))).toEqual([]);
    expect(own(changed(['seed'], 'x'.repeat(1e6)))[0]!.value.length).toBeLessThan(100);
  });

  test('what comes after the last fault is not looked at', () => {
    let reads = 0;
    const member = { enumerable: true, get: () => reads++ };
    const many = Object.defineProperties(
      {},
      Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, member])),
    );
    expect(compileSchema({ type: 'object', additionalProperties: false }, 20)(many)).toHaveLength(20);
    expect(reads).toBe(20);
    const items = Array.from({ length: 500 }, () => Object.defineProperty({}, 'a', member));
    reads = 0;
    const schema = { items: { type: 'object', properties: { a: { type: 'string' } } } };
    expect(compileSchema(schema, 20)(items)).toHaveLength(20);
    expect(reads).toBe(20);
  });

  test('members of Object.prototype are no members', () => {
    const own = compileSchema(PLAN_SCHEMA, 20);
    expect(own(JSON.parse(PLAN.replace('{', '{"__proto__":{},"constructor":1,')))).toHaveLength(2);
    const schema = { type: 'object', required: ['toString'], properties: { toString: { type: 'number' } } };
    expect(compileSchema(schema, 5)({})).toHaveLength(1);
    expect(compileSchema(schema, 5)({ toString: 1 })).toEqual([]);
  });

  test.each([
    [{ type: 'strange' }, 'type strange'],
    [{ patternProperties: {} }, 'keyword patternProperties'],
    [{ $ref: '#/$defs/none' }, 'reference #/$defs/none'],
    [{ const: {} }, 'constant'],
  ])('%j is our own fault', (schema, message) => {
    expect(() => compileSchema(schema, 5)).toThrow(message);
  });

  test('limits: worked out by hand', () => {
    const holds = (schema: object, value: unknown): boolean =>
      compileSchema(schema as Record<string, unknown>, 5)(value).length === 0;
    expect([0, 1, 2].map((value) => holds({ minimum: 1 }, value))).toEqual([false, true, true]);
    expect([0, 1, 2].map((value) => holds({ exclusiveMinimum: 1 }, value))).toEqual([false, false, true]);
    expect([0, 1, 2].map((value) => holds({ maximum: 1 }, value))).toEqual([true, true, false]);
    expect([0, 1, 2].map((value) => holds({ exclusiveMaximum: 1 }, value))).toEqual([true, false, false]);
    expect(['', '😀', '😀😀'].map((value) => holds({ maxLength: 1 }, value))).toEqual([true, true, false]);
    expect([[], [1], [1, 2]].map((value) => holds({ minItems: 1, maxItems: 1 }, value))).toEqual([false, true, false]);
    expect(
      [1, 'a', null].map((value) => holds({ oneOf: [{ type: 'number' }, { type: ['integer', 'null'] }] }, value)),
    ).toEqual([false, false, true]);
    expect(
      [1, 'a', null].map((value) => holds({ anyOf: [{ type: 'number' }, { type: ['integer', 'null'] }] }, value)),
    ).toEqual([true, false, true]);
  });
});
