import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSite, parseSite } from '../../src/ingest/site.ts';
import { INITIAL_REPLICATION_AT_ONCE } from '../../src/model/policy.ts';
import { DAY_MS, GIB, HOUR_MS, MINUTE_MS, TIB } from '../../src/units.ts';
import { codes, ingestText, lines } from './text-sources.ts';

const SITE = {
  $schema: '../schemas/site.schema.json',
  hosts: [{ name: 'hv1', uplink: '10 Gbps', maxActiveTransfers: 3 }, { name: 'hv2' }],
  volumes: [
    { name: 'C:\\ClusterStorage\\Volume1', capacity: '2 TiB', free: '500 GiB' },
    { name: 'D:', host: 'hv1' },
    { name: 'D:', host: 'hv2', free: '0 B' },
  ],
  link: {
    bandwidth: '100 Mbps',
    efficiency: 0.9,
    outages: [
      { at: '2d10h', for: '40min' },
      { at: '2d10h30min', for: '1h' },
    ],
  },
};

const LIFECYCLE = {
  vaults: [{ name: 'vault-01', region: 'West Europe' }, { name: 'vault-02' }],
  clouds: [
    {
      name: 'Gold',
      vmmServer: 'vmm-a',
      vault: 'vault-01',
      recoveryCloud: 'Gold at B',
      policy: 'quick',
      hosts: ['hv1'],
    },
    { name: 'Rest', vmmServer: 'vmm-a' },
  ],
  policies: [
    {
      name: 'quick',
      copyFrequency: '30s',
      recoveryPoints: '4h',
      appConsistent: '1h',
      compression: 'on',
      compressionRatio: 0.6,
      authentication: 'kerberos',
      initialReplication: 'network at 1d18h',
    },
    { name: 'plain', appConsistent: 'off', compression: 'off' },
  ],
  vms: [{ vm: 'a', cloud: 'Rest', policy: 'plain', initialReplication: 'media 7d' }, { vm: 'b' }],
  batches: [{ at: '2d', vms: ['a', 'b'] }],
  recoveryPlans: [
    {
      name: 'Shop',
      detection: '5min',
      decision: '1h',
      groups: [
        { name: 'Data', vms: ['a'], before: [{ title: 'Check DNS', kind: 'manual', takes: '10min' }] },
        { vms: ['b'], after: [{ title: 'Warm up', kind: 'script', takes: '90s' }] },
      ],
    },
  ],
  faults: ['link down at 2d10h for 40min'],
  actions: ['pause a at 1d'],
};

const NOTHING = {
  hosts: [],
  volumes: [],
  link: { outages: [] },
  furtherLinks: [],
  vaults: [],
  clouds: [],
  policies: [],
  vms: [],
  batches: [],
  recoveryPlans: [],
  faults: [],
  actions: [],
};

const schema = JSON.parse(readFileSync(new URL('../../schemas/site.schema.json', import.meta.url), 'utf8'));
const fitsSchema = new Ajv2020({ strict: false }).compile(schema);

const parse = (value: unknown): ReturnType<typeof parseSite> => parseSite('site.json', JSON.stringify(value));

