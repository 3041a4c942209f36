import { expect, test } from 'vitest';
import { renderJson } from '../../src/report/json.ts';
import { samplePlan } from './sample-plan.ts';

test('reads back as the plan, ends in a newline, is the same twice', () => {
  const text = renderJson(samplePlan());
  expect(JSON.parse(text)).toEqual(samplePlan());
  expect(text.endsWith('}\n')).toBe(true);
  expect(text).toBe(renderJson(samplePlan()));
  expect(text.startsWith('{\n  "schema": "asr-plan/plan@1",\n  "version": ')).toBe(true);
});

test('a series stands on one line', () => {
  expect(renderJson(samplePlan())).toMatch(/\n {6}"initial": \[\d+, \d+.*\],\n/);
});

test('a number that JSON cannot hold is refused, with its place', () => {
  const plan = samplePlan();
  const broken = { ...plan, link: { ...plan.link, busyFraction: Number.NaN } };
  expect(() => renderJson(broken)).toThrow('plan.link.busyFraction is NaN');
});
