import { mergeOutages } from '../model/outages.ts';
import type { BackgroundUse, FurtherLink, Link, LinkTraits, Outage, RandomOutages } from '../model/site.ts';
import {
  type BitsPerSec,
  formatBitsPerSec,
  HOUR_MS,
  type Millis,
  parseBitsPerSec,
  parseDurationMs,
  SECOND_MS,
} from '../units.ts';
import type { JsonObject } from './json-object.ts';
import { notNegative, positive } from './parsers.ts';
import type { ProblemList } from './problem-list.ts';
import { checkUnique, KnownNames, ownName, requireKeys } from './site-names.ts';
import { readRates, readThrottle } from './site-schedule.ts';
import { valuesOf } from './throttle.ts';

/** The link as a site file gives it; what it leaves out is the flags' or a default. */
export type SiteLink = Partial<Omit<Link, 'outages'>> & Pick<Link, 'outages'>;

const TRAIT_KEYS = ['bandwidth', 'outages', 'randomOutages', 'throttle', 'background', 'roundTrip', 'loss'];
const LINK_KEYS = [...TRAIT_KEYS, 'efficiency'];
const FURTHER_LINK_KEYS = ['name', 'via', ...TRAIT_KEYS];
const OUTAGE_KEYS = ['at', 'for'];
const RANDOM_KEYS = ['meanBetween', 'meanRepair'];

export function readLink(root: JsonObject, problems: ProblemList): SiteLink {
  const object = root.object('link', LINK_KEYS);
  if (object === undefined) return { outages: [] };
  const efficiency = object.number('efficiency');
  if (efficiency !== undefined && !(efficiency > 0 && efficiency <= 1)) {
    const message = 'The efficiency is a share above 0, at most 1.';
    object.error('site-wrong-value', 'efficiency', efficiency, message, 'Write 0.95 for 95 %.');
  }
  return { ...readTraits(object, problems), ...(efficiency === undefined ? {} : { efficiencyRatio: efficiency }) };
}

/** Lines besides the site's; each way over them ends at the site's link. */
export function readFurtherLinks(root: JsonObject, problems: ProblemList): FurtherLink[] {
  const objects = root.objects('links', FURTHER_LINK_KEYS);
  const links = objects.flatMap((object): FurtherLink[] => {
    const name = ownName(object, { what: 'link', example: 'branch' }, problems);
    const via = object.text('via', 'hub');
    const { capacityBitsPerSec, ...traits } = readTraits(object, problems);
    requireKeys(object, 'link', ['bandwidth'], 'Write for example "bandwidth": "50 Mbps".');
    if (name === undefined || capacityBitsPerSec === undefined) return [];
    return [{ ...traits, name, capacityBitsPerSec, ...(via === undefined ? {} : { via }) }];
  });
  const names = links.map(({ name }) => name);
  checkUnique(names, 'link', (index) => `links[${index}].name`, problems);
  if (links.length === objects.length) checkWays(links, problems);
  return links;
}

/** Every way ends: the next link is there, and none leads back to where it comes from. */
function checkWays(links: readonly FurtherLink[], problems: ProblemList): void {
  const known = new KnownNames(
    links.map(({ name }) => name),
    (name) => `link "${name}" in this file`,
  );
  const viaOf = new Map(links.map(({ name, via }) => [name, via]));
  const indexOf = new Map(links.map(({ name }, index) => [name, index]));
  const walked = new Set<string>();
  links.forEach(({ name, via }, index) => {
    known.check(via, `links[${index}].via`, problems);
    const way: string[] = [];
    let at: string | undefined = name;
    for (; at !== undefined && !walked.has(at); at = viaOf.get(at)) {
      walked.add(at);
      way.push(at);
    }
    const back = at === undefined ? -1 : way.indexOf(at);
    if (back >= 0) reportCircle(way.slice(back), indexOf.get(at!)!, problems);
  });
}

const CIRCLE_SHOWN = 8;

function reportCircle(circle: readonly string[], index: number, problems: ProblemList): void {
  const shown = circle.length < CIRCLE_SHOWN ? [...circle, circle[0]!] : [...circle.slice(0, CIRCLE_SHOWN), '…'];
  const message = `The links lead in a circle: ${shown.join(' → ')}.`;
  const place = { column: `links[${index}].via`, value: circle[1] ?? circle[0]! };
  problems.error('site-link-circle', place, message, 'Delete "via" where the way reaches the site’s link.');
}

