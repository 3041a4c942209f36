import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readBackgroundFile } from '../../src/ingest/background-file.ts';
import { readOutagesFile } from '../../src/ingest/outages-file.ts';
import type { RunClock } from '../../src/model/clock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, WEEK_MS } from '../../src/units.ts';
import { codes, lines, textSource } from './text-sources.ts';

/** Monday 2026-01-05T00:00 in Berlin. */
const CLOCK: RunClock = {
  startEpochMs: Date.parse('2026-01-04T23:00Z'),
  timeZone: 'Europe/Berlin',
  offsets: [{ fromMs: 0, offsetMs: HOUR_MS }],
};

describe('a file of outages', () => {
  const read = (...rows: string[]) =>
    readOutagesFile(textSource('outages.csv', lines(...rows)), { clock: CLOCK, horizonMs: WEEK_MS, links: ['branch'] });

  it('has instants in any form, ends or lengths, and the links that it names', async () => {
    const { outages, problems } = await read(
      'start,end,duration,link',
      '2026-01-06T10:00,2026-01-06T12:00,,',
      '2026-01-06T09:00Z,,40min,branch',
      '2d10h,,2h,',
      '2026-01-04T00:00,2026-01-04T10:00,,',
      '2026-01-04T23:00,2026-01-05T01:00,,',
    );
    expect(problems).toEqual([]);
    expect(outages.get('')).toEqual([
      { startMs: DAY_MS + 10 * HOUR_MS, endMs: DAY_MS + 12 * HOUR_MS },
      { startMs: 2 * DAY_MS + 10 * HOUR_MS, endMs: 2 * DAY_MS + 12 * HOUR_MS },
      { startMs: 0, endMs: HOUR_MS },
    ]);
    expect(outages.get('branch')).toEqual([
      { startMs: DAY_MS + 10 * HOUR_MS, endMs: DAY_MS + 10 * HOUR_MS + 40 * MINUTE_MS },
    ]);
  });

  it('says row, column and value of everything that cannot be read', async () => {
    const { problems } = await read('start,end,link', 'soon,2d,', '2d,1d,', '1d,,', '1d,2d,brunch');
    expect(problems.map(({ row, column, value }) => [row, column, value])).toEqual([
      [2, 'start', 'soon'],
      [3, 'end', '1d'],
      [4, 'end', ''],
      [5, 'link', 'brunch'],
    ]);
    expect((await read('start', '1d')).problems.map(({ code }) => code)).toEqual(['csv-missing-column']);
    const both = await read('start,end,duration', '1d,2d,1h', '1d,,0min', '1d,,soon', '1d,,');
    expect(both.problems.map(({ row, column, value }) => [row, column, value])).toEqual([
      [2, 'end', '2d'],
      [3, 'duration', '0min'],
      [4, 'duration', 'soon'],
      [5, 'end', ''],
    ]);
    for (const { remedy } of both.problems) expect(remedy).not.toBe('');
  });

  it('says what a misspelled link may have meant', async () => {
    const { problems } = await read('start,duration,link', '1d,1h,brnch');
    expect(problems[0]).toMatchObject({ code: 'site-unknown-name', row: 2, column: 'link', value: 'brnch' });
    expect(problems[0]!.remedy).toContain('Did you mean "branch"?');
  });

  it('warns where none falls into the run', async () => {
    const { outages, problems } = await read('start,duration', '2025-01-07T10:00,1h', '7d,1h');
    expect(outages.size).toBe(0);
    expect(codes({ problems })).toEqual(['~outages-outside']);
    expect(problems[0]!.message).toContain('2026-01-05 00:00 Europe/Berlin');
  });

  it('reads hostile names as names', async () => {
    const known = { clock: CLOCK, horizonMs: WEEK_MS, links: ['__proto__'] };
    const text = lines('start,duration,link,constructor', '1d,1h,__proto__,x', '1d,1h,toString,x');
    const { outages, problems } = await readOutagesFile(textSource('o.csv', text), known);
    expect(outages.get('__proto__')).toHaveLength(1);
    expect(codes({ problems })).toEqual(['~csv-unknown-columns@1', 'site-unknown-name@3']);
  });

  it('has a bound', async () => {
    const text = `start,duration\n${'1d,1h\n'.repeat(100_001)}`;
    const { problems } = await readOutagesFile(textSource('o.csv', text), { clock: CLOCK, horizonMs: WEEK_MS });
    expect(codes({ problems })).toEqual(['outages-too-many']);
  });

  it('never throws', async () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('1d', '2026-01-06T10:00', '40min', '', '"', 'branch', '-1d'));
    const row = fc.array(cell, { maxLength: 5 }).map((cells) => cells.join(','));
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 6 }), async (rows) => {
        for (const read of [
          await readOutagesFile(textSource('x.csv', lines('start,end,duration,link', ...rows)), {
            clock: CLOCK,
            horizonMs: WEEK_MS,
          }),
          await readBackgroundFile(textSource('x.csv', lines('time,rate', ...rows)), CLOCK),
        ]) {
          for (const { message, remedy } of read.problems) expect(message.length * remedy.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});

describe('a file of background use', () => {
  const read = (...rows: string[]) => readBackgroundFile(textSource('used.csv', lines(...rows)), CLOCK);

  it('has a rate with its unit in the cell or in the header, in any order of time', async () => {
    const expected = {
      kind: 'series',
      startMs: [0, HOUR_MS],
      bitsPerSec: [30e6, 1.5e6],
      endMs: 2 * HOUR_MS,
      repeatMs: 2 * HOUR_MS,
    };
    const cells = await read('time,rate', '2026-01-05T01:00,1.5 Mbps', '2026-01-05T00:00,30 Mbit/s');
    expect(cells).toEqual({ background: expected, problems: [] });
    const header = await read('Timestamp;Mbps', '2026-01-04T23:00Z;30', '2026-01-05T00:00Z;1.5');
    expect(header.background).toEqual(expected);
  });

  it('repeats whole weeks, or whole days', async () => {
    const hourly = (count: number): string[] =>
      Array.from({ length: count }, (_, hour) => `${new Date(CLOCK.startEpochMs + hour * HOUR_MS).toISOString()},1`);
    expect((await read('time,mbps', ...hourly(30))).background!.repeatMs).toBe(DAY_MS);
    expect((await read('time,mbps', ...hourly(200))).background!.repeatMs).toBe(WEEK_MS);
  });

  it('says row, column and value of everything that cannot be read', async () => {
    const { background, problems } = await read(
      'time,rate',
      'now,1 Mbps',
      '2026-01-05,fast',
      '2026-01-05T01:00,',
      '2026-01-05T01:00,1 bps',
    );
    expect(background).toBeUndefined();
    expect(problems.map(({ severity, row, column, value }) => [severity, row, column, value])).toEqual([
      ['warning', undefined, undefined, undefined],
      ['error', 2, 'time', 'now'],
      ['error', 3, 'rate', 'fast'],
      ['error', 5, undefined, undefined],
    ]);
    expect((await read('time', '2026-01-05')).problems.map(({ code }) => code)).toEqual(['csv-missing-column']);
  });

  it.each([
    ['time,rate', '1.5 Mbps'],
    ['time,used_mbps', '1.5'],
    ['Time;Average (Mbit/s)', '1,5'],
    ['time;rate', '1500 kbit/s'],
    ['time,[Mbps]', '1.5'],
    ['time,bps', '1500000'],
    ['time,traffic MB/s', '0.1875'],
  ])('%s: %s', async (header, value) => {
    const separator = header.includes(';') ? ';' : ',';
    const { background, problems } = await read(header, `2026-01-05T00:00${separator}${value}`);
    expect(problems).toEqual([]);
    expect(background!.bitsPerSec).toEqual([1.5e6]);
    expect(background!.endMs).toBe(5 * MINUTE_MS);
  });

  it.each([
    ['time,rate', '1.5', 'csv-missing-unit@2'],
    ['time,rate', '-1 Mbps', 'background-rate@2'],
    ['time,rate', '1000 Tbps', 'background-rate@2'],
    ['time,rate', '5 GB', 'csv-unknown-unit@2'],
    ['time,mbps', '5 Gbps', 'csv-two-units@2'],
    ['time,mbps', 'fast', 'csv-wrong-number@2'],
    ['time,---', '5', 'csv-missing-column@1'],
  ])('%s: %s is refused', async (header, value, code) => {
    const { background, problems } = await read(header, `2026-01-05T00:00,${value}`);
    expect(background).toBeUndefined();
    expect(codes({ problems }).filter((found) => !found.startsWith('~'))).toEqual([code]);
  });

  it('has a bound', async () => {
    const text = `time,mbps\n${'2026-01-05,1\n'.repeat(300_001)}`;
    const { problems } = await readBackgroundFile(textSource('used.csv', text), CLOCK);
    expect(problems[0]!.code).toBe('background-too-long');
  });
});
