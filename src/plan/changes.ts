import type { Run } from '../model/run.ts';
import { SCENARIOS } from '../model/scenario.ts';
import type { RunResult } from '../simulate/result.ts';
import { simulate } from '../simulate/simulate.ts';
import { type Bytes, DAY_MS, formatBitsPerSec, formatDurationMs, type Millis } from '../units.ts';
import { lastInitialReplicationEndMs } from './bandwidth.ts';
import type { ExclusionAdvice } from './exclusion-advice.ts';
import { changedRun, type WhatIf, whatIfOptions } from './what-if.ts';

/** What single changes would buy, each found by one run of the simulation. */
export interface Changes {
  readonly asPlanned: ChangeFigures;
  /** The one that lowers the worst RPO most stands first. */
  readonly changes: readonly Change[];
  /** Changes that were not tried, since the fleet is large: their titles. */
  readonly notTried: readonly string[];
}

export interface Change {
  readonly id: string;
  readonly title: string;
  /** The options of `analyze` that make it, or how else it is made. */
  readonly how: string;
  /** What it costs otherwise. */
  readonly sideEffect: string;
  readonly figures: ChangeFigures;
}

export interface ChangeFigures {
  /** From each VM's first delta on; `null` where none had one. */
  readonly worstRpoMs: Millis | null;
  readonly withinTargetFraction: number | null;
  readonly wireBytesPerDay: Bytes;
  /** `null` where one does not end, or none is to be done. */
  readonly initialReplicationEndMs: Millis | null;
  /** Times that a VM was marked for resynchronization. */
  readonly resyncCount: number;
}

interface Candidate extends Pick<Change, 'id' | 'title' | 'how' | 'sideEffect'> {
  readonly run: Run;
}

/** Simulations of a fleet of a thousand VMs that are worth waiting for; a larger one gets fewer. [chosen] */
const RUNS_MOST = 8;
const RUNS_LEAST = 2;
const VMS_FOR_ALL = 1000;

/** Tries what an administrator could change, one thing at a time. */
export function changesOf(
  run: Run,
  result: RunResult,
  exclusions: readonly ExclusionAdvice[],
  onTry?: (words: string) => void,
): Changes {
  const candidates = candidatesOf(run, exclusions);
  const vmCount = Math.max(1, run.workload.vms.length);
  const affordable = Math.max(RUNS_LEAST, Math.min(RUNS_MOST, Math.floor((RUNS_MOST * VMS_FOR_ALL) / vmCount)));
  const changes = candidates.slice(0, affordable).map(({ run: changed, ...change }): Change => {
    onTry?.(change.title);
    return { ...change, figures: figuresOf(simulate(changed, { objectivesOnly: true })) };
  });
  return {
    asPlanned: figuresOf(result),
    changes: changes.toSorted(byGain),
    notTried: candidates.slice(affordable).map(({ title }) => title),
  };
}

/** In the order in which they are worth a run. */
function candidatesOf(run: Run, exclusions: readonly ExclusionAdvice[]): Candidate[] {
  const { site, policy, options } = run;
  const capacity = site.link.capacityBitsPerSec;
  const made: Candidate[] = [];
  const add = (id: string, title: string, whatIf: WhatIf, sideEffect: string, how?: string): void => {
    const options = whatIfOptions(whatIf, capacity).map(({ option, value }) => `${option} ${value}`);
    made.push({ id, title, how: how ?? options.join(' '), sideEffect, run: changedRun(run, whatIf) });
  };
  if (exclusions.length > 0) {
    const excluded = exclusions.map(({ vm, disk }) => ({ vm, disk }));
    const names = exclusions.length === 1 ? 'the disk that is' : `the ${exclusions.length} disks that are`;
    add(
      'exclusions',
      `Leave out ${names} worth excluding`,
      { excluded },
      'After a failover what was on them is not there.',
      '--exclude, disk by disk',
    );
  }
  if ([...site.hosts, site.link, ...(site.furtherLinks ?? [])].some(({ throttle }) => throttle !== undefined)) {
    add(
      'throttle',
      'Lift every throttle',
      { throttle: { kind: 'lifted' } },
      'Others on the line feel it in their work hours.',
      'no --throttle, and none in the site file',
    );
  }
  add(
    'double-bandwidth',
    `Twice the bandwidth: ${formatBitsPerSec(2 * capacity)}`,
    { bandwidthBitsPerSec: 2 * capacity },
    'The line’s price.',
  );
  for (const copyFrequencyMs of SCENARIOS[policy.scenario].copyFrequencyMs.values) {
    if (copyFrequencyMs === policy.copyFrequencyMs) continue;
    const effect =
      copyFrequencyMs < policy.copyFrequencyMs
        ? 'More log files and more requests; blocks that are written again travel more often.'
        : 'Older recovery points; blocks that are written again travel once.';
    add(
      `copy-${copyFrequencyMs / 1000}s`,
      `A copy every ${formatDurationMs(copyFrequencyMs)}`,
      { copyFrequencyMs },
      effect,
    );
  }
  if (SCENARIOS[policy.scenario].target === 'azure' && (site.link.roundTripMs ?? 0) > 0) {
    const threads = Math.min(32, policy.rules.uploadThreadsPerVm * 2);
    add(
      'upload-threads',
      `${threads} upload threads for each VM`,
      { uploadThreadsPerVm: threads },
      'More memory and connections on the hosts.',
    );
  }
  add(
    'growth',
    'Churn grows by 30 % more',
    { growthRatio: options.growthRatio + 0.3 },
    'None of your making: what a year may bring.',
  );
  add(
    'half-compression',
    'Deltas compress to half of what they do',
    { compressionRatio: Math.max(0.01, policy.compressionRatio / 2) },
    'Depends on the data: measure it first.',
  );
  add(
    'half-bandwidth',
    `Half the bandwidth: ${formatBitsPerSec(capacity / 2)}`,
    { bandwidthBitsPerSec: Math.round(capacity / 2) },
    'What a smaller line, or one that others use, would do.',
  );
  return made;
}

function figuresOf(result: RunResult): ChangeFigures {
  const { steady } = result.rpo;
  return {
    worstRpoMs: steady.maxMs,
    withinTargetFraction: steady.withinTargetFraction,
    wireBytesPerDay: Math.round((result.link.sentBytes.total * DAY_MS) / result.horizonMs),
    initialReplicationEndMs: lastInitialReplicationEndMs(result),
    resyncCount: result.vms.reduce((sum, vm) => sum + vm.resyncCount, 0),
  };
}

function byGain({ figures: a }: Change, { figures: b }: Change): number {
  const age = (figures: ChangeFigures): number => figures.worstRpoMs ?? Number.POSITIVE_INFINITY;
  if (age(a) !== age(b)) return age(a) < age(b) ? -1 : 1;
  return a.wireBytesPerDay - b.wireBytesPerDay;
}