describe('parseSite', () => {
  it('reads hosts, volumes and the link', () => {
    const { site, problems } = parse(SITE);
    expect(problems).toEqual([]);
    expect(site).toEqual({
      ...NOTHING,
      file: 'site.json',
      hosts: [{ name: 'hv1', uplinkBitsPerSec: 1e10, maxActiveTransfers: 3 }, { name: 'hv2' }],
      volumes: [
        { name: 'C:\\ClusterStorage\\Volume1', capacityBytes: 2 * TIB, freeBytes: 500 * GIB },
        { name: 'D:', host: 'hv1' },
        { name: 'D:', host: 'hv2', freeBytes: 0 },
      ],
      link: {
        ...{ capacityBitsPerSec: 1e8, efficiencyRatio: 0.9 },
        outages: [{ startMs: 2 * DAY_MS + 10 * HOUR_MS, endMs: 2 * DAY_MS + 11 * HOUR_MS + 30 * MINUTE_MS }],
      },
    });
    expect(fitsSchema(SITE)).toBe(true);
  });

  it('needs nothing', () => {
    expect(parseSite('s', '\uFEFF{}').site).toEqual({ ...NOTHING, file: 's' });
    expect(fitsSchema({})).toBe(true);
  });

  it('reads vaults, clouds, policies, VMs, batches, recovery plans, faults and actions', () => {
    const { site, problems } = parse(LIFECYCLE);
    expect(problems).toEqual([]);
    expect(fitsSchema(LIFECYCLE)).toBe(true);
    expect(site).toEqual({
      ...NOTHING,
      file: 'site.json',
      vaults: LIFECYCLE.vaults,
      clouds: [LIFECYCLE.clouds[0], { ...LIFECYCLE.clouds[1], hosts: [] }],
      policies: [
        {
          name: 'quick',
          settings: {
            copyFrequencyMs: 30_000,
            recoveryPointHours: 4,
            appConsistentHours: 1,
            policyCompression: 'on',
            compressionRatio: 0.6,
            authentication: 'kerberos',
            initialReplication: { ...INITIAL_REPLICATION_AT_ONCE, startAtMs: DAY_MS + 18 * HOUR_MS },
          },
        },
        { name: 'plain', settings: { appConsistentHours: null, policyCompression: 'off' } },
      ],
      vms: [
        {
          ...{ vm: 'a', cloud: 'Rest', policy: 'plain' },
          initialReplication: { ...INITIAL_REPLICATION_AT_ONCE, mode: 'media', shippingMs: 7 * DAY_MS },
        },
        { vm: 'b' },
      ],
      batches: [{ enableAtMs: 2 * DAY_MS, vms: ['a', 'b'] }],
      recoveryPlans: [
        {
          ...{ name: 'Shop', detectionMs: 5 * MINUTE_MS, decisionMs: HOUR_MS },
          groups: [
            {
              ...{ name: 'Data', vms: ['a'], after: [] },
              before: [{ title: 'Check DNS', kind: 'manual', takesMs: 10 * MINUTE_MS }],
            },
            {
              ...{ name: 'Group 2', vms: ['b'], before: [] },
              after: [{ title: 'Warm up', kind: 'script', takesMs: 90_000 }],
            },
          ],
        },
      ],
      faults: LIFECYCLE.faults,
      actions: LIFECYCLE.actions,
    });
  });

  // `bySchema`: what an editor underlines already; the rest no JSON Schema can say.
  it.each<[unknown, string, string | undefined, boolean]>([
    [[], 'site-wrong-type', undefined, true],
    [{ volums: [] }, 'site-unknown-key', 'volums', true],
    [{ link: { bandwith: '1 Gbps' } }, 'site-unknown-key', 'link.bandwith', true],
    [{ hosts: {} }, 'site-wrong-type', 'hosts', true],
    [{ hosts: ['hv1'] }, 'site-wrong-type', 'hosts[0]', true],
    [{ hosts: [{}] }, 'site-missing-name', 'hosts[0].name', true],
    [{ hosts: [{ name: 7 }] }, 'site-wrong-type', 'hosts[0].name', true],
    [{ hosts: [{ name: 'x'.repeat(257) }] }, 'name-too-long', 'hosts[0].name', true],
    [{ hosts: [{ name: 'a\nb' }] }, 'name-control-character', 'hosts[0].name', false],
    [{ hosts: [{ name: 'h', uplink: 1e10 }] }, 'site-wrong-type', 'hosts[0].uplink', true],
    [{ hosts: [{ name: 'h', uplink: '10 GB' }] }, 'site-wrong-value', 'hosts[0].uplink', true],
    [{ hosts: [{ name: 'h', maxActiveTransfers: 0 }] }, 'site-wrong-value', 'hosts[0].maxActiveTransfers', true],
    [{ hosts: [{ name: 'h', maxActiveTransfers: 1.5 }] }, 'site-wrong-value', 'hosts[0].maxActiveTransfers', true],
    [{ hosts: [{ name: 'h' }, { name: 'h' }] }, 'site-duplicate', 'hosts[1].name', false],
    [{ volumes: [{ name: 'v' }, { name: 'v' }] }, 'site-duplicate', 'volumes[1].name', false],
    [{ volumes: [{ name: 'v' }, { name: 'v', host: 'h' }] }, 'site-duplicate', 'volumes[1].name', false],
    [{ volumes: [{ name: 'a' }, { name: 'b', capacity: 5 }] }, 'site-wrong-type', 'volumes[1].capacity', true],
    [{ volumes: [{ name: 'v', capacity: '0 B' }] }, 'site-wrong-value', 'volumes[0].capacity', false],
    [{ volumes: [{ name: 'v', free: '-1 GiB' }] }, 'site-wrong-value', 'volumes[0].free', true],
    [{ volumes: [{ name: 'v', free: '5' }] }, 'site-wrong-value', 'volumes[0].free', true],
    [
      { volumes: [{ name: 'v', capacity: '1 GB', free: '1 GiB' }] },
      'site-free-over-capacity',
      'volumes[0].free',
      false,
    ],
    [{ link: { bandwidth: '0 Mbps' } }, 'site-wrong-value', 'link.bandwidth', false],
    [{ link: { efficiency: 0 } }, 'site-wrong-value', 'link.efficiency', true],
    [{ link: { efficiency: 1.1 } }, 'site-wrong-value', 'link.efficiency', true],
    [{ link: { efficiency: '0.9' } }, 'site-wrong-type', 'link.efficiency', true],
    [{ link: { outages: [{ at: '1d' }] } }, 'site-missing-key', 'link.outages[0].for', true],
    [{ link: { outages: [{ at: '1d', for: 60 }] } }, 'site-wrong-type', 'link.outages[0].for', true],
    [{ link: { outages: [{ at: '40m', for: '1h' }] } }, 'site-wrong-value', 'link.outages[0].at', true],
    [{ link: null }, 'site-wrong-type', 'link', true],
    [{ vaults: [{}] }, 'site-missing-name', 'vaults[0].name', true],
    [{ vaults: [{ name: 'v' }, { name: 'v' }] }, 'site-duplicate', 'vaults[1].name', false],
    [{ clouds: [{ name: 'c' }] }, 'site-missing-key', 'clouds[0].vmmServer', true],
    [{ clouds: [{ name: 'c', vmmServer: 'v', host: 'h' }] }, 'site-unknown-key', 'clouds[0].host', true],
    [{ clouds: [{ name: 'c', vmmServer: 'v', hosts: 'h' }] }, 'site-wrong-type', 'clouds[0].hosts', true],
    [{ clouds: [{ name: 'c', vmmServer: 'v', hosts: [1] }] }, 'site-wrong-type', 'clouds[0].hosts[0]', true],
    [{ clouds: [{ name: 'c', vmmServer: 'v', policy: 'p' }] }, 'site-unknown-name', 'clouds[0].policy', false],
    [
      {
        clouds: [
          { name: 'c', vmmServer: 'v', hosts: ['h'] },
          { name: 'd', vmmServer: 'v', hosts: ['h'] },
        ],
      },
      'site-duplicate',
      'clouds[1].hosts[0]',
      false,
    ],
    [{ policies: [{ name: 'p', copyFrequency: 300 }] }, 'site-wrong-type', 'policies[0].copyFrequency', true],
    [{ policies: [{ name: 'p', copyFrequency: '5m' }] }, 'site-wrong-value', 'policies[0].copyFrequency', true],
    [{ policies: [{ name: 'p', recoveryPoints: '90min' }] }, 'site-wrong-value', 'policies[0].recoveryPoints', false],
    [{ policies: [{ name: 'p', recoveryPoints: 'off' }] }, 'site-wrong-value', 'policies[0].recoveryPoints', true],
    [{ policies: [{ name: 'p', appConsistent: 'never' }] }, 'site-wrong-value', 'policies[0].appConsistent', true],
    [{ policies: [{ name: 'p', compression: true }] }, 'site-wrong-type', 'policies[0].compression', true],
    [{ policies: [{ name: 'p', compression: 'half' }] }, 'site-wrong-value', 'policies[0].compression', true],
    [{ policies: [{ name: 'p', compressionRatio: 3 }] }, 'site-wrong-value', 'policies[0].compressionRatio', true],
    [{ policies: [{ name: 'p', compressionRatio: '0.6' }] }, 'site-wrong-type', 'policies[0].compressionRatio', true],
    [{ policies: [{ name: 'p', authentication: 'ntlm' }] }, 'site-wrong-value', 'policies[0].authentication', true],
    [
      { policies: [{ name: 'p', initialReplication: 'fax' }] },
      'site-wrong-value',
      'policies[0].initialReplication',
      true,
    ],
    [{ vms: [{ policy: 'p' }] }, 'site-missing-key', 'vms[0].vm', true],
    [{ vms: [{ vm: 'a' }, { vm: 'a' }] }, 'site-duplicate', 'vms[1].vm', false],
    [{ vms: [{ vm: 'a', cloud: 'c' }] }, 'site-unknown-name', 'vms[0].cloud', false],
    [{ vms: [{ vm: 'a', policy: 'p' }] }, 'site-unknown-name', 'vms[0].policy', false],
    [{ batches: [{ vms: ['a'] }] }, 'site-missing-key', 'batches[0].at', true],
    [{ batches: [{ at: '1d' }] }, 'site-missing-key', 'batches[0].vms', true],
    [
      {
        batches: [
          { at: '1d', vms: ['a'] },
          { at: '2d', vms: ['b', 'a'] },
        ],
      },
      'site-duplicate',
      'batches[1].vms[1]',
      false,
    ],
    [{ recoveryPlans: [{ name: 'p' }] }, 'site-missing-key', 'recoveryPlans[0].groups', true],
    [{ recoveryPlans: [{ name: 'p', groups: [] }] }, 'site-wrong-value', 'recoveryPlans[0].groups', true],
    [{ recoveryPlans: [{ name: 'p', groups: [{}] }] }, 'site-missing-key', 'recoveryPlans[0].groups[0].vms', true],
    [
      { recoveryPlans: [{ name: 'p', groups: Array.from({ length: 8 }, () => ({ vms: [] })) }] },
      'site-too-many',
      'recoveryPlans[0].groups',
      true,
    ],
    [
      { recoveryPlans: [{ name: 'p', groups: [{ vms: Array.from({ length: 101 }, (_, index) => `vm${index}`) }] }] },
      'site-too-many',
      'recoveryPlans[0].groups',
      false,
    ],
    [
      { recoveryPlans: [{ name: 'p', groups: [{ vms: ['a'] }, { vms: ['b', 'a'] }] }] },
      'site-duplicate',
      'recoveryPlans[0].groups[1].vms[1]',
      false,
    ],
    [
      {
        recoveryPlans: [
          { name: 'p', groups: [{ vms: ['a'], before: [{ title: 't', kind: 'magic', takes: '1min' }] }] },
        ],
      },
      'site-wrong-value',
      'recoveryPlans[0].groups[0].before[0].kind',
      true,
    ],
    [
      { recoveryPlans: [{ name: 'p', groups: [{ vms: ['a'], after: [{ title: 't', kind: 'manual' }] }] }] },
      'site-missing-key',
      'recoveryPlans[0].groups[0].after[0].takes',
      true,
    ],
    [{ faults: 'link down' }, 'site-wrong-type', 'faults', true],
    [{ faults: [{ at: '1d' }] }, 'site-wrong-type', 'faults[0]', true],
    [{ actions: [' '] }, 'site-wrong-type', 'actions[0]', true],
    [JSON.parse('{"__proto__": {}}'), 'site-unknown-key', '__proto__', true],
  ])('%j', (value, code, column, bySchema) => {
    const { site, problems } = parse(value);
    expect(site).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ severity: 'error', code, file: 'site.json', remedy: expect.any(String) });
    expect(problems[0]!.column).toBe(column);
    expect(fitsSchema(value)).toBe(!bySchema);
  });

  it('says what an unknown key may have meant', () => {
    expect(parse({ link: { bandwith: '1 Gbps' } }).problems[0]!.remedy).toContain('Did you mean "bandwidth"?');
    expect(parse({ qqq: 1 }).problems[0]!.remedy).not.toContain('Did you mean');
    const misspelled = { policies: [{ name: 'Gold' }], vms: [{ vm: 'a', policy: 'Golld' }] };
    expect(parse(misspelled).problems[0]!.remedy).toContain('Did you mean "Gold"?');
  });

  it.each([
    ['{\n  "hosts": [],\n  "link": x\n}', 3],
    ["{\n  'hosts': []\n}", 2],
    ['{\n  "hosts": [],\n}', 3],
    ['{\n  "hosts": [\n', 3],
    ['{\n  // hosts\n}', 2],
  ])('names the row of a syntax error: %j', (text, row) => {
    expect(codes(parseSite('site.json', text))).toEqual([`site-not-json@${row}`]);
  });

  it('shows the place of a syntax error whose row the engine does not tell', () => {
    const { problems } = parseSite('site.json', '{\n  "hosts": [}\n}');
    expect(codes({ problems })).toEqual(['site-not-json']);
    expect(problems[0]!.message).toContain('"hosts": [}');
  });

  it('finds all problems at once', () => {
    const { problems } = parse({ a: 1, hosts: [{ name: 'h', uplink: 5 }], volumes: [{ name: 'v', free: 'x' }] });
    expect(problems.map((problem) => problem.column)).toEqual(['a', 'hosts[0].uplink', 'volumes[0].free']);
  });

  it('warns of a policy that nobody goes by', () => {
    const { site, problems } = parse({ policies: [{ name: 'p' }] });
    expect(site).toBeDefined();
    expect(problems.map(({ severity, code, column }) => [severity, code, column])).toEqual([
      ['warning', 'site-unused-policy', 'policies[0].name'],
    ]);
  });

  it('throws at no JSON and at no text', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.string(), (json, text) => {
        expect(Array.isArray(parseSite('s', json).problems)).toBe(true);
        expect(Array.isArray(parseSite('s', text).problems)).toBe(true);
        for (const key of Object.keys(NOTHING)) {
          expect(Array.isArray(parseSite('s', `{"${key}":${json}}`).problems)).toBe(true);
          expect(Array.isArray(parseSite('s', `{"${key}":[${json}]}`).problems)).toBe(true);
        }
      }),
    );
    const deep = `{"hosts":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect(codes(parseSite('s', deep))).toEqual(['site-wrong-type']);
  });
});

describe('checkSite', () => {
  it('warns of hosts and volumes that the inventory does not name', async () => {
    const vms = lines('vm,host,volume,size_gib,churn', 'a,hv1,D:,1,0', 'b,hv3,C:\\ClusterStorage\\Volume1,1,0');
    const { workload } = await ingestText(vms);
    const problems = checkSite(parse(SITE).site!, workload!);
    expect(problems.map(({ severity, code, column, value }) => [severity, code, column, value])).toEqual([
      ['warning', 'site-unused-host', 'hosts[1].name', 'hv2'],
      ['warning', 'site-unlisted-host', 'hosts', undefined],
      ['warning', 'site-unused-host', 'volumes[2].host', 'hv2'],
    ]);
  });

  it('refuses VMs that the inventory does not name, and warns of hosts of clouds', async () => {
    const { workload } = await ingestText(lines('vm,host,size_gib,churn', 'SQL01,hv1,1,0'));
    const { site } = parse({
      clouds: [{ name: 'c', vmmServer: 'v', hosts: ['hv1', 'hv9'] }],
      vms: [{ vm: 'SQL1' }],
      batches: [{ at: '1d', vms: ['SQL01', 'sql01'] }],
      recoveryPlans: [{ name: 'p', groups: [{ vms: ['SQL01'] }, { vms: ['WEB01'] }] }],
    });
    const problems = checkSite(site!, workload!);
    expect(problems.map(({ severity, code, column }) => [severity, code, column])).toEqual([
      ['warning', 'site-unused-host', 'clouds[0].hosts[1]'],
      ['error', 'site-unknown-name', 'vms[0].vm'],
      ['error', 'site-unknown-name', 'batches[0].vms[1]'],
      ['error', 'site-unknown-name', 'recoveryPlans[0].groups[1].vms[0]'],
    ]);
    expect(problems[1]!.remedy).toContain('Did you mean "SQL01"?');
    expect(problems[3]!.remedy).not.toContain('Did you mean');
  });

  it('ends soon where thousands of names are wrong', async () => {
    const names = Array.from({ length: 3000 }, (_, index) => `server-with-a-long-name-${index}`);
    const { workload } = await ingestText(lines('vm,size_gib,churn', ...names.map((name) => `${name},1,0`)));
    const { site } = parse({ batches: [{ at: '1d', vms: names.map((name) => name.toUpperCase()) }] });
    expect(checkSite(site!, workload!).length).toBeGreaterThan(100);
  });
});
