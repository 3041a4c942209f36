import { itemUnit, type Meter, type PriceTier } from '../model/prices.ts';
import { isObject } from './json-object.ts';
import { countOf, type ProblemList } from './problem-list.ts';
import { type RetailRow, retailItem } from './retail-meters.ts';

/** A region's prices of all services are about 200,000 rows. [chosen] */
const ROWS_MOST = 300_000;
/** No unit of anything costs more, in any currency. [chosen] */
export const PRICE_MOST = 1e9;
const TIER_MOST = 1e12;
const DATE = /^(\d{4}-\d{2}-\d{2})(?:T|$)/;

/** A row of a saved answer that prices something of ours. */
export interface RetailPrice {
  readonly item: string;
  readonly file: string;
  readonly currency: string;
  /** `''` = the row is of no region. */
  readonly region: string;
  readonly meterId: string;
  readonly name: string;
  readonly product: string;
  readonly date: string | null;
  /** Another row has taken its place, or will. */
  readonly hasEnd: boolean;
  readonly perCount: number;
  readonly tier: PriceTier;
}

export interface RetailPage {
  readonly currency: string | undefined;
  readonly rows: readonly RetailPrice[];
  readonly rowCount: number;
  /** Whether the API had more to give after it. */
  readonly hasNext: boolean;
}

/** Whether a JSON object is a saved answer of the Retail Prices API. */
export function isRetailPage(value: object): boolean {
  return 'Items' in value;
}

/**
 * A saved answer of the Azure Retail Prices API ("Azure Retail Prices overview", Microsoft Learn, read in a stored copy): `Items` with
 * `retailPrice`, `unitOfMeasure`, `tierMinimumUnits`, `armRegionName`, `currencyCode`, and `NextPageLink`. Rows that price nothing of ours
 * are passed over unread, reservations, savings plans and prices for development too.
 */
export function readRetailPage(value: object, problems: ProblemList): RetailPage {
  const { Items: items, NextPageLink: next, BillingCurrency: currency } = value as Record<string, unknown>;
  const none = { currency: undefined, rows: [], rowCount: 0, hasNext: false };
  if (!Array.isArray(items)) {
    const message = '"Items" is no list, as it is in an answer of the Retail Prices API.';
    problems.error('prices-wrong-type', { column: 'Items' }, message, 'Save the answer as it came.');
    return none;
  }
  if (items.length > ROWS_MOST) {
    const message = `There are ${items.length} rows; at most ${ROWS_MOST} are read.`;
    problems.error(
      'prices-too-many',
      { column: 'Items' },
      message,
      'Ask for one service at a time, as docs/prices.md shows.',
    );
    return none;
  }
  const rows = items.flatMap((item, index) => readRow(item, index, problems) ?? []);
  return {
    currency: typeof currency === 'string' && /^[A-Z]{3}$/.test(currency) ? currency : undefined,
    rows,
    rowCount: items.length,
    hasNext: typeof next === 'string' && next !== '',
  };
}

function readRow(row: unknown, index: number, problems: ProblemList): RetailPrice | undefined {
  const place = `Items[${index}]`;
  if (!isObject(row)) {
    problems.error('prices-wrong-type', { column: place }, 'This is no object.', 'Save the answer as it came.');
    return undefined;
  }
  const fields = row as Record<string, unknown>;
  const text = (key: string): string => (typeof fields[key] === 'string' ? (fields[key] as string).trim() : '');
  // "type" is Consumption, DevTestConsumption or Reservation.
  if (text('type') !== 'Consumption') return undefined;
  const names: RetailRow = {
    serviceName: text('serviceName'),
    productName: text('productName'),
    skuName: text('skuName'),
    meterName: text('meterName'),
    armSkuName: text('armSkuName'),
  };
  const item = retailItem(names);
  if (item === undefined) return undefined;
  const bad = (key: string, code: string, message: string, remedy: string): undefined => {
    const found = fields[key];
    const shown = typeof found === 'object' && found !== null ? '…' : String(found);
    problems.error(code, { column: `${place}.${key}`, value: shown }, message, remedy);
  };
  const price = fields.retailPrice;
  const from = fields.tierMinimumUnits ?? 0;
  const count = unitCount(text('unitOfMeasure'), item);
  const currency = text('currencyCode');
  if (!isAmount(price, PRICE_MOST))
    bad('retailPrice', 'prices-wrong-price', `A price is a number from 0 to ${PRICE_MOST}.`, 'Save the answer again.');
  if (!isAmount(from, TIER_MOST))
    bad(
      'tierMinimumUnits',
      'prices-wrong-tier',
      `A tier begins at a number from 0 to ${TIER_MOST}.`,
      'Save the answer again.',
    );
  if (count === undefined)
    bad(
      'unitOfMeasure',
      'prices-wrong-unit',
      `${item} is priced by ${itemUnit(item)!}, which this unit is not.`,
      'Give that price in a file of our own form (docs/prices.md), and leave this row out.',
    );
  if (!/^[A-Z]{3}$/.test(currency))
    bad(
      'currencyCode',
      'prices-wrong-currency',
      'A currency is three capitals, such as EUR.',
      'Save the answer again.',
    );
  if (!isAmount(price, PRICE_MOST) || !isAmount(from, TIER_MOST) || count === undefined) return undefined;
  return {
    ...{ item, currency, file: problems.file, region: text('armRegionName'), meterId: text('meterId') },
    ...{ name: names.meterName.slice(0, 200), product: names.productName.slice(0, 200) },
    date: DATE.exec(text('effectiveStartDate'))?.[1] ?? null,
    hasEnd: text('effectiveEndDate') !== '',
    perCount: count,
    tier: { fromUnits: from, price },
  };
}

