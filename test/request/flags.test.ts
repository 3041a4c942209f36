import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPolicy } from '../../src/model/defaults.ts';
import { INITIAL_REPLICATION_AT_ONCE, type Policy } from '../../src/model/policy.ts';
import { SCENARIO_IDS } from '../../src/model/scenario.ts';
import { type AnalyzeFlags, readFlags, type Settings } from '../../src/request/flags.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/units.ts';

const read = (flags: Partial<AnalyzeFlags>): Settings => readFlags({ fault: [], action: [], exclude: [], ...flags });
const SITES = 'vmm-to-vmm';

describe('the flags of the replication policy', () => {
  it.each(SCENARIO_IDS)('%s alone gives the defaults of the scenario', (scenario) => {
    const { policy, problems } = read({ scenario });
    expect(problems).toEqual([]);
    expect(policy).toEqual(defaultPolicy(scenario));
  });

  it.each<[Partial<AnalyzeFlags>, Partial<Policy>]>([
    [{ copyFrequency: '30s' }, { copyFrequencyMs: 30_000 }],
    [{ compression: '0.6' }, { compressionRatio: 0.6 }],
    [{ recoveryPoints: '24h' }, { recoveryPointHours: 24 }],
    [{ recoveryPoints: '0h' }, { recoveryPointHours: 0 }],
    [{ appConsistent: '12h' }, { appConsistentHours: 12 }],
    [{ appConsistent: 'off' }, { appConsistentHours: null }],
    [
      { initialReplication: 'network at 1d18h' },
      { initialReplication: { ...INITIAL_REPLICATION_AT_ONCE, startAtMs: DAY_MS + 18 * HOUR_MS } },
    ],
    [{ scenario: SITES, copyFrequency: '15min' }, { copyFrequencyMs: 15 * MINUTE_MS }],
    [{ scenario: SITES, authentication: 'kerberos' }, { authentication: 'kerberos' }],
    [{ scenario: SITES, policyCompression: 'on', compression: '0.6' }, { compressionRatio: 0.6 }],
    [{ scenario: SITES, policyCompression: 'off' }, { compressionRatio: 1 }],
    [{ scenario: SITES, policyCompression: 'off', compression: '1' }, { compressionRatio: 1 }],
    [
      { scenario: SITES, recoveryPoints: '4h', appConsistent: '3h' },
      { recoveryPointHours: 4, appConsistentHours: 3 },
    ],
    [
      { scenario: SITES, initialReplication: 'media 7d' },
      { initialReplication: { ...INITIAL_REPLICATION_AT_ONCE, mode: 'media', shippingMs: 7 * DAY_MS } },
    ],
    [
      { scenario: SITES, initialReplication: 'existing 30d' },
      { initialReplication: { ...INITIAL_REPLICATION_AT_ONCE, mode: 'existing', existingAgeMs: 30 * DAY_MS } },
    ],
  ])('%j', (flags, change) => {
    const { policy, problems } = read(flags);
    expect(problems).toEqual([]);
    expect(policy).toEqual({ ...defaultPolicy(policy.scenario), ...change });
  });

  it.each<[Partial<AnalyzeFlags>, string, string]>([
    [{ copyFrequency: '15min' }, '--copy-frequency', '2014 preview'],
    [{ scenario: SITES, copyFrequency: '7min' }, '--copy-frequency', 'knows no copy frequency of 7 min'],
    [{ policyCompression: 'on' }, '--policy-compression', 'no switch for compression'],
    [{ scenario: 'vmm-to-azure', policyCompression: 'off' }, '--policy-compression', 'no switch for compression'],
    [{ scenario: SITES, policyCompression: 'yes' }, '--policy-compression', 'must be on or off'],
    [
      { scenario: SITES, policyCompression: 'off', compression: '0.6' },
      '--policy-compression',
      'contradicts the other',
    ],
    [{ authentication: 'kerberos' }, '--authentication', 'key of the vault'],
    [{ scenario: SITES, authentication: 'ntlm' }, '--authentication', 'must be kerberos or certificate'],
    [{ recoveryPoints: '72h' }, '--recovery-points', 'for 0 to 24 whole hours, not 72'],
    [{ recoveryPoints: '4' }, '--recovery-points', 'must be whole hours'],
    [{ recoveryPoints: '90min' }, '--recovery-points', 'must be whole hours'],
    [{ appConsistent: '13h' }, '--app-consistent', 'lie 1 to 12 whole hours apart, not 13'],
    [{ appConsistent: 'no' }, '--app-consistent', 'must be whole hours, or off'],
    [{ scenario: SITES, appConsistent: '1h' }, '--app-consistent', '1 is not less than 0'],
    [{ scenario: SITES, appConsistent: '4h', recoveryPoints: '4h' }, '--app-consistent', '4 is not less than 4'],
    [
      { initialReplication: 'media 7d' },
      '--initial-replication',
      'offline initial replication to Azure is not supported',
    ],
    [{ initialReplication: 'existing' }, '--initial-replication', 'no virtual machine to begin with'],
    [
      { initialReplication: 'network at 8d' },
      '--initial-replication',
      '7 d after protection was enabled at the latest',
    ],
    [{ initialReplication: 'network 7d' }, '--initial-replication', 'must be network, media or existing'],
    [{ initialReplication: 'network', skipInitialReplication: true }, '--initial-replication', 'protected already'],
  ])('%j is refused', (flags, flag, message) => {
    const { problems } = read(flags);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ severity: 'error', code: 'flag-value', file: flag });
    expect(problems[0]!.message).toContain(message);
    expect(problems[0]!.remedy).not.toBe('');
  });

  it('all at once', () => {
    const { problems } = read({
      ...{ copyFrequency: '15min', policyCompression: 'on', authentication: 'kerberos' },
      ...{ recoveryPoints: '25h', appConsistent: '0h', initialReplication: 'media', rpo: 'soon' },
    });
    expect(problems.map(({ file }) => file).toSorted()).toEqual([
      ...['--app-consistent', '--authentication', '--copy-frequency', '--initial-replication'],
      ...['--policy-compression', '--recovery-points', '--rpo'],
    ]);
  });

  it('of a scenario that is none, options cannot be refused', () => {
    const { problems, isScenarioKnown } = read({ scenario: 'vmm', authentication: 'kerberos', copyFrequency: '15min' });
    expect(problems.map(({ file }) => file)).toEqual(['--scenario']);
    expect(isScenarioKnown).toBe(false);
  });

  it('no text makes it throw, and what is not refused is a policy that the scenario offers', () => {
    const text = fc.option(
      fc.constantFrom('on', 'off', 'kerberos', '4h', '1h', '30s', '15min', 'network', 'media 7d', '0.6', '', 'x'),
      { nil: undefined },
    );
    const flags = fc.record({
      scenario: fc.constantFrom(...SCENARIO_IDS),
      ...{ copyFrequency: text, compression: text, policyCompression: text, authentication: text },
      ...{ recoveryPoints: text, appConsistent: text, initialReplication: text },
    });
    fc.assert(
      fc.property(flags, (made) => {
        const given = Object.fromEntries(Object.entries(made).filter(([, value]) => value !== undefined));
        const { policy, problems } = read(given);
        if (problems.length > 0) return;
        expect(policy.authentication === null).toBe(made.scenario !== SITES);
        expect(policy.recoveryPointHours).toBeLessThanOrEqual(24);
        if (made.scenario !== SITES) expect(policy.initialReplication.mode).toBe('network');
      }),
    );
  });
});

