import { type Problem, problemOf } from '../model/problem.ts';
import { makePlan, type PlanRequest } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { renderHtml } from '../report/html.ts';
import { renderJson } from '../report/json.ts';
import { renderTerminal } from '../report/terminal.ts';
import { type Alias, aliasTable, anonymized } from '../request/anonymize.ts';
import type { AnalyzeFlags } from '../request/flags.ts';
import { type Origin, readRequest } from '../request/plan-request.ts';
import type { QuickFlags } from '../request/quick.ts';
import { formatBitsPerSec } from '../units.ts';
import { DISK_FILES } from './open-input.ts';
import { checkOutputs, type Output, writeOutputs } from './outputs.ts';
import { printProblems } from './print-problems.ts';
import { productVersion } from './product-version.ts';
import { Progress } from './progress.ts';
import { checkRunbookPaths, runbookTargets } from './runbook-output.ts';
import { terminalOf } from './terminal.ts';

/** How a command ended; `main.ts` makes the exit code of it. */
export type Ending = 'met' | 'broken' | 'badInput';

const STANDARD_OUTPUT = '-';
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
  const targets = outputTargets(flags);
  const inputs = [
    ...(origin.kind === 'files' ? origin.files : []),
    ...[flags.churn, flags.site, flags.background, flags.outages].filter((path) => path !== undefined),
    ...(flags.rules ?? []),
  ];
  const problems = [
    ...checkOutputs(targets.filter(isFile), inputs),
    ...checkNamesKey(flags),
    ...checkRunbookPaths(flags),
  ];

  // 2. Flags and files to a run; every problem of every file at once.
  const named = await readRequest(origin, flags, problems, { files: DISK_FILES, onProgress }, productVersion());
  if (named === undefined) {
    progress.clear();
    process.stderr.write(printProblems(problems));
    return 'badInput';
  }

  const { request, aliases } = flags.anonymize === true ? anonymized(named) : { request: named, aliases: [] };

  // 3. The plan.
  const { horizonMs } = request.run.options;
  const plan = makePlan(request, {
    onSearch: (bitsPerSec) => onProgress(`Looking for the bandwidth: ${formatBitsPerSec(bitsPerSec)}`),
    onChange: (words) => onProgress(`Trying: ${words}`),
    onSimulate: (atMs) => onProgress(`Simulating: ${Math.floor((atMs * 100) / horizonMs)} %`),
  });

  // 4. The documents.
  progress.show('Writing');
  const outputs = targets.map((target) => ({ ...target, content: target.render({ plan, request, aliases }) }));
  const notWritten = writeOutputs(outputs.filter(isFile));
  progress.clear();
  process.stderr.write(printProblems([...(flags.quiet === true ? [] : problems), ...notWritten]));
  for (const output of outputs) if (!isFile(output)) process.stdout.write(output.content);
  if (flags.quiet !== true && outputs.every(isFile)) process.stdout.write(summary(plan, outputs, notWritten));
  if (notWritten.length > 0) return 'badInput';
  return plan.verdict.met ? 'met' : 'broken';
}

/** All that documents are made of. */
interface Made {
  readonly plan: Plan;
  readonly request: PlanRequest;
  readonly aliases: readonly Alias[];
}

interface Target extends Omit<Output, 'content'> {
  readonly render: (made: Made) => string;
}

/** Only what is named is written, and the report where nothing is. */
function outputTargets(flags: AnalyzeFlags): Target[] {
  const targets: Target[] = [];
  if (flags.out !== undefined) targets.push({ flag: '--out', path: flags.out, render: htmlOf });
  if (flags.json !== undefined)
    targets.push({ flag: '--json', path: flags.json, render: ({ plan }) => renderJson(plan) });
  targets.push(
    ...runbookTargets(flags).map(({ render, ...file }) => ({ ...file, render: ({ plan }: Made) => render(plan) })),
  );
  const key: Target[] =
    flags.namesKey === undefined
      ? []
      : [{ flag: '--names-key', path: flags.namesKey, render: ({ aliases }) => aliasTable(aliases) }];
  if (targets.length > 0) return [...targets, ...key];
  return [...key, { flag: '--out', path: DEFAULT_REPORT, render: htmlOf }];
}

function htmlOf({ plan, request }: Made): string {
  return renderHtml(plan, request);
}

function isFile(target: { readonly path: string }): boolean {
  return target.path !== STANDARD_OUTPUT;
}

function checkNamesKey({ anonymize, namesKey }: AnalyzeFlags): Problem[] {
  if (namesKey === undefined || anonymize === true) return [];
  const message = '--names-key says what stands for what in a plan without names, and this one has them.';
  return [problemOf('error', 'flag-value', '--names-key', message, 'Give --anonymize too, or leave it out.')];
}

function summary(plan: Plan, outputs: readonly Output[], notWritten: readonly Problem[]): string {
  const written = notWritten.length > 0 ? '' : outputs.map((output) => `Written: ${output.path}\n`).join('');
  return `${renderTerminal(plan, terminalOf(process.stdout))}\n${written}`;
}
