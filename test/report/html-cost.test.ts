import { describe, expect, test } from 'vitest';
import { DEFAULT_TERMS } from '../../src/model/prices.ts';
import type { Cost, Plan } from '../../src/plan/plan.ts';
import { costSection, costSentence } from '../../src/report/html-cost.ts';
import { renderTerminal } from '../../src/report/terminal.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { sampleCost, samplePrices } from './sample-cost.ts';
import { samplePlan } from './sample-plan.ts';

const PLAN = samplePlan();
const WITHOUT: Plan = {
  ...PLAN,
  cost: sampleCost(PLAN.vms, PLAN.horizonMs, 'hyperv-to-azure', { book: null, terms: DEFAULT_TERMS }),
};

const rowsOf = (text: string, table: string): string[] =>
  /<tbody>([\s\S]*?)<\/tbody>/
    .exec(text.slice(text.indexOf(`class="${table}"`)))![1]!
    .split('</tr>')
    .slice(0, -1);

describe('the report’s cost', () => {
  const text = costSection(PLAN).text;

  test('the totals stand in front, with what they lack', () => {
    const { monthly } = PLAN.cost.totals;
    expect(monthly.missing.length).toBeGreaterThan(2);
    expect(text).toContain(costSentence(PLAN.cost));
    expect(costSentence(PLAN.cost)).toMatch(
      /^[\d,.]+ EUR a month; the first year [\d,.]+ EUR; a failover and back [\d,.]+ EUR; \d+ lines have no amount and are in no sum\.$/,
    );
    expect(text).toContain(`without ${monthly.missing.length} lines`);
  });

  test('every line has its quantity, price, amount, formula and source', () => {
    const [licence] = rowsOf(text, 'cost-lines');
    expect(licence).toContain('60 instance-months');
    expect(licence).toContain('1,200.00 EUR');
    expect(licence).toContain('(protected instances) × price');
    expect(licence).toContain('60 instances = 60 instance-months; 60 × 20 EUR = 1,200.00 EUR');
    expect(licence).toContain('since 2026-01-05, in prices &lt;b&gt;.json');
    expect(licence).toContain('General questions about the Azure Site Recovery service');
    expect([...text.matchAll(/<summary>Formula<\/summary>/g)]).toHaveLength(PLAN.cost.lines.length);
  });

  test('what is missing is said, never a 0; what nobody charges is no gap', () => {
    const lines = rowsOf(text, 'cost-lines');
    expect(lines.find((row) => row.includes('Recovery points'))).toContain('EUR');
    expect(lines.find((row) => row.includes('Write operations'))).toMatch(/unknown<\/td>[\s\S]*missing/);
    expect(lines.find((row) => row.includes('Deltas into Azure'))).toContain('not charged');
    expect(text).toContain('2 prices fit egress/gb');
    expect(text).not.toMatch(/NaN|undefined|\[object/);
  });

  test('without prices: quantities alone, and how to come to amounts', () => {
    const bare = costSection(WITHOUT).text;
    expect(bare).toContain('No prices were given');
    expect(bare).toContain('--prices');
    expect(bare).not.toMatch(/EUR|>Amount<|missing/);
    expect(bare).toContain('60 instance-months');
    expect(costSection({ ...WITHOUT, cost: { ...WITHOUT.cost, vms: [] } }).text).not.toMatch(/NaN/);
  });

  test('every term stands there with its origin and the reason of its default', () => {
    const terms = rowsOf(text, 'cost-terms');
    expect(terms.length).toBeGreaterThan(10);
    for (const row of terms) expect(row).toMatch(/<td>(default|given)<\/td><td>[^<]{10,}<\/td>/);
    const origin = (name: string): string =>
      /<td>(default|given)<\/td>/.exec(terms.find((row) => row.includes(name))!)![1]!;
    expect([origin('vmSizes'), origin('drillsPerYear'), origin('operationSize')]).toEqual([
      'given',
      'default',
      'default',
    ]);
  });

  test('the amount before the growth rests on a run of its own', () => {
    expect(text).toMatch(/<p class="note" data-study>Before the churn’s growth of 30\.0 %/);
  });

  test('hostile names stay text, in VMs, meters and files', () => {
    for (const name of HOSTILE_NAMES) if (/[<"']/.test(name)) expect(text.includes(name), name).toBe(false);
    expect(text).not.toContain('<b>.json');
    expect(text).not.toMatch(/[\u202A-\u202E]/);
    expect(text.includes('\u001b')).toBe(false);
  });

  test('5,000 VMs and their lines stay few rows', () => {
    const vms = Array.from({ length: 5000 }, (_, index) => ({
      ...PLAN.vms[index % PLAN.vms.length]!,
      name: `VM${index}`,
    }));
    const sizes = Array.from({ length: 500 }, (_, index) => ({ vm: `VM${index}`, size: `Size_${index}` }));
    const { book, terms } = samplePrices();
    const cost: Cost = sampleCost(vms, PLAN.horizonMs, 'hyperv-to-azure', {
      book,
      terms: { ...terms, vmSizes: sizes },
    });
    expect(cost.vms).toHaveLength(5000);
    const many = costSection({ ...PLAN, cost }).text;
    expect(rowsOf(many, 'cost-vms')).toHaveLength(50);
    expect(many).toContain('The 50 that cost most of 5,000 VMs');
    expect(many.length).toBeLessThan(200_000);
  });

  test('the terminal has one sentence with prices, and none without', () => {
    const terminal = renderTerminal(PLAN, { color: false, width: 100 });
    expect(terminal).toMatch(/\nCost\n[\d,.]+ EUR a month/);
    expect(renderTerminal(WITHOUT, { color: false, width: 100 })).not.toMatch(/\nCost\n/);
    for (const width of [40, 80]) {
      for (const line of renderTerminal(PLAN, { color: false, width }).split('\n'))
        expect(line.length).toBeLessThanOrEqual(width);
    }
  });
});
