import { expect, test } from 'vitest';
import { HostSlots } from '../../src/simulate/host-slots.ts';

test('slots are given in the order of asking while there are any, then by cut and name', () => {
  const slots = new HostSlots([2, Number.POSITIVE_INFINITY], [0, 1, 2, 4, 3, 5, 6, 7]);
  expect(slots.request(0, 0, 10)).toBe(true);
  expect(slots.request(1, 0, 10)).toBe(true);
  expect(slots.request(5, 0, 30)).toBe(false);
  expect(slots.request(4, 0, 20)).toBe(false);
  expect(slots.request(3, 0, 20)).toBe(false);
  expect(slots.request(7, 1, 0)).toBe(true);
  expect(slots.admit(0)).toBe(-1);
  slots.release(1, 0);
  expect(slots.admit(0)).toBe(4);
  expect(slots.admit(0)).toBe(-1);
  // A VM that holds a slot keeps it for its next disk.
  expect(slots.request(4, 0, 99)).toBe(true);
  // One that gives up leaves the line.
  slots.release(3, 0);
  slots.release(0, 0);
  expect(slots.admit(0)).toBe(5);
});
