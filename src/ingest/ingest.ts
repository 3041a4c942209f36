import type { Assumption } from '../model/assumption.ts';
import type { Problem } from '../model/problem.ts';
import { hasErrors } from '../model/problem.ts';
import type { ChurnSeries, Workload } from '../model/workload.ts';
import type { Bytes, Millis } from '../units.ts';
import { type ChurnFile, readChurn } from './churn-rows.ts';
import { buildSeries } from './churn-series.ts';
import { chooseZone, makeClock } from './clock.ts';
import { assembleFleet, checkChurn, checkCoverage, checkRewrites, checkShares } from './fleet.ts';
import { type Inventory, takeInventory } from './inventory.ts';
import { counted, type TextSource } from './text-source.ts';
import { readVms } from './vms.ts';

export type { TextSource } from './text-source.ts';

export interface IngestOptions {
  /** `--time-zone`: IANA name, `UTC` or a fixed offset. */
  readonly timeZone?: string;
  /** `--start`: ISO 8601, local in the zone where it names no offset. */
  readonly start?: string;
  readonly horizonMs: Millis;
  /** For disks whose file does not tell it; 8 KiB where absent (semantics 4). */
  readonly meanWriteBytes?: Bytes;
  /** Called as the files are read, with the characters of both so far. */
  readonly onProgress?: (charactersRead: number) => void;
}

export interface Ingested {
  /** Absent where `problems` holds an error. */
  readonly workload?: Workload;
  /** Of both files and of the options, each file's in the order of its lines. */
  readonly problems: Problem[];
  readonly assumptions: Assumption[];
}

/** Files to a workload: inventory → measured churn → clock → series → VMs. What a user got wrong is data, never thrown. */
export async function ingest(
  sources: { readonly vms: TextSource; readonly churn?: TextSource },
  options: IngestOptions,
): Promise<Ingested> {
  const { vms, churn } = withProgress(sources, options.onProgress);

  // 1. The inventory: the disks, told apart.
  const inventory = takeInventory(await readVms(vms, churn !== undefined));
  checkShares(inventory);

  // 2. The measured churn: rows of known disks, their times as written.
  const churnFile = churn === undefined ? undefined : await readChurn(churn, inventory);

  // 3. The clock: the zone first, since it says when the first row was.
  const { zone, problem: zoneProblem, assumption: zoneAssumption } = chooseZone(options.timeZone, churnFile);
  const epochMs = churnFile?.rows.epochMsIn(zone) ?? new Float64Array(0);
  const start = makeClock(zone, options.start, options.horizonMs, firstOf(epochMs));
  const clockProblems = [zoneProblem ?? [], 'problem' in start ? start.problem : []].flat();
  const fileProblems = (): Problem[] => [
    ...inventory.file.problems.all(),
    ...(churnFile?.problems.all() ?? []),
    ...clockProblems,
  ];
  if ('problem' in start) {
    checkDisksHaveChurn(inventory, churnFile);
    return { problems: fileProblems(), assumptions: [] };
  }

  // 4. The series on that clock.
  const measured =
    churnFile === undefined
      ? { seriesOf: new Map<number, ChurnSeries>(), assumptions: [] }
      : buildSeries(churnFile, epochMs, start.clock);
  checkDisksHaveChurn(inventory, churnFile);
  checkRewrites(inventory, measured.seriesOf);
  checkCoverage(inventory, measured.seriesOf);

  // 5. The VMs.
  if (hasErrors(fileProblems())) return { problems: fileProblems(), assumptions: [] };
  const fleet = assembleFleet(inventory, measured.seriesOf, options.meanWriteBytes);
  return {
    workload: { schema: 'asr-plan/workload@1', clock: start.clock, vms: fleet.vms },
    problems: fileProblems(),
    assumptions: [zoneAssumption, start.assumption, ...fleet.assumptions, ...measured.assumptions],
  };
}

/** With an error in the churn file, that a disk has no rows there says nothing. */
function checkDisksHaveChurn(inventory: Inventory, churnFile: ChurnFile | undefined): void {
  if (churnFile !== undefined && churnFile.problems.errorCount > 0) return;
  const measured = new Set(churnFile?.rows.diskIndex.subarray(0, churnFile.rows.length));
  checkChurn(inventory, (diskIndex) => measured.has(diskIndex), churnFile?.problems.file);
}

/** The earliest instant; `undefined` where there is none. Not by spreading: a file has millions of rows. */
function firstOf(epochMs: Float64Array): Millis | undefined {
  return epochMs.length === 0 ? undefined : epochMs.reduce((first, at) => Math.min(first, at));
}

function withProgress(
  sources: { readonly vms: TextSource; readonly churn?: TextSource },
  onProgress: IngestOptions['onProgress'],
): { vms: TextSource; churn?: TextSource } {
  if (onProgress === undefined) return sources;
  let vmsCharacters = 0;
  const vms = counted(sources.vms, (charactersRead) => {
    vmsCharacters = charactersRead;
    onProgress(charactersRead);
  });
  if (sources.churn === undefined) return { vms };
  return { vms, churn: counted(sources.churn, (charactersRead) => onProgress(vmsCharacters + charactersRead)) };
}
