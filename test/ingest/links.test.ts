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

  it.each<[string, unknown, string[]]>([
    [
      'a circle of links',
      {
        links: [
          { name: 'a', bandwidth: '1 Mbps', via: 'b' },
          { name: 'b', bandwidth: '1 Mbps', via: 'a' },
        ],
      },
      ['error', 'site-link-circle', 'links[0].via'],
    ],
    [
      'a link that leads to itself',
      { links: [{ name: 'a', bandwidth: '1 Mbps', via: 'a' }] },
      ['error', 'site-link-circle', 'links[0].via'],
    ],
    [
      'a next link that is not there',
      { links: [{ name: 'a', bandwidth: '1 Mbps', via: 'c' }] },
      ['error', 'site-unknown-name', 'links[0].via'],
    ],
    ['a link without a bandwidth', { links: [{ name: 'a' }] }, ['error', 'site-missing-key', 'links[0].bandwidth']],
    [
      'a bandwidth of 0',
      { links: [{ name: 'a', bandwidth: '0 Mbps' }] },
      ['error', 'site-wrong-value', 'links[0].bandwidth'],
    ],
    [
      'two links of one name',
      {
        links: [
          { name: 'a', bandwidth: '1 Mbps' },
          { name: 'a', bandwidth: '1 Mbps' },
        ],
      },
      ['error', 'site-duplicate', 'links[1].name'],
    ],
    [
      'a host on a link that is not there',
      { hosts: [{ name: 'h', link: 'x' }] },
      ['error', 'site-unknown-name', 'hosts[0].link'],
    ],
    [
      'a VM on a link that is not there',
      { vms: [{ vm: 'a', link: 'x' }] },
      ['error', 'site-unknown-name', 'vms[0].link'],
    ],
    [
      'a vault behind a link that is not there',
      { vaults: [{ name: 'v', link: 'x' }] },
      ['error', 'site-unknown-name', 'vaults[0].link'],
    ],
    [
      'a throttle of nothing for ever',
      {
        link: {
          throttle: { windows: [{ days: 'daily', from: '08:00', to: '18:00', limit: '0%' }], otherwise: '0 bps' },
        },
      },
      ['error', 'site-no-capacity', 'link.throttle'],
    ],
    [
      'others that use everything',
      { link: { bandwidth: '10 Mbps', background: { otherwise: '10 Mbps' } } },
      ['error', 'site-no-capacity', 'link.background'],
    ],
    [
      'a schedule that overlaps itself',
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
      ['error', 'site-overlap', 'hosts[0].throttle.windows[1]'],
    ],
    [
      'a window without its days',
      { link: { throttle: { windows: [{ from: '1:00', to: '2:00', limit: '1 Mbps' }] } } },
      ['error', 'site-missing-key', 'link.throttle.windows[0].days'],
    ],
    [
      'a day that is none',
      { link: { throttle: { windows: [{ days: ['Noday'], from: '1:00', to: '2:00', limit: '1 Mbps' }] } } },
      ['error', 'site-wrong-value', 'link.throttle.windows[0].days[0]'],
    ],
    [
      'a limit that is none',
      { link: { throttle: { otherwise: '120%' } } },
      ['error', 'site-wrong-value', 'link.throttle.otherwise'],
    ],
    [
      'a pasted line that is none',
      { hosts: [{ name: 'h', throttle: 'Set-Nothing' }] },
      ['error', 'site-throttle', 'hosts[0].throttle'],
    ],
    [
      'threads beyond the registry’s',
      { hosts: [{ name: 'h', uploadThreadsPerVm: 33 }] },
      ['error', 'site-wrong-value', 'hosts[0].uploadThreadsPerVm'],
    ],
    ['a weight of 0', { vms: [{ vm: 'a', weight: 0 }] }, ['error', 'site-wrong-value', 'vms[0].weight']],
    ['a loss of everything', { link: { loss: '100%' } }, ['error', 'site-wrong-value', 'link.loss']],
    [
      'a mean of nothing',
      { link: { randomOutages: { meanBetween: '0s', meanRepair: '1h' } } },
      ['error', 'site-wrong-value', 'link.randomOutages.meanBetween'],
    ],
    [
      'a replica without a rate',
      { replica: { writeThroughput: '5' } },
      ['error', 'site-wrong-value', 'replica.writeThroughput'],
    ],
  ])('%s is refused, with its path', (_, value, problem) => {
    expect(found(value)).toEqual([problem]);
  });

  it('name the whole circle', () => {
    const links = ['a', 'b', 'c'].map((name, index, all) => ({ name, bandwidth: '1 Mbps', via: all[(index + 1) % 3] }));
    const [problem, ...more] = parse({ links: [{ name: 'x', bandwidth: '1 Mbps', via: 'a' }, ...links] }).problems;
    expect(problem!.message).toBe('The links lead in a circle: a → b → c → a.');
    expect(more).toEqual([]);
  });

  it('bound what a hostile file asks for', () => {
    const windows = Array.from({ length: 5000 }, () => ({ days: 'daily', from: '1:00', to: '1:01', limit: '1 Mbps' }));
    expect(found({ link: { throttle: { windows } } })).toEqual([['error', 'site-too-many', 'link.throttle.windows']]);
    expect(found({ link: { throttle: { __proto__: null, windows: 7 } } })).toEqual([
      ['error', 'site-wrong-type', 'link.throttle.windows'],
    ]);
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
      { numRuns: 200, seed: 52 },
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
