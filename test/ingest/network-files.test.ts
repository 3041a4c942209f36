import { describe, expect, it } from 'vitest';
import { readBackgroundFile } from '../../src/ingest/background-file.ts';
import { readOutagesFile } from '../../src/ingest/outages-file.ts';
import type { RunClock } from '../../src/model/clock.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, WEEK_MS } from '../../src/units.ts';
import { lines, textSource } from './text-sources.ts';

/** Monday 2026-01-05T00:00 in Berlin. */
const CLOCK: RunClock = {
  startEpochMs: Date.parse('2026-01-04T23:00Z'),
  timeZone: 'Europe/Berlin',
  offsets: [{ fromMs: 0, offsetMs: HOUR_MS }],
};

describe('a file of outages', () => {
  const read = (...rows: string[]) => readOutagesFile(textSource('outages.csv', lines(...rows)), CLOCK, ['branch']);

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
    expect((await read('start', '1d')).problems.map(({ code }) => code)).toEqual(['outages-no-end']);
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
    expect((await read('time', '2026-01-05')).problems.map(({ code }) => code)).toEqual(['background-rate']);
  });
});
