import { counted, type FindingRule } from './finding.ts';

/** Lines of the bill that have no amount although prices were given. */
export const costIncomplete: FindingRule = {
  id: 'cost-incomplete',
  fine: 'Every line of the bill has an amount',
  trouble: 'Lines of the bill have no amount',
  why: 'A sum without them is too small, and nothing unknown counts as 0 here.',
  source: 'chosen; each line names what it lacks (docs/prices.md)',
  judge({ cost: { currency, lines, totals } }) {
    if (currency === null) return undefined;
    const missing = new Set(Object.values(totals).flatMap((total) => total.missing));
    const billed = lines.filter(({ isBilled }) => isBilled);
    const figures = { value: missing.size, unit: 'lines' as const };
    if (missing.size === 0) {
      return { ok: true, title: `All ${billed.length} lines of the bill have an amount`, ...figures };
    }
    const lacking = lines.filter(({ id }) => missing.has(id));
    return {
      ok: false,
      severity: 'warning',
      title: `${counted(missing.size, 'line')} of the bill ${missing.size === 1 ? 'has' : 'have'} no amount, of ${billed.length}`,
      ...figures,
      names: lacking.map(({ title, missing: why }) => `${title}: ${why}`),
      action: 'Add the prices, or the terms that they hang on, as a further file of --prices.',
    };
  },
};
