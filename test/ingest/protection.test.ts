import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveProtection } from '../../src/ingest/protection.ts';
import { parseSite } from '../../src/ingest/site.ts';
import { defaultPolicy } from '../../src/model/defaults.ts';
import {
  INITIAL_REPLICATION_AT_ONCE,
  type Policy,
  type ReplicationSettings,
  settingsOf,
  type VmOverride,
} from '../../src/model/policy.ts';
import type { Problem } from '../../src/model/problem.ts';
import type { ScenarioId } from '../../src/model/scenario.ts';
import type { Workload } from '../../src/model/workload.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { buildRun, buildVm } from '../laws/build-run.ts';

/** `a` and `b` on hv1, `c` on hv2. */
const WORKLOAD: Workload = buildRun({
  vms: [buildVm({ name: 'a', host: 'hv1' }), buildVm({ name: 'b', host: 'hv1' }), buildVm({ name: 'c', host: 'hv2' })],
}).workload;
const NAMES = ['a', 'b', 'c'];

function resolve(
  site: unknown,
  scenario: ScenarioId = 'hyperv-to-azure',
  change: Partial<Policy> = {},
): { overrides: VmOverride[]; problems: Problem[]; settings: ReplicationSettings[] } {
  const parsed = parseSite('site.json', JSON.stringify(site));
  if (parsed.site === undefined) throw new Error(JSON.stringify(parsed.problems));
  const policy: Policy = { ...defaultPolicy(scenario), ...change };
  const resolved = resolveProtection(parsed.site, WORKLOAD, policy);
  return { ...resolved, settings: settingsOf({ ...policy, overrides: resolved.overrides }, NAMES) };
}

const AT_B = { vmmServer: 'vmm-a', vault: 'v', recoveryCloud: 'at B' };

describe('resolveProtection', () => {
  it('lists no VM where nothing differs', () => {
    const site = {
      policies: [{ name: 'p', copyFrequency: '5min', recoveryPoints: '2h' }],
      vms: [{ vm: 'a', policy: 'p' }],
    };
    expect(resolve(site)).toMatchObject({ overrides: [], problems: [] });
    expect(resolve({})).toMatchObject({ overrides: [], problems: [] });
  });

  it('lists of a VM only what differs', () => {
    const site = {
      policies: [{ name: 'p', copyFrequency: '30s', recoveryPoints: '2h' }],
      vms: [{ vm: 'b', policy: 'p' }],
    };
    expect(resolve(site).overrides).toEqual([{ vm: 'b', settings: { copyFrequencyMs: 30_000 } }]);
  });

  it('takes the nearest word: the VM’s own, its policy, its cloud’s, the flags', () => {
    const site = {
      vaults: [{ name: 'v' }],
      clouds: [{ name: 'g', ...AT_B, policy: 'cloud', hosts: ['hv1', 'hv2'] }],
      policies: [
        { name: 'cloud', copyFrequency: '15min', recoveryPoints: '8h', initialReplication: 'network at 1h' },
        { name: 'own', copyFrequency: '30s', initialReplication: 'network at 2h' },
      ],
      vms: [
        { vm: 'b', policy: 'own' },
        { vm: 'c', policy: 'own', initialReplication: 'media 3d' },
      ],
    };
    const { settings, problems } = resolve(site, 'vmm-to-vmm', { compressionRatio: 0.7 });
    expect(problems).toEqual([]);
    const shown = settings.map((of) => [of.copyFrequencyMs, of.recoveryPointHours, of.compressionRatio]);
    expect(shown).toEqual([
      [15 * MINUTE_MS, 8, 0.7],
      [30_000, 8, 0.7],
      [30_000, 8, 0.7],
    ]);
    expect(settings.map((of) => of.initialReplication)).toEqual([
      { ...INITIAL_REPLICATION_AT_ONCE, startAtMs: HOUR_MS },
      { ...INITIAL_REPLICATION_AT_ONCE, startAtMs: 2 * HOUR_MS },
      { ...INITIAL_REPLICATION_AT_ONCE, mode: 'media', shippingMs: 3 * DAY_MS },
    ]);
  });

  it('a VM’s own cloud goes before its host’s', () => {
    const site = {
      vaults: [{ name: 'v' }],
      clouds: [
        { name: 'g', ...AT_B, policy: 'quick', hosts: ['hv1', 'hv2'] },
        { name: 'h', ...AT_B },
      ],
      policies: [{ name: 'quick', copyFrequency: '30s' }],
      vms: [{ vm: 'b', cloud: 'h' }],
    };
    const frequencies = resolve(site, 'vmm-to-vmm').settings.map((of) => of.copyFrequencyMs);
    expect(frequencies).toEqual([30_000, 5 * MINUTE_MS, 30_000]);
  });

  it('a batch says when a VM is enabled and nothing else', () => {
    const site = { batches: [{ at: '2d', vms: ['b', 'c'] }], vms: [{ vm: 'c', initialReplication: 'network at 3d' }] };
    expect(resolve(site).overrides).toEqual([
      { vm: 'b', settings: { initialReplication: { ...INITIAL_REPLICATION_AT_ONCE, enableAtMs: 2 * DAY_MS } } },
      {
        vm: 'c',
        settings: {
          initialReplication: { ...INITIAL_REPLICATION_AT_ONCE, enableAtMs: 2 * DAY_MS, startAtMs: 3 * DAY_MS },
        },
      },
    ]);
  });

  it('compression off is a ratio of 1, whatever the flags say', () => {
    const site = { policies: [{ name: 'p', compression: 'off' }], vms: [{ vm: 'a', policy: 'p' }] };
    const { settings, problems } = resolve(site, 'vmm-to-vmm', { compressionRatio: 0.5 });
    expect(problems).toEqual([]);
    expect(settings.map((of) => of.compressionRatio)).toEqual([1, 0.5, 0.5]);
  });

  it('app-consistent off is none, also where the run takes some', () => {
    const site = { policies: [{ name: 'p', appConsistent: 'off' }], vms: [{ vm: 'a', policy: 'p' }] };
    expect(resolve(site).settings.map((of) => of.appConsistentHours)).toEqual([null, 1, 1]);
  });

  it('gives every VM the settings of its policy, and the run’s where the policy is silent', () => {
    const policies = fc.array(
      fc.record(
        {
          copyFrequency: fc.constantFrom('30s', '5min', '15min'),
          recoveryPoints: fc.constantFrom('0h', '12h', '24h'),
          authentication: fc.constantFrom('kerberos', 'certificate'),
          compressionRatio: fc.constantFrom(0.5, 1),
        },
        { requiredKeys: [] },
      ),
      { minLength: 3, maxLength: 3 },
    );
    fc.assert(
      fc.property(policies, (list) => {
        const site = {
          policies: list.map((policy, index) => ({ name: `p${index}`, ...policy })),
          vms: NAMES.map((vm, index) => ({ vm, policy: `p${index}` })),
        };
        const base = defaultPolicy('vmm-to-vmm');
        const { settings, overrides, problems } = resolve(site, 'vmm-to-vmm');
        expect(problems).toEqual([]);
        list.forEach((policy, index) => {
          const found = settings[index]!;
          expect(found.compressionRatio).toBe(policy.compressionRatio ?? base.compressionRatio);
          expect(found.authentication).toBe(policy.authentication ?? base.authentication);
          expect(found.recoveryPointHours).toBe(Number.parseInt(policy.recoveryPoints ?? '0h', 10));
        });
        for (const { settings: own } of overrides) {
          for (const [name, value] of Object.entries(own)) expect(base[name as keyof Policy]).not.toEqual(value);
        }
      }),
    );
  });
});

