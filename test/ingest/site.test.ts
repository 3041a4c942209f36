import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSite, parseSite } from '../../src/ingest/site.ts';
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

const schema = JSON.parse(readFileSync(new URL('../../schemas/site.schema.json', import.meta.url), 'utf8'));
const fitsSchema = new Ajv2020({ strict: false }).compile(schema);

const parse = (value: unknown): ReturnType<typeof parseSite> => parseSite('site.json', JSON.stringify(value));

describe('parseSite', () => {
  it('reads hosts, volumes and the link', () => {
    const { site, problems } = parse(SITE);
    expect(problems).toEqual([]);
    expect(site).toEqual({
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
    expect(parseSite('s', '\uFEFF{}').site).toEqual({ file: 's', hosts: [], volumes: [], link: { outages: [] } });
    expect(fitsSchema({})).toBe(true);
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

  it('throws at no JSON and at no text', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), fc.string(), (json, text) => {
        expect(Array.isArray(parseSite('s', json).problems)).toBe(true);
        expect(Array.isArray(parseSite('s', text).problems)).toBe(true);
        expect(Array.isArray(parseSite('s', `{"hosts":[${json}],"volumes":${json},"link":${json}}`).problems)).toBe(
          true,
        );
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
      ['warning', 'site-unused-host', 'volumes[2].host', 'hv2'],
    ]);
  });
});
