import type { CostTerms, Meter, PriceBook, PriceInput, PriceTier } from '../model/prices.ts';
import type { Bytes } from '../units.ts';
import { COST_TIMES, type CostTime, type LineDraft, quantityText, shownNumber } from './cost-line.ts';
import { costLines } from './cost-lines.ts';
import { type CostBasis, type VmQuantities, vmQuantities } from './cost-quantities.ts';
import { amountMicros, type Micros, PriceLookup, shareOut } from './price-lookup.ts';

export { COST_PARTS, COST_TIMES, type CostPart, type CostTime } from './cost-line.ts';

/** What protection costs: quantities always, money where a price was given. Nothing that is unknown counts as 0. */
export interface Cost {
  /** Of all amounts; `null` where no price was given. */
  readonly currency: string | null;
  /** What was decided or taken for granted, each with its default in {@link DEFAULT_TERMS}. */
  readonly terms: CostTerms;
  /** The prices that the lines could use, to be traced and used again; `null` where none were given. */
  readonly book: PriceBook | null;
  readonly lines: readonly CostLine[];
  readonly totals: Readonly<Record<CostTime, CostTotal>>;
  /** Twelve months and what comes once; `null` where nothing has a price. */
  readonly firstYearMicros: Micros | null;
  /** In the inventory's order; amounts add up to the totals exactly. */
  readonly vms: readonly CostVm[];
  /** The same fleet before its growth; `null` where the run has none, or where it was not asked for. */
  readonly beforeGrowth: CostBeforeGrowth | null;
}

export interface CostLine extends Omit<LineDraft, 'weights'> {
  readonly price: CostPrice | null;
  /** Why it has no amount; `null` where it has one, or where nothing is charged for it. */
  readonly missing: string | null;
  /** Millionths of the currency's unit. */
  readonly amountMicros: Micros | null;
}

export interface CostPrice {
  /** The price where there is one tier only, for `perCount` units. */
  readonly unitPrice: number | null;
  readonly perCount: number;
  readonly tiers: readonly PriceTier[];
  readonly meter: string;
  readonly product: string;
  readonly file: string;
  readonly date: string | null;
}

export interface CostTotal {
  /** Of the lines with an amount; `null` where none has one. */
  readonly amountMicros: Micros | null;
  /** Lines that it lacks. */
  readonly missing: readonly string[];
}

export interface CostVm {
  readonly name: string;
  readonly size: string | null;
  /** `2 × P10, 1 × P30`. */
  readonly disks: string;
  readonly usedBytes: Bytes;
  readonly wireBytesPerMonth: Bytes;
  readonly recoveryPointBytes: Bytes;
  readonly monthlyMicros: Micros | null;
  readonly onceMicros: Micros | null;
  readonly disasterMicros: Micros | null;
  /** Lines of which it has a part and that have no amount. */
  readonly missingCount: number;
}

export interface CostBeforeGrowth {
  /** 0.3 = the churn grows by 30 %. */
  readonly growthRatio: number;
  readonly monthlyMicros: Micros | null;
  readonly onceMicros: Micros | null;
  readonly disasterMicros: Micros | null;
}

/** What a run costs. Pure and cheap: no further simulation. */
export function costOf(basis: CostBasis, { book, terms }: PriceInput): Cost {
  const vms = vmQuantities(basis, terms);
  const lookup = new PriceLookup(book);
  const drafts = costLines({ run: basis.run, terms, vms, diskTiers: basis.diskTiers });
  const lines = drafts.map((draft) => priced(draft, lookup, book, terms));
  const totals = Object.fromEntries(COST_TIMES.map((when) => [when, totalOf(lines, when)])) as Cost['totals'];
  const { monthly, once } = totals;
  return {
    currency: book?.currency ?? null,
    terms,
    book: book === null ? null : usedBook(book, drafts),
    lines,
    totals,
    firstYearMicros: monthly.amountMicros === null ? null : safe(12 * monthly.amountMicros + (once.amountMicros ?? 0)),
    vms: vmSheet(vms, drafts, lines),
    beforeGrowth: null,
  };
}

function priced(draft: LineDraft, lookup: PriceLookup, book: PriceBook | null, terms: CostTerms): CostLine {
  const { weights: _, ...line } = draft;
  const without = (missing: string | null, price: CostPrice | null = null): CostLine => ({
    ...line,
    price,
    missing,
    amountMicros: null,
  });
  if (!line.isBilled) return without(null);
  const found = line.item === null ? undefined : lookup.find(line.item);
  const price = found !== undefined && 'meter' in found ? priceOf(found.meter) : null;
  if (line.quantity === null) return without(line.note ?? 'the quantity is unknown', price);
  if (found === undefined) return without(line.note ?? 'nothing prices it');
  if (!('meter' in found)) return without(found.reason);
  const amount = amountMicros(line.quantity, found.meter, terms.discountRatio);
  if (amount === undefined) {
    const first = found.meter.tiers[0]?.fromUnits ?? 0;
    const reason =
      first > 0 ? `the price of the first ${shownNumber(first)} is missing` : 'the amount is too large to be right';
    return without(reason, price);
  }
  const { currency } = book!;
  return {
    ...line,
    price,
    missing: null,
    amountMicros: amount,
    formula: `(${line.formula}) × price${terms.discountRatio > 0 ? ' × (1 − discount)' : ''}`,
    filled: `${line.filled} = ${quantityText(line.quantity, line.unit)}; ${pricedText(line.quantity, found.meter, currency, terms)} = ${money(amount)} ${currency}`,
  };
}

