import type { Problem } from '../model/problem.ts';
import { shownValue } from '../model/problem.ts';
import type { Host, Link, Outage, Volume } from '../model/site.ts';
import type { Workload } from '../model/workload.ts';
import { formatBytes, parseBitsPerSec, parseBytes, parseDurationMs } from '../units.ts';
import { mergeOutages } from './fault.ts';
import { isObject, JsonObject } from './json-object.ts';
import { checkName } from './names.ts';
import { ProblemList } from './problem-list.ts';

/** What a site file says; what it leaves open is not there. Its JSON Schema is `schemas/site.schema.json`. */
export interface SiteFile {
  /** The file's name, for problems. */
  readonly file: string;
  readonly hosts: readonly Host[];
  readonly volumes: readonly Volume[];
  readonly link: Partial<Omit<Link, 'outages'>> & Pick<Link, 'outages'>;
}

const SITE_KEYS = ['$schema', 'hosts', 'volumes', 'link'];
const HOST_KEYS = ['name', 'uplink', 'maxActiveTransfers'];
const VOLUME_KEYS = ['name', 'host', 'capacity', 'free'];
const LINK_KEYS = ['bandwidth', 'efficiency', 'outages'];
const OUTAGE_KEYS = ['at', 'for'];

/**
 * Reads a site file. Sizes, rates and durations are text with a unit: a plain number is refused, as it would be a guess.
 * Problems carry the path inside the file (`volumes[2].capacity`); with an error there is no site.
 */
export function parseSite(file: string, text: string): { site?: SiteFile; problems: Problem[] } {
  const problems = new ProblemList(file);
  const value = parseJson(text, problems);
  if (value === undefined) return { problems: problems.all() };
  const root = new JsonObject(value, '', SITE_KEYS, problems);
  root.text('$schema', './site.schema.json');
  const hosts = root.objects('hosts', HOST_KEYS).flatMap((object) => readHost(object, problems) ?? []);
  const volumes = root.objects('volumes', VOLUME_KEYS).flatMap((object) => readVolume(object, problems) ?? []);
  const link = readLink(root.object('link', LINK_KEYS));
  checkDuplicates(hosts, volumes, problems);
  const found = problems.all();
  return problems.errorCount > 0 ? { problems: found } : { site: { file, hosts, volumes, link }, problems: found };
}

/** Warns of hosts and volumes that the inventory does not name: most often a slip of the pen. */
export function checkSite(site: SiteFile, workload: Workload): Problem[] {
  const problems = new ProblemList(site.file);
  const hosts = new Set(workload.vms.map((vm) => vm.host));
  const volumes = new Set(workload.vms.flatMap((vm) => vm.disks.map((disk) => disk.volume)));
  const remedy = 'Write it as in the inventory, capitals too, or delete it here.';
  const warn = (code: string, column: string, value: string, message: string): void =>
    problems.warning(code, { column, value }, message, remedy);
  site.hosts.forEach(({ name }, index) => {
    if (!hosts.has(name))
      warn('site-unused-host', `hosts[${index}].name`, name, 'No VM of the inventory runs on this host.');
  });
  site.volumes.forEach(({ name, host }, index) => {
    const path = `volumes[${index}]`;
    if (!volumes.has(name)) {
      warn('site-unused-volume', `${path}.name`, name, 'No disk of the inventory lies on this volume.');
    } else if (host !== undefined && !hosts.has(host)) {
      warn('site-unused-host', `${path}.host`, host, 'No VM of the inventory runs on this host.');
    }
  });
  return problems.all();
}

function parseJson(text: string, problems: ProblemList): object | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const row = rowOf(error.message, text);
    const message = `This is no JSON: ${shownValue(error.message)}`;
    problems.error(
      'site-not-json',
      row === undefined ? {} : { row },
      message,
      'Correct the text there; an editor shows the place.',
    );
    return undefined;
  }
  if (isObject(value)) return value;
  problems.error(
    'site-wrong-type',
    {},
    'The file holds no object.',
    'Write { "hosts": [ … ], "volumes": [ … ], "link": { … } }.',
  );
  return undefined;
}

/** From the engine's message where it names a position; else the first text that is no token of JSON. */
function rowOf(message: string, text: string): number | undefined {
  const line = /line (\d+)/.exec(message)?.[1];
  if (line !== undefined) return Number(line);
  const position = /position (\d+)/.exec(message)?.[1];
  const token = /\s+|"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/y;
  let end = 0;
  while (token.test(text)) end = token.lastIndex;
  // Tokens to the end, but not in an order of JSON: the message shows where, and a guess at the row would mislead.
  if (position === undefined && end === text.length && !message.includes('end of JSON')) return undefined;
  return text.slice(0, position === undefined ? end : Number(position)).split('\n').length;
}

function readHost(object: JsonObject, problems: ProblemList): Host | undefined {
  const name = readName(object, 'host', problems);
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
  const name = readName(object, 'volume', problems);
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

function readName(object: JsonObject, what: string, problems: ProblemList): string | undefined {
  const errorCount = problems.errorCount;
  const name = object.text('name', what === 'host' ? 'hv-01' : 'C:\\ClusterStorage\\Volume1');
  if (name === undefined) {
    if (problems.errorCount === errorCount) {
      object.error('site-missing-name', 'name', '', `The ${what} has no name.`, 'Name it as the inventory does.');
    }
    return undefined;
  }
  return checkName(name, what, object.at('name'), undefined, problems) ? name : undefined;
}

function readLink(object: JsonObject | undefined): SiteFile['link'] {
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

function readOutage(object: JsonObject): Outage | undefined {
  const startMs = object.parsed('at', '2d10h', parseDurationMs);
  const lengthMs = object.parsed('for', '40min', positive(parseDurationMs));
  for (const key of OUTAGE_KEYS) {
    if (object.has(key)) continue;
    const message = `The outage does not say "${key}".`;
    object.error(
      'site-missing-key',
      key,
      '',
      message,
      'Write { "at": "2d10h", "for": "40min" }: from the start of the run.',
    );
  }
  return startMs === undefined || lengthMs === undefined ? undefined : { startMs, endMs: startMs + lengthMs };
}

function checkDuplicates(hosts: readonly Host[], volumes: readonly Volume[], problems: ProblemList): void {
  const seenHosts = new Set<string>();
  hosts.forEach(({ name }, index) => {
    const place = { column: `hosts[${index}].name`, value: name };
    if (seenHosts.has(name))
      problems.error('site-duplicate', place, `The host "${name}" is listed twice.`, 'Delete one.');
    seenHosts.add(name);
  });
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