describe('the flags of the network', () => {
  const LINE =
    'Set-OBMachineSetting -WorkDay Mo -StartWorkHour 8:00 -EndWorkHour 18:00 -WorkHourBandwidth 1MB -NonWorkHourBandwidth 10MB';

  it.each<[Partial<AnalyzeFlags>, Settings['network']]>([
    [{}, {}],
    [{ randomOutages: '30d/2h' }, { randomOutages: { meanBetweenMs: 30 * DAY_MS, meanRepairMs: 2 * HOUR_MS } }],
    [{ rtt: '35ms' }, { roundTripMs: 35 }],
    [
      { rtt: '35ms', loss: '0.1%' },
      { roundTripMs: 35, lossRatio: 0.001 },
    ],
    [{ scenario: SITES, replicaWriteThroughput: '300 MB/s' }, { replicaWriteBytesPerSec: 300e6 }],
    [
      { throttle: LINE },
      {
        throttle: {
          windows: [{ days: [0], startMinute: 480, endMinute: 1080, value: { kind: 'rate', bitsPerSec: 1024 ** 2 } }],
          otherwise: { kind: 'rate', bitsPerSec: 10 * 1024 ** 2 },
        },
      },
    ],
  ])('%j', (flags, expected) => {
    const { network, problems } = read(flags);
    expect(problems).toEqual([]);
    expect(network).toEqual(expected);
  });

  it('the rules of the policy take the threads and the growth', () => {
    const { rules } = read({ uploadThreads: '32', vhdxGrowth: '12.5 %' }).policy;
    expect(rules).toEqual({
      ...defaultPolicy('hyperv-to-azure').rules,
      uploadThreadsPerVm: 32,
      vhdxGrowthRatio: 0.125,
    });
  });

  it.each<[Partial<AnalyzeFlags>, string]>([
    [{ throttle: '' }, '--throttle'],
    [{ throttle: 'Set-OBMachineSetting' }, '--throttle'],
    [{ randomOutages: '30d' }, '--random-outages'],
    [{ randomOutages: '30d/2h/1h' }, '--random-outages'],
    [{ randomOutages: '1min/2h' }, '--random-outages'],
    [{ rtt: '0ms' }, '--rtt'],
    [{ rtt: '11s' }, '--rtt'],
    [{ loss: '0.001' }, '--loss'],
    [{ uploadThreads: '0' }, '--upload-threads'],
    [{ uploadThreads: '33' }, '--upload-threads'],
    [{ uploadThreads: '1.5' }, '--upload-threads'],
    [{ vhdxGrowth: '0.1' }, '--vhdx-growth'],
    [{ vhdxGrowth: '100.1%' }, '--vhdx-growth'],
    [{ vhdxGrowth: '-1%' }, '--vhdx-growth'],
    [{ scenario: SITES, replicaWriteThroughput: '0 MB/s' }, '--replica-write-throughput'],
    [{ scenario: SITES, replicaWriteThroughput: '300 Mbps' }, '--replica-write-throughput'],
  ])('%j is refused', (flags, flag) => {
    const { problems } = read(flags);
    expect(new Set(problems.map(({ severity, file }) => `${severity} ${file}`))).toEqual(new Set([`error ${flag}`]));
    for (const { message, remedy } of problems) expect(message.length * remedy.length).toBeGreaterThan(0);
  });
});

describe('the switch of the policy among the assumptions', () => {
  it.each([
    [{}, []],
    [{ scenario: 'vmm-to-azure' }, []],
    [{ scenario: SITES }, [['policyCompression', 'on', 'default']]],
    [{ scenario: SITES, policyCompression: 'on' }, [['policyCompression', 'on', 'default']]],
    [{ scenario: SITES, policyCompression: 'off' }, [['policyCompression', 'off', 'given']]],
  ])('%j', (flags, expected) => {
    expect(read(flags).assumptions.map(({ name, value, origin }) => [name, value, origin])).toEqual(expected);
  });
});
