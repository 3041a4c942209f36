import {
  ACCOUNT_KINDS,
  COST_DISK_TYPES,
  type CostTerms,
  DISK_REDUNDANCIES,
  ITEM_FORMS,
  itemUnit,
  type Meter,
  OS_LICENCES,
  type PriceTier,
  REDUNDANCIES,
  REPLICA_KINDS,
} from '../model/prices.ts';
import { parseBytes, parseDurationMs } from '../units.ts';
import { JsonObject } from './json-object.ts';
import { notNegative, positive } from './parsers.ts';
import { isAmount, PRICE_MOST } from './prices-retail.ts';
import type { ProblemList } from './problem-list.ts';

/** Sizes of VMs by pattern. [chosen] */
const SIZES_MOST = 500;
const PATTERN_MOST = 200;
const PRICES_MOST = 5000;
const TIERS_MOST = 50;

const KEYS = ['$schema', 'schema', 'currency', 'region', 'date', 'source', 'terms', 'prices'];
const TERM_KEYS = [
  ...['replica', 'account', 'redundancy', 'diskType', 'diskRedundancy', 'osLicence', 'freeDays', 'drillsPerYear'],
  ...['drillDuration', 'failoverDuration', 'operationSize', 'logRetention', 'discount', 'vmSizes'],
];

export interface OwnPrices {
  readonly currency: string | undefined;
  readonly region: string | undefined;
  readonly date: string | null;
  readonly source: string | null;
  readonly terms: Partial<CostTerms>;
  readonly meters: readonly Meter[];
  readonly rowCount: number;
}

/** A price file of our own form (`schemas/prices.schema.json`). */
export function readOwnPrices(value: object, problems: ProblemList): OwnPrices {
  const root = new JsonObject(value, '', KEYS, problems);
  root.text('$schema', './prices.schema.json');
  const schema = root.text('schema', 'asr-plan/prices@1');
  if (schema !== 'asr-plan/prices@1') {
    const message = 'This is neither a price file of ours nor a saved answer of the Azure Retail Prices API.';
    root.error(
      'prices-unknown',
      'schema',
      schema ?? '',
      message,
      'Write "schema": "asr-plan/prices@1"; docs/prices.md has the form.',
    );
  }
  const date = root.parsed('date', '2026-01-05', (text) => (isDate(text) ? text : undefined), 'a date') ?? null;
  const source = root.text('source', 'price list of January')?.slice(0, 300) ?? null;
  const meters = readPrices(root, date, problems);
  const currency = root.parsed(
    'currency',
    'EUR',
    (text) => (/^[A-Z]{3}$/.test(text) ? text : undefined),
    'three capitals',
  );
  if (currency === undefined && !root.has('currency') && meters.length > 0) {
    root.error('prices-no-currency', 'currency', '', 'Prices without a currency.', 'Write "currency": "EUR".');
  }
  const region = root.parsed(
    'region',
    'westeurope',
    (text) => (/^[a-z0-9]{2,40}$/.test(text) ? text : undefined),
    'Azure’s name of a region',
  );
  return { currency, region, date, source, meters, terms: readTerms(root), rowCount: meters.length };
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return (
    match !== null && Number(match[2]) >= 1 && Number(match[2]) <= 12 && Number(match[3]) >= 1 && Number(match[3]) <= 31
  );
}

function readPrices(root: JsonObject, date: string | null, problems: ProblemList): Meter[] {
  const entries = root.objects('prices', ['item', 'price', 'per', 'tiers', 'name']);
  if (entries.length > PRICES_MOST) {
    const message = `There are ${entries.length} prices; at most ${PRICES_MOST} are read.`;
    root.error('prices-too-many', 'prices', '[…]', message, 'Leave out what is not needed.');
    return [];
  }
  const seen = new Set<string>();
  return entries.flatMap((entry) => {
    const item = entry.text('item', 'licence/azure');
    if (item === undefined) {
      if (!entry.has('item'))
        entry.error('prices-no-item', 'item', '', 'A price without its item.', `Write one of ${forms()}.`);
      return [];
    }
    if (itemUnit(item) === undefined) {
      entry.error('prices-unknown-item', 'item', item, 'There is no such item.', `Write one of ${forms()}.`);
      return [];
    }
    if (seen.has(item))
      entry.error('prices-twice', 'item', item, 'This item has a price already.', 'Leave one of the two out.');
    seen.add(item);
    const perCount = entry.number('per') ?? 1;
    if (!(perCount >= 1 && perCount <= 1e9)) {
      entry.error(
        'prices-wrong-unit',
        'per',
        perCount,
        'A price is for 1 to 1,000,000,000 units.',
        'Write "per": 10000 for a price of 10,000 operations.',
      );
    }
    const tiers = readTiers(entry);
    const name = entry.text('name', 'P10 LRS Disk')?.slice(0, 200) ?? item;
    return tiers.length === 0 ? [] : [{ item, file: problems.file, name, product: '', date, perCount, tiers }];
  });
}

function forms(): string {
  return ITEM_FORMS.map(([form]) => form).join(', ');
}

