import type { Assumption } from '../model/assumption.ts';
import { DEFAULT_SCENARIO } from '../model/defaults.ts';
import { DEFAULT_LINK_EFFICIENCY_RATIO, type Policy } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import type { RunOptions } from '../model/run.ts';
import { SCENARIO_IDS, SCENARIOS, type Scenario, type ScenarioId } from '../model/scenario.ts';
import { DEFAULT_HORIZON_MS, DEFAULT_RPO_TARGET_MS, DEFAULT_SEED } from '../plan/assumptions.ts';
import { type BitsPerSec, DAY_MS, MINUTE_MS, type Millis } from '../units.ts';
import { decimalWithin, durationWithin, FlagReader, percentageWithin, rate, wholeWithin } from './flag-reader.ts';
import { type NetworkFlags, readNetwork } from './network-flags.ts';
import { readPolicy } from './policy-flags.ts';

/** The options by which documents are named. */
export interface DocumentFlags {
  readonly out?: string;
  readonly json?: string;
  readonly xlsx?: string;
  readonly csv?: string;
  readonly charts?: string;
  readonly markdown?: string;
  readonly runbook?: readonly string[];
  readonly batchesOut?: string;
  readonly junit?: string;
}

/** The flags of `analyze`, as the command line gives them. */
export interface AnalyzeFlags extends DocumentFlags {
  readonly churn?: string;
  readonly site?: string;
  readonly scenario?: string;
  readonly copyFrequency?: string;
  readonly bandwidth?: string;
  readonly rpo?: string;
  readonly horizon?: string;
  readonly irWithin?: string;
  readonly start?: string;
  readonly timeZone?: string;
  readonly growthFactor?: string;
  readonly compression?: string;
  readonly policyCompression?: string;
  readonly authentication?: string;
  readonly recoveryPoints?: string;
  readonly appConsistent?: string;
  readonly initialReplication?: string;
  readonly linkEfficiency?: string;
  /** What a rehearsal measured, for what the flags leave out. */
  readonly calibration?: string;
  readonly throttle?: string;
  readonly background?: string;
  readonly outages?: string;
  readonly batches?: string;
  readonly randomOutages?: string;
  readonly rtt?: string;
  readonly loss?: string;
  readonly uploadThreads?: string;
  readonly vhdxGrowth?: string;
  readonly replicaWriteThroughput?: string;
  readonly maxActiveTransfers?: string;
  readonly exclude: readonly string[];
  readonly rules?: readonly string[];
  readonly map?: string;
  readonly assumeChurn?: string;
  readonly aligned?: boolean;
  readonly skipInitialReplication?: boolean;
  readonly fault: readonly string[];
  readonly action: readonly string[];
  /** Price files; absent = none. */
  readonly prices?: readonly string[];
  readonly seed?: string;
  /** What is otherwise than the files say: settings of scenarios, as a study replays them. */
  readonly with?: readonly string[];
  readonly anonymize?: boolean;
  readonly namesKey?: string;
  readonly quiet?: boolean;
}

