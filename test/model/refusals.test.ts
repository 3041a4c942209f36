import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../src/model/defaults.ts';
import { INITIAL_REPLICATION_AT_ONCE, type ReplicationSettings } from '../../src/model/policy.ts';
import {
  type AskedSettings,
  refusalOfPlanAction,
  refusalsOf,
  refusalsTogether,
  refusalText,
} from '../../src/model/refusals.ts';
import { SCENARIO_IDS, SCENARIOS, type ScenarioId } from '../../src/model/scenario.ts';
import { DAY_MS, MINUTE_MS } from '../../src/units.ts';

const BY = (mode: 'media' | 'existing'): AskedSettings => ({
  initialReplication: { ...INITIAL_REPLICATION_AT_ONCE, mode },
});

describe('refusalsOf', () => {
  it.each<[ScenarioId, AskedSettings, string, string]>([
    ['hyperv-to-azure', { copyFrequencyMs: 15 * MINUTE_MS }, '2014 preview', '30 s, 5 min'],
    ['vmm-to-azure', { copyFrequencyMs: 15 * MINUTE_MS }, '2014 preview', '30 s, 5 min'],
    ['vmm-to-vmm', { copyFrequencyMs: 7 * MINUTE_MS }, 'knows no copy frequency of 7 min', '30 s, 5 min, 15 min'],
    ['hyperv-to-azure', { policyCompression: 'on' }, 'no switch for compression', 'Leave it out'],
    ['vmm-to-azure', { policyCompression: 'off' }, 'no switch for compression', 'Leave it out'],
    [
      'vmm-to-vmm',
      { policyCompression: 'off', compressionRatio: 0.6 },
      'one contradicts the other',
      'Leave the ratio out',
    ],
    ['hyperv-to-azure', { authentication: 'kerberos' }, 'registration with the key of the vault', 'Leave it out'],
    ['vmm-to-azure', { authentication: 'certificate' }, 'registration with the key of the vault', 'Leave it out'],
    ['hyperv-to-azure', { recoveryPointHours: 72 }, 'for 0 to 24 whole hours, not 72', '0h to 24h'],
    ['vmm-to-vmm', { recoveryPointHours: 25 }, 'for 0 to 24 whole hours, not 25', '0h to 24h'],
    ['vmm-to-vmm', { recoveryPointHours: 1.5 }, 'not 1.5', '0h to 24h'],
    ['hyperv-to-azure', { appConsistentHours: 13 }, 'lie 1 to 12 whole hours apart, not 13', '1h to 12h'],
    ['vmm-to-vmm', { appConsistentHours: 0 }, 'lie 1 to 12 whole hours apart, not 0', '1h to 12h'],
    ['hyperv-to-azure', BY('media'), 'offline initial replication to Azure is not supported', 'network'],
    ['vmm-to-azure', BY('media'), 'offline initial replication to Azure is not supported', 'network'],
    ['hyperv-to-azure', BY('existing'), 'in Azure there is no virtual machine to begin with', 'network'],
    ['vmm-to-azure', BY('existing'), 'in Azure there is no virtual machine to begin with', 'network'],
  ])('%s refuses %j', (id, asked, reason, remedy) => {
    const refusals = refusalsOf(SCENARIOS[id], asked);
    expect(refusals).toHaveLength(1);
    expect(Object.keys(asked)).toContain(refusals[0]!.option);
    expect(refusals[0]!.reason.toLowerCase()).toContain(reason.toLowerCase());
    expect(refusals[0]!.remedy).toContain(remedy);
    expect(refusals[0]!.source).toMatch(/^(chosen|Microsoft|Win32)/);
  });

  it.each<[ScenarioId, AskedSettings]>([
    ['vmm-to-vmm', { copyFrequencyMs: 15 * MINUTE_MS }],
    ['vmm-to-vmm', { policyCompression: 'on', compressionRatio: 0.6 }],
    ['vmm-to-vmm', { policyCompression: 'off', compressionRatio: 1 }],
    ['vmm-to-vmm', { authentication: 'kerberos' }],
    ['vmm-to-vmm', BY('media')],
    ['vmm-to-vmm', BY('existing')],
    ['hyperv-to-azure', { compressionRatio: 0.6 }],
    ['vmm-to-azure', { appConsistentHours: null, recoveryPointHours: 0 }],
    ['hyperv-to-azure', {}],
  ])('%s takes %j', (id, asked) => {
    expect(refusalsOf(SCENARIOS[id], asked)).toEqual([]);
  });

  it('finds what is refused of each option, whatever else is asked for', () => {
    const asked = fc.record(
      {
        copyFrequencyMs: fc.constantFrom(30_000, 5 * MINUTE_MS, 15 * MINUTE_MS, 1),
        authentication: fc.constantFrom(null, 'kerberos' as const, 'certificate' as const),
        recoveryPointHours: fc.integer({ min: -1, max: 30 }),
        appConsistentHours: fc.option(fc.integer({ min: -1, max: 30 })),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.constantFrom(...SCENARIO_IDS), asked, (id, all) => {
        const alone = Object.entries(all).flatMap(([key, value]) => refusalsOf(SCENARIOS[id], { [key]: value }));
        expect(refusalsOf(SCENARIOS[id], all)).toEqual(expect.arrayContaining(alone));
        expect(refusalsOf(SCENARIOS[id], all)).toHaveLength(alone.length);
      }),
    );
  });
});

