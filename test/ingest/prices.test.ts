import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readPrices } from '../../src/ingest/prices.ts';
import { unitCount } from '../../src/ingest/prices-retail.ts';
import { retailItem } from '../../src/ingest/retail-meters.ts';
import { DEFAULT_TERMS, itemUnit } from '../../src/model/prices.ts';
import { DAY_MS, MIB } from '../../src/units.ts';
import { COMPUTE, EGRESS, LICENCE, retailPage, retailRow } from './retail-page.ts';

const EXAMPLE = readFileSync(new URL('../../datasets/prices/example.json', import.meta.url), 'utf8');

function read(...texts: readonly string[]) {
  return readPrices(texts.map((text, index) => ({ file: `prices${index + 1}.json`, text })));
}

function own(change: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ schema: 'asr-plan/prices@1', currency: 'EUR', prices: [], ...change });
}

const codes = (result: ReturnType<typeof read>): string[] => result.problems.map(({ code }) => code);
const meters = (result: ReturnType<typeof read>) =>
  result.input!.book!.meters.map(({ item, tiers }) => [item, tiers.map(({ fromUnits, price }) => [fromUnits, price])]);

describe('a price file of our own', () => {
  test('the example is read whole, and its schema says the same', () => {
    const { input, problems } = read(EXAMPLE);
    expect(problems).toEqual([]);
    expect(input!.book).toMatchObject({ currency: 'EUR', region: 'westeurope' });
    expect(input!.book!.files).toEqual([
      expect.objectContaining({ kind: 'own', date: '2026-01-05', rowCount: 26, usedCount: 26 }),
    ]);
    expect(input!.terms).toMatchObject({ operationBytes: MIB, failoverMs: 14 * DAY_MS, drillMs: 7 * DAY_MS });
    const schema = readFileSync(new URL('../../schemas/prices.schema.json', import.meta.url), 'utf8');
    const validate = new Ajv2020({ strict: true, allErrors: true, strictRequired: false }).compile(JSON.parse(schema));
    expect(validate(JSON.parse(EXAMPLE)), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...JSON.parse(EXAMPLE), prices: [{ item: 'x' }] })).toBe(false);
  });

  test('says plainly that its prices are made up', () => {
    expect(JSON.parse(EXAMPLE).source).toMatch(/FICTIONAL/);
  });

  test('terms alone need no currency: then there is no book', () => {
    const { input, problems } = read(own({ currency: undefined, prices: undefined, terms: { drillsPerYear: 2 } }));
    expect(problems).toEqual([]);
    expect(input).toEqual({ book: null, terms: { ...DEFAULT_TERMS, drillsPerYear: 2 } });
  });

  test('all that is wrong with it at once', () => {
    const result = read(
      own({
        currency: 'euro',
        date: '2026-13-01',
        tips: 1,
        terms: { replica: 'tape', discount: '200%', drillsPerYear: 1.5, drillDuration: 7, vmSizes: [{ vm: 'SQL*' }] },
        prices: [
          { item: 'licence/azure', price: -1 },
          { item: 'licence/mars', price: 1 },
          { item: 'egress/gb', tiers: [{ from: 5, price: 1 }] },
          { item: 'connection', price: 1, tiers: [] },
          { item: 'connection', price: 1 },
          { item: 'disk/P10/LRS', price: '12' },
          { price: 3 },
        ],
      }),
      own({ prices: [{ item: 'licence/azure', price: 1, per: 0 }] }),
    );
    expect(result.input).toBeUndefined();
    expect(codes(result).toSorted()).toEqual(
      [
        ...[
          'prices-wrong-value',
          'prices-wrong-value',
          'prices-unknown-key',
          'prices-wrong-value',
          'prices-wrong-value',
        ],
        ...['prices-wrong-value', 'prices-wrong-type', 'prices-missing'],
        ...['prices-wrong-price', 'prices-unknown-item', 'prices-wrong-tier', 'prices-price-or-tiers', 'prices-twice'],
        ...['prices-wrong-type', 'prices-no-item', 'prices-wrong-unit'],
      ].toSorted(),
    );
    for (const { message, remedy, file } of result.problems) {
      expect(message).not.toBe('');
      expect(remedy).not.toMatch(/"hosts"/);
      expect(file).toMatch(/^prices[12]\.json$/);
    }
  });

  test('prices without a currency, and files of two currencies, are refused', () => {
    const priced = { prices: [{ item: 'licence/azure', price: 1 }] };
    expect(codes(read(own({ ...priced, currency: undefined })))).toEqual(['prices-no-currency']);
    expect(codes(read(own(priced), own({ currency: 'USD', prices: [] })))).toEqual(['prices-currencies']);
    expect(codes(read(own(priced), retailPage([retailRow({ currencyCode: 'USD' })])))).toEqual(['prices-currencies']);
    expect(codes(read(own(priced), own(priced)))).toEqual(['prices-twice']);
  });

  test('an unknown file, a list, a number and no JSON are problems with a remedy', () => {
    expect(codes(read('{"hosts": []}'))).toEqual(['prices-unknown-key', 'prices-unknown']);
    expect(codes(read('[1]'))).toEqual(['prices-wrong-type']);
    expect(codes(read('7'))).toEqual(['prices-wrong-type']);
    expect(codes(read('{"prices": [{"item": "connection", "price": NaN}]}'))).toEqual(['prices-not-json']);
    expect(codes(read(own({ prices: [{ item: 'connection', price: null }] }).replace('null', '1e400')))).toEqual([
      'prices-wrong-price',
    ]);
  });
});

