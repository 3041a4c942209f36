import { hasErrors, type Problem, problemOf } from '../model/problem.ts';
import { makePlan } from '../plan/make-plan.ts';
import { renderTerminal } from '../report/terminal.ts';
import { type Alias, aliasTable, anonymized } from '../request/anonymize.ts';
import type { AnalyzeFlags } from '../request/flags.ts';
import { type Origin, readRequest } from '../request/plan-request.ts';
import type { QuickFlags } from '../request/quick.ts';
import { inScenario, readSettings } from '../request/scenario.ts';
import { formatBitsPerSec } from '../units.ts';
import { DOCUMENTS, documentTargets, type MadePlan, type Target } from './documents.ts';
import { DISK_FILES } from './open-input.ts';
import { printProblems } from './print-problems.ts';
import { productVersion } from './product-version.ts';
import { Progress } from './progress.ts';
import { terminalOf } from './terminal.ts';
import { checkTargets, renderDocuments, writeDocuments, writtenLines } from './write-documents.ts';

/** How a command ended; `main.ts` makes the exit code of it. */
export type Ending = 'met' | 'broken' | 'badInput';

const DEFAULT_REPORT = 'report.html';

/** `asr-plan analyze vms.csv …`: files → workload → plan → documents. */
export function analyze(files: readonly string[], flags: AnalyzeFlags): Promise<Ending> {
  return planFrom({ kind: 'files', files }, flags);
}

/** `asr-plan quick`: five numbers → workload → plan → documents. */
export function quick(fleet: QuickFlags, flags: AnalyzeFlags): Promise<Ending> {
  return planFrom({ kind: 'quick', fleet }, flags);
}

async function planFrom(origin: Origin, flags: AnalyzeFlags): Promise<Ending> {
  const progress = new Progress(process.stderr, flags.quiet !== true);
  const onProgress = (words: string): void => progress.show(words);

  // 1. Where the documents go.
  let aliases: readonly Alias[] = [];
  const targets = [...(await documentTargets(DOCUMENTS, flags, DEFAULT_REPORT)), ...namesKey(flags, () => aliases)];
  const inputs = [
    ...(origin.kind === 'files' ? origin.files : []),
    ...[flags.churn, flags.site, flags.calibration, flags.background, flags.outages, flags.batches].filter(
      (path) => path !== undefined,
    ),
    ...(flags.rules ?? []),
    ...(flags.prices ?? []),
  ];
  const problems = [...checkTargets(targets, inputs), ...checkNamesKey(flags)];

  // 2. Flags and files to a run; every problem of every file at once.
  const read = await readRequest(origin, flags, problems, { files: DISK_FILES, onProgress }, productVersion());
  const settings = read === undefined ? [] : readSettings(flags.with ?? [], read.run, problems);
  const named = read === undefined || hasErrors(problems) ? undefined : inScenario(read, settings);
  if (named === undefined) {
    progress.clear();
    process.stderr.write(printProblems(problems));
    return 'badInput';
  }

  const { request, aliases: given } = flags.anonymize === true ? anonymized(named) : { request: named, aliases: [] };
  aliases = given;

  // 3. The plan.
  const { horizonMs } = request.run.options;
  const plan = makePlan(request, {
    onSearch: (bitsPerSec) => onProgress(`Looking for the bandwidth: ${formatBitsPerSec(bitsPerSec)}`),
    onChange: (words) => onProgress(`Trying: ${words}`),
    onSimulate: (atMs) => onProgress(`Simulating: ${Math.floor((atMs * 100) / horizonMs)} %`),
    onFailure: (words) => onProgress(`Looking at failures: ${words}`),
  });

  // 4. The documents.
  progress.show('Writing');
  const documents = await renderDocuments(targets, { plan, request });
  const notWritten = writeDocuments(documents);
  progress.clear();
  process.stderr.write(printProblems([...(flags.quiet === true ? [] : problems), ...notWritten]));
  if (flags.quiet !== true && targets.every(({ isStandardOutput }) => !isStandardOutput)) {
    const written = notWritten.length > 0 ? '' : writtenLines(documents);
    process.stdout.write(`${renderTerminal(plan, terminalOf(process.stdout))}\n${written}`);
  }
  if (notWritten.length > 0) return 'badInput';
  return plan.verdict.met ? 'met' : 'broken';
}

/** What stands for what is no document of the plan: it is known before, and for the owner alone. */
function namesKey({ namesKey: path }: AnalyzeFlags, aliasesOf: () => readonly Alias[]): Target<MadePlan>[] {
  if (path === undefined) return [];
  const flag = '--names-key';
  const where = { flag, path, files: [{ flag, path }], folder: undefined, isStandardOutput: false, problems: [] };
  return [{ ...where, render: async () => [aliasTable(aliasesOf())] }];
}

function checkNamesKey({ anonymize, namesKey }: AnalyzeFlags): Problem[] {
  if (namesKey === undefined || anonymize === true) return [];
  const message = '--names-key says what stands for what in a plan without names, and this one has them.';
  return [problemOf('error', 'flag-value', '--names-key', message, 'Give --anonymize too, or leave it out.')];
}
