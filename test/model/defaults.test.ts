import { describe, expect, it } from 'vitest';
import { DEFAULT_SCENARIO, defaultPolicy, ruleAssumptions } from '../../src/model/defaults.ts';
import {
  DEFAULT_RESYNC_WINDOW,
  DEFAULT_RULES,
  INITIAL_REPLICATION_AT_ONCE,
  type Policy,
  type RuleParameters,
} from '../../src/model/policy.ts';
import { SCENARIO_IDS } from '../../src/model/scenario.ts';
import { DAY_MS, HOUR_MS } from '../../src/units.ts';

const POLICY = defaultPolicy(DEFAULT_SCENARIO);
const RULE_NAMES = Object.keys(DEFAULT_RULES) as (keyof RuleParameters)[];
const OPTION_NAMES = Object.keys(POLICY).filter((name) => name !== 'rules') as Exclude<keyof Policy, 'rules'>[];

function givenNames(policy: Policy): string[] {
  return ruleAssumptions(policy)
    .filter((row) => row.origin === 'given')
    .map((row) => row.name);
}

describe.each(SCENARIO_IDS)('the assumptions of %s', (scenario) => {
  const rows = ruleAssumptions(defaultPolicy(scenario));

  it('have exactly one row for every option and every rule parameter', () => {
    expect(rows.map((row) => row.name).toSorted()).toEqual([...OPTION_NAMES, ...RULE_NAMES].toSorted());
  });

  it.each(rows)('$name says why and from where', ({ reason, source }) => {
    expect(reason.length).toBeGreaterThan(20);
    expect(source).toMatch(/^(chosen|Microsoft|RFC|Win32|\[MS-HRL\]|Azure)/);
  });

  it('are all defaults, but for the scenario where it was chosen', () => {
    expect(givenNames(defaultPolicy(scenario))).toEqual(scenario === DEFAULT_SCENARIO ? [] : ['scenario']);
  });
});

describe('a value that was given', () => {
  it.each(RULE_NAMES)('%s is marked, and nothing else', (name) => {
    const value = DEFAULT_RULES[name];
    const other = typeof value === 'number' ? value + 1 : value.slice(1);
    const policy: Policy = { ...POLICY, rules: { ...DEFAULT_RULES, [name]: other } };
    expect(givenNames(policy)).toEqual([name]);
    expect(ruleAssumptions(policy).find((row) => row.name === name)?.value).toEqual(other);
  });

  it.each<[keyof Policy, Partial<Policy>, unknown]>([
    ['copyFrequencyMs', { copyFrequencyMs: 30_000 }, 30_000],
    ['compressionRatio', { compressionRatio: 0.7 }, 0.7],
    ['maxActiveTransfers', { maxActiveTransfers: 6 }, 6],
    ['alignedCuts', { alignedCuts: true }, true],
    ['recoveryPointHours', { recoveryPointHours: 24 }, 24],
    ['appConsistentHours', { appConsistentHours: null }, null],
    ['authentication', { authentication: 'kerberos' }, 'kerberos'],
    ['overrides', { overrides: [{ vm: 'a', settings: {} }] }, 1],
    ['resyncWindow', { resyncWindow: { startMinute: 1260, endMinute: 300 } }, '21:00–05:00'],
  ])('%s is marked, and nothing else', (name, change, shown) => {
    expect(givenNames({ ...POLICY, ...change })).toEqual([name]);
    expect(ruleAssumptions({ ...POLICY, ...change }).find((row) => row.name === name)?.value).toEqual(shown);
  });

  it('of the same parts as the default is still the default', () => {
    const rules = { ...DEFAULT_RULES, retryLadderMs: [...DEFAULT_RULES.retryLadderMs] };
    expect(givenNames({ ...POLICY, resyncWindow: { ...DEFAULT_RESYNC_WINDOW }, rules })).toEqual([]);
  });
});

it('prints the resynchronization window as people write it', () => {
  expect(ruleAssumptions(POLICY).find((row) => row.name === 'resyncWindow')?.value).toBe('18:30–06:00');
});

it.each([
  [{}, 'network, at once'],
  [{ startAtMs: DAY_MS + 18 * HOUR_MS }, 'network, from 1 d 18 h on'],
  [{ enableAtMs: 2 * DAY_MS, startAtMs: DAY_MS }, 'network, at once'],
  [{ mode: 'media', shippingMs: 7 * DAY_MS }, 'media, 7 d on the way, at once'],
  [{ mode: 'existing', existingAgeMs: 30 * DAY_MS, startAtMs: HOUR_MS }, 'existing copy, 30 d old, from 1 h on'],
] as const)('prints initial replication %j as %s', (change, shown) => {
  const initialReplication = { ...INITIAL_REPLICATION_AT_ONCE, ...change };
  const rows = ruleAssumptions({ ...defaultPolicy('vmm-to-vmm'), initialReplication });
  expect(rows.find((row) => row.name === 'initialReplication')?.value).toBe(shown);
});

it('tells how many VMs have settings of their own, and how many of them cannot be protected', () => {
  const overrides = [
    { vm: 'a', settings: { compressionRatio: 0.5 } },
    { vm: 'b', settings: {}, missingPrerequisite: 'its cloud is mapped to no recovery cloud' },
  ];
  const row = ruleAssumptions({ ...POLICY, overrides }).find(({ name }) => name === 'overrides');
  expect(row).toMatchObject({
    value: 2,
    origin: 'given',
    reason: expect.stringContaining('1 of them cannot be protected'),
  });
});
