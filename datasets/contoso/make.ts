/**
 * Makes `vms.csv`, `churn.csv` and `site.json` of the Contoso fleet from a seed:
 *
 *     node datasets/contoso/make.ts
 *
 * Run again, it writes the same bytes: there is no clock in it, every draw comes from a stream of its own per (seed, disk,
 * purpose), and only + − × ÷ touch the numbers, so that no engine's sine or power can move a digit.
 */
import { writeFileSync } from 'node:fs';
import { FLEET, HOSTS, type Load, type MadeDisk, type MadeVm, VOLUMES } from './fleet.ts';

export const SEED = 20260122;
/** Thursday 22 January 2026, 00:00 in Berlin (UTC+1 all through), to Thursday 5 February: it spans a month's end. */
const FIRST_DAY_OF_JANUARY = 22;
const DAYS = 14;
/** Monday = 0. */
const FIRST_WEEKDAY = 3;
const UTC_OFFSET = '+01:00';

const GIB = 1024 ** 3;
const SLOT_MINUTES = 5;
const SLOTS_PER_HOUR = 60 / SLOT_MINUTES;
const SLOTS_PER_DAY = 24 * SLOTS_PER_HOUR;
const SLOTS = DAYS * SLOTS_PER_DAY;

// Steps of the series: an hour, unless something happens inside it or nothing does.
/** An hour with at least so much written is split where it is uneven. */
const SPLIT_BYTES = 0.1 * GIB;
/** An hour with at least so much is a burst, and is split to the slot. */
const BURST_BYTES = 1.5 * GIB;
/** Uneven: a quarter of an hour has so many times the mean of its hour. */
const UNEVEN_RATIO = 1.35;
/** Two hours with less than so much each are one step. */
const QUIET_BYTES = 0.02 * GIB;

export interface ContosoFiles {
  readonly 'vms.csv': string;
  readonly 'churn.csv': string;
  readonly 'site.json': string;
}

export function makeContoso(seed: number = SEED): ContosoFiles {
  const disks = FLEET.flatMap((vm) => vm.disks.map((disk) => madeDisk(seed, vm, disk)));
  return { 'vms.csv': vmsCsv(disks), 'churn.csv': churnCsv(disks), 'site.json': siteJson(disks) };
}

interface Made {
  readonly vm: MadeVm;
  readonly disk: MadeDisk;
  readonly usedGib: number;
  /** First slot and written bytes of each step, ascending. */
  readonly steps: readonly { readonly slot: number; readonly writtenBytes: number }[];
}

function madeDisk(seed: number, vm: MadeVm, disk: MadeDisk): Made {
  const draw = (purpose: string): (() => number) => stream(`${seed}/${vm.name}/${disk.name}/${purpose}`);
  const usedGib = Math.min(disk.sizeGib, Math.round(disk.usedGib * (0.9 + 0.2 * draw('used')()) * 10) / 10);
  const slotBytes = new Float64Array(SLOTS);
  disk.loads.forEach((load, index) => {
    addLoad(slotBytes, load, draw(`${load.kind} ${index}`));
  });
  return { vm, disk, usedGib, steps: stepsOf(slotBytes) };
}

// --- loads -------------------------------------------------------------------------------------------------------------

/** Adds a load's bytes to the slots; a fixed number of draws per load, whatever its size. */
function addLoad(slotBytes: Float64Array, load: Load, random: () => number): void {
  switch (load.kind) {
    case 'steady':
      for (let slot = 0, hourly = 1; slot < SLOTS; slot++) {
        if (slot % SLOTS_PER_HOUR === 0) hourly = around(1, 0.5, random);
        slotBytes[slot]! += (load.gibPerDay * GIB * hourly * around(1, 0.2, random)) / SLOTS_PER_DAY;
      }
      return;
    case 'office':
      addDaily(slotBytes, load.gibPerDay, officeWeights, (weekday) => (weekday < 5 ? 1 : 0.05), random);
      return;
    case 'logon':
      addDaily(slotBytes, load.gibPerDay, logonWeights, (weekday) => (weekday < 5 ? 1 : 0), random);
      return;
    case 'nightly': {
      const weights = windowWeights(minuteOfDay(load.from), load.minutes);
      addDaily(slotBytes, load.gibPerNight, weights, () => 1, random);
      return;
    }
    case 'once': {
      const first = slotOf(load.at);
      const count = load.minutes / SLOT_MINUTES;
      for (let slot = first; slot < first + count; slot++) {
        slotBytes[slot]! += (load.gib * GIB * around(1, 0.25, random)) / count;
      }
      return;
    }
    default:
      load satisfies never;
  }
}