describe('what the scenario lacks is refused with its place', () => {
  const policy = (settings: object): object => ({
    policies: [{ name: 'p', ...settings }],
    vms: [{ vm: 'a', policy: 'p' }],
  });
  const plan = (kind: string): object => ({
    recoveryPlans: [{ name: 'p', groups: [{ vms: ['a'], after: [{ title: 't', kind, takes: '1min' }] }] }],
  });

  it.each<[ScenarioId, object, string, string]>([
    ['hyperv-to-azure', policy({ copyFrequency: '15min' }), 'policies[0].copyFrequency', '2014 preview'],
    ['vmm-to-vmm', policy({ copyFrequency: '10min' }), 'policies[0].copyFrequency', 'no copy frequency of 10 min'],
    ['vmm-to-azure', policy({ compression: 'on' }), 'policies[0].compression', 'no switch for compression'],
    ['vmm-to-vmm', policy({ compression: 'off', compressionRatio: 0.5 }), 'policies[0].compression', 'contradicts'],
    ['hyperv-to-azure', policy({ authentication: 'kerberos' }), 'policies[0].authentication', 'key of the vault'],
    ['hyperv-to-azure', policy({ recoveryPoints: '72h' }), 'policies[0].recoveryPoints', 'not 72'],
    ['vmm-to-vmm', policy({ appConsistent: '13h' }), 'policies[0].appConsistent', 'not 13'],
    ['vmm-to-vmm', policy({ appConsistent: '1h' }), 'policies[0].appConsistent', '1 is not less than 0'],
    [
      'vmm-to-vmm',
      policy({ recoveryPoints: '4h', appConsistent: '4h' }),
      'policies[0].appConsistent',
      '4 is not less than 4',
    ],
    ['vmm-to-azure', policy({ initialReplication: 'media' }), 'policies[0].initialReplication', 'not supported'],
    ['vmm-to-vmm', policy({ initialReplication: 'network at 8d' }), 'policies[0].initialReplication', 'at the latest'],
    [
      'hyperv-to-azure',
      { vms: [{ vm: 'a', initialReplication: 'existing' }] },
      'vms[0].initialReplication',
      'no virtual machine to begin with',
    ],
    [
      'hyperv-to-azure',
      { vms: [{ vm: 'b', initialReplication: 'network at 8d' }] },
      'vms[0].initialReplication',
      '7 d',
    ],
    ['hyperv-to-azure', plan('script'), 'recoveryPlans[0].groups[0].after[0].kind', 'there is none'],
    ['vmm-to-vmm', plan('runbook'), 'recoveryPlans[0].groups[0].after[0].kind', 'run in Azure'],
  ])('%s: %j', (scenario, site, column, message) => {
    const { problems } = resolve(site, scenario);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ severity: 'error', code: 'site-refused', file: 'site.json', column });
    expect(problems[0]!.message).toContain(message);
    expect(problems[0]!.remedy).not.toBe('');
  });

  it('once, however many VMs go by it', () => {
    const site = { policies: [{ name: 'p', appConsistent: '2h' }], vms: NAMES.map((vm) => ({ vm, policy: 'p' })) };
    expect(resolve(site, 'vmm-to-vmm').problems).toHaveLength(1);
  });

  it('names the place of what broke it where the other option is the run’s', () => {
    const site = { policies: [{ name: 'p', recoveryPoints: '1h' }], vms: [{ vm: 'a', policy: 'p' }] };
    const { problems } = resolve(site, 'vmm-to-vmm', { recoveryPointHours: 4, appConsistentHours: 2 });
    expect(problems.map(({ column }) => column)).toEqual(['policies[0].recoveryPoints']);
  });

  it('a batch late enough makes a late start a short delay', () => {
    const site = { vms: [{ vm: 'a', initialReplication: 'network at 12d' }], batches: [{ at: '10d', vms: ['a'] }] };
    expect(resolve(site).problems).toEqual([]);
  });
});

