import { readFileSync } from 'node:fs';
import { resolveProtection } from '../ingest/protection.ts';
import { checkSite, parseSite, type SiteFile } from '../ingest/site.ts';
import type { VmmCloud } from '../model/cloud.ts';
import type { VmOverride } from '../model/policy.ts';
import { hasErrors, type Problem } from '../model/problem.ts';
import type { Run } from '../model/run.ts';
import type { VmNetwork } from '../model/site.ts';
import type { Workload } from '../model/workload.ts';
import { measuredCompression } from '../plan/calibration.ts';
import { makePlan } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { renderHtml } from '../report/html.ts';
import { renderJson } from '../report/json.ts';
import { renderTerminal } from '../report/terminal.ts';
import { formatBitsPerSec } from '../units.ts';
import { buildSite, checkTraits } from './build-site.ts';
import { type AnalyzeFlags, readFlags, type Settings } from './flags.ts';
import { type Happenings, readHappenings } from './happenings.ts';
import { checkOutputs, type Output, writeOutputs } from './outputs.ts';
import { printProblems } from './print-problems.ts';
import { Progress } from './progress.ts';
import { type QuickFlags, quickInput } from './quick.ts';
import { readPriceFiles } from './read-prices.ts';
import { readWholeText } from './read-text.ts';
import { type ReadWorkload, readWorkload, workloadOf } from './read-workload.ts';
import { terminalOf } from './terminal.ts';

/** How a command ended; `main.ts` makes the exit code of it. */
export type Ending = 'met' | 'broken' | 'badInput';

const STANDARD_OUTPUT = '-';
const DEFAULT_REPORT = 'report.html';

/** Where a command's workload comes from. */
interface Origin {
  readonly inputs: readonly string[];
  readonly read: (settings: Settings, problems: Problem[], progress: Progress) => Promise<ReadWorkload | undefined>;
}

/** `asr-plan analyze vms.csv …`: files → workload → plan → documents. */
export function analyze(files: readonly string[], flags: AnalyzeFlags): Promise<Ending> {
  return planFrom(
    {
      inputs: [...files, ...(flags.churn === undefined ? [] : [flags.churn])],
      read: ({ options }, problems, progress) => readWorkload(files, flags, options.horizonMs, problems, progress),
    },
    flags,
  );
}

/** `asr-plan quick`: five numbers → workload → plan → documents. */
export function quick(fleet: QuickFlags, flags: AnalyzeFlags): Promise<Ending> {
  return planFrom(
    {
      inputs: [],
      async read({ options }, problems, progress) {
        const { input, problems: wrongNumbers } = quickInput(fleet);
        problems.push(...wrongNumbers);
        if (input === undefined) return undefined;
        return await workloadOf([input], flags, options.horizonMs, problems, progress);
      },
    },
    flags,
  );
}

async function planFrom(origin: Origin, flags: AnalyzeFlags): Promise<Ending> {
  const progress = new Progress(process.stderr, flags.quiet !== true);

  // 1. Flags, and where the documents go.
  const settings = readFlags(flags);
  const targets = outputTargets(flags);
  const inputs = [
    ...origin.inputs,
    ...[flags.site, flags.background, flags.outages, ...(flags.prices ?? [])].filter((path) => path !== undefined),
  ];
  const problems = [...settings.problems, ...checkOutputs(targets.filter(isFile), inputs)];

  // 2. Files to a workload and a site; every problem of every file at once.
  const siteFile = flags.site === undefined ? undefined : await readSite(flags.site, problems);
  const read = await origin.read(settings, problems, progress);
  const workload = read?.workload;
  const happenings = await readHappenings(flags, siteFile, workload, settings.options.horizonMs, problems);
  const protection = readProtection(siteFile, workload, settings, problems);
  const prices = await readPriceFiles(flags.prices, problems);
  problems.push(...checkTraits(settings, siteFile, happenings, flags));
  if (read === undefined || hasErrors(problems)) {
    progress.clear();
    process.stderr.write(printProblems(problems));
    return 'badInput';
  }

  // 3. The plan.
  const compression =
    flags.compression === undefined ? measuredCompression(read.workload, read.measured ?? []) : new Map();
  const { run, bandwidthGiven } = makeRun(read.workload, settings, siteFile, happenings, {
    ...protection,
    overrides: withCompression(protection.overrides, compression),
  });
  const plan = makePlan(
    {
      run,
      bandwidthGiven,
      givenOptions: settings.given,
      assumptions: [...read.assumptions, ...settings.assumptions, ...compressionAssumption(compression)],
      receipts: read.receipts,
      ...(read.measured === undefined ? {} : { measured: read.measured }),
      ...(prices === undefined ? {} : { prices }),
      problems,
      version: productVersion(),
    },
    {
      onSearch: (bitsPerSec) => progress.show(`Looking for the bandwidth: ${formatBitsPerSec(bitsPerSec)}`),
      onSimulate: (atMs) => progress.show(`Simulating: ${Math.floor((atMs * 100) / run.options.horizonMs)} %`),
    },
  );

  // 4. The documents.
  progress.show('Writing');
  const outputs = targets.map((target) => ({ ...target, content: target.render(plan) }));
  const notWritten = writeOutputs(outputs.filter(isFile));
  progress.clear();
  process.stderr.write(printProblems([...(flags.quiet === true ? [] : problems), ...notWritten]));
  for (const output of outputs) if (!isFile(output)) process.stdout.write(output.content);
  if (flags.quiet !== true && outputs.every(isFile)) process.stdout.write(summary(plan, outputs, notWritten));
  if (notWritten.length > 0) return 'badInput';
  return plan.verdict.met ? 'met' : 'broken';
}

