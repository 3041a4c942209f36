import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readThrottleText } from '../../src/ingest/throttle.ts';
import type { Throttle, WeeklySchedule, WeeklyWindow } from '../../src/model/schedule.ts';
import { windowMinutes } from '../../src/model/schedule.ts';
import { throttleCommand } from '../../src/plan/runbook/throttle-command.ts';
import { callsOf, readPowerShell } from './runbook/read-powershell.ts';

const LEAST = 512 * 1024;
const MOST = 1023 * 1024 ** 2;

/** What the command says, by the reader of pasted commands; complaints fail. */
function readBack(script: string): WeeklySchedule<Throttle> {
  const said: string[] = [];
  const schedule = readThrottleText(script, (message) => said.push(message));
  expect(said).toEqual([]);
  return schedule!;
}

/** The limit in each minute of the week, naively. */
function minutes({ windows, otherwise }: WeeklySchedule<Throttle>): string[] {
  const week = new Array<string>(7 * 1440).fill(JSON.stringify(otherwise));
  for (const window of windows) {
    for (const day of window.days) {
      for (let minute = 0; minute < windowMinutes(window); minute++) {
        week[(day * 1440 + window.startMinute + minute) % week.length] = JSON.stringify(window.value);
      }
    }
  }
  return week;
}

const rate = fc.integer({ min: LEAST, max: MOST }).map((bitsPerSec): Throttle => ({ kind: 'rate', bitsPerSec }));
const days = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 7 });
const window = fc
  .record({
    days,
    startMinute: fc.integer({ min: 0, max: 1439 }),
    endMinute: fc.integer({ min: 0, max: 1439 }),
    value: rate,
  })
  .filter(({ days: on, ...hours }) => on.length === 1 || windowMinutes(hours) <= 1440);

describe('a schedule that the agent can say', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(window, rate, (only, otherwise) => {
        const schedule = { windows: [only], otherwise };
        const { script, differs } = throttleCommand(schedule);
        expect(differs).toEqual([]);
        expect(minutes(readBack(script!))).toEqual(minutes(schedule));
      }),
      { numRuns: 60 },
    );
  });

  it('comes back as it was when its days stand in windows of their own', () => {
    fc.assert(
      fc.property(window, rate, (only, otherwise) => {
        const split = only.days.map((day): WeeklyWindow<Throttle> => ({ ...only, days: [day] }));
        const { script, differs } = throttleCommand({ windows: split, otherwise });
        expect(differs).toEqual([]);
        expect(minutes(readBack(script!))).toEqual(minutes({ windows: split, otherwise }));
      }),
      { numRuns: 60 },
    );
  });

  it('over midnight is marked: no document says whether the agent takes it', () => {
    fc.assert(
      fc.property(window, rate, (only, otherwise) => {
        const { notVerified } = throttleCommand({ windows: [only], otherwise });
        const reachesOver = only.endMinute <= only.startMinute && only.days.length < 7;
        if (reachesOver) expect(notVerified.join()).toContain('midnight');
        if (only.endMinute > only.startMinute) expect(notVerified).toEqual([]);
      }),
    );
  });

  it('without windows is one limit at all hours, or none', () => {
    const none: WeeklySchedule<Throttle> = { windows: [], otherwise: { kind: 'none' } };
    expect(throttleCommand(none)).toEqual({ script: 'Set-OBMachineSetting -NoThrottle', differs: [], notVerified: [] });
    expect(readBack('Set-OBMachineSetting -NoThrottle')).toEqual(none);
    const always: WeeklySchedule<Throttle> = { windows: [], otherwise: { kind: 'rate', bitsPerSec: LEAST } };
    expect(new Set(minutes(readBack(throttleCommand(always).script!)))).toEqual(new Set(minutes(always)));
  });

  it('is the documentation’s own example, to the letter but for its days', () => {
    const schedule: WeeklySchedule<Throttle> = {
      windows: [{ days: [1, 0], startMinute: 540, endMinute: 1080, value: { kind: 'rate', bitsPerSec: 512 * 1024 } }],
      otherwise: { kind: 'rate', bitsPerSec: 2048 * 1024 },
    };
    expect(throttleCommand(schedule).script).toBe(
      "Set-OBMachineSetting -WorkDay 'Monday', 'Tuesday' -StartWorkHour '9:00:00' -EndWorkHour '18:00:00' -WorkHourBandwidth (512*1024) -NonWorkHourBandwidth (2048*1024)",
    );
  });
});

describe('what the agent cannot say', () => {
  const rateOf = (bitsPerSec: number): Throttle => ({ kind: 'rate', bitsPerSec });
  const hours = { days: [0, 1, 2, 3, 4], startMinute: 480, endMinute: 1020 };
  const FINE = rateOf(10 * 1024 ** 2);
  const cases: [string, WeeklySchedule<Throttle>, boolean, RegExp][] = [
    [
      'two spans of work hours',
      {
        windows: [
          { ...hours, value: FINE },
          { ...hours, startMinute: 1080, endMinute: 1200, value: FINE },
        ],
        otherwise: FINE,
      },
      false,
      /2 windows/,
    ],
    ['a share', { windows: [{ ...hours, value: { kind: 'share', ratio: 0.5 } }], otherwise: FINE }, false, /share/],
    ['no limit beside one', { windows: [{ ...hours, value: FINE }], otherwise: { kind: 'none' } }, true, /1023 Mbps/],
    ['less than it takes', { windows: [{ ...hours, value: rateOf(1000) }], otherwise: FINE }, true, /outside/],
    ['nothing at all', { windows: [{ ...hours, value: rateOf(0) }], otherwise: FINE }, true, /outside/],
    ['more than it takes', { windows: [{ ...hours, value: FINE }], otherwise: rateOf(2e9) }, true, /outside/],
    ['parts of a bit', { windows: [{ ...hours, value: rateOf(1e6 + 0.5) }], otherwise: FINE }, true, /whole/],
  ];

  it.each(cases)('%s is said to be so', (_, schedule, hasNear, sentence) => {
    const { script, differs } = throttleCommand(schedule);
    expect(differs.join(' ')).toMatch(sentence);
    expect(script !== null).toBe(hasNear);
    if (script !== null) expect(minutes(readBack(script))).not.toEqual(minutes(schedule));
  });

  it('never is a difference that nobody is told of', () => {
    const any = fc.oneof(
      rate,
      fc.constant<Throttle>({ kind: 'none' }),
      fc.double({ min: 0, max: 1, noNaN: true }).map((ratio): Throttle => ({ kind: 'share', ratio })),
      fc.double({ min: 0, max: 3e9, noNaN: true }).map(rateOf),
    );
    const windows = fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { maxLength: 4 }).chain((on) =>
      fc.tuple(
        ...on.map((day) =>
          fc.record({
            days: fc.constant([day]),
            startMinute: fc.integer({ min: 0, max: 700 }),
            endMinute: fc.integer({ min: 701, max: 1439 }),
            value: any,
          }),
        ),
      ),
    );
    fc.assert(
      fc.property(windows, any, (some, otherwise) => {
        const schedule: WeeklySchedule<Throttle> = { windows: some, otherwise };
        const { script, differs } = throttleCommand(schedule);
        if (script === null) {
          expect(differs.length).toBeGreaterThan(0);
          return;
        }
        expect(callsOf(readPowerShell(script))).toHaveLength(1);
        const isSame = JSON.stringify(minutes(readBack(script))) === JSON.stringify(minutes(schedule));
        expect(isSame || differs.length > 0).toBe(true);
      }),
      { numRuns: 150 },
    );
  });
});