function addDaily(
  slotBytes: Float64Array,
  gibPerDay: number,
  weights: readonly number[],
  dayFactor: (weekday: number) => number,
  random: () => number,
): void {
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0);
  for (let day = 0; day < DAYS; day++) {
    const bytes = gibPerDay * GIB * around(1, 0.2, random) * dayFactor((FIRST_WEEKDAY + day) % 7);
    for (let slot = 0; slot < SLOTS_PER_DAY; slot++) {
      slotBytes[day * SLOTS_PER_DAY + slot]! += (bytes * weights[slot]! * around(1, 0.3, random)) / weightSum;
    }
  }
}

/** 8 to 18 with half an hour of ramp around either end, and half as much from 12 to 13. */
const officeWeights = weightsOf((minute) => {
  const morning = (minute - 450) / 60;
  const evening = (1110 - minute) / 60;
  const lunch = minute >= 720 && minute < 780 ? 0.5 : 1;
  return Math.max(0, Math.min(1, morning, evening)) * lunch;
});

const logonWeights = windowWeights(465, 45);

function windowWeights(fromMinute: number, minutes: number): number[] {
  return weightsOf((minute) => (minute >= fromMinute && minute < fromMinute + minutes ? 1 : 0));
}

function weightsOf(weightAt: (minute: number) => number): number[] {
  return Array.from({ length: SLOTS_PER_DAY }, (_, slot) => weightAt(slot * SLOT_MINUTES));
}

function minuteOfDay(time: string): number {
  const [hour, minute] = time.split(':').map(Number);
  return hour! * 60 + minute!;
}

/** The slot of `01-25 22:00`, local. */
function slotOf(at: string): number {
  const [date, time] = at.split(' ');
  const [month, day] = date!.split('-').map(Number);
  const dayIndex = (month === 2 ? 31 : 0) + day! - FIRST_DAY_OF_JANUARY;
  return dayIndex * SLOTS_PER_DAY + minuteOfDay(time!) / SLOT_MINUTES;
}

// --- steps -------------------------------------------------------------------------------------------------------------

function stepsOf(slotBytes: Float64Array): Made['steps'] {
  const starts: number[] = [];
  const hours = SLOTS / SLOTS_PER_HOUR;
  for (let hour = 0; hour < hours; hour++) {
    const first = hour * SLOTS_PER_HOUR;
    // The last row of a disk lasts as long as the row before it: two plain hours end the series at day 14 exactly.
    const closing = hour >= hours - 2;
    const quiet =
      !closing && hour % 2 === 0 && [0, 1].every((next) => isQuiet(slotBytes, first + next * SLOTS_PER_HOUR));
    const stepSlots = closing ? SLOTS_PER_HOUR : stepOfHour(slotBytes, first);
    for (let slot = first; slot < first + SLOTS_PER_HOUR; slot += stepSlots) starts.push(slot);
    if (quiet) hour++;
  }
  // Whole bytes: the floor of the running total, differenced, so that nothing gets lost.
  let total = 0;
  return starts.map((slot, index) => {
    const before = Math.floor(total);
    total += sum(slotBytes, slot, starts[index + 1] ?? SLOTS);
    return { slot, writtenBytes: Math.floor(total) - before };
  });
}

function isQuiet(slotBytes: Float64Array, first: number): boolean {
  return sum(slotBytes, first, first + SLOTS_PER_HOUR) < QUIET_BYTES;
}