/** The flags' values, with their defaults; meaningless where `problems` has errors. */
export interface Settings {
  readonly policy: Policy;
  readonly options: RunOptions;
  /** Absent = the site file's, or the one that the search finds. */
  readonly bandwidthBitsPerSec: BitsPerSec | undefined;
  readonly linkEfficiencyRatio: number | undefined;
  /** What the flags say of the site besides; it goes before the site file. */
  readonly network: NetworkFlags;
  /** In what time initial replication is wanted to be through; absent = nobody said. */
  readonly initialReplicationWithinMs: Millis | undefined;
  /** What has no place in the run itself. */
  readonly assumptions: readonly Assumption[];
  /** Where it is not, the policy is that of another scenario, and what a site file asks of it cannot be judged. */
  readonly isScenarioKnown: boolean;
  /** Assumptions that a flag has set. */
  readonly given: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

export const HORIZON_MOST_MS: Millis = 400 * DAY_MS;
const RPO_MOST_MS: Millis = 30 * DAY_MS;

/** Reads all flags but those that name files; every problem is found in one go. */
export function readFlags(flags: AnalyzeFlags): Settings {
  const reader = new FlagReader();
  const scenario = readScenario(reader, flags.scenario);
  const isScenarioKnown = reader.problems.length === 0;
  const options = readOptions(reader, flags);
  const { policy, assumptions } = readPolicy(reader, flags, scenario, isScenarioKnown);
  const { network, rules } = readNetwork(reader, flags, isScenarioKnown ? scenario : undefined);
  const bandwidth = reader.read(
    '--bandwidth',
    flags.bandwidth,
    rate,
    'a rate with its unit from 1kbps to 100Tbps',
    '100Mbps',
    undefined,
  );
  const efficiency = reader.read(
    '--link-efficiency',
    flags.linkEfficiency,
    decimalWithin(0.01, 1),
    'a number from 0.01 to 1',
    String(DEFAULT_LINK_EFFICIENCY_RATIO),
    undefined,
  );
  return {
    policy: { ...policy, rules: { ...policy.rules, ...rules } },
    options,
    bandwidthBitsPerSec: bandwidth,
    linkEfficiencyRatio: efficiency,
    network,
    initialReplicationWithinMs: reader.read(
      '--ir-within',
      flags.irWithin,
      durationWithin(MINUTE_MS, HORIZON_MOST_MS),
      'a duration from 1min to 400d',
      '3d',
      undefined,
    ),
    assumptions,
    isScenarioKnown,
    given: givenAssumptions(flags),
    problems: reader.problems,
  };
}

function readOptions(reader: FlagReader, flags: AnalyzeFlags): RunOptions {
  const growthPercent = reader.read(
    '--growth-factor',
    flags.growthFactor,
    percentageWithin(0, 1000),
    'a percentage from 0% to 1000%',
    '30%',
    0,
  );
  return {
    horizonMs: reader.read(
      '--horizon',
      flags.horizon,
      durationWithin(MINUTE_MS, HORIZON_MOST_MS),
      'a duration from 1min to 400d',
      '14d',
      DEFAULT_HORIZON_MS,
    ),
    rpoTargetMs: reader.read(
      '--rpo',
      flags.rpo,
      durationWithin(1000, RPO_MOST_MS),
      'a duration from 1s to 30d',
      '15min',
      DEFAULT_RPO_TARGET_MS,
    ),
    seed: reader.read(
      '--seed',
      flags.seed,
      wholeWithin(0, 2 ** 32 - 1),
      'a whole number from 0 to 4294967295',
      '7',
      DEFAULT_SEED,
    ),
    growthRatio: growthPercent / 100,
    skipInitialReplication: flags.skipInitialReplication === true,
  };
}

function readScenario(reader: FlagReader, text: string | undefined): Scenario {
  const known = (id: string): Scenario | undefined =>
    (SCENARIO_IDS as readonly string[]).includes(id) ? SCENARIOS[id as ScenarioId] : undefined;
  return reader.read(
    '--scenario',
    text,
    known,
    `one of ${SCENARIO_IDS.join(', ')}`,
    DEFAULT_SCENARIO,
    SCENARIOS[DEFAULT_SCENARIO],
  );
}

/** Which assumptions each flag sets. */
const ASSUMPTION_OF: Partial<Record<keyof AnalyzeFlags, string>> = {
  rpo: 'rpoTargetMs',
  horizon: 'horizonMs',
  start: 'start',
  timeZone: 'timeZone',
  growthFactor: 'growthRatio',
  skipInitialReplication: 'skipInitialReplication',
  seed: 'seed',
  linkEfficiency: 'efficiencyRatio',
};

function givenAssumptions(flags: AnalyzeFlags): Set<string> {
  const given = Object.entries(ASSUMPTION_OF).filter(([flag]) => flags[flag as keyof AnalyzeFlags] !== undefined);
  return new Set(given.map(([, name]) => name));
}
