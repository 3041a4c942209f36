import { mergeOutages } from '../model/outages.ts';
import type { LinkTraits, Outage, RandomOutages } from '../model/site.ts';
import type { Millis } from '../units.ts';
import { randomStream } from './random.ts';

/** All outages of a line in a run, ascending and apart: its own and those that are drawn. @param name `''` = the site's link */
export function outagesOf(traits: LinkTraits, name: string, seed: number, horizonMs: Millis): readonly Outage[] {
  if (traits.randomOutages === undefined) return traits.outages;
  return mergeOutages([...traits.outages, ...drawOutages(traits.randomOutages, name, seed, horizonMs)]);
}

/** More in a run are no outages but a broken line; they bound what a hostile file can ask for. */
const DRAWN_MOST = 100_000;

/** Times between failures and of repair are exponential; instants are whole milliseconds. */
function drawOutages(
  { meanBetweenMs, meanRepairMs }: RandomOutages,
  name: string,
  seed: number,
  horizonMs: Millis,
): Outage[] {
  const random = randomStream(seed, `outages of ${name}`);
  const exponential = (meanMs: Millis): Millis => Math.max(1, Math.round(-Math.log1p(-random()) * meanMs));
  const outages: Outage[] = [];
  let atMs = exponential(meanBetweenMs);
  while (atMs < horizonMs && outages.length < DRAWN_MOST) {
    const endMs = atMs + exponential(meanRepairMs);
    outages.push({ startMs: atMs, endMs });
    atMs = endMs + exponential(meanBetweenMs);
  }
  return outages;
}
