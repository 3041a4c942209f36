import type { Host, Link, Outage, Volume } from '../model/site.ts';
import { formatBytes, parseBitsPerSec, parseBytes, parseDurationMs } from '../units.ts';
import type { JsonObject } from './json-object.ts';
import { mergeOutages } from './outages.ts';
import type { ProblemList } from './problem-list.ts';
import { checkUnique, ownName, requireKeys } from './site-names.ts';

/** The link as a site file gives it; what it leaves out is the flags' or a default. */
export type SiteLink = Partial<Omit<Link, 'outages'>> & Pick<Link, 'outages'>;

const HOST_KEYS = ['name', 'uplink', 'maxActiveTransfers'];
const VOLUME_KEYS = ['name', 'host', 'capacity', 'free'];
const LINK_KEYS = ['bandwidth', 'efficiency', 'outages'];
const OUTAGE_KEYS = ['at', 'for'];

export function readHosts(root: JsonObject, problems: ProblemList): Host[] {
  const hosts = root.objects('hosts', HOST_KEYS).flatMap((object) => readHost(object, problems) ?? []);
  const names = hosts.map((host) => host.name);
  checkUnique(names, 'host', (index) => `hosts[${index}].name`, problems);
  return hosts;
}

export function readVolumes(root: JsonObject, problems: ProblemList): Volume[] {
  const volumes = root.objects('volumes', VOLUME_KEYS).flatMap((object) => readVolume(object, problems) ?? []);
  checkVolumesUnique(volumes, problems);
  return volumes;
}

export function readLink(root: JsonObject): SiteLink {
  const object = root.object('link', LINK_KEYS);
  if (object === undefined) return { outages: [] };
  const bandwidth = object.parsed('bandwidth', '100 Mbps', positive(parseBitsPerSec));
  const efficiency = object.number('efficiency');
  if (efficiency !== undefined && !(efficiency > 0 && efficiency <= 1)) {
    const message = 'The efficiency is a share above 0, at most 1.';
    object.error('site-wrong-value', 'efficiency', efficiency, message, 'Write 0.95 for 95 %.');
  }
  const outages = object.objects('outages', OUTAGE_KEYS).flatMap((outage) => readOutage(outage) ?? []);
  return {
    ...(bandwidth === undefined ? {} : { capacityBitsPerSec: bandwidth }),
    ...(efficiency === undefined ? {} : { efficiencyRatio: efficiency }),
    outages: mergeOutages(outages),
  };
}

function readHost(object: JsonObject, problems: ProblemList): Host | undefined {
  const name = ownName(object, { what: 'host', example: 'hv-01' }, problems);
  const uplink = object.parsed('uplink', '10 Gbps', positive(parseBitsPerSec));
  const transfers = object.number('maxActiveTransfers');
  if (transfers !== undefined && !(Number.isSafeInteger(transfers) && transfers >= 1)) {
    const message = 'The transfers at a time are a whole number from 1 on.';
    object.error(
      'site-wrong-value',
      'maxActiveTransfers',
      transfers,
      message,
      'Delete the key to use the number of the policy.',
    );
  }
  if (name === undefined) return undefined;
  return {
    name,
    ...(uplink === undefined ? {} : { uplinkBitsPerSec: uplink }),
    ...(transfers === undefined ? {} : { maxActiveTransfers: transfers }),
  };
}

function readVolume(object: JsonObject, problems: ProblemList): Volume | undefined {
  const name = ownName(object, { what: 'volume', example: 'C:\\ClusterStorage\\Volume1' }, problems);
  const host = object.text('host', 'hv-01');
  const capacity = object.parsed('capacity', '2 TiB', positive(parseBytes));
  const free = object.parsed('free', '500 GiB', notNegative(parseBytes));
  if (capacity !== undefined && free !== undefined && free > capacity) {
    const message = `More is free (${formatBytes(free)}) than the volume's capacity (${formatBytes(capacity)}).`;
    object.error('site-free-over-capacity', 'free', formatBytes(free), message, 'Check the units of both.');
  }
  if (name === undefined) return undefined;
  return {
    name,
    ...(host === undefined ? {} : { host }),
    ...(capacity === undefined ? {} : { capacityBytes: capacity }),
    ...(free === undefined ? {} : { freeBytes: free }),
  };
}

function readOutage(object: JsonObject): Outage | undefined {
  const startMs = object.parsed('at', '2d10h', parseDurationMs);
  const lengthMs = object.parsed('for', '40min', positive(parseDurationMs));
  const remedy = 'Write { "at": "2d10h", "for": "40min" }: from the start of the run.';
  requireKeys(object, 'outage', OUTAGE_KEYS, remedy);
  return startMs === undefined || lengthMs === undefined ? undefined : { startMs, endMs: startMs + lengthMs };
}

function checkVolumesUnique(volumes: readonly Volume[], problems: ProblemList): void {
  const hostsOfVolume = new Map<string, Set<string | undefined>>();
  volumes.forEach(({ name, host }, index) => {
    const seen = hostsOfVolume.get(name) ?? new Set();
    hostsOfVolume.set(name, seen);
    // A volume of one name is either shared by all hosts or local to each: not both.
    if (seen.has(host) || (seen.size > 0 && (host === undefined || seen.has(undefined)))) {
      const message = `The volume "${name}" is listed twice${host === undefined ? '' : ` for the host "${host}"`}.`;
      const remedy = 'Delete one, or give each the host that it belongs to.';
      problems.error('site-duplicate', { column: `volumes[${index}].name`, value: name }, message, remedy);
    }
    seen.add(host);
  });
}

type Parser = (text: string) => number | undefined;

function positive(parse: Parser): Parser {
  return (text) => {
    const value = parse(text);
    return value !== undefined && value > 0 ? value : undefined;
  };
}

function notNegative(parse: Parser): Parser {
  return (text) => {
    const value = parse(text);
    return value !== undefined && value >= 0 ? value : undefined;
  };
}
