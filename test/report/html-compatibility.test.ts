import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import { compatibilitySection } from '../../src/report/html-compatibility.ts';
import { limitText, valueText } from '../../src/report/limit-text.ts';
import { renderTerminal } from '../../src/report/terminal.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { samplePlan } from './sample-plan.ts';

const plan = samplePlan();
const text = compatibilitySection(plan).text;
const tags = (markup: string): string[] => markup.match(/<\/?[a-z][^>]*>/g) ?? [];

describe('the section', () => {
  it('says how many VMs, that they still count, and how one is left out', () => {
    expect(text).toContain('9 of 60 VMs are incompatible');
    expect(text).toContain('count in every number of this report');
    expect(text).toContain('--exclude');
  });

  it('has rule, value, limit, source and date of each broken limit', () => {
    const row = /<tr><th scope="row"><bdi>(?:(?!<\/tr>).)*disk-size.*?<\/tr>/s.exec(text)![0];
    for (const part of ['5,632\u00A0GiB', 'at most 4,095\u00A0GiB', 'Support matrix', '2020-01-27', 'Split the disk']) {
      expect(row).toContain(part);
    }
  });

  it('says of what is unchecked what to collect, and of every rule its date and file', () => {
    expect(text).toContain('Get-BitLockerVolume');
    expect(text).toContain('rules/hyper-v-site-recovery.json');
  });

  it('counts disks by tier, and says how many have none', () => {
    expect(text).toMatch(/<th scope="row">P10<\/th><td>premium-ssd<\/td><td class="number">60<\/td>/);
    expect(text).toContain('60 disks have no tier');
  });

  it('is bounded for 5,000 VMs, and says that the rest is in the plan', () => {
    const large = compatibilitySection(samplePlan({ vmCount: 5000 })).text;
    expect(large.length).toBeLessThan(400_000);
    const said = ['The first 200 of 715 rows', 'The first 200 of 5,000 VMs', '715 of 5,000 VMs are incompatible'];
    expect(said.filter((words) => !large.includes(words))).toEqual([]);
  });

  it('has words where nothing is to be said, and no placement between sites', () => {
    const none: Plan = {
      ...plan,
      compatibility: { counts: { compatible: 60, incompatible: 0, unknown: 0 }, vms: [], limits: [] },
      placement: null,
    };
    const bare = compatibilitySection(none).text;
    expect(bare).toContain('no VM is known to break a rule');
    expect(bare).toContain('every value that a rule asks for is known');
    expect(bare).not.toContain('Placement in Azure');
    expect(bare).not.toMatch(/NaN|undefined|null/);
  });

  it('no name, file or source makes or closes an element', () => {
    const piece = fc.constantFrom(...HOSTILE_NAMES, '<', '"', '</td>', '</bdi>', '<!--', '\u202e', '\n');
    const changed = (name: string): Plan => ({
      ...plan,
      rules: {
        ...plan.rules,
        limits: plan.rules.limits.map((limit) => ({ ...limit, title: name, note: name, source: name, file: name })),
      },
      compatibility: {
        ...plan.compatibility,
        vms: plan.compatibility.vms.map((vm) => ({
          ...{ ...vm, vm: name, excludeOption: vm.excludeOption === null ? null : name },
          failed: vm.failed.map((limit) => ({
            ...limit,
            disk: name,
            source: name,
            action: name,
            title: name,
            value: name,
          })),
        })),
      },
    });
    const plain = tags(compatibilitySection(changed('x')).text);
    fc.assert(
      fc.property(piece, (name) => {
        expect(tags(compatibilitySection(changed(name)).text)).toEqual(plain);
      }),
    );
  });
});

describe('values and limits', () => {
  it.each([
    [5632, 'GiB', '5,632\u00A0GiB'],
    [17, 'count', '17'],
    [true, 'yes/no', 'yes'],
    [['VHD', 'VHDX'], 'word', 'VHD or VHDX'],
    [null, 'GiB', 'not known'],
    [4.754962962962017, 'MiB/s', '4.75\u00A0MiB/s'],
  ])('%j %s: %s', (value, unit, shown) => {
    expect(valueText(value, unit)).toBe(shown);
  });

  it('a value just beyond its limit does not look like it', () => {
    expect(valueText(4095.0000001, 'GiB', 4095)).toBe('4095.0000001\u00A0GiB');
    expect(limitText({ limit: 4095, unit: 'GiB', comparison: 'at-most' })).toBe('at most 4,095\u00A0GiB');
  });
});

it('the terminal says it in a few lines of any width', () => {
  for (const width of [40, 60, 80, 200]) {
    const lines = renderTerminal(plan, { color: false, width }).split('\n');
    expect(lines.join(' ').replace(/\s+/g, ' ')).toContain('9 incompatible, ? 26 not fully checked, ✓ 25 compatible');
    expect(Math.max(...lines.map((line) => [...line].length))).toBeLessThanOrEqual(width);
  }
});
