import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SCENARIOS, type ScenarioId } from '../../src/model/scenario.ts';
import type { ExclusionAdvice, Plan } from '../../src/plan/plan.ts';
import { exclusionPart } from '../../src/report/html-exclusions.ts';
import { shownName } from '../../src/report/shown-name.ts';
import { GIB, MIB } from '../../src/units.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { samplePlan } from './sample-plan.ts';

const PLAN = samplePlan();

const ADVICE: ExclusionAdvice = {
  ...{ vm: 'SQL01', disk: 'tempdb.vhdx', reason: 'tempdb' },
  ...{ meanBitsPerSec: 12.3e6, busiestHourBitsPerSec: 45.6e6, shareOfDeltas: 0.214 },
  ...{ initialBytes: 60 * GIB, logBytes: 700 * MIB },
};

function part(exclusions: readonly ExclusionAdvice[], id: ScenarioId = 'hyperv-to-azure'): string {
  const plan: Plan = { ...PLAN, exclusions, scenario: { ...PLAN.scenario, id } };
  return exclusionPart(plan).text;
}

const cells = (text: string): string[] =>
  [...text.matchAll(/<(?:td|th scope="row")[^>]*>(.*?)<\/t[dh]>/g)].map(([, cell]) => cell!);
const tags = (text: string): string[] => text.match(/<[^>]*>/g) ?? [];

describe('disks that may be left out', () => {
  test('each with its figures, in their units, under its heading', () => {
    const text = part([ADVICE]);
    expect([...text.matchAll(/<th scope="col"[^>]*>([^<]*)/g)].map(([, title]) => title)).toEqual([
      ...['VM', 'Disk', 'Deltas, mean', 'Busiest hour', 'Of all deltas', 'Initial replication', 'Logs', 'Why'],
    ]);
    expect(cells(text)).toEqual([
      ...['<bdi>SQL01</bdi>', '<bdi>tempdb.vhdx</bdi>'],
      ...['12.3 Mbit/s', '45.6 Mbit/s', '21.4 %', '60 GiB', '700 MiB'],
      expect.stringContaining('SQL Server makes it anew'),
    ]);
  });

  test('in the plan’s order', () => {
    const disks = ['c', 'a', 'b'];
    const text = part(disks.map((disk) => ({ ...ADVICE, disk })));
    expect([...text.matchAll(/<td><bdi>(.*?)<\/bdi>/g)].map(([, disk]) => disk)).toEqual(disks);
  });

  test('each reason has a sentence of its own', () => {
    const reasons = ['page file', 'tempdb', 'temporary files', 'backup', 'churn'] as const;
    const whys = reasons.map((reason) => cells(part([{ ...ADVICE, reason }])).at(-1)!);
    expect(new Set(whys).size).toBe(reasons.length);
    for (const why of whys) expect(why).toMatch(/^It/);
  });

  test('none: one sentence, no table', () => {
    expect(part([])).toMatch(/^<p class="empty">No disk stands out[^<]*<\/p>$/);
  });

  test.each(Object.values(SCENARIOS).map(({ id, target }) => [id, target] as const))(
    '%s: how it is done, with the limits and their source',
    (id, target) => {
      const text = part([ADVICE], id);
      expect(text.includes('Enable-VMReplication … -ExcludedVhdPath')).toBe(target === 'site');
      expect(text.includes('disable the VM’s replication and enable it again')).toBe(target === 'azure');
      expect(text).toContain('perating system’s');
      expect(text).toMatch(/<span class="source">[^<]{20,}<\/span><\/p>$/);
    },
  );
});

describe('strangers’ names', () => {
  test.each(HOSTILE_NAMES)('%j stays text', (name) => {
    const text = part([{ ...ADVICE, vm: name, disk: name }]);
    expect(tags(text)).toEqual(tags(part([ADVICE])));
    expect(shownName(text)).toBe(text);
    const unescaped = cells(text)[0]!
      .replace(/<\/?bdi>/g, '')
      .replace(
        /&(lt|gt|quot|#39|amp);/g,
        (_, entity: string) => ({ lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' })[entity]!,
      );
    expect(unescaped).toBe(shownName(name));
  });

  test('no name makes or closes an element', () => {
    const piece = fc.constantFrom('<', '>', '"', "'", '&', '</td>', '</bdi>', '<!--', '${', 'x', '\u202e', '\n');
    const name = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((pieces) => pieces.join('')),
    );
    const plain = tags(part([ADVICE]));
    fc.assert(
      fc.property(name, name, (vm, disk) => {
        expect(tags(part([{ ...ADVICE, vm, disk }]))).toEqual(plain);
      }),
    );
  });
});