describe('saved answers of the Retail Prices API', () => {
  test('rows to meters: what prices nothing of ours is passed over', () => {
    const result = read(
      retailPage([
        retailRow(),
        retailRow(LICENCE),
        retailRow({ ...COMPUTE, retailPrice: 0.2 }),
        retailRow({ ...COMPUTE, meterId: 'w', retailPrice: 0.4, productName: 'Virtual Machines Dsv5 Series Windows' }),
        retailRow({ ...COMPUTE, meterId: 's', meterName: 'D4s v5 Spot', skuName: 'D4s v5 Spot' }),
        retailRow({ meterId: 'r', type: 'Reservation', reservationTerm: '1 Year' }),
        retailRow({ meterId: 'mount', meterName: 'P10 LRS Disk Mount' }),
        retailRow({ meterId: 'v', serviceName: 'Key Vault' }),
      ]),
    );
    expect(result.problems).toEqual([]);
    expect(meters(result)).toEqual([
      ['disk/P10/LRS', [[0, 19.5]]],
      ['licence/azure', [[0, 21]]],
      ['compute/Standard_D4s_v5/linux', [[0, 0.2]]],
      ['compute/Standard_D4s_v5/windows', [[0, 0.4]]],
    ]);
    expect(result.input!.book).toMatchObject({ currency: 'EUR', region: 'westeurope' });
    expect(result.input!.book!.files[0]).toMatchObject({ kind: 'retail', rowCount: 8, usedCount: 4 });
    expect(result.input!.book!.meters[0]).toMatchObject({ date: '2025-03-01', perCount: 1, file: 'prices1.json' });
  });

  test('tiers of one meter come together from two pages, in order; what comes twice counts once', () => {
    const tier = (from: number, price: number) => retailRow({ ...EGRESS, tierMinimumUnits: from, retailPrice: price });
    const result = read(
      retailPage([tier(10240, 0.08), tier(0, 0)], 'https://next/?$skip=2'),
      retailPage([tier(100, 0.1), tier(0, 0)]),
    );
    expect(result.problems).toEqual([]);
    expect(meters(result)).toEqual([
      [
        'egress/gb',
        [
          [0, 0],
          [100, 0.1],
          [10240, 0.08],
        ],
      ],
    ]);
  });

  test('two different prices of one meter stay two: the reader does not choose; an ended one gives way', () => {
    const contradicting = [retailRow(), retailRow({ retailPrice: 25, effectiveStartDate: '2026-01-01T00:00:00Z' })];
    expect(meters(read(retailPage(contradicting)))).toEqual([
      ['disk/P10/LRS', [[0, 19.5]]],
      ['disk/P10/LRS', [[0, 25]]],
    ]);
    const ended = [retailRow({ effectiveEndDate: '2025-12-31T00:00:00Z' }), contradicting[1]];
    expect(meters(read(retailPage(ended)))).toEqual([['disk/P10/LRS', [[0, 25]]]]);
  });

  test('our own price goes before the saved one of the same item', () => {
    const result = read(
      retailPage([retailRow(), retailRow(LICENCE)]),
      own({ prices: [{ item: 'disk/P10/LRS', price: 1 }] }),
    );
    expect(meters(result)).toEqual([
      ['disk/P10/LRS', [[0, 1]]],
      ['licence/azure', [[0, 21]]],
    ]);
  });

  test('several regions are refused until one is named; rows without a region hold everywhere', () => {
    const rows = [
      retailRow(),
      retailRow({ armRegionName: 'northeurope', meterId: 'n', retailPrice: 3 }),
      retailRow({ ...LICENCE, armRegionName: 'Global' }),
    ];
    expect(codes(read(retailPage(rows)))).toEqual(['prices-regions']);
    const named = read(retailPage(rows), own({ region: 'northeurope' }));
    expect(meters(named)).toEqual([
      ['disk/P10/LRS', [[0, 3]]],
      ['licence/azure', [[0, 21]]],
    ]);
    expect(codes(read(retailPage([retailRow()]), own({ region: 'mars' })))).toEqual(['prices-none-of-region']);
    expect(codes(read(own({ region: 'mars' }), own({ region: 'venus' })))).toEqual(['prices-regions']);
  });

  test('an answer that goes on is a warning, and none where its last page is there', () => {
    const open = retailPage([retailRow()], 'https://prices.azure.com:443/api/retail/prices?$skip=1000');
    expect(codes(read(open))).toEqual(['prices-more-pages']);
    expect(read(open).input).toBeDefined();
    expect(codes(read(open, retailPage([retailRow(LICENCE)])))).toEqual([]);
  });

  test('spoilt rows are all named, with their place', () => {
    const result = read(
      retailPage([
        7,
        retailRow({ retailPrice: -1 }),
        retailRow({ retailPrice: '19' }),
        retailRow({ unitOfMeasure: '1 Hour' }),
        retailRow({ tierMinimumUnits: null }),
        retailRow({ tierMinimumUnits: {} }),
        retailRow({ currencyCode: 'euro' }),
      ]),
    );
    expect(result.input).toBeUndefined();
    expect(result.problems.filter(({ file }) => file !== '--prices').map(({ code, column }) => [code, column])).toEqual(
      [
        ['prices-wrong-type', 'Items[0]'],
        ['prices-wrong-price', 'Items[1].retailPrice'],
        ['prices-wrong-price', 'Items[2].retailPrice'],
        ['prices-wrong-unit', 'Items[3].unitOfMeasure'],
        ['prices-wrong-tier', 'Items[5].tierMinimumUnits'],
        ['prices-wrong-currency', 'Items[6].currencyCode'],
      ],
    );
    expect(codes(read('{"Items": {}}'))).toEqual(['prices-wrong-type']);
  });

  test('10 MB of rows, a hundred thousand levels and names of traps come to an end', () => {
    const many = retailPage(
      Array.from({ length: 20_000 }, (_, index) =>
        retailRow({ meterId: `m${index}`, serviceName: index % 2 === 0 ? 'Storage' : 'constructor' }),
      ),
    );
    expect(many.length).toBeGreaterThan(10e6);
    expect(read(many).input!.book!.meters).toHaveLength(10_000);
    const deep = `{"Items": [], "extra": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(read(deep).problems).toEqual([]);
    expect(
      codes(read(`{"schema": "asr-plan/prices@1", "terms": ${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`)),
    ).toEqual(['prices-unknown-key']);
    const traps = ['__proto__', 'constructor', '=cmd|calc', '<script>'];
    const rows = traps.flatMap((trap) =>
      ['productName', 'skuName', 'meterName', 'serviceName', 'armRegionName'].map((key) =>
        retailRow({ [key]: trap, meterId: trap + key }),
      ),
    );
    expect(codes(read(retailPage(rows)))).toEqual(['prices-regions']);
    expect(codes(read(own({ terms: { vmSizes: [{ vm: '*'.repeat(201), size: 'a' }] } })))).toEqual([
      'prices-wrong-value',
    ]);
    expect(codes(readPrices(Array.from({ length: 501 }, () => ({ file: 'x', text: '{' }))))).toEqual([
      'prices-too-many',
    ]);
  });

  test('whatever stands in a file, the answer is prices or problems, never an exception', () => {
    const value = fc.oneof(fc.json({ maxDepth: 3 }), fc.string());
    fc.assert(
      fc.property(
        value,
        fc.dictionary(
          fc.constantFrom('Items', 'prices', 'terms', 'currency', 'region', 'date', 'schema', 'source'),
          fc.jsonValue(),
        ),
        (text, object) => {
          for (const one of [
            text,
            JSON.stringify(object),
            JSON.stringify({ schema: 'asr-plan/prices@1', ...object }),
          ]) {
            const { input, problems } = read(one);
            expect(input === undefined).toBe(problems.some(({ severity }) => severity === 'error'));
          }
        },
      ),
    );
    fc.assert(
      fc.property(fc.record({ key: fc.constantFrom(...Object.keys(retailRow())), value: fc.jsonValue() }), (change) => {
        expect(read(retailPage([retailRow({ [change.key]: change.value })])).problems).toBeInstanceOf(Array);
      }),
    );
  });
});

describe('names of meters', () => {
  const storage = (productName: string, meterName: string, skuName = '') => ({
    serviceName: 'Storage',
    productName,
    meterName,
    skuName,
    armSkuName: '',
  });

  test.each([
    [storage('Premium SSD Managed Disks', 'P20 LRS Disk'), 'disk/P20/LRS'],
    [storage('Premium SSD Managed Disks', 'P20 ZRS Disk'), 'disk/P20/ZRS'],
    [storage('Premium SSD Managed Disks', 'P10 Disks', 'P10 LRS'), 'disk/P10/LRS'],
    [storage('Premium SSD Managed Disks', 'P10 Disks'), undefined],
    [storage('Premium SSD Managed Disks', 'P10 LRS Disk Mount'), undefined],
    [storage('Standard SSD Managed Disks', 'E30 LRS Disk'), 'disk/E30/LRS'],
    [storage('Standard SSD Managed Disks', 'E4 LRS Disk Operations'), undefined],
    [storage('Standard HDD Managed Disks', 'S4 LRS Disk'), 'disk/S4/LRS'],
    [storage('Standard HDD Managed Disks', 'LRS Snapshots'), 'snapshots/LRS/gb'],
    [storage('Premium SSD Managed Disks', 'LRS Snapshots'), undefined],
    [storage('Standard Page Blob v2', 'LRS Data Stored', 'Standard LRS'), 'page-blob/gpv2/LRS/gb'],
    [storage('Standard Page Blob', 'RA-GRS Data Stored'), 'page-blob/gpv1/RA-GRS/gb'],
    [storage('Standard Page Blob v2', 'LRS Write Operations'), 'page-blob/gpv2/LRS/writes'],
    [storage('Standard Page Blob', 'Disk Write Operations', 'Standard LRS'), 'page-blob/gpv1/LRS/writes'],
    [storage('Standard Page Blob', 'Disk Write Operations'), undefined],
    [storage('Files', 'LRS Data Stored', 'Standard LRS'), undefined],
    [
      { ...storage('Azure Site Recovery', 'VM Replicated to Azure'), serviceName: 'Azure Site Recovery' },
      'licence/azure',
    ],
    [
      { ...storage('Azure Site Recovery', 'VM Replicated to System Center'), serviceName: 'Azure Site Recovery' },
      'licence/site',
    ],
  ])('%o prices %s', (row, item) => {
    expect(retailItem(row)).toBe(item);
    if (item !== undefined) expect(itemUnit(item)).toBeDefined();
  });

  test.each([
    ['1/Month', 'licence/azure', 1],
    ['1/Month', 'disk/P10/LRS', 1],
    ['1 GB/Month', 'page-blob/gpv2/LRS/gb', 1],
    ['100 GB/Month', 'page-blob/gpv2/LRS/gb', 100],
    ['10K', 'page-blob/gpv2/LRS/writes', 10_000],
    ['1M', 'page-blob/gpv2/LRS/writes', 1e6],
    ['1 Hour', 'compute/a/linux', 1],
    ['100 Hours', 'compute/a/linux', 100],
    ['1 GB', 'egress/gb', 1],
    ['1/Day', 'licence/azure', undefined],
    ['1 GB', 'page-blob/gpv2/LRS/gb', undefined],
    ['1 GB/Month', 'egress/gb', undefined],
    ['0 GB', 'egress/gb', undefined],
    ['', 'egress/gb', undefined],
  ])('%s of %s', (unit, item, count) => {
    expect(unitCount(unit, item)).toBe(count);
  });
});
