import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TERMS, type PriceInput } from '../../src/model/prices.ts';
import type { Run } from '../../src/model/run.ts';
import { sizeByTerms } from '../../src/plan/cost-quantities.ts';
import type { PlanRequest } from '../../src/plan/make-plan.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { aliasTable, anonymized } from '../../src/request/anonymize.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { ROOT, runCli, ScratchFolder } from '../cli/run-cli.ts';
import { anySiteRun } from '../laws/any-site.ts';
import { buildRun, buildVm } from '../laws/build-run.ts';

function requestOf(run: Run): PlanRequest {
  return { run, bandwidthGiven: true, givenOptions: new Set(), assumptions: [], problems: [], version: '0' };
}

/** Numbers alone, in their order. */
function numbersOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_, inside) => (typeof inside === 'string' ? '' : inside)));
}

describe('a plan without names', () => {
  it('is of the same fleet: with the same cuts every number of the run stays', () => {
    fc.assert(
      fc.property(anySiteRun, (drawn) => {
        const { link, furtherLinks = [] } = drawn.site;
        const calm = <T extends { randomOutages?: unknown }>({
          randomOutages: _,
          ...rest
        }: T): Omit<T, 'randomOutages'> => rest;
        // What is drawn from names is taken out: cuts at one time, no drawn outages.
        const run: Run = {
          ...drawn,
          policy: { ...drawn.policy, alignedCuts: true },
          site: { ...drawn.site, link: calm(link), furtherLinks: furtherLinks.map(calm) },
        };
        const { request } = anonymized(requestOf(run));
        const [alias, own] = [simulate(request.run), simulate(run)];
        for (const part of ['link', 'furtherLinks', 'hosts', 'rpo', 'vms', 'events', 'eventCount'] as const) {
          expect(numbersOf(alias[part]), part).toEqual(numbersOf(own[part]));
        }
        // Volumes stand in the order of their names, and those of a cluster have others.
        const volumes = ({ volumes: all }: typeof own): string[] =>
          all.map((one) => JSON.stringify(numbersOf(one))).sort();
        expect(volumes(alias)).toEqual(volumes(own));
      }),
      { numRuns: 100 },
    );
  });

  it('has another name for every thing, the same for the same', () => {
    fc.assert(
      fc.property(anySiteRun, (run) => {
        const { aliases, request } = anonymized(requestOf(run));
        const keys = aliases.map(({ kind, alias }) => `${kind} ${alias}`);
        expect(new Set(keys).size).toBe(keys.length);
        expect(request.run.workload.vms).toHaveLength(run.workload.vms.length);
        const again = anonymized(requestOf(run));
        expect(again).toEqual({ request, aliases });
      }),
    );
  });

  it('costs the same: a pattern of names becomes the VMs that it fits first', () => {
    const vms = ['SQL01', 'SQL02', 'WEB01', 'DC'].map((name) => buildVm({ name }));
    const prices: PriceInput = {
      book: null,
      terms: {
        ...DEFAULT_TERMS,
        vmSizes: [
          { vm: 'sql0?', size: 'large' },
          { vm: '*01', size: 'small' },
        ],
      },
    };
    const { request } = anonymized({ ...requestOf(buildRun({ vms })), prices });
    const sizes = request.run.workload.vms.map(({ name }) => sizeByTerms(name, request.prices!.terms));
    expect(sizes).toEqual(['large', 'large', 'small', null]);
    expect(JSON.stringify(request.prices)).not.toMatch(/sql/i);
  });

  it('writes a key in which no name is a formula', () => {
    expect(aliasTable([{ kind: 'vm', alias: 'vm-1', name: '=HYPERLINK("x"),1' }])).toBe(
      'kind,alias,name\r\nvm,vm-1,"\'=HYPERLINK(""x""),1"\r\n',
    );
  });

  it('tells no name in any document: site, clouds, plans, faults, files, problems', () => {
    const read = (name: string): string => readFileSync(join(ROOT, 'datasets/contoso', name), 'utf8');
    using folder = new ScratchFolder({
      'SECRETvms.csv': read('vms.csv'),
      'SECRETchurn.csv': read('churn.csv'),
      'SECRETsite.json': read('vmm.json'),
      'SECRETrules.json': readFileSync(join(ROOT, 'rules/managed-disks.json'), 'utf8'),
      'SECRETprices.json': JSON.stringify({
        ...{ schema: 'asr-plan/prices@1', currency: 'EUR', date: '2026-01-05', source: 'SECRET agreement' },
        terms: { vmSizes: [{ vm: '*', size: 'Standard_D2s_v5' }] },
        prices: [{ item: 'licence/site', price: 10 }],
      }),
    });
    const args = [
      'analyze',
      'SECRETvms.csv',
      '--churn',
      'SECRETchurn.csv',
      '--site',
      'SECRETsite.json',
      '--rules',
      'SECRETrules.json',
      '--prices',
      'SECRETprices.json',
      '--scenario',
      'vmm-to-vmm',
      '--horizon',
      '1d',
      '--quiet',
    ];
    const named = JSON.parse(runCli([...args, '--json', '-'], folder.path).stdout) as Plan;
    const outputs = ['--json', 'plan.json', '--out', 'report.html', '--names-key', 'key.csv', '--anonymize'];
    const ending = runCli([...args, ...outputs], folder.path);
    expect(ending.stderr).toBe('');
    const html = readFileSync(join(folder.path, 'report.html'), 'utf8');
    const blocks = [...html.matchAll(/<script type="text\/plain" id="(?:plan|run)">([^<]+)/g)].map(([, packed]) =>
      inflateRawSync(Buffer.from(packed!, 'base64')).toString(),
    );
    expect(blocks).toHaveLength(2);
    // The page's own script has examples with names of its own, and packed blocks any four letters.
    const page = html.replace(/<script[\s\S]*?<\/script>/g, '');
    const documents = [readFileSync(join(folder.path, 'plan.json'), 'utf8'), page, ...blocks, ending.stdout];
    const key = readFileSync(join(folder.path, 'key.csv'), 'utf8');
    const names = [
      'SECRET',
      ...named.vms.flatMap(({ name, host, cloud }) => [name, host, cloud ?? '']),
      ...named.recoveryPlans.map(({ name }) => name),
      ...named.volumes.map(({ name }) => name),
    ].filter((name) => name.length >= 4);
    expect(new Set(names).size).toBeGreaterThan(60);
    for (const name of new Set(names)) {
      if (name !== 'SECRET' && !name.includes(': ')) expect(key, name).toContain(name);
      for (const text of documents) expect(text.includes(name), name).toBe(false);
    }
    const shape = (plan: Plan): unknown =>
      plan.vms.map(({ usedBytes, diskCount, churnBytesPerDay }) => [usedBytes, diskCount, churnBytesPerDay]);
    expect(shape(JSON.parse(documents[0]!))).toEqual(shape(named));
  });

  it('a key without --anonymize is refused', () => {
    using folder = new ScratchFolder({ 'vms.csv': 'vm,disk,size_gib,churn_gib_per_day\na,b,1,1\n' });
    const { code, stderr } = runCli(['analyze', 'vms.csv', '--names-key', 'key.csv'], folder.path);
    expect(code).toBe(2);
    expect(stderr).toContain('Give --anonymize too');
  });
});
