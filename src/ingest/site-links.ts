import { mergeOutages } from '../model/outages.ts';
import type { BackgroundUse, FurtherLink, Link, LinkTraits, Outage, RandomOutages } from '../model/site.ts';
import { type BitsPerSec, formatBitsPerSec, parseBitsPerSec, parseDurationMs } from '../units.ts';
import type { JsonObject } from './json-object.ts';
import { notNegative, positive } from './parsers.ts';
import type { ProblemList } from './problem-list.ts';
import { checkUnique, KnownNames, ownName, requireKeys } from './site-names.ts';
import { readRates, readThrottle } from './site-schedule.ts';

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

/** Every way ends: a next link that is there, and no circle. */
function checkWays(links: readonly FurtherLink[], problems: ProblemList): void {
  const known = new KnownNames(
    links.map(({ name }) => name),
    (name) => `link "${name}" in this file`,
  );
  const next = new Map(links.map(({ name, via }) => [name, via]));
  const told = new Set<string>();
  links.forEach(({ name, via }, index) => {
    known.check(via, `links[${index}].via`, problems);
    const way = [name];
    for (let at = via; at !== undefined && !told.has(at); at = next.get(at)) {
      way.push(at);
      if (at === name) {
        const message = `The links lead in a circle: ${way.slice(0, 8).join(' → ')}${way.length > 8 ? ' → …' : ''}.`;
        const remedy = 'Delete "via" where the way reaches the site’s link.';
        problems.error('site-link-circle', { column: `links[${index}].via`, value: via! }, message, remedy);
        for (const member of way) told.add(member);
        return;
      }
      // A circle that this link only leads into is told at its own members.
      if (way.length > links.length) return;
    }
  });
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
  const meanBetweenMs = object.parsed('meanBetween', '30d', positive(parseDurationMs));
  const meanRepairMs = object.parsed('meanRepair', '2h', positive(parseDurationMs));
  requireKeys(object, 'entry', RANDOM_KEYS, 'Write { "meanBetween": "30d", "meanRepair": "2h" }.');
  return meanBetweenMs === undefined || meanRepairMs === undefined ? undefined : { meanBetweenMs, meanRepairMs };
}

/** What others use must leave something at some hour. */
function readBackground(object: JsonObject, capacity: BitsPerSec | undefined): BackgroundUse | undefined {
  const schedule = readRates(object, 'background');
  if (schedule === undefined) return undefined;
  const least = [schedule.otherwise, ...schedule.windows.map(({ value }) => value)].reduce((a, b) => Math.min(a, b));
  if (capacity !== undefined && least >= capacity) {
    const message = `Others use ${formatBitsPerSec(least)} at every hour, all that the link has: nothing is ever left.`;
    object.error('site-no-capacity', 'background', '', message, 'Check the units of both.');
    return undefined;
  }
  return { kind: 'weekly', schedule };
}

/** `0.1%`: a share of packets below all. */
export function parseLoss(text: string): number | undefined {
  const percent = /^(\d{1,2}(?:\.\d{1,8})?)\s*%$/.exec(text.trim())?.[1];
  return percent === undefined ? undefined : Number(percent) / 100;
}
