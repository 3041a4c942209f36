import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/plan/plan.ts';
import { outageMap } from '../../src/report/charts/outage-map.ts';
import { failuresSection } from '../../src/report/html-failures.ts';
import { shownName } from '../../src/report/shown-name.ts';
import { renderTerminal } from '../../src/report/terminal.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { samplePlan } from './sample-plan.ts';

const PLAN = samplePlan();
const textOf = (plan: Plan): string => failuresSection(plan).text;

/** The rows of the table that follows a heading, as texts. */
function rowsAfter(text: string, heading: string): string[][] {
  const table = text.slice(text.indexOf(`<h3>${heading}</h3>`)).match(/<tbody>([\s\S]*?)<\/tbody>/)![1]!;
  return [...table.matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map(([, row]) =>
    [...row!.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map(([, cell]) => cell!.replaceAll(/<[^>]*>/g, '')),
  );
}

describe('the section', () => {
  test('says how long an outage may last; all of it rests on further simulations', () => {
    const text = textOf(PLAN);
    expect(text).toContain(PLAN.failures.sentence);
    expect(text).toMatch(
      /^<section id="failures"[^>]*><h2[^>]*>Failures<\/h2><div data-study>[\s\S]*<\/div><\/section>$/,
    );
    expect(text.match(/<table/g)!.length).toBe(5);
    expect(text).not.toMatch(/undefined|NaN|\[object|null/);
  });

  test('tolerance: a row per hour of the day, a column per weekday; the run starts on a Monday midnight there', () => {
    const rows = rowsAfter(textOf(PLAN), 'Tolerance by the hour of its start');
    expect(rows.map(([hour]) => hour)).toEqual([
      '00:00',
      '03:00',
      '06:00',
      '09:00',
      '12:00',
      '15:00',
      '18:00',
      '21:00',
    ]);
    expect(rows[0]).toEqual(['00:00', ...Array(6).fill('1 h 45 min'), '✕']);
    expect(rows[3]).toEqual(['09:00', ...Array(7).fill('7 min')]);
    expect(rows[4]).toEqual(['12:00', ...Array(7).fill('7 min ½')]);
    expect(textOf(PLAN)).not.toContain('<summary>56 hours');
  });

  test('many hours are folded, and an hour that comes twice is the one that bears less', () => {
    const { failures } = PLAN;
    const [first] = failures.starts;
    const starts = Array.from({ length: 25 }, (_, index) => ({ ...first!, startMs: index * HOUR_MS }));
    const week = { ...first!, startMs: 7 * DAY_MS, safeMs: MINUTE_MS };
    const text = textOf({ ...PLAN, failures: { ...failures, starts: [...starts, week] } });
    expect(text).toContain('<summary>26 hours</summary>');
    expect(rowsAfter(text, 'Tolerance by the hour of its start')[0]).toEqual(['00:00', '1 min', '1 h 45 min']);
  });

  test('healing, the back-off’s share and the storm, each with its figures', () => {
    const text = textOf(PLAN);
    expect(rowsAfter(text, 'Time to heal')[3]!.slice(0, 5)).toEqual([
      '4 h',
      '14',
      'never late',
      '1 h 20 min',
      '1 h 20 min',
    ]);
    expect(rowsAfter(text, 'Time to heal')[3]!.slice(6)).toEqual(['1', '4 (up to 3 VMs)']);
    expect(rowsAfter(text, 'What waiting for the next attempt costs')[2]).toEqual([
      '1 h',
      '2 h',
      '1 h 20 min',
      '33.3 %',
    ]);
    const storm = rowsAfter(text, 'Resynchronization');
    expect(storm[0]![1]).toBe('1 of 60 VMs are not through within 7 d');
    expect(storm.at(-1)![1]).toBe('1 VMs');
    expect(text).toContain('VM by VM: the 20 worst of 60');
  });

  test('the bounds of arithmetic: the least of all hours', () => {
    const { failures } = PLAN;
    const starts = failures.starts.map((start, index) =>
      index === 20 ? { ...start, ladderBoundMs: 11 * MINUTE_MS, ladderBoundVm: 'THE-ONE' } : start,
    );
    const text = textOf({ ...PLAN, failures: { ...failures, starts } });
    expect(text).toMatch(
      /more than 11 min beginning Wednesday 12:00 breaks the objective, as the first attempt of <bdi>THE-ONE/,
    );
    expect(text).toMatch(/more than 20 h beginning Monday 06:00 marks/);
    const none = starts.map((start) => ({ ...start, halfDisk: null }));
    expect(textOf({ ...PLAN, failures: { ...failures, starts: none } })).toContain(
      'No outage makes logs reach half of a disk',
    );
  });

  test('nothing tried: the sentence, and no empty table', () => {
    const text = textOf(samplePlan({ unprotected: true }));
    expect(text).toContain('No VM replicates');
    expect(text).not.toMatch(/<tbody><\/tbody>|undefined|NaN/);
  });

  test('names of strangers are text, and bounded', () => {
    for (const name of HOSTILE_NAMES) {
      const { failures } = PLAN;
      const starts = failures.starts.map((start) => ({
        ...{ ...start, ladderBoundVm: name },
        halfDisk: { outageMs: 1, reachedAfterMs: 2, vm: name, disk: name },
      }));
      const resync = { ...failures.resync, vms: failures.resync.vms.map((vm) => ({ ...vm, vm: name })) };
      const text = textOf({ ...PLAN, failures: { ...failures, starts, resync } });
      expect(text).not.toContain('<script');
      expect(text).not.toContain('<img');
      expect(text).toContain('<bdi>');
      expect(shownName(name).length).toBeLessThan(10_000);
    }
  });
});

describe('the chart', () => {
  test('its title is the finding', () => {
    expect(outageMap.title(PLAN)).toBe(
      'An outage may last 7 min if it begins Monday 09:00, and 1 h 45 min if it begins Monday 00:00',
    );
    const same = PLAN.failures.starts.map((start) => ({ ...start, safeMs: 7 * MINUTE_MS }));
    const plan = { ...PLAN, failures: { ...PLAN.failures, starts: same } };
    expect(outageMap.title(plan)).toBe('An outage of up to 7 min keeps the objective of 15 min at every hour');
    expect(outageMap.title(samplePlan({ unprotected: true }))).toBe('No outage was put into the run');
  });

  test('draws each hour once: those that bear something in minutes, the others as broken', () => {
    const { starts, broken, week } = outageMap.sources(PLAN);
    expect(starts!.length + broken!.length).toBe(PLAN.failures.starts.length);
    expect(broken).toEqual([{ day: 'Sun', hour: 0, breaking: 'none found' }]);
    expect(week!.length).toBe(168);
    expect(starts!.find(({ day, hour }) => day === 'Tue' && hour === 9)).toMatchObject({ value: 7, safe: '7 min' });
    expect(outageMap.params!(PLAN)).toEqual({ most: 105 });
  });
});

test('the terminal says the sentence and the storm', () => {
  const text = renderTerminal(PLAN, { color: false, width: 400 });
  expect(text).toContain(
    `Failures\n${PLAN.failures.sentence}\nResynchronizing all VMs at once is not through within 7 d.\n`,
  );
  expect(renderTerminal(samplePlan({ unprotected: true }), { color: false, width: 80 })).not.toContain('Failures');
});
