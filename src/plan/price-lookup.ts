import type { Meter, PriceBook } from '../model/prices.ts';

/** The one price of an item, or why there is none. */
export type Found = { readonly meter: Meter } | { readonly reason: string };

const NAMED_MOST = 4;

/** Looks prices up by their item. Several that fit are no price: which one is billed is not to be guessed. */
export class PriceLookup {
  readonly #byItem: ReadonlyMap<string, readonly Meter[]>;
  readonly #hasBook: boolean;
  readonly #region: string | null;

  constructor(book: PriceBook | null) {
    this.#byItem = Map.groupBy(book?.meters ?? [], ({ item }) => item.toLowerCase());
    this.#hasBook = book !== null;
    this.#region = book?.region ?? null;
  }

  /** All that fit. Sizes of VMs are written in any capitals. */
  candidates(item: string): readonly Meter[] {
    return this.#byItem.get(item.toLowerCase()) ?? [];
  }

  find(item: string): Found {
    const found = this.candidates(item);
    if (found.length === 1) return { meter: found[0]! };
    if (found.length > 1) {
      const names = found.slice(0, NAMED_MOST).map(wordsOf);
      const more = found.length > NAMED_MOST ? ` and ${found.length - NAMED_MOST} more` : '';
      return {
        reason: `${found.length} prices fit ${item}: ${names.join('; ')}${more}. Name the right one in a price file of your own`,
      };
    }
    if (!this.#hasBook) return { reason: 'no prices were given' };
    const where = this.#region === null ? '' : ` of ${this.#region}`;
    return { reason: `no price${where} for ${item} in the files that were given` };
  }
}

function wordsOf({ name, product, date, file, tiers, perCount }: Meter): string {
  const parts = [product, name, `${tiers[0]!.price} for ${perCount}`, date === null ? '' : `since ${date}`, file];
  return parts.filter((part) => part !== '').join(', ');
}

/** Millionths of the currency's unit. */
export type Micros = number;

/**
 * What a quantity costs: each unit at the price of its tier, less the discount, rounded to a millionth of the currency's unit. A
 * negative quantity is what need not be paid. `undefined` where a unit lies below the first tier that is known, or where the amount
 * is beyond what a number holds exactly.
 */
export function amountMicros(quantity: number, { tiers, perCount }: Meter, discountRatio: number): Micros | undefined {
  const units = Math.abs(quantity);
  if (units > 0 && (tiers[0]?.fromUnits ?? 0) > 0) return undefined;
  let value = 0;
  for (const [index, { fromUnits, price }] of tiers.entries()) {
    const inTier = Math.min(units, tiers[index + 1]?.fromUnits ?? Number.POSITIVE_INFINITY) - fromUnits;
    if (inTier > 0) value += (inTier / perCount) * price;
  }
  const micros = Math.round(value * (1 - discountRatio) * 1e6);
  if (!Number.isSafeInteger(micros)) return undefined;
  return quantity < 0 && micros > 0 ? -micros : micros;
}

/**
 * Shares an amount out in proportion to weights so that the parts add up to it exactly: each part ends where the rounded running sum
 * does. Without any weight it is shared out evenly.
 */
export function shareOut(amount: Micros, weights: readonly number[]): Micros[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (weights.length === 0) return [];
  if (total === 0)
    return shareOut(
      amount,
      weights.map(() => 1),
    );
  let running = 0;
  let given = 0;
  return weights.map((weight, index) => {
    running += weight;
    const until = index === weights.length - 1 ? amount : Math.round(amount * (running / total));
    const part = until - given;
    given = until;
    return part === 0 ? 0 : part;
  });
}
