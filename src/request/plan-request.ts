import { parseSite, type SiteFile } from '../ingest/site.ts';
import type { VmOverride } from '../model/policy.ts';
import { hasErrors, type Problem } from '../model/problem.ts';
import type { Run } from '../model/run.ts';
import type { Workload } from '../model/workload.ts';
import { measuredCompression } from '../plan/calibration.ts';
import type { PlanRequest } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { readBatches, withBatchStarts } from './batches.ts';
import { buildSite, checkTraits } from './build-site.ts';
import { calibrationAssumption, readCalibration, withCalibration } from './calibration.ts';
import { type AnalyzeFlags, readFlags, type Settings } from './flags.ts';
import { type Happenings, readHappenings } from './happenings.ts';
import { type Files, wholeText } from './opened-file.ts';
import { type Protection, readProtection } from './protection.ts';
import { type QuickFlags, quickInput } from './quick.ts';
import { readPriceFiles } from './read-prices.ts';
import { readRules } from './read-rules.ts';
import { type Reading, type ReadWorkload, readWorkload, workloadOf } from './read-workload.ts';

/** Where a plan's workload comes from. */
export type Origin =
  | { readonly kind: 'files'; readonly files: readonly string[] }
  /** Five numbers. */
  | { readonly kind: 'quick'; readonly fleet: QuickFlags }
  /** What somebody has made already. */
  | { readonly kind: 'workload'; readonly workload: Workload };

/**
 * From what a user gives to what a plan is made of: flags to settings, files to a workload and a site, all to one run. Every problem of
 * every file and flag is put into `problems`; `undefined` where one of them is an error.
 */
export async function readRequest(
  origin: Origin,
  given: AnalyzeFlags,
  problems: Problem[],
  reading: Reading,
  version: string,
): Promise<PlanRequest | undefined> {
  const calibration = await readCalibration(given, problems, reading.files);
  const flags = withCalibration(given, calibration);
  const settings = readFlags(flags);
  problems.unshift(...settings.problems);
  const siteFile = flags.site === undefined ? undefined : await readSite(flags.site, problems, reading.files);
  const rules = await readRules(flags.rules ?? [], problems, reading.files);
  const prices = await readPriceFiles(flags.prices ?? [], problems, reading.files);
  const { initialReplicationWithinMs } = settings;
  // With problems of its own: a price file that is not there must not pass for a missing inventory.
  const ofWorkload: Problem[] = [];
  const read = await readOrigin(origin, flags, settings, ofWorkload, reading);
  problems.push(...ofWorkload);
  const workload = read?.workload;
  const { horizonMs } = settings.options;
  const happenings = await readHappenings(flags, siteFile, workload, horizonMs, problems, reading.files);
  const protection = readProtection(siteFile, workload, settings, problems);
  const batches = await readBatches(flags, siteFile, workload, settings, problems, reading.files);
  problems.push(...checkTraits(settings, siteFile, happenings, flags));
  if (read === undefined || hasErrors(problems)) return undefined;
  const compression =
    flags.compression === undefined ? measuredCompression(read.workload, read.measured ?? []) : new Map();
  const { run, bandwidthGiven } = makeRun(read.workload, settings, siteFile, happenings, {
    ...protection,
    overrides: withBatchStarts(withCompression(protection.overrides, compression), settings.policy, batches),
  });
  return {
    run,
    bandwidthGiven,
    givenOptions: settings.given,
    assumptions: [
      ...read.assumptions,
      ...settings.assumptions,
      ...compressionAssumption(compression),
      ...calibrationAssumption(calibration),
    ],
    receipts: read.receipts,
    ...(read.measured === undefined ? {} : { measured: read.measured }),
    rules,
    ...(prices === undefined ? {} : { prices }),
    ...(initialReplicationWithinMs === undefined ? {} : { initialReplicationWithinMs }),
    problems,
    version,
  };
}

async function readOrigin(
  origin: Origin,
  flags: AnalyzeFlags,
  { options }: Settings,
  problems: Problem[],
  reading: Reading,
): Promise<ReadWorkload | undefined> {
  if (origin.kind === 'files') return await readWorkload(origin.files, flags, options.horizonMs, problems, reading);
  if (origin.kind === 'workload') return { workload: origin.workload, assumptions: [], receipts: [] };
  const { input, problems: wrongNumbers } = quickInput(origin.fleet);
  problems.push(...wrongNumbers);
  if (input === undefined) return undefined;
  return await workloadOf([input], flags, options.horizonMs, problems, reading.onProgress);
}

async function readSite(path: string, problems: Problem[], files: Files): Promise<SiteFile | undefined> {
  const opened = await files.open(path);
  const text = opened.value === undefined ? undefined : await wholeText(opened.value);
  problems.push(...opened.problems, ...(text?.problems ?? []));
  if (text?.value === undefined) return undefined;
  const parsed = parseSite(path, text.value);
  problems.push(...parsed.problems);
  return parsed.site;
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