export function isAmount(value: unknown, most: number): value is number {
  return typeof value === 'number' && value >= 0 && value <= most;
}

/** How many of the item's units a price is for: `10K` operations, `1 GB/Month`, `1/Month`; `undefined` where it is another unit. */
export function unitCount(unitOfMeasure: string, item: string): number | undefined {
  const match = /^(\d{1,6})(K|M)?\s*(GB|Hours?)?(?:\s*\/?\s*(Month))?$/i.exec(unitOfMeasure);
  if (match === null) return undefined;
  const [, digits, scale = '', thing = '', month = ''] = match;
  const factor = { '': 1, K: 1e3, M: 1e6 }[scale.toUpperCase()] ?? 1;
  const noun = `${thing.toLowerCase().replace(/s$/, '')}${month === '' ? '' : '/month'}`;
  const wanted = {
    'instance-months': ['/month'],
    'disk-months': ['/month'],
    'GB-months': ['gb/month'],
    GB: ['gb'],
    operations: [''],
    'VM-hours': ['hour'],
    connections: ['/month'],
  }[itemUnit(item)!];
  const count = Number(digits) * factor;
  return wanted.includes(noun) && count > 0 ? count : undefined;
}

/** Rows without a region hold everywhere; those of a zone of several regions hold nobody knows where. */
function isEverywhere(region: string): boolean {
  return region === '' || /^global$/i.test(region);
}

/** The region that the prices are of: the one that is asked for, or the only one there is. */
export function regionOf(
  rows: readonly RetailPrice[],
  asked: string | undefined,
): { region: string | null; others: string[] } {
  const regions = [...new Set(rows.map(({ region }) => region).filter((region) => !isEverywhere(region)))].sort();
  if (asked !== undefined) return { region: asked, others: [] };
  return { region: regions[0] ?? null, others: regions.slice(1) };
}

/**
 * Rows to meters: rows of one meter are its tiers. Pages may overlap, so that a row comes twice; where two rows of a meter contradict each
 * other, the one without an end holds, else both stay, a meter each, and whoever looks the price up finds them ambiguous.
 */
export function retailMeters(rows: readonly RetailPrice[], region: string | null): Meter[] {
  const groups = new Map<string, RetailPrice[]>();
  for (const row of rows) {
    if (!isEverywhere(row.region) && row.region !== region) continue;
    const key = JSON.stringify([row.item, row.meterId, row.product, row.name, row.perCount, row.region]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return [...groups.values()].flatMap(metersOf);
}

function metersOf(rows: readonly RetailPrice[]): Meter[] {
  const different = [
    ...new Map(rows.map((row) => [`${row.tier.fromUnits} ${row.tier.price} ${row.hasEnd}`, row])).values(),
  ];
  const lasting = different.filter(({ hasEnd }) => !hasEnd);
  const held = lasting.length > 0 ? lasting : different;
  if (new Set(held.map(({ tier }) => tier.fromUnits)).size === held.length) return [meterOf(held)];
  const byDate = Map.groupBy(held, ({ date }) => date);
  return [...byDate.values()].flatMap((same) => {
    const isClear = new Set(same.map(({ tier }) => tier.fromUnits)).size === same.length;
    return isClear ? [meterOf(same)] : same.map((row) => meterOf([row]));
  });
}

function meterOf(rows: readonly RetailPrice[]): Meter {
  const tiers = rows.map(({ tier }) => tier).sort((a, b) => a.fromUnits - b.fromUnits);
  const dates = rows.flatMap(({ date }) => date ?? []).sort();
  const { item, file, name, product, perCount } = rows[0]!;
  return { item, file, name, product, date: dates.at(-1) ?? null, perCount, tiers };
}

/** A warning where the API had more to give and no file is the end of an answer. */
export function warnOfMissingPages(
  pages: readonly { readonly file: string; readonly page: RetailPage }[],
  problems: ProblemList,
): void {
  const open = pages.filter(({ page }) => page.hasNext);
  if (open.length === 0 || open.length < pages.length) return;
  const message = `The answer goes on: "NextPageLink" names a further page, and none of the ${countOf(pages.length, 'saved page')} is the last one.`;
  problems.warning(
    'prices-more-pages',
    { column: 'NextPageLink' },
    message,
    'Save the pages that follow too; docs/prices.md has the loop.',
  );
}