interface Target extends Omit<Output, 'content'> {
  readonly render: (plan: Plan) => string;
}

/** Only what is named is written, and the report where nothing is. */
function outputTargets(flags: AnalyzeFlags): Target[] {
  const targets: Target[] = [];
  if (flags.out !== undefined) targets.push({ flag: '--out', path: flags.out, render: renderHtml });
  if (flags.json !== undefined) targets.push({ flag: '--json', path: flags.json, render: renderJson });
  return targets.length > 0 ? targets : [{ flag: '--out', path: DEFAULT_REPORT, render: renderHtml }];
}

function isFile(target: { readonly path: string }): boolean {
  return target.path !== STANDARD_OUTPUT;
}

async function readSite(path: string, problems: Problem[]): Promise<SiteFile | undefined> {
  const text = await readWholeText(path);
  problems.push(...text.problems);
  if (text.value === undefined) return undefined;
  const parsed = parseSite(path, text.value);
  problems.push(...parsed.problems);
  return parsed.site;
}

/** Who is replicated otherwise than the run, which VMs each cloud has, and what VMs have of their own on the network. */
export interface Protection {
  readonly overrides: readonly VmOverride[];
  readonly clouds: readonly VmmCloud[];
  readonly network: readonly VmNetwork[];
}

const NOTHING_OF_THEIR_OWN: Protection = { overrides: [], clouds: [], network: [] };

/** What the site file says of the inventory's VMs: whether it names things that are there, and what it protects otherwise. */
function readProtection(
  siteFile: SiteFile | undefined,
  workload: Workload | undefined,
  settings: Settings,
  problems: Problem[],
): Protection {
  if (siteFile === undefined || workload === undefined) return NOTHING_OF_THEIR_OWN;
  problems.push(...checkSite(siteFile, workload));
  if (!settings.isScenarioKnown) return NOTHING_OF_THEIR_OWN;
  const resolved = resolveProtection(siteFile, workload, settings.policy);
  problems.push(...resolved.problems);
  if (settings.options.skipInitialReplication && siteFile.batches.length > 0) {
    problems.push({
      severity: 'warning',
      code: 'site-batches-unused',
      file: siteFile.file,
      column: 'batches',
      message: 'With --skip-initial-replication every VM is protected from the start, and batches mean nothing.',
      remedy: 'Delete "batches", or leave the flag out.',
    });
  }
  return resolved;
}

type MeasuredCompression = ReturnType<typeof measuredCompression>;

/** A VM of which nobody has said the compression has the one that was measured. */
function withCompression(overrides: readonly VmOverride[], measured: MeasuredCompression): VmOverride[] {
  const byVm = new Map(overrides.map((override) => [override.vm, override]));
  for (const [vm, { ratio }] of measured) {
    const own = byVm.get(vm);
    byVm.set(vm, { ...own, vm, settings: { compressionRatio: ratio, ...own?.settings } });
  }
  return [...byVm.values()];
}

function compressionAssumption(measured: MeasuredCompression): Plan['assumptions'] {
  const [first] = measured.values();
  if (first === undefined) return [];
  const ratios = [...measured.values()].map(({ ratio }) => ratio).toSorted((a, b) => a - b);
  const median = ratios[Math.floor(ratios.length / 2)]!;
  const reason = `${measured.size} VMs have their own, of which this is the median; the first: ${first.reason}`;
  return [
    { name: 'measuredCompressionRatio', value: median, reason, source: 'Hyper-V Replica VM counters', origin: 'given' },
  ];
}

function makeRun(
  workload: Workload,
  settings: Settings,
  siteFile: SiteFile | undefined,
  happenings: Happenings,
  protection: Protection,
): { run: Run; bandwidthGiven: boolean } {
  const site = buildSite({ workload, settings, siteFile, happenings, protection });
  const policy = { ...settings.policy, overrides: protection.overrides };
  return {
    run: { workload, site, policy, options: settings.options, events: happenings.events },
    bandwidthGiven: site.link.capacityBitsPerSec > 0,
  };
}

function summary(plan: Plan, outputs: readonly Output[], notWritten: readonly Problem[]): string {
  const written = notWritten.length > 0 ? '' : outputs.map((output) => `Written: ${output.path}\n`).join('');
  return `${renderTerminal(plan, terminalOf(process.stdout))}\n${written}`;
}

function productVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;
}
