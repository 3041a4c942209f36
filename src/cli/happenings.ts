import { type EventContext, parseAction, parseFault } from '../ingest/events.ts';
import type { SiteFile } from '../ingest/site.ts';
import type { RunClock } from '../model/clock.ts';
import type { SiteEvent } from '../model/event.ts';
import { type Problem, shownValue } from '../model/problem.ts';
import { isShared, type Outage } from '../model/site.ts';
import type { Workload } from '../model/workload.ts';
import type { Millis } from '../units.ts';

/** What strikes the site or is done during the run. */
export interface Happenings {
  readonly outages: readonly Outage[];
  readonly events: readonly SiteEvent[];
}

/** Without a workload there is no run, but the words can be checked all the same. */
const NO_CLOCK: RunClock = { startEpochMs: 0, timeZone: 'UTC', offsets: [{ fromMs: 0, offsetMs: 0 }] };

/** Faults and actions of the flags and of the site file, in the same words; what cannot be read is a problem. */
export function readHappenings(
  flags: { readonly fault: readonly string[]; readonly action: readonly string[] },
  siteFile: SiteFile | undefined,
  workload: Workload | undefined,
  horizonMs: Millis,
  problems: Problem[],
): Happenings {
  const clock = workload?.clock ?? NO_CLOCK;
  const known = workload === undefined ? {} : { known: knownNames(workload, siteFile) };
  const outages: Outage[] = [];
  const events: SiteEvent[] = [];
  const read = (texts: readonly string[], parse: typeof parseFault, contextOf: (index: number) => Place): void => {
    texts.forEach((text, index) => {
      const place = contextOf(index);
      const reading = parse(text, { clock, ...known, ...place });
      if (reading.outage !== undefined) outages.push(reading.outage);
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
  return { outages, events };
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
  return {
    vms: workload.vms.map((vm) => vm.name),
    hosts: [...new Set(workload.vms.map((vm) => vm.host))],
    volumes: [...volumes.values()],
    plans: (siteFile?.recoveryPlans ?? []).map((plan) => plan.name),
  };
}
