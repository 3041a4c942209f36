import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OPTION_TEXTS, parseInitialReplication } from '../../src/ingest/policy-options.ts';
import { INITIAL_REPLICATION_AT_ONCE } from '../../src/model/policy.ts';
import { DEFAULT_EXISTING_AGE_MS, DEFAULT_SHIPPING_MS } from '../../src/model/scenario.ts';
import { DAY_MS, HOUR_MS } from '../../src/units.ts';

const schema = JSON.parse(readFileSync(new URL('../../schemas/site.schema.json', import.meta.url), 'utf8'));
const fitsSchema = new Ajv2020({ strict: false }).compile(schema);

describe('parseInitialReplication', () => {
  it.each([
    ['network', {}],
    [' network ', {}],
    ['network at 1d18h', { startAtMs: DAY_MS + 18 * HOUR_MS }],
    ['network at 1 d 18 h', { startAtMs: DAY_MS + 18 * HOUR_MS }],
    ['media', { mode: 'media', shippingMs: DEFAULT_SHIPPING_MS }],
    ['media 7d', { mode: 'media', shippingMs: 7 * DAY_MS }],
    ['media 7d at 6h', { mode: 'media', shippingMs: 7 * DAY_MS, startAtMs: 6 * HOUR_MS }],
    ['media at 6h', { mode: 'media', shippingMs: DEFAULT_SHIPPING_MS, startAtMs: 6 * HOUR_MS }],
    ['existing', { mode: 'existing', existingAgeMs: DEFAULT_EXISTING_AGE_MS }],
    ['existing 30d', { mode: 'existing', existingAgeMs: 30 * DAY_MS }],
    ['existing 1d 12h at 0s', { mode: 'existing', existingAgeMs: 36 * HOUR_MS }],
  ])('%s', (text, change) => {
    expect(parseInitialReplication(text)).toEqual({ ...INITIAL_REPLICATION_AT_ONCE, ...change });
    expect(fitsSchema({ vms: [{ vm: 'a', initialReplication: text }] })).toBe(true);
  });

  it.each([
    '',
    'fax',
    'Network',
    'network 7d',
    'network at',
    'network at noon',
    'media 7',
    'media 7d at',
    'media at 7d at 8d',
    'existing 30 m',
    'media -1d',
  ])('%j is none', (text) => {
    expect(parseInitialReplication(text)).toBeUndefined();
    expect(fitsSchema({ vms: [{ vm: 'a', initialReplication: text }] })).toBe(false);
  });

  it('takes no years', () => {
    expect(parseInitialReplication('existing 401d')).toBeUndefined();
    expect(parseInitialReplication(`media ${'1d'.repeat(100)}`)).toBeUndefined();
  });

  it('and the schema agree on any words', () => {
    const word = fc.constantFrom('network', 'media', 'existing', 'at', '7d', '1d18h', '40', 'h', ' ', '  ', 'x');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (words) => {
        const text = words.join(' ');
        const isRead = parseInitialReplication(text) !== undefined;
        expect(fitsSchema({ vms: [{ vm: 'a', initialReplication: text }] })).toBe(isRead);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the other options', () => {
  it.each([
    ['recoveryPointHours', '4h', 4],
    ['recoveryPointHours', '1d', 24],
    ['recoveryPointHours', '120min', 2],
    ['recoveryPointHours', '0h', 0],
    ['recoveryPointHours', '90min', undefined],
    ['recoveryPointHours', '4', undefined],
    ['recoveryPointHours', 'off', undefined],
    ['appConsistentHours', '1h', 1],
    ['appConsistentHours', 'off', null],
    ['appConsistentHours', '', undefined],
    ['policyCompression', 'on', 'on'],
    ['policyCompression', ' off ', 'off'],
    ['policyCompression', 'yes', undefined],
    ['authentication', 'kerberos', 'kerberos'],
    ['authentication', 'certificate', 'certificate'],
    ['authentication', 'password', undefined],
    ['compressionRatio', '0.6', 0.6],
    ['compressionRatio', '0', undefined],
    ['compressionRatio', '2.1', undefined],
    ['copyFrequencyMs', '30s', 30_000],
    ['copyFrequencyMs', '5', undefined],
  ] as const)('%s of %j is %j', (option, text, value) => {
    expect(OPTION_TEXTS[option].parse(text)).toBe(value);
  });

  it('each takes its own example', () => {
    for (const { parse, example } of Object.values(OPTION_TEXTS)) expect(parse(example)).toBeDefined();
  });
});
