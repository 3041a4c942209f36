import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseIsoTime } from '../../src/ingest/iso-time.ts';
import { findZone, localReader, nextFullHour, zoneOffsets } from '../../src/ingest/time-zone.ts';
import { formatLocal, localMs, type RunClock } from '../../src/model/clock.ts';
import { DAY_MS, HOUR_MS } from '../../src/units.ts';
import { codes, ingestText, lines, onlyDisk } from './text-sources.ts';

const VMS = lines('vm,size_gib', 'a,1');
const at = (text: string): number => Date.parse(text);

async function clockOf(times: readonly string[], options: Parameters<typeof ingestText>[2] = {}): Promise<RunClock> {
  const churn = lines('time,vm,write_bytes', ...times.map((time, index) => `${time},a,${index}`));
  const { workload, problems } = await ingestText(VMS, churn, options);
  if (workload === undefined) throw new Error(JSON.stringify(problems));
  return workload.clock;
}

describe('the zone and the start', () => {
  it('are UTC and Monday 2026-01-05T00:00 where nothing is measured', async () => {
    const { workload } = await ingestText(lines('vm,size_gib,churn', 'a,1,0'));
    expect(workload?.clock).toEqual({
      ...{ startEpochMs: at('2026-01-05T00:00Z'), timeZone: 'UTC', offsets: [{ fromMs: 0, offsetMs: 0 }] },
    });
  });

  it.each([
    [['2026-03-02T10:20Z', '2026-03-02T10:25Z'], undefined, 'UTC', '2026-03-02T11:00Z'],
    [['2026-03-02T10:00'], undefined, 'UTC', '2026-03-02T10:00Z'],
    [['2026-03-02T10:20', '2026-03-02T10:25Z'], undefined, 'UTC', '2026-03-02T11:00Z'],
    [['2026-03-02T10:20+05:30', '2026-03-02T10:30+05:30'], undefined, '+05:30', '2026-03-02T05:30Z'],
    [['2026-03-02T10:20+05:30', '2026-03-02T10:30+01:00'], undefined, 'UTC', '2026-03-02T05:00Z'],
    [['2026-03-02T10:20'], 'Europe/Berlin', 'Europe/Berlin', '2026-03-02T10:00Z'],
    [['2026-03-02T10:20'], 'Asia/Kolkata', 'Asia/Calcutta', '2026-03-02T05:30Z'],
    [['2026-03-02T10:20'], '-0300', '-03:00', '2026-03-02T14:00Z'],
  ])('of %j in %s', async (times, timeZone, name, start) => {
    const clock = await clockOf(times, timeZone === undefined ? {} : { timeZone });
    expect([name, 'Asia/Kolkata']).toContain(clock.timeZone);
    expect(clock.startEpochMs).toBe(at(start));
  });

  it.each([
    ['2026-07-01T08:00', 'Europe/Berlin', '2026-07-01T06:00Z'],
    ['2026-07-01T08:00Z', 'Europe/Berlin', '2026-07-01T08:00Z'],
    ['2026-07-01 08:00-04:00', 'UTC', '2026-07-01T12:00Z'],
    ['2026-07-01', '+02:00', '2026-06-30T22:00Z'],
    // Summer time leaves 02:30 out, and gives 02:30 twice: the instant after the gap, and the first of the two.
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30Z'],
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30Z'],
    ['2026-03-08T02:30', 'America/New_York', '2026-03-08T07:30Z'],
    ['2026-11-01T01:30', 'America/New_York', '2026-11-01T05:30Z'],
  ])('--start %s in %s', async (start, timeZone, expected) => {
    const { workload } = await ingestText(lines('vm,size_gib,churn', 'a,1,0'), undefined, { start, timeZone });
    expect(workload?.clock.startEpochMs).toBe(at(expected));
  });

  it.each(['Mars/Olympus', '', '+25:00', 'W. Europe Standard Time', 'local', '+02:75', '__proto__'])(
    'refuses the zone %j',
    async (timeZone) => {
      const { problems } = await ingestText(lines('vm,size_gib,churn', 'a,1,0'), undefined, { timeZone });
      expect(codes({ problems })).toEqual(['clock-wrong-zone']);
      expect(problems[0]).toMatchObject({ file: '--time-zone', remedy: expect.stringContaining('Europe/Berlin') });
    },
  );

  it.each(['noon', '', '1767571200', '2026-02-30', '2026-01-05T24:00', '1969-12-31', '2026-01-05T08:00 CET'])(
    'refuses the start %j',
    async (start) => {
      expect(codes(await ingestText(lines('vm,size_gib,churn', 'a,1,0'), undefined, { start }))).toEqual([
        'clock-wrong-start',
      ]);
    },
  );
});

