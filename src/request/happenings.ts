import { readBackgroundFile } from '../ingest/background-file.ts';
import { type EventContext, parseAction, parseFault } from '../ingest/events.ts';
import { readOutagesFile } from '../ingest/outages-file.ts';
import type { SiteFile } from '../ingest/site.ts';
import type { TextSource } from '../ingest/text-source.ts';
import type { RunClock } from '../model/clock.ts';
import type { SiteEvent } from '../model/event.ts';
import { type Problem, shownValue } from '../model/problem.ts';
import { type BackgroundUse, isShared, type Outage } from '../model/site.ts';
import type { Workload } from '../model/workload.ts';
import { formatDurationMs, type Millis } from '../units.ts';
import type { AnalyzeFlags } from './flags.ts';
import { type Files, textOf } from './opened-file.ts';

/** What strikes the site or is done during the run. */
export interface Happenings {
  /** By the name of the further link; `''` = the site's. */
  readonly outages: ReadonlyMap<string, readonly Outage[]>;
  /** What others use of the site's link; absent where no file says it. */
  readonly background?: BackgroundUse;
  readonly events: readonly SiteEvent[];
}

/** Without a workload there is no run, but the words can be checked all the same. */
const NO_CLOCK: RunClock = { startEpochMs: 0, timeZone: 'UTC', offsets: [{ fromMs: 0, offsetMs: 0 }] };

/** Faults and actions of the flags and of the site file, in the same words; what cannot be read is a problem. */
export async function readHappenings(
  flags: Pick<AnalyzeFlags, 'site' | 'fault' | 'action' | 'outages' | 'background'>,
  siteFile: SiteFile | undefined,
  workload: Workload | undefined,
  horizonMs: Millis,
  problems: Problem[],
  files: Files,
): Promise<Happenings> {
  const clock = workload?.clock ?? NO_CLOCK;
  // Names of a site file that could not be read are not known.
  const isSiteKnown = siteFile !== undefined || flags.site === undefined;
  const known = workload === undefined || !isSiteKnown ? {} : { known: knownNames(workload, siteFile) };
  const outages = new Map<string, Outage[]>();
  const events: SiteEvent[] = [];
  const read = (texts: readonly string[], parse: typeof parseFault, contextOf: (index: number) => Place): void => {
    texts.forEach((text, index) => {
      const place = contextOf(index);
      const reading = parse(text, { clock, ...known, ...place });
      if (reading.outage !== undefined) addOutages(outages, reading.link ?? '', [reading.outage]);
      if (reading.event !== undefined) events.push(reading.event);
      if (reading.problem !== undefined) problems.push(reading.problem);
      const atMs = reading.outage?.startMs ?? reading.event?.atMs ?? 0;
      if (atMs >= horizonMs) problems.push(beyondHorizon(text, place));
    });
  };
  read(flags.fault, parseFault, () => ({ file: '--fault' }));
  read(flags.action, parseAction, () => ({ file: '--action' }));
  if (siteFile !== undefined) {
    const { file, faults, actions } = siteFile;
    read(faults, parseFault, (index) => ({ file, column: `faults[${index}]` }));
    read(actions, parseAction, (index) => ({ file, column: `actions[${index}]` }));
  }
  const context = {
    clock,
    horizonMs: workload === undefined ? Number.POSITIVE_INFINITY : horizonMs,
    ...(isSiteKnown ? { links: siteFile?.furtherLinks.map(({ name }) => name) ?? [] } : {}),
  };
  const ofFile = await fromFile(files, flags.outages, problems, (source) => readOutagesFile(source, context));
  const { background } =
    (await fromFile(files, flags.background, problems, (source) => readBackgroundFile(source, clock))) ?? {};
  const begins = workload === undefined ? undefined : background?.startMs[0];
  if (begins !== undefined && begins > 0) problems.push(beginsLate(flags.background!, begins));
  for (const [link, ofLink] of ofFile?.outages ?? []) addOutages(outages, link, ofLink);
  return { outages, ...(background === undefined ? {} : { background }), events };
}

function addOutages(outages: Map<string, Outage[]>, link: string, more: readonly Outage[]): void {
  outages.set(link, [...(outages.get(link) ?? []), ...more]);
}

/** What a file says, where there is one; what is wrong with it is a problem. */
async function fromFile<Read extends { readonly problems: readonly Problem[] }>(
  files: Files,
  path: string | undefined,
  problems: Problem[],
  read: (source: TextSource) => Promise<Read>,
): Promise<Read | undefined> {
  if (path === undefined) return undefined;
  const opened = await files.open(path);
  const text = opened.value === undefined ? undefined : textOf(opened.value);
  problems.push(...opened.problems, ...(text?.problems ?? []));
  if (text?.value === undefined) return undefined;
  const found = await read(text.value);
  problems.push(...found.problems);
  return found;
}

function beyondHorizon(text: string, place: Place): Problem {
  return {
    severity: 'warning',
    code: 'event-beyond-horizon',
    ...place,
    value: shownValue(text),
    message: 'This comes after the end of the run and has no effect.',
    remedy: 'Look further ahead with --horizon, or name an earlier time.',
  };
}

/** Before its first row a file of background use says nothing. */
function beginsLate(file: string, afterMs: Millis): Problem {
  return {
    ...{ severity: 'warning', code: 'background-begins-late', file },
    message: `The file begins ${formatDurationMs(afterMs)} after the start of the run; until then others are taken to use nothing.`,
    remedy: 'Begin the run later with --start: what was measured before it is repeated.',
  };
}

type Place = Pick<EventContext, 'file' | 'column'>;

/** What faults and actions can name. A volume of a host carries its name, a shared one none. */
function knownNames(workload: Workload, siteFile: SiteFile | undefined): NonNullable<EventContext['known']> {
  const listed = siteFile?.volumes ?? [];
  const shared = new Set(listed.filter(({ host }) => host === undefined).map(({ name }) => name));
  const volumes = new Map<string, { name: string; host?: string }>();
  for (const { host, disks } of workload.vms) {
    for (const { volume: name } of disks) {
      const volume = isShared(name, shared) ? { name } : { name, host };
      volumes.set(JSON.stringify(volume), volume);
    }
  }
  const hosts = [...new Set(workload.vms.map((vm) => vm.host))];
  return {
    vms: workload.vms.map((vm) => vm.name),
    hosts,
    drainHosts: [...new Set([...hosts, ...(siteFile?.hosts ?? []).map((host) => host.name)])],
    volumes: [...volumes.values()],
    plans: (siteFile?.recoveryPlans ?? []).map((plan) => plan.name),
    links: (siteFile?.furtherLinks ?? []).map((link) => link.name),
  };
}
