import { DEFAULT_SCENARIO } from '../model/defaults.ts';
import { DEFAULT_LINK_EFFICIENCY_RATIO, DEFAULT_RESYNC_WINDOW, DEFAULT_RULES, type Policy } from '../model/policy.ts';
import { type Problem, shownValue } from '../model/problem.ts';
import type { RunOptions } from '../model/run.ts';
import { SCENARIO_IDS, SCENARIOS, type Scenario, type ScenarioId } from '../model/scenario.ts';
import { DEFAULT_HORIZON_MS, DEFAULT_RPO_TARGET_MS, DEFAULT_SEED } from '../plan/assumptions.ts';
import {
  type BitsPerSec,
  DAY_MS,
  formatDurationMs,
  MINUTE_MS,
  type Millis,
  parseBitsPerSec,
  parseDecimal,
  parseDurationMs,
} from '../units.ts';

/** The flags of `analyze`, as the command line gives them. */
export interface AnalyzeFlags {
  readonly churn?: string;
  readonly site?: string;
  readonly scenario?: string;
  readonly copyFrequency?: string;
  readonly bandwidth?: string;
  readonly rpo?: string;
  readonly horizon?: string;
  readonly start?: string;
  readonly timeZone?: string;
  readonly growthFactor?: string;
  readonly compression?: string;
  readonly linkEfficiency?: string;
  readonly maxActiveTransfers?: string;
  readonly aligned?: boolean;
  readonly skipInitialReplication?: boolean;
  readonly fault: readonly string[];
  readonly seed?: string;
  readonly out?: string;
  readonly json?: string;
  readonly quiet?: boolean;
}

/** The flags' values, with their defaults; meaningless where `problems` has errors. */
export interface Settings {
  readonly policy: Policy;
  readonly options: RunOptions;
  /** Absent = the site file's, or the one that the search finds. */
  readonly bandwidthBitsPerSec: BitsPerSec | undefined;
  readonly linkEfficiencyRatio: number | undefined;
  /** Assumptions that a flag has set. */
  readonly given: ReadonlySet<string>;
  readonly problems: readonly Problem[];
}

const HORIZON_MOST_MS: Millis = 400 * DAY_MS;
const RPO_MOST_MS: Millis = 30 * DAY_MS;
const RATE_LEAST: BitsPerSec = 1000;
const RATE_MOST: BitsPerSec = 100e12;

/** Reads all flags but those that name files; every problem is found in one go. */
export function readFlags(flags: AnalyzeFlags): Settings {
  const reader = new FlagReader();
  const scenario = readScenario(reader, flags.scenario);
  const growthPercent = reader.read(
    '--growth-factor',
    flags.growthFactor,
    percentage,
    'a percentage from 0% to 1000%',
    '30%',
    0,
  );
  const options: RunOptions = {
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
  const policy: Policy = {
    scenario: scenario.id,
    copyFrequencyMs: readCopyFrequency(reader, flags.copyFrequency, scenario),
    compressionRatio: reader.read(
      '--compression',
      flags.compression,
      decimalWithin(0.01, 2),
      'a number from 0.01 to 2: wire bytes per log byte',
      '0.6',
      1,
    ),
    maxActiveTransfers: reader.read(
      '--max-active-transfers',
      flags.maxActiveTransfers,
      wholeWithin(1, 1024),
      'a whole number from 1 to 1024',
      '3',
      scenario.maxActiveTransfers,
    ),
    alignedCuts: flags.aligned === true,
    resyncWindow: DEFAULT_RESYNC_WINDOW,
    rules: DEFAULT_RULES,
  };
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
    policy,
    options,
    bandwidthBitsPerSec: bandwidth,
    linkEfficiencyRatio: efficiency,
    given: givenAssumptions(flags),
    problems: reader.problems,
  };
}

class FlagReader {
  readonly problems: Problem[] = [];

  /** The flag's value, its default where it was not given, and a problem (and the default) where it cannot be read. */
  read<T>(
    flag: string,
    text: string | undefined,
    parse: (text: string) => T | undefined,
    expected: string,
    example: string,
    fallback: T,
  ): T {
    if (text === undefined) return fallback;
    const value = parse(text);
    if (value !== undefined) return value;
    this.refuse(flag, text, `${flag} must be ${expected}`, `Write for example ${flag} ${example}.`);
    return fallback;
  }

  refuse(flag: string, value: string, message: string, remedy: string): void {
    this.problems.push({
      severity: 'error',
      code: 'flag-value',
      file: flag,
      value: shownValue(value),
      message,
      remedy,
    });
  }
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

function readCopyFrequency(reader: FlagReader, text: string | undefined, scenario: Scenario): Millis {
  const allowed = scenario.copyFrequenciesMs.map(formatDurationMs).join(', ');
  const frequencyMs = reader.read(
    '--copy-frequency',
    text,
    parseDurationMs,
    'a duration',
    '5min',
    scenario.defaultCopyFrequencyMs,
  );
  if (text === undefined || scenario.copyFrequenciesMs.includes(frequencyMs)) return frequencyMs;
  const refused = scenario.refusedCopyFrequencies.find((refusal) => refusal.copyFrequencyMs === frequencyMs);
  reader.refuse(
    '--copy-frequency',
    text,
    refused?.reason ?? `${scenario.title} knows no copy frequency of ${formatDurationMs(frequencyMs)}`,
    `Choose one of ${allowed}.`,
  );
  return scenario.defaultCopyFrequencyMs;
}

function durationWithin(leastMs: Millis, mostMs: Millis): (text: string) => Millis | undefined {
  return (text) => within(parseDurationMs(text), leastMs, mostMs);
}

function decimalWithin(least: number, most: number): (text: string) => number | undefined {
  return (text) => within(parseDecimal(text), least, most);
}

function wholeWithin(least: number, most: number): (text: string) => number | undefined {
  return (text) => (/^\d{1,10}$/.test(text.trim()) ? within(Number(text), least, most) : undefined);
}

/** `30%`, `30 %`; a bare number could be a share or a percentage, and is refused. */
function percentage(text: string): number | undefined {
  const match = /^(.*\S)\s*%$/.exec(text.trim());
  return match === null ? undefined : within(parseDecimal(match[1]!), 0, 1000);
}

function rate(text: string): BitsPerSec | undefined {
  return within(parseBitsPerSec(text), RATE_LEAST, RATE_MOST);
}

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
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