function priceOf({ tiers, perCount, name, product, file, date }: Meter): CostPrice {
  return { unitPrice: tiers.length === 1 ? tiers[0]!.price : null, perCount, tiers, meter: name, product, file, date };
}

function pricedText(
  quantity: number,
  { tiers, perCount }: Meter,
  currency: string,
  { discountRatio }: CostTerms,
): string {
  const per = perCount === 1 ? '' : ` for ${perCount.toLocaleString('en-US')}`;
  const steps = tiers
    .map(({ fromUnits, price }) => (tiers.length === 1 ? `${price}` : `${price} from ${shownNumber(fromUnits)}`))
    .join(', ');
  const discount = discountRatio > 0 ? ` × (1 − ${shownNumber(discountRatio)})` : '';
  return `${shownNumber(quantity)} × ${tiers.length === 1 ? steps : `[${steps}]`} ${currency}${per}${discount}`;
}

/** An amount with two places, more where it is small. */
export function money(micros: Micros): string {
  const digits = micros !== 0 && Math.abs(micros) < 1e6 ? 4 : 2;
  return (micros / 1e6).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: digits });
}

function totalOf(lines: readonly CostLine[], when: CostTime): CostTotal {
  const own = lines.filter((line) => line.when === when);
  const amounts = own.flatMap((line) => line.amountMicros ?? []);
  return {
    amountMicros: amounts.length === 0 ? null : safe(amounts.reduce((sum, amount) => sum + amount, 0)),
    missing: own
      .filter((line) => line.isBilled && line.amountMicros === null && line.quantity !== 0)
      .map(({ id }) => id),
  };
}

/** Nothing rather than an amount that a number no longer holds exactly. */
function safe(micros: Micros): Micros | null {
  return Number.isSafeInteger(micros) ? micros : null;
}

function vmSheet(vms: readonly VmQuantities[], drafts: readonly LineDraft[], lines: readonly CostLine[]): CostVm[] {
  const sums = { monthly: vms.map(() => 0), once: vms.map(() => 0), disaster: vms.map(() => 0) };
  const known = new Set<CostTime>();
  const missing = vms.map(() => 0);
  for (const [index, { when, amountMicros: amount, isBilled, quantity }] of lines.entries()) {
    const { weights } = drafts[index]!;
    if (amount !== null) {
      known.add(when);
      for (const [vm, part] of shareOut(amount, weights.map(Math.abs)).entries()) sums[when][vm]! += part;
    } else if (isBilled && quantity !== 0) {
      for (const [vm, weight] of weights.entries()) if (weight !== 0) missing[vm]!++;
    }
  }
  const amountOf = (when: CostTime, vm: number): Micros | null => (known.has(when) ? sums[when][vm]! : null);
  return vms.map(({ name, size, usedBytes, wireBytesPerMonth, recoveryPointBytes, disksByTier }, vm) => ({
    ...{ name, size, usedBytes, recoveryPointBytes },
    wireBytesPerMonth: Math.round(wireBytesPerMonth),
    disks: [...disksByTier].map(([tier, count]) => `${count} × ${tier === '' ? 'no tier' : tier}`).join(', '),
    monthlyMicros: amountOf('monthly', vm),
    onceMicros: amountOf('once', vm),
    disasterMicros: amountOf('disaster', vm),
    missingCount: missing[vm]!,
  }));
}

/** More that fit one item are told by their count; the first show what they are. */
const CANDIDATES_MOST = 20;

/**
 * Of thousands of saved meters, those that a line asked for, and those that another scenario would: of all but disks and VMs there are
 * few. The cost of the same run by them is the same.
 */
function usedBook(book: PriceBook, drafts: readonly LineDraft[]): PriceBook {
  const asked = new Set(drafts.map(({ item }) => item?.toLowerCase()));
  const counts = new Map<string, number>();
  const meters = book.meters.filter((meter) => {
    const item = meter.item.toLowerCase();
    const count = (counts.get(item) ?? 0) + 1;
    counts.set(item, count);
    return count <= CANDIDATES_MOST && (asked.has(item) || !/^(disk|compute)\//.test(item));
  });
  return { ...book, meters };
}
