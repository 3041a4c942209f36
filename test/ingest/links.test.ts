import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveProtection } from '../../src/ingest/protection.ts';
import { checkSite, parseSite } from '../../src/ingest/site.ts';
import { defaultPolicy } from '../../src/model/defaults.ts';
import { DAY_MS, HOUR_MS } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';

const schema = JSON.parse(readFileSync(new URL('../../schemas/site.schema.json', import.meta.url), 'utf8'));
const fitsSchema = new Ajv2020({ strict: false }).compile(schema);

const parse = (value: unknown): ReturnType<typeof parseSite> => parseSite('site.json', JSON.stringify(value));
const found = (value: unknown): (string | undefined)[][] =>
  parse(value).problems.map(({ severity, code, column }) => [severity, code, column]);

const LINE =
  'Set-OBMachineSetting -WorkDay Mo,Tu -StartWorkHour 9:00:00 -EndWorkHour 18:00:00 -WorkHourBandwidth (10*1024*1024) -NonWorkHourBandwidth (20*1024*1024)';

const WHOLE = {
  hosts: [{ name: 'hv1', throttle: LINE, uploadThreadsPerVm: 8, link: 'branch' }],
  volumes: [{ name: 'D:', host: 'hv1', readThroughput: '400 MB/s', mergeThroughput: '200 MB/s' }],
  link: {
    bandwidth: '100 Mbps',
    randomOutages: { meanBetween: '30d', meanRepair: '2h' },
    throttle: {
      windows: [
        { days: 'weekdays', from: '08:00', to: '18:00', limit: '50%' },
        { days: ['Sat', 'sunday'], from: '22:00', to: '24:00', limit: 'none' },
      ],
      otherwise: '80 Mbps',
    },
    background: { windows: [{ days: 'daily', from: '01:00', to: '03:00', rate: '40 Mbps' }], otherwise: '5 Mbps' },
    roundTrip: '35ms',
    loss: '0.1%',
  },
  links: [
    { name: 'branch', bandwidth: '20 Mbps', via: 'hub', outages: [{ at: '1d', for: '2h' }] },
    { name: 'hub', bandwidth: '50 Mbps', throttle: LINE },
  ],
  vaults: [{ name: 'vault-01', link: 'hub' }],
  vms: [{ vm: 'a', limit: '5 Mbps', weight: 2, link: 'branch' }],
  replica: { writeThroughput: '300 MB/s' },
};