function readTraits(object: JsonObject, problems: ProblemList): Partial<LinkTraits> & Pick<LinkTraits, 'outages'> {
  const capacity = object.parsed('bandwidth', '100 Mbps', positive(parseBitsPerSec));
  const outages = object.objects('outages', OUTAGE_KEYS).flatMap((outage) => readOutage(outage) ?? []);
  const random = readRandomOutages(object);
  const throttle = readThrottle(object, problems);
  const background = readBackground(object, capacity);
  const roundTripMs = object.parsed('roundTrip', '35ms', notNegative(parseDurationMs));
  const lossRatio = object.parsed('loss', '0.1%', parseLoss, 'a percentage below 100%');
  return {
    ...(capacity === undefined ? {} : { capacityBitsPerSec: capacity }),
    outages: mergeOutages(outages),
    ...(random === undefined ? {} : { randomOutages: random }),
    ...(throttle === undefined ? {} : { throttle }),
    ...(background === undefined ? {} : { background }),
    ...(roundTripMs === undefined ? {} : { roundTripMs }),
    ...(lossRatio === undefined ? {} : { lossRatio }),
  };
}

function readOutage(object: JsonObject): Outage | undefined {
  const startMs = object.parsed('at', '2d10h', parseDurationMs);
  const lengthMs = object.parsed('for', '40min', positive(parseDurationMs));
  const remedy = 'Write { "at": "2d10h", "for": "40min" }: from the start of the run.';
  requireKeys(object, 'outage', OUTAGE_KEYS, remedy);
  return startMs === undefined || lengthMs === undefined ? undefined : { startMs, endMs: startMs + lengthMs };
}

function readRandomOutages(parent: JsonObject): RandomOutages | undefined {
  const object = parent.object('randomOutages', RANDOM_KEYS);
  if (object === undefined) return undefined;
  const meanBetweenMs = object.parsed('meanBetween', '30d', parseMeanBetween, 'a duration from 1h on');
  const meanRepairMs = object.parsed('meanRepair', '2h', parseMeanRepair, 'a duration from 1s on');
  requireKeys(object, 'entry', RANDOM_KEYS, 'Write { "meanBetween": "30d", "meanRepair": "2h" }.');
  return meanBetweenMs === undefined || meanRepairMs === undefined ? undefined : { meanBetweenMs, meanRepairMs };
}

/** `30d/2h`: mean time between failures and to repair. */
export function parseRandomOutages(text: string): RandomOutages | undefined {
  const [between = '', repair = '', ...more] = text.split('/');
  const meanBetweenMs = parseMeanBetween(between);
  const meanRepairMs = parseMeanRepair(repair);
  if (meanBetweenMs === undefined || meanRepairMs === undefined || more.length > 0) return undefined;
  return { meanBetweenMs, meanRepairMs };
}

/** A line that fails more often than once an hour is none. */
function parseMeanBetween(text: string): Millis | undefined {
  const meanMs = parseDurationMs(text);
  return meanMs !== undefined && meanMs >= HOUR_MS ? meanMs : undefined;
}

function parseMeanRepair(text: string): Millis | undefined {
  const meanMs = parseDurationMs(text);
  return meanMs !== undefined && meanMs >= SECOND_MS ? meanMs : undefined;
}

function readBackground(object: JsonObject, capacity: BitsPerSec | undefined): BackgroundUse | undefined {
  const schedule = readRates(object, 'background');
  if (schedule === undefined) return undefined;
  const background: BackgroundUse = { kind: 'weekly', schedule };
  if (capacity === undefined || leastUsed(background) < capacity) return background;
  object.error('site-no-capacity', 'background', '', nothingLeft(background), 'Check the units of both.');
  return undefined;
}

/** What others use at every hour at least. */
export function leastUsed(background: BackgroundUse): BitsPerSec {
  // Before a series begins nothing is used.
  if (background.kind === 'series' && background.startMs[0]! > 0) return 0;
  const rates = background.kind === 'weekly' ? valuesOf(background.schedule) : background.bitsPerSec;
  return rates.reduce((least, rate) => Math.min(least, rate));
}

/** For a background that takes all of a link's capacity. */
export function nothingLeft(background: BackgroundUse): string {
  const used = formatBitsPerSec(leastUsed(background));
  return `Others use ${used} or more at every hour, all that the link has: nothing is ever left.`;
}

/** `0.1%`: a share of packets below all. */
export function parseLoss(text: string): number | undefined {
  const percent = /^(\d{1,2}(?:\.\d{1,8})?)\s*%$/.exec(text.trim())?.[1];
  return percent === undefined ? undefined : Number(percent) / 100;
}