describe('clouds of VMM', () => {
  const CLOUDS = {
    vaults: [{ name: 'v' }, { name: 'w' }],
    clouds: [{ name: 'g', vmmServer: 'vmm-a', vault: 'v', hosts: ['hv1'] }],
  };

  it('mean nothing in a scenario without VMM, nor do their policies', () => {
    const site = {
      ...{ vaults: CLOUDS.vaults, clouds: [{ ...CLOUDS.clouds[0], policy: 'p' }] },
      policies: [{ name: 'p', copyFrequency: '30s' }],
    };
    const { overrides, problems } = resolve(site, 'hyperv-to-azure');
    expect(overrides).toEqual([]);
    expect(problems.map(({ severity, code, column }) => [severity, code, column])).toEqual([
      ['warning', 'site-clouds-unused', 'clouds'],
    ]);
    expect(problems[0]!.message).toContain('mean nothing');
  });

  it.each<[ScenarioId, object, readonly (readonly [string, string])[], readonly string[]]>([
    ['vmm-to-azure', CLOUDS, [['c', 'in no cloud of VMM']], ['clouds']],
    [
      'vmm-to-vmm',
      CLOUDS,
      [
        ['a', 'cloud "g" is mapped to no recovery cloud'],
        ['b', 'cloud "g" is mapped to no recovery cloud'],
        ['c', 'in no cloud of VMM'],
      ],
      ['clouds[0].recoveryCloud', 'clouds'],
    ],
    [
      'vmm-to-azure',
      { ...CLOUDS, vaults: [], vms: [{ vm: 'c', cloud: 'g' }] },
      [
        ['a', 'names the vault "v", which is not there'],
        ['b', 'names the vault "v", which is not there'],
        ['c', 'names the vault "v", which is not there'],
      ],
      ['clouds[0].vault'],
    ],
    [
      'vmm-to-azure',
      { clouds: [{ name: 'g', vmmServer: 'vmm-a', hosts: ['hv2'] }], vms: [{ vm: 'a', cloud: 'g' }] },
      [
        ['a', 'cloud "g" names no vault'],
        ['b', 'in no cloud of VMM'],
        ['c', 'cloud "g" names no vault'],
      ],
      ['clouds[0].vault', 'clouds'],
    ],
  ])('%s: a VM whose cloud is not ready stays unprotected: %#', (scenario, site, missing, columns) => {
    const { overrides, problems } = resolve(site, scenario);
    expect(overrides.map(({ vm, missingPrerequisite }) => [vm, missingPrerequisite])).toEqual(
      missing.map(([vm, text]) => [vm, expect.stringContaining(text)]),
    );
    expect(problems.map(({ severity, code, column }) => [severity, code, column])).toEqual(
      columns.map((column) => ['warning', 'site-not-protected', column]),
    );
    for (const { message, remedy } of problems) {
      expect(message).toMatch(/^\d VMs? cannot be protected, "/);
      expect(remedy).not.toBe('');
    }
  });

  it.each<ScenarioId>(['vmm-to-azure', 'vmm-to-vmm'])(
    '%s: without clouds in the site file nobody is left out',
    (id) => {
      expect(resolve({}, id)).toMatchObject({ overrides: [], problems: [] });
    },
  );

  it('several vaults are fine', () => {
    const site = {
      vaults: CLOUDS.vaults,
      clouds: [
        { name: 'g', ...AT_B, vault: 'v', hosts: ['hv1'] },
        { name: 'h', ...AT_B, vault: 'w', hosts: ['hv2'] },
      ],
    };
    expect(resolve(site, 'vmm-to-vmm')).toMatchObject({ overrides: [], problems: [] });
  });
});
