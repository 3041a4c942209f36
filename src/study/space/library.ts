import type { Run } from '../../model/run.ts';
import { hostBeside, volumeNames } from './events.ts';

/** A case that consultants have a name for. */
export interface LibraryCase {
  readonly name: string;
  readonly title: string;
  /** What it stands for, and whence its numbers: `[chosen]` where they are ours. */
  readonly says: string;
  /** As one scenario. */
  readonly fixed: (run: Run) => readonly string[];
  /** As a range of scenarios. */
  readonly varied: (run: Run) => readonly string[];
}

const quoted = (name: string): string => (name.includes("'") ? `"${name}"` : `'${name}'`);

/** The host with the most VMs: the one whose loss or drain is felt most. */
function busiestHost(run: Run): string {
  const counts = new Map<string, number>();
  for (const { host } of run.workload.vms) counts.set(host, (counts.get(host) ?? 0) + 1);
  const sorted = [...counts].toSorted(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
  return (sorted.find(([host]) => hostBeside(run, host) !== undefined) ?? sorted[0])?.[0] ?? '';
}

function fullestVolume(run: Run): string {
  return volumeNames(run)[0] ?? '';
}

export const LIBRARY: readonly LibraryCase[] = [
  {
    name: 'patch-tuesday',
    title: 'Patch Tuesday',
    says: 'every guest installs updates on Tuesday night: four times as much is written from 20:00 to midnight [chosen; measure one]',
    fixed: () => ['burst.start = Tue 20:00', 'burst.length = 4 h', 'burst.factor x 4'],
    varied: () => ['burst.start = Tue 20:00', 'burst.length = 4 h', 'burst.factor x 1 .. 10 step 0.1'],
  },
  {
    name: 'month-end',
    title: 'Month-end closing',
    says: 'for two working days twice as much is written [chosen; measure one]',
    fixed: () => ['burst.start = Mon 08:00', 'burst.length = 2 d', 'burst.factor x 2'],
    varied: () => ['burst.start = Mon 08:00', 'burst.length = 2 d', 'burst.factor x 1 .. 5 step 0.05'],
  },
  {
    name: 'backup-moved',
    title: 'The backup is moved',
    says: 'what is written, peaks of backups included, comes at another hour',
    fixed: () => ['churn.shift = 12 h'],
    varied: () => ['churn.shift in -12 h .. 12 h'],
  },
  {
    name: 'link-halved',
    title: 'Half of the link',
    says: 'one of two lines is lost for good, or the provider delivers half',
    fixed: () => ['bandwidth x 0.5'],
    varied: () => ['bandwidth x 0.1 .. 1'],
  },
  {
    name: 'link-outage',
    title: 'The link is down',
    says: 'for two hours, at any hour of the week',
    fixed: () => ['outage.length = 2 h'],
    varied: () => ['outage.length in 0 h .. 8 h', 'outage.start in week'],
  },
  {
    name: 'error-storm',
    title: 'Storm of recoverable errors',
    says: 'every transfer fails for a while and goes up the ladder of retries (semantics 19, 20)',
    fixed: () => ['storm.length = 4 h'],
    varied: () => ['storm.length in 0 h .. 8 h', 'storm.start in week'],
  },
  {
    name: 'vault-region-slow',
    title: 'The vault’s region is slow',
    says: 'the link carries a quarter for eight hours [chosen]',
    fixed: () => ['slow.to = 25 %', 'slow.length = 8 h'],
    varied: () => ['slow.to in 5 % .. 100 %', 'slow.length = 8 h', 'slow.start in week'],
  },
  {
    name: 'host-down',
    title: 'A host crashes',
    says: 'the host with the most VMs is down: their logs are not closed, and they are resynchronized',
    fixed: (run) => [`hosts[${quoted(busiestHost(run))}].down.length = 2 h`],
    varied: (run) => {
      const host = `hosts[${quoted(busiestHost(run))}]`;
      return [`${host}.down.length in 0 h .. 8 h`, `${host}.down.start in week`];
    },
  },
  {
    name: 'host-drained',
    title: 'A host is drained',
    says: 'for maintenance the VMs of the host with the most of them run on another',
    fixed: (run) => [`hosts[${quoted(busiestHost(run))}].drain.length = 8 h`],
    varied: (run) => {
      const host = `hosts[${quoted(busiestHost(run))}]`;
      return [`${host}.drain.length in 0 h .. 24 h step 15 min`, `${host}.drain.start in week`];
    },
  },
  {
    name: 'volume-full',
    title: 'A volume fills up',
    says: 'something else takes all the space of the first volume for a day',
    fixed: (run) => [`volumes[${quoted(fullestVolume(run))}].taken.length = 24 h`],
    varied: (run) => [`volumes[${quoted(fullestVolume(run))}].taken.length in 0 h .. 24 h step 15 min`],
  },
  {
    name: 'new-vms',
    title: 'The fleet grows',
    says: 'a fifth more VMs like the median one',
    fixed: (run) => [`added = ${Math.ceil(run.workload.vms.length / 5)}`],
    varied: (run) => [`added in 0 .. ${Math.min(5000, Math.max(1, run.workload.vms.length))}`],
  },
];

/** The texts of a named case for this run; `undefined` where there is none of that name. */
export function libraryCase(
  name: string,
  run: Run,
): { readonly fixed: readonly string[]; readonly varied: readonly string[] } | undefined {
  const found = LIBRARY.find((own) => own.name === name);
  return found === undefined ? undefined : { fixed: found.fixed(run), varied: found.varied(run) };
}