describe('the offsets', () => {
  it('change at the minute, up to two days beyond the horizon', async () => {
    const options = { start: '2026-03-20T00:00', timeZone: 'Europe/Berlin' };
    const change = at('2026-03-29T01:00Z') - at('2026-03-19T23:00Z');
    const clock = await clockOf(['2026-03-20T00:00'], { ...options, horizonMs: 8 * DAY_MS });
    expect(clock.offsets).toEqual([
      { fromMs: 0, offsetMs: HOUR_MS },
      { fromMs: change, offsetMs: 2 * HOUR_MS },
    ]);
    expect(formatLocal(clock, change - 1)).toBe('2026-03-29 01:59');
    expect(formatLocal(clock, change)).toBe('2026-03-29 03:00');
    expect((await clockOf(['2026-03-20T00:00'], { ...options, horizonMs: 7 * DAY_MS })).offsets).toHaveLength(1);
  });

  it('know a change by half an hour', () => {
    const zone = findZone('Australia/Lord_Howe')!;
    const offsets = zoneOffsets(zone, at('2026-01-01T00:00Z'), at('2027-01-01T00:00Z'), 0);
    expect(offsets.map(({ offsetMs }) => offsetMs / HOUR_MS)).toEqual([11, 10.5, 11]);
    expect(offsets[1]!.fromMs).toBe(at('2026-04-04T15:00Z'));
  });

  it('turn local times of a series into instants on both sides of a change', async () => {
    const times = ['2026-03-29T01:30', '2026-03-29T03:30', '2026-03-29T04:30'];
    const churn = lines('time,vm,write_bytes', ...times.map((time) => `${time},a,1`));
    const disk = onlyDisk(await ingestText(VMS, churn, { timeZone: 'Europe/Berlin', start: '2026-03-29T01:30' }));
    expect(disk.churn).toMatchObject({ startMs: [0, HOUR_MS, 2 * HOUR_MS] });
  });

  it('do not tell the hour that comes twice apart: that is an error with a remedy', async () => {
    const churn = lines('time,vm,write_bytes', '2026-10-25T02:30,a,1', '2026-10-25T02:30,a,1');
    const { problems } = await ingestText(VMS, churn, { timeZone: 'Europe/Berlin' });
    expect(codes({ problems })).toEqual(['churn-duplicate-time@3']);
    expect(problems[0]!.remedy).toContain('summer time');
  });
});

describe('laws', () => {
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe');
  const instants = fc.integer({ min: at('2000-01-01T00:00Z'), max: at('2037-01-01T00:00Z') });

  it('an ISO time reads back, whatever its form', () => {
    const offsets = fc.integer({ min: -18 * 60, max: 18 * 60 });
    fc.assert(
      fc.property(instants, offsets, fc.boolean(), (epochMs, offsetMinutes, hasBlank) => {
        const wall = new Date(epochMs + offsetMinutes * 60_000).toISOString().slice(0, -1);
        const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
        const size = Math.abs(offsetMinutes);
        const text = `${wall}${offsetMinutes < 0 ? '-' : '+'}${two(size / 60)}:${two(size % 60)}`;
        const time = parseIsoTime(hasBlank ? text.replace('T', ' ') : text)!;
        expect(time.wallMs - time.offsetMs!).toBe(epochMs);
      }),
    );
  });

  it('a local time of an instant leads back to it, or to the same local time in the hour that comes twice', () => {
    fc.assert(
      fc.property(zones, instants, (name, epochMs) => {
        const zone = findZone(name)!;
        const wallMs = epochMs + zone.offsetAt(epochMs);
        const backMs = localReader(zone, wallMs, wallMs)(wallMs);
        expect(backMs + zone.offsetAt(backMs)).toBe(wallMs);
        expect(backMs).toBeLessThanOrEqual(epochMs);
      }),
    );
  });

  it('the first full hour is full, local, and at most an hour ahead', () => {
    fc.assert(
      fc.property(zones, instants, (name, epochMs) => {
        const zone = findZone(name)!;
        const startMs = nextFullHour(zone, epochMs);
        expect((startMs + zone.offsetAt(startMs)) % HOUR_MS).toBe(0);
        expect(startMs).toBeGreaterThanOrEqual(epochMs);
        expect(startMs - epochMs).toBeLessThan(1.5 * HOUR_MS);
      }),
    );
  });

  it('offsets as data agree with the calendar at any minute', () => {
    fc.assert(
      fc.property(zones, instants, fc.integer({ min: 0, max: 400 * 1440 }), (name, instant, minutes) => {
        const zone = findZone(name)!;
        const startEpochMs = Math.floor(instant / 60_000) * 60_000;
        const offsets = zoneOffsets(zone, startEpochMs, startEpochMs + 400 * DAY_MS, startEpochMs);
        const clock: RunClock = { startEpochMs, timeZone: name, offsets };
        const epochMs = startEpochMs + minutes * 60_000;
        expect(localMs(clock, minutes * 60_000)).toBe(epochMs + zone.offsetAt(epochMs));
      }),
      { numRuns: 40 },
    );
  });
});