describe('refusalsTogether', () => {
  const settings = (id: ScenarioId, change: Partial<ReplicationSettings>): ReplicationSettings => ({
    ...defaultPolicy(id),
    ...change,
  });

  it('between sites app-consistent snapshots must be rarer than there are recovery points, to Azure not', () => {
    for (let recoveryPointHours = 0; recoveryPointHours <= 24; recoveryPointHours++) {
      for (let appConsistentHours = 1; appConsistentHours <= 12; appConsistentHours++) {
        const both = { recoveryPointHours, appConsistentHours };
        const found = refusalsTogether(SCENARIOS['vmm-to-vmm'], settings('vmm-to-vmm', both));
        expect(found.map(({ option }) => option)).toEqual(
          appConsistentHours < recoveryPointHours ? [] : ['appConsistentHours'],
        );
        expect(refusalsTogether(SCENARIOS['vmm-to-azure'], settings('vmm-to-azure', both))).toEqual([]);
      }
    }
    const [found] = refusalsTogether(SCENARIOS['vmm-to-vmm'], settings('vmm-to-vmm', { appConsistentHours: 1 }));
    expect(found?.reason).toContain('less than the number of additional recovery points');
    expect(found?.reason).toContain('1 is not less than 0');
  });

  it.each(SCENARIO_IDS)('%s starts initial replication 7 days after enabling at the latest', (id) => {
    const delayed = (enableAtMs: number, startAtMs: number): string[] =>
      refusalsTogether(
        SCENARIOS[id],
        settings(id, { initialReplication: { ...INITIAL_REPLICATION_AT_ONCE, enableAtMs, startAtMs } }),
      ).map(refusalText);
    expect(delayed(0, 7 * DAY_MS)).toEqual([]);
    expect(delayed(2 * DAY_MS, 9 * DAY_MS)).toEqual([]);
    expect(delayed(9 * DAY_MS, 0)).toEqual([]);
    const [text] = delayed(0, 7 * DAY_MS + MINUTE_MS);
    expect(text).toContain('7 d after protection was enabled at the latest');
    expect(text).toContain('Set-VMReplication');
  });
});

it.each<[ScenarioId, readonly string[]]>([
  ['hyperv-to-azure', ['script']],
  ['vmm-to-azure', []],
  ['vmm-to-vmm', ['runbook']],
])('a recovery plan of %s cannot have %j', (id, refused) => {
  const kinds = (['script', 'runbook', 'manual'] as const).filter((kind) => refusalOfPlanAction(SCENARIOS[id], kind));
  expect(kinds).toEqual(refused);
});

it('a reason of our own names no source', () => {
  expect(refusalText({ reason: 'one and two', source: 'chosen' })).toBe('One and two');
  expect(refusalText({ reason: '15 min', source: 'Microsoft' })).toBe('15 min (Microsoft)');
});