/** One price, or prices by how much is used. */
function readTiers(entry: JsonObject): PriceTier[] {
  const price = entry.number('price');
  if (entry.has('price') === entry.has('tiers')) {
    entry.error(
      'prices-price-or-tiers',
      'price',
      '',
      'Either "price" or "tiers" is wanted.',
      'Write "price": 12.5, or "tiers": [{ "from": 0, "price": 0 }, …].',
    );
    return [];
  }
  if (!entry.has('tiers')) return price !== undefined && isPrice(entry, price) ? [{ fromUnits: 0, price }] : [];
  const listed = entry.objects('tiers', ['from', 'price']);
  if (listed.length > TIERS_MOST)
    entry.error('prices-too-many', 'tiers', '[…]', `At most ${TIERS_MOST} tiers are read.`, 'Check the file.');
  const tiers = listed.slice(0, TIERS_MOST).flatMap((tier) => {
    const [fromUnits, own] = [tier.number('from'), tier.number('price')];
    if (fromUnits === undefined || own === undefined) {
      if (!tier.has('from') || !tier.has('price'))
        tier.error(
          'prices-wrong-tier',
          'from',
          '',
          'A tier has "from" and "price".',
          'Write { "from": 0, "price": 0.08 }.',
        );
      return [];
    }
    return isPrice(tier, own) ? [{ fromUnits, price: own }] : [];
  });
  if (tiers.length === listed.length && !isLadder(tiers)) {
    entry.error('prices-wrong-tier', 'tiers', '[…]', 'Tiers begin at 0 and go up.', 'Write { "from": 0, … } first.');
    return [];
  }
  return tiers;
}

function isLadder(tiers: readonly PriceTier[]): boolean {
  return (
    tiers.length > 0 &&
    tiers.every(({ fromUnits }, index) => (index === 0 ? fromUnits === 0 : fromUnits > tiers[index - 1]!.fromUnits))
  );
}

function isPrice(object: JsonObject, price: number): boolean {
  if (isAmount(price, PRICE_MOST)) return true;
  object.error('prices-wrong-price', 'price', price, `A price is a number from 0 to ${PRICE_MOST}.`, 'Check its sign.');
  return false;
}

function readTerms(root: JsonObject): Partial<CostTerms> {
  const terms = root.object('terms', TERM_KEYS);
  if (terms === undefined) return {};
  const duration = (text: string): number | undefined => {
    const ms = notNegative(parseDurationMs as (text: string) => number | undefined)(text);
    return ms !== undefined && ms <= 366 * 86_400_000 ? ms : undefined;
  };
  const read = {
    replica: terms.choice('replica', REPLICA_KINDS),
    account: terms.choice('account', ACCOUNT_KINDS),
    redundancy: terms.choice('redundancy', REDUNDANCIES),
    diskType: terms.choice('diskType', COST_DISK_TYPES),
    diskRedundancy: terms.choice('diskRedundancy', DISK_REDUNDANCIES),
    osLicence: terms.choice('osLicence', OS_LICENCES),
    freeDays: wholeNumber(terms, 'freeDays', 3660),
    drillsPerYear: wholeNumber(terms, 'drillsPerYear', 366),
    drillMs: terms.parsed('drillDuration', '7d', duration, 'a duration of at most 366 days'),
    failoverMs: terms.parsed('failoverDuration', '7d', duration, 'a duration of at most 366 days'),
    operationBytes: terms.parsed('operationSize', '4 MiB', positive(parseBytes)),
    logRetentionMs: terms.parsed('logRetention', '12h', duration, 'a duration of at most 366 days'),
    discountRatio: terms.parsed('discount', '10%', share, 'a percentage from 0% to 100%'),
    vmSizes: terms.has('vmSizes') ? readSizes(terms) : undefined,
  };
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)) as Partial<CostTerms>;
}

function share(text: string): number | undefined {
  const percent = /^(\d{1,3}(?:\.\d{1,4})?)\s*%$/.exec(text)?.[1];
  return percent !== undefined && Number(percent) <= 100 ? Number(percent) / 100 : undefined;
}

function wholeNumber(terms: JsonObject, key: string, most: number): number | undefined {
  const value = terms.number(key);
  if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= most)) return value;
  terms.error('prices-wrong-value', key, value, `"${key}" is a whole number from 0 to ${most}.`, 'Correct it.');
  return undefined;
}

function readSizes(terms: JsonObject): CostTerms['vmSizes'] {
  const entries = terms.objects('vmSizes', ['vm', 'size']);
  if (entries.length > SIZES_MOST) {
    terms.error('prices-too-many', 'vmSizes', '[…]', `At most ${SIZES_MOST} are read.`, 'Use patterns: "SQL*".');
    return [];
  }
  return entries.flatMap((entry) => {
    const vm = entry.text('vm', 'SQL*');
    const size = entry.parsed(
      'size',
      'Standard_D4s_v5',
      (text) => (/^[A-Za-z0-9_-]{1,60}$/.test(text) ? text : undefined),
      'Azure’s name of a size',
    );
    for (const key of ['vm', 'size'])
      if (!entry.has(key))
        entry.error(
          'prices-missing',
          key,
          '',
          `"${key}" is missing.`,
          'Write { "vm": "SQL*", "size": "Standard_D4s_v5" }.',
        );
    if (vm === undefined || size === undefined) return [];
    if (vm.length > PATTERN_MOST) {
      entry.error('prices-wrong-value', 'vm', vm, `A pattern has at most ${PATTERN_MOST} characters.`, 'Shorten it.');
      return [];
    }
    return [{ vm, size }];
  });
}