describe('links of a site file', () => {
  it('are read with all that lowers their capacity', () => {
    const { site, problems } = parse(WHOLE);
    expect(problems).toEqual([]);
    expect(fitsSchema(WHOLE)).toBe(true);
    expect(site!.link).toMatchObject({
      capacityBitsPerSec: 100e6,
      randomOutages: { meanBetweenMs: 30 * DAY_MS, meanRepairMs: 2 * HOUR_MS },
      throttle: {
        windows: [
          { days: [0, 1, 2, 3, 4], startMinute: 480, endMinute: 1080, value: { kind: 'share', ratio: 0.5 } },
          { days: [5, 6], startMinute: 1320, endMinute: 0, value: { kind: 'none' } },
        ],
        otherwise: { kind: 'rate', bitsPerSec: 80e6 },
      },
      background: { kind: 'weekly', schedule: { otherwise: 5e6 } },
      roundTripMs: 35,
      lossRatio: 0.001,
    });
    expect(site!.furtherLinks.map(({ name, via, outages }) => [name, via, outages.length])).toEqual([
      ['branch', 'hub', 1],
      ['hub', undefined, 0],
    ]);
    expect(site!.hosts[0]).toMatchObject({ uploadThreadsPerVm: 8, link: 'branch' });
    expect(site!.hosts[0]!.throttle!.windows).toHaveLength(1);
    expect(site!.volumes[0]).toMatchObject({ readBytesPerSec: 400e6, mergeBytesPerSec: 200e6 });
    expect(site!.replicaStorage).toEqual({ writeBytesPerSec: 300e6 });
    expect(site!.vms[0]).toMatchObject({ capBitsPerSec: 5e6, weight: 2, link: 'branch' });
  });

  const throttled = (throttle: unknown): object => ({ link: { throttle } });
  const line = (change: object): object => ({ name: 'a', bandwidth: '1 Mbps', ...change });
  const all = { days: 'daily', from: '00:00', to: '24:00' };

  // `bySchema`: what an editor underlines already; the rest no JSON Schema can say.
  it.each<[string, unknown, string, string, boolean]>([
    [
      'a circle',
      { links: [line({ via: 'b' }), line({ name: 'b', via: 'a' })] },
      'site-link-circle',
      'links[0].via',
      false,
    ],
    ['a link to itself', { links: [line({ via: 'a' })] }, 'site-link-circle', 'links[0].via', false],
    ['an unknown next link', { links: [line({ via: 'c' })] }, 'site-unknown-name', 'links[0].via', false],
    ['a link without a bandwidth', { links: [{ name: 'a' }] }, 'site-missing-key', 'links[0].bandwidth', true],
    ['a link without a name', { links: [{ bandwidth: '1 Mbps' }] }, 'site-missing-name', 'links[0].name', true],
    ['a bandwidth of 0', { links: [line({ bandwidth: '0 Mbps' })] }, 'site-wrong-value', 'links[0].bandwidth', false],
    [
      'a further link’s efficiency',
      { links: [line({ efficiency: 1 })] },
      'site-unknown-key',
      'links[0].efficiency',
      true,
    ],
    ['two links of one name', { links: [line({}), line({})] }, 'site-duplicate', 'links[1].name', false],
    ['a host on an unknown link', { hosts: [{ name: 'h', link: 'x' }] }, 'site-unknown-name', 'hosts[0].link', false],
    ['a VM on an unknown link', { vms: [{ vm: 'a', link: 'x' }] }, 'site-unknown-name', 'vms[0].link', false],
    [
      'a vault on an unknown link',
      { vaults: [{ name: 'v', link: 'x' }] },
      'site-unknown-name',
      'vaults[0].link',
      false,
    ],
    [
      'a cloud on an unknown link',
      { clouds: [{ name: 'c', vmmServer: 'v', link: 'x' }] },
      'site-unknown-name',
      'clouds[0].link',
      false,
    ],
    [
      'a throttle of nothing at any hour',
      throttled({ windows: [{ ...all, from: '08:00', to: '18:00', limit: '0%' }], otherwise: '0 bps' }),
      'site-throttle',
      'link.throttle',
      false,
    ],
    [
      'a throttle of nothing whose windows fill the week',
      throttled({ windows: [{ ...all, limit: '0 Mbps' }], otherwise: 'none' }),
      'site-throttle',
      'link.throttle',
      false,
    ],
    [
      'a share of no uplink',
      { hosts: [{ name: 'h', throttle: { otherwise: '50%' } }] },
      'site-throttle',
      'hosts[0].throttle',
      false,
    ],
    [
      'others that use everything',
      { link: { bandwidth: '10 Mbps', background: { otherwise: '10 Mbps' } } },
      'site-no-capacity',
      'link.background',
      false,
    ],
    [
      'others that use less than nothing',
      { link: { background: { otherwise: '-1 Mbps' } } },
      'site-wrong-value',
      'link.background.otherwise',
      true,
    ],
    [
      'windows that overlap over midnight and the end of the week',
      {
        hosts: [
          {
            name: 'h',
            throttle: {
              windows: [
                { days: ['Sun'], from: '22:00', to: '02:00', limit: '1 Mbps' },
                { days: ['Mon'], from: '01:00', to: '03:00', limit: '1 Mbps' },
              ],
            },
          },
        ],
      },
      'site-overlap',
      'hosts[0].throttle.windows[1]',
      false,
    ],
    [
      'a window without its days',
      throttled({ windows: [{ from: '1:00', to: '2:00', limit: '1 Mbps' }] }),
      'site-missing-key',
      'link.throttle.windows[0].days',
      true,
    ],
    [
      'a window on no day',
      throttled({ windows: [{ ...all, days: [], limit: '1 Mbps' }] }),
      'site-wrong-value',
      'link.throttle.windows[0].days',
      true,
    ],
    [
      'a day that is none',
      throttled({ windows: [{ ...all, days: ['Noday'], limit: '1 Mbps' }] }),
      'site-wrong-value',
      'link.throttle.windows[0].days[0]',
      false,
    ],
    [
      'days that are none',
      throttled({ windows: [{ ...all, days: 'sometimes', limit: '1 Mbps' }] }),
      'site-wrong-value',
      'link.throttle.windows[0].days',
      true,
    ],
    [
      'a time that is none',
      throttled({ windows: [{ ...all, from: '24:00', limit: '1 Mbps' }] }),
      'site-wrong-value',
      'link.throttle.windows[0].from',
      false,
    ],
    [
      'a rate in place of a limit',
      throttled({ windows: [{ ...all, rate: '1 Mbps', limit: '1 Mbps' }] }),
      'site-unknown-key',
      'link.throttle.windows[0].rate',
      true,
    ],
    ['a limit that is none', throttled({ otherwise: '120%' }), 'site-wrong-value', 'link.throttle.otherwise', false],
    ['a limit in words', throttled({ otherwise: 'half' }), 'site-wrong-value', 'link.throttle.otherwise', true],
    ['a throttle that is a number', throttled(5), 'site-wrong-type', 'link.throttle', true],
    [
      'a pasted line that is none',
      { hosts: [{ name: 'h', throttle: 'Set-Nothing' }] },
      'site-throttle',
      'hosts[0].throttle',
      false,
    ],
    [
      'threads beyond the registry’s',
      { hosts: [{ name: 'h', uploadThreadsPerVm: 33 }] },
      'site-wrong-value',
      'hosts[0].uploadThreadsPerVm',
      true,
    ],
    ['a weight of 0', { vms: [{ vm: 'a', weight: 0 }] }, 'site-wrong-value', 'vms[0].weight', true],
    ['a weight of 1001', { vms: [{ vm: 'a', weight: 1001 }] }, 'site-wrong-value', 'vms[0].weight', true],
    ['a limit of 0', { vms: [{ vm: 'a', limit: '0 Mbps' }] }, 'site-wrong-value', 'vms[0].limit', false],
    ['a loss of everything', { link: { loss: '100%' } }, 'site-wrong-value', 'link.loss', true],
    ['a loss without its sign', { link: { loss: 0.1 } }, 'site-wrong-type', 'link.loss', true],
    ['a round trip without a unit', { link: { roundTrip: '35' } }, 'site-wrong-value', 'link.roundTrip', true],
    [
      'a failure every second',
      { link: { randomOutages: { meanBetween: '1s', meanRepair: '1h' } } },
      'site-wrong-value',
      'link.randomOutages.meanBetween',
      false,
    ],
    [
      'failures without repair',
      { link: { randomOutages: { meanBetween: '30d' } } },
      'site-missing-key',
      'link.randomOutages.meanRepair',
      true,
    ],
    [
      'reading at no speed',
      { volumes: [{ name: 'D:', readThroughput: '0 MB/s' }] },
      'site-wrong-value',
      'volumes[0].readThroughput',
      false,
    ],
    [
      'a merge without a unit',
      { volumes: [{ name: 'D:', mergeThroughput: '5' }] },
      'site-wrong-value',
      'volumes[0].mergeThroughput',
      true,
    ],
    [
      'a replica without a unit',
      { replica: { writeThroughput: '5' } },
      'site-wrong-value',
      'replica.writeThroughput',
      true,
    ],
  ])('%s is refused, with its path', (_, value, code, column, bySchema) => {
    expect(found(value)).toEqual([['error', code, column]]);
    expect(fitsSchema(value)).toBe(!bySchema);
  });

  it('a rate of 0 in some hours is fine', () => {
    const night = { days: 'daily', from: '22:00', to: '06:00', limit: '0 Mbps' };
    expect(found(throttled({ windows: [night] }))).toEqual([]);
    expect(fitsSchema(throttled({ windows: [night] }))).toBe(true);
  });

  it('says which windows overlap, and when', () => {
    const window = (day: string, from: string, to: string): object => ({ days: [day], from, to, limit: '1 Mbps' });
    const windows = [window('Wed', '08:00', '10:00'), window('Sun', '23:00', '01:00'), window('Mon', '00:30', '09:00')];
    const [problem] = parse(throttled({ windows })).problems;
    expect(problem!.column).toBe('link.throttle.windows[2]');
    expect(problem!.message).toBe('The window overlaps windows[1], for instance on Monday at 00:30.');
  });

  it('name the whole circle', () => {
    const links = ['a', 'b', 'c'].map((name, index, all) => ({ name, bandwidth: '1 Mbps', via: all[(index + 1) % 3] }));
    const [problem, ...more] = parse({ links: [{ name: 'x', bandwidth: '1 Mbps', via: 'a' }, ...links] }).problems;
    expect(problem!.message).toBe('The links lead in a circle: a → b → c → a.');
    expect(more).toEqual([]);
  });

  it('bound what a hostile file asks for', () => {
    const windows = Array.from({ length: 100_000 }, () => ({ ...all, limit: '1 Mbps' }));
    expect(found(throttled({ windows }))).toEqual([['error', 'site-too-many', 'link.throttle.windows']]);
    expect(found({ link: { throttle: JSON.parse('{ "__proto__": {}, "windows": 7 }') } })).toEqual([
      ['error', 'site-unknown-key', 'link.throttle.__proto__'],
      ['error', 'site-wrong-type', 'link.throttle.windows'],
    ]);
    expect(found({ hosts: [{ name: 'h', throttle: `Set-OBMachineSetting -WorkDay ${'Mo,'.repeat(2e6)}` }] })).toEqual([
      ['error', 'site-throttle', 'hosts[0].throttle'],
    ]);
    expect(found({ links: [line({ name: 'a\u0000b' })] })).toEqual([
      ['error', 'name-control-character', 'links[0].name'],
    ]);
  });

  it('walk a chain of many links once, and name the circle at its end shortly', () => {
    const chain = Array.from({ length: 100_000 }, (_, index) => line({ name: `l${index}`, via: `l${index + 1}` }));
    const startedAtMs = performance.now();
    expect(found({ links: [...chain, line({ name: 'l100000' })] })).toEqual([]);
    const [circle, ...more] = parse({ links: [...chain, line({ name: 'l100000', via: 'l3' })] }).problems;
    expect(performance.now() - startedAtMs).toBeLessThan(5000);
    expect(circle!.column).toBe('links[3].via');
    expect(circle!.message).toMatch(/^The links lead in a circle: l3 → l4 → .* → …\.$/);
    expect(more).toEqual([]);
  });

  it('overlap exactly where a minute of the week is in two windows', () => {
    const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
    const time = fc.integer({ min: 0, max: 23 }).map((hour) => `${hour}:30`);
    const window = fc.record({
      days: fc.uniqueArray(fc.constantFrom(...days), { minLength: 1, maxLength: 2 }),
      from: time,
      to: time,
    });
    fc.assert(
      fc.property(fc.array(window, { maxLength: 4 }), (windows) => {
        const minutes = windows.flatMap(({ days: on, from, to }) => {
          const [start, end] = [from, to].map((text) => Number(text.split(':')[0]) * 60 + 30) as [number, number];
          const length = end > start ? end - start : end - start + 1440;
          return on.flatMap((day) =>
            Array.from({ length }, (_, i) => (days.indexOf(day) * 1440 + start + i) % (7 * 1440)),
          );
        });
        const expected = new Set(minutes).size < minutes.length;
        const throttle = { windows: windows.map((each) => ({ ...each, limit: '1 Mbps' })) };
        const reported = found({ link: { throttle } }).some(([, code]) => code === 'site-overlap');
        expect(reported).toBe(expected);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the way of a VM', () => {
  const vms = ['a', 'b', 'c'].map((name) => buildVm({ name, host: 'hv1', disks: [buildDisk()] }));
  const { workload } = buildRun({ vms });
  const networkOf = (value: unknown, scenario: 'hyperv-to-azure' | 'vmm-to-azure' | 'vmm-to-vmm') =>
    resolveProtection(parse(value).site!, workload, defaultPolicy(scenario));
  const links = ['own', 'cloud', 'vault'].map((name) => ({ name, bandwidth: '1 Mbps' }));

  it('is its own word’s, else its cloud’s, else its vault’s', () => {
    const clouds = [
      { name: 'one', vmmServer: 'v', vault: 'vault-01', hosts: ['hv1'], link: 'cloud' },
      { name: 'two', vmmServer: 'v', vault: 'vault-01' },
    ];
    const value = {
      links,
      clouds,
      vaults: [{ name: 'vault-01', link: 'vault' }],
      vms: [
        { vm: 'a', link: 'own', weight: 3 },
        { vm: 'b', cloud: 'two' },
      ],
    };
    expect(networkOf(value, 'vmm-to-azure').network).toEqual([
      { vm: 'a', weight: 3, link: 'own' },
      { vm: 'b', link: 'vault' },
      { vm: 'c', link: 'cloud' },
    ]);
  });

  it('without clouds is the only vault’s; two vaults say nothing', () => {
    const one = { links, vaults: [{ name: 'v', link: 'vault' }] };
    expect(networkOf(one, 'hyperv-to-azure').network.map(({ link }) => link)).toEqual(['vault', 'vault', 'vault']);
    const two = { links, vaults: [{ name: 'v', link: 'vault' }, { name: 'w' }] };
    expect(networkOf(two, 'hyperv-to-azure').network).toEqual([]);
    const unused = { ...one, clouds: [{ name: 'c', vmmServer: 'x', link: 'cloud', hosts: ['hv1'] }] };
    expect(networkOf(unused, 'hyperv-to-azure').network.map(({ link }) => link)).toEqual(['vault', 'vault', 'vault']);
    expect(networkOf(unused, 'vmm-to-azure').network.map(({ link }) => link)).toEqual(['cloud', 'cloud', 'cloud']);
  });

  it('warns of upload threads between sites', () => {
    const value = { hosts: [{ name: 'hv0' }, { name: 'hv1', uploadThreadsPerVm: 8 }] };
    expect(networkOf(value, 'vmm-to-azure').problems).toEqual([]);
    expect(networkOf(value, 'vmm-to-vmm').problems.map(({ code, column }) => [code, column])).toEqual([
      ['site-upload-threads-unused', 'hosts[1].uploadThreadsPerVm'],
    ]);
  });

  it('warns of replica storage in Azure', () => {
    const value = { replica: { writeThroughput: '300 MB/s' } };
    expect(networkOf(value, 'hyperv-to-azure').problems.map(({ code }) => code)).toEqual(['site-replica-unused']);
    expect(networkOf(value, 'vmm-to-vmm').problems).toEqual([]);
  });

  it('warns of VMs on hosts that the file does not list, where it lists some', () => {
    const codes = (value: unknown): (string | undefined)[] =>
      checkSite(parse(value).site!, workload).map(({ code }) => code);
    expect(codes({ hosts: [{ name: 'hv1' }] })).toEqual([]);
    expect(codes({ hosts: [{ name: 'hv2' }] })).toEqual(['site-unused-host', 'site-unlisted-host']);
    expect(codes({})).toEqual([]);
  });
});