function stepOfHour(slotBytes: Float64Array, first: number): number {
  const total = sum(slotBytes, first, first + SLOTS_PER_HOUR);
  if (total >= BURST_BYTES) return 1;
  const quarter = SLOTS_PER_HOUR / 4;
  const quarters = [0, 1, 2, 3].map((index) => sum(slotBytes, first + index * quarter, first + (index + 1) * quarter));
  const uneven = Math.max(...quarters) > UNEVEN_RATIO * (total / 4);
  return total >= SPLIT_BYTES && uneven ? quarter : SLOTS_PER_HOUR;
}

function sum(values: Float64Array, from: number, to: number): number {
  let total = 0;
  for (let index = from; index < to; index++) total += values[index]!;
  return total;
}

// --- files -------------------------------------------------------------------------------------------------------------

function vmsCsv(disks: readonly Made[]): string {
  const rows = disks.map(({ vm, disk, usedGib, steps }) => {
    const written = steps.reduce((total, step) => total + step.writtenBytes, 0);
    const gibPerDay = (written / GIB / DAYS).toFixed(3);
    return [vm.name, disk.name, vm.host, disk.volume, disk.sizeGib, usedGib, disk.meanWrite, gibPerDay].join(',');
  });
  return lines(['vm,disk,host,volume,size_gib,used_gib,mean_write,churn_gib_per_day', ...rows]);
}

function churnCsv(disks: readonly Made[]): string {
  const rows = disks.flatMap(({ vm, disk, steps }, order) =>
    steps.map(({ slot, writtenBytes }) => ({
      slot,
      order,
      text: `${localTime(slot)},${vm.name},${disk.name},${writtenBytes}`,
    })),
  );
  rows.sort((a, b) => a.slot - b.slot || a.order - b.order);
  return lines(['time,vm,disk,write_bytes', ...rows.map((row) => row.text)]);
}

/** Free space is what the disks' used bytes leave of the capacity, less a twentieth for what else lies there. */
function siteJson(disks: readonly Made[]): string {
  const volumes = VOLUMES.map(({ name, host, capacityGib }) => {
    const here = disks.filter((made) => made.disk.volume === name && (host === undefined || made.vm.host === host));
    const usedGib = here.reduce((total, made) => total + made.usedGib, 0);
    const freeGib = Math.floor(capacityGib * 0.95 - usedGib);
    return { name, ...(host === undefined ? {} : { host }), capacity: `${capacityGib} GiB`, free: `${freeGib} GiB` };
  });
  const site = {
    $schema: '../../schemas/site.schema.json',
    hosts: HOSTS.map((name) => ({ name, uplink: '10 Gbps' })),
    volumes,
    link: { bandwidth: '300 Mbps', efficiency: 0.95 },
  };
  return `${JSON.stringify(site, null, 2)}\n`;
}

function localTime(slot: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const dayOfJanuary = FIRST_DAY_OF_JANUARY + Math.floor(slot / SLOTS_PER_DAY);
  const date = dayOfJanuary > 31 ? `2026-02-${two(dayOfJanuary - 31)}` : `2026-01-${two(dayOfJanuary)}`;
  const minute = (slot % SLOTS_PER_DAY) * SLOT_MINUTES;
  return `${date}T${two(Math.floor(minute / 60))}:${two(minute % 60)}:00${UTC_OFFSET}`;
}

function lines(rows: readonly string[]): string {
  return `${rows.join('\n')}\n`;
}

// --- draws -------------------------------------------------------------------------------------------------------------

/** `middle` ± `share` of it, with more weight on the middle. */
function around(middle: number, share: number, random: () => number): number {
  return middle * (1 + share * (random() + random() - 1));
}

/** Mulberry32, started by the FNV-1a hash of the stream's name: numbers in [0, 1). */
function stream(name: string): () => number {
  let state = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) state = Math.imul(state ^ name.charCodeAt(index), 0x01000193);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

if (import.meta.main) {
  for (const [name, text] of Object.entries(makeContoso())) writeFileSync(new URL(name, import.meta.url), text);
}
