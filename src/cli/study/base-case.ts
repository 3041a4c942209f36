import { hasErrors, type Problem, problemOf } from '../../model/problem.ts';
import type { Run } from '../../model/run.ts';
import { type PlanRequest, settledRun } from '../../plan/make-plan.ts';
import type { AnalyzeFlags } from '../../request/flags.ts';
import { readRequest } from '../../request/plan-request.ts';
import { readSettings } from '../../request/scenario.ts';
import type { KnownNames } from '../../study/promises/parse-promise.ts';
import { volumeNames } from '../../study/space/events.ts';
import type { Setting } from '../../study/space/space.ts';
import { formatBitsPerSec } from '../../units.ts';
import { DISK_FILES } from '../open-input.ts';
import { productVersion } from '../product-version.ts';
import { commandLine } from './command-line.ts';

/** What every study begins with. */
export interface BaseCase {
  readonly request: PlanRequest;
  /** At the bandwidth at which it is planned. */
  readonly run: Run;
  /** Of `--with`: they hold in every scenario. */
  readonly given: readonly Setting[];
  readonly known: KnownNames;
  readonly version: string;
  /** A command that makes the plan of a scenario. */
  readonly replay: (settings: readonly string[]) => string;
}

/** Options of the studies themselves, and of documents: no part of a replay. */
const NOT_OF_A_PLAN = [
  ...['require', 'vary', 'correlate', 'scenarios', 'answers', 'resume', 'workers', 'monteCarlo', 'within', 'compare'],
  ...['for', 'under', 'junit', 'out', 'json', 'csv', 'xlsx', 'charts', 'markdown', 'runbook', 'batchesOut', 'quiet'],
  ...['anonymize', 'namesKey', 'bandwidth', 'with'],
];

/** Files and flags to the base case; `undefined` where something is wrong with them. */
export async function readBaseCase(
  files: readonly string[],
  flags: AnalyzeFlags,
  problems: Problem[],
  onProgress: (words: string) => void,
): Promise<BaseCase | undefined> {
  const version = productVersion();
  if (flags.anonymize === true || flags.namesKey !== undefined) {
    const message = 'Studies have no other names: promises and scenarios are said of your own.';
    problems.push(
      problemOf(
        'error',
        'flag-value',
        '--anonymize',
        message,
        'Leave it out, and write analyze --anonymize of the replay.',
      ),
    );
  }
  // With problems of its own: what is wrong with other flags must not keep promises from being read.
  const own: Problem[] = [];
  const request = await readRequest({ kind: 'files', files }, flags, own, { files: DISK_FILES, onProgress }, version);
  const given = request === undefined ? [] : readSettings(flags.with ?? [], request.run, own);
  problems.push(...own);
  if (request === undefined || hasErrors(own)) return undefined;
  const run = settledRun(request, (bitsPerSec) =>
    onProgress(`Looking for the bandwidth: ${formatBitsPerSec(bitsPerSec)}`),
  );
  return {
    ...{ request, run, given, version },
    known: knownNames(run),
    replay: (settings) =>
      commandLine(
        'analyze',
        files,
        { ...flags, bandwidth: `${run.site.link.capacityBitsPerSec}bps`, with: settings },
        NOT_OF_A_PLAN.filter((name) => name !== 'bandwidth' && name !== 'with'),
      ),
  };
}

function knownNames(run: Run): KnownNames {
  return {
    vms: run.workload.vms.map(({ name }) => name),
    volumes: volumeNames(run),
    hosts: [...new Set(run.workload.vms.map(({ host }) => host))],
    links: (run.site.furtherLinks ?? []).map(({ name }) => name),
  };
}
