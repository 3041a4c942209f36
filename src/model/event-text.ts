import {
  type BitsPerSec,
  type Bytes,
  DAY_MS,
  GIB,
  HOUR_MS,
  KIB,
  MIB,
  MINUTE_MS,
  type Millis,
  SECOND_MS,
  TIB,
} from '../units.ts';
import { CAUSES } from './cause.ts';
import { ACTIONS, type SiteEvent, type Target } from './event.ts';

/** An outage of a link, told like the events. */
export interface LinkDown {
  readonly kind: 'linkDown';
  /** A further link; absent = the site's. */
  readonly link?: string;
  readonly atMs: Millis;
  readonly untilMs: Millis;
}

/** Words that mean something where a name could stand; a name that is one of them is quoted. */
const RESERVED: ReadonlySet<string> = new Set([
  'all',
  'at',
  'down',
  'drained',
  'for',
  'full',
  'host',
  'loses',
  'on',
  'plan',
  'slow',
  'to',
  'vm',
]);

/**
 * An event in the words of `--fault` and `--action`, its instant counted from the start of the run. It is exact: read again it
 * is the same event, whatever its names hold.
 */
export function describeEvent(event: SiteEvent | LinkDown): string {
  const at = `at ${durationText(event.atMs)}`;
  const untilMs = 'untilMs' in event ? event.untilMs : undefined;
  const lasting = untilMs === undefined ? at : `${at} for ${durationText(untilMs - event.atMs)}`;
  switch (event.kind) {
    case 'linkDown':
      return `${linkText(event.link)} down ${lasting}`;
    case 'linkSlow':
      return `${linkText(event.link)} slow to ${rateText(event.capacityBitsPerSec)} ${lasting}`;
    case 'recoverable':
    case 'nonRecoverable':
    case 'resyncTrigger':
      return `${CAUSES[event.cause].title} on ${targetText(event.target)} ${lasting}`;
    case 'volumeTaken': {
      const taken = event.bytes === undefined ? 'full' : `loses ${sizeText(event.bytes)}`;
      const host = event.host === undefined ? '' : `on ${nameText(event.host)} `;
      return `volume ${nameText(event.volume)} ${taken} ${host}${lasting}`;
    }
    case 'hostDown':
      return `host ${nameText(event.host)} down ${lasting}`;
    case 'hostDrained':
      return `host ${nameText(event.host)} drained to ${nameText(event.to)} ${lasting}`;
    case 'action':
      return `${ACTIONS[event.action].title} ${targetText(event.target)} ${lasting}`;
    default:
      return event satisfies never;
  }
}

/** A name as it is written in an event: alone where it can be, else in quotes, a quote in it doubled. */
export function nameText(name: string): string {
  if (name !== '' && !/^["']|\s/.test(name) && !RESERVED.has(name.toLowerCase())) return name;
  // On a command line the whole event mostly stands in single quotes.
  const quote = name.includes('"') && !name.includes("'") ? "'" : '"';
  return `${quote}${name.replaceAll(quote, quote + quote)}${quote}`;
}

function linkText(name: string | undefined): string {
  return name === undefined ? 'link' : `link ${nameText(name)}`;
}

function targetText(target: Target): string {
  switch (target.scope) {
    case 'all':
      return 'all';
    case 'vm':
      return nameText(target.name);
    case 'host':
    case 'plan':
      return `${target.scope} ${nameText(target.name)}`;
    default:
      return target satisfies never;
  }
}

function durationText(durationMs: Millis): string {
  const units = [
    [DAY_MS, 'd'],
    [HOUR_MS, 'h'],
    [MINUTE_MS, 'min'],
    [SECOND_MS, 's'],
    [1, 'ms'],
  ] as const;
  let restMs = durationMs;
  let text = '';
  for (const [unitMs, unit] of units) {
    const count = Math.floor(restMs / unitMs);
    restMs -= count * unitMs;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === '' ? '0min' : text;
}

function rateText(bitsPerSec: BitsPerSec): string {
  return inLargestUnit(bitsPerSec, [
    [1e9, 'Gbps'],
    [1e6, 'Mbps'],
    [1e3, 'kbps'],
    [1, 'bps'],
  ]);
}

function sizeText(bytes: Bytes): string {
  return inLargestUnit(bytes, [
    [TIB, 'TiB'],
    [GIB, 'GiB'],
    [MIB, 'MiB'],
    [KIB, 'KiB'],
    [1, 'B'],
  ]);
}

/** In the largest unit of which it is a whole number, since the text must be exact. */
function inLargestUnit(value: number, units: readonly (readonly [number, string])[]): string {
  const [factor, unit] = units.find(([size]) => value % size === 0) ?? units.at(-1)!;
  return `${value / factor}${unit}`;
}
