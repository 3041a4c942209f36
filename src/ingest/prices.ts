import { type CostTerms, DEFAULT_TERMS, type Meter, type PriceFile, type PriceInput } from '../model/prices.ts';
import { hasErrors, type Problem, problemOf } from '../model/problem.ts';
import { type OwnPrices, readOwnPrices } from './prices-own.ts';
import {
  isRetailPage,
  type RetailPage,
  readRetailPage,
  regionOf,
  retailMeters,
  warnOfMissingPages,
} from './prices-retail.ts';
import { ProblemList } from './problem-list.ts';
import { parseJson } from './site-json.ts';

/** More files are a folder that was meant for something else. [chosen] */
const FILES_MOST = 500;

interface Read {
  readonly file: string;
  readonly own?: OwnPrices;
  readonly page?: RetailPage;
}

/**
 * Price files, of our own form or saved answers of the Azure Retail Prices API, one or several pages. All problems of all files at
 * once; with an error there is no input. A price of our own form goes before a saved one of the same item.
 */
export function readPrices(files: readonly { readonly file: string; readonly text: string }[]): {
  input?: PriceInput;
  problems: Problem[];
} {
  const problems: Problem[] = [];
  if (files.length > FILES_MOST) {
    const message = `${files.length} price files; at most ${FILES_MOST} are read.`;
    return { problems: [problemOf('error', 'prices-too-many', '--prices', message, 'Put the pages into one file.')] };
  }
  const read = files.map(({ file, text }) => readFile(file, text, problems));
  const owns = read.flatMap(({ file, own }) => (own === undefined ? [] : [{ file, own }]));
  const pages = read.flatMap(({ file, page }) => (page === undefined ? [] : [{ file, page }]));
  const across = new ProblemList('--prices');
  if (pages.length > 0) warnOfMissingPages(pages, across);
  const currency = oneCurrency(owns, pages, across);
  const rows = pages.flatMap(({ page }) => page.rows);
  const { region, others } = regionOf(
    rows,
    oneOf(
      owns.map(({ own }) => own.region),
      'region',
      across,
    ),
  );
  if (others.length > 0) {
    const message = `The saved prices are of several regions: ${[region, ...others].slice(0, 5).join(', ')}${others.length > 4 ? ' …' : ''}.`;
    across.error(
      'prices-regions',
      {},
      message,
      'Name the one that you mean: { "schema": "asr-plan/prices@1", "region": "westeurope" } as a further price file.',
    );
  }
  const ownMeters = withoutTwice(
    owns.flatMap(({ own }) => own.meters),
    across,
  );
  const ownItems = new Set(ownMeters.map(({ item }) => item));
  const meters = [...ownMeters, ...retailMeters(rows, region).filter(({ item }) => !ownItems.has(item))];
  if (rows.length > 0 && region !== null && retailMeters(rows, region).length === 0) {
    across.warning('prices-none-of-region', { value: region }, 'No saved price is of this region.', 'Check its name.');
  }
  problems.push(...across.all());
  if (hasErrors(problems)) return { problems };
  const terms: CostTerms = Object.assign({}, DEFAULT_TERMS, ...owns.map(({ own }) => own.terms));
  const book =
    currency === undefined ? null : { currency, region, files: read.map((one) => fileOf(one, meters)), meters };
  return { input: { book, terms }, problems };
}

function readFile(file: string, text: string, into: Problem[]): Read {
  const problems = new ProblemList(file);
  const value = parseJson(text, problems);
  const read =
    value === undefined
      ? { file }
      : isRetailPage(value)
        ? { file, page: readRetailPage(value, problems) }
        : { file, own: readOwnPrices(value, problems) };
  into.push(...problems.all().map(asPrices));
  return read;
}

/** The readers of JSON objects are the site file's. */
function asPrices(problem: Problem): Problem {
  const code = problem.code.replace(/^site-/, 'prices-');
  const isShape = problem.remedy.includes('"hosts"');
  return {
    ...problem,
    code,
    ...(isShape
      ? { remedy: 'Write { "schema": "asr-plan/prices@1", … }, or save an answer of the Retail Prices API.' }
      : {}),
  };
}

type Owns = readonly { readonly file: string; readonly own: OwnPrices }[];
type Pages = readonly { readonly file: string; readonly page: RetailPage }[];

/** Sums of two currencies mean nothing, and a rate between them is nobody's to invent. */
function oneCurrency(owns: Owns, pages: Pages, problems: ProblemList): string | undefined {
  const found = new Map<string, string>();
  const add = (currency: string | undefined, file: string): void => {
    if (currency !== undefined && !found.has(currency)) found.set(currency, file);
  };
  for (const { file, own } of owns) add(own.currency, file);
  for (const { file, page } of pages) {
    add(page.currency, file);
    for (const { currency } of page.rows) add(currency, file);
  }
  if (found.size > 1) {
    const message = `Prices of several currencies: ${[...found]
      .slice(0, 5)
      .map(([currency, file]) => `${currency} in ${file}`)
      .join(', ')}.`;
    problems.error('prices-currencies', {}, message, 'Save all prices in one currency (currencyCode=EUR).');
  }
  return [...found.keys()][0];
}

function oneOf(values: readonly (string | undefined)[], what: string, problems: ProblemList): string | undefined {
  const different = [...new Set(values.filter((value) => value !== undefined))];
  if (different.length > 1) {
    const message = `The price files name several regions: ${different.slice(0, 5).join(', ')}.`;
    problems.error('prices-regions', { column: what }, message, 'Name one target region.');
  }
  return different[0];
}

function withoutTwice(meters: readonly Meter[], problems: ProblemList): Meter[] {
  const byItem = new Map<string, Meter>();
  for (const meter of meters) {
    const other = byItem.get(meter.item);
    // Twice in one file is told there.
    if (other !== undefined && other.file !== meter.file) {
      const message = `${meter.item} has a price in ${other.file} and in ${meter.file}.`;
      problems.error('prices-twice', { value: meter.item }, message, 'Leave one of the two out.');
    }
    byItem.set(meter.item, meter);
  }
  return [...byItem.values()];
}

function fileOf({ file, own, page }: Read, meters: readonly Meter[]): PriceFile {
  const usedCount = page === undefined ? meters.filter((meter) => meter.file === file).length : page.rows.length;
  return {
    ...{ file, usedCount },
    kind: own === undefined ? 'retail' : 'own',
    date: own?.date ?? null,
    source: own?.source ?? null,
    rowCount: own?.rowCount ?? page?.rowCount ?? 0,
  };
}
