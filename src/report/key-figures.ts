import { formatLocal } from '../model/clock.ts';
import type { Plan } from '../plan/plan.ts';
import { type Bytes, formatBitsPerSec, formatBytes, formatDurationMs, formatShare } from '../units.ts';
import type { MarkedNumber } from './assumption-marks.ts';
import { needWords } from './charts/volumes.ts';
import { shownName } from './shown-name.ts';

/** One of the five numbers that stand first in every report. */
export interface KeyFigure {
  readonly label: string;
  readonly value: string;
  /** The rest of the story. */
  readonly detail: string;
  readonly restsOn: MarkedNumber;
  /** Id of its derivation. */
  readonly derivation: string;
}

/** The five numbers, in reading order; always five. */
export function keyFigures(plan: Plan): KeyFigure[] {
  return [bandwidth(plan), initialReplication(plan), worstRpo(plan), space(plan), link(plan)];
}

function bandwidth(plan: Plan): KeyFigure {
  const {
    bitsPerSecForRpoAlways: always,
    bitsPerSecForRpo95: mostly,
    bitsPerSecForRpo90: nineTenths,
    deltaOnlyBitsPerSecForRpoAlways: deltaOnly,
  } = plan.recommendation;
  const alone =
    deltaOnly === null || deltaOnly === always ? '' : `${formatBitsPerSec(deltaOnly)} for the deltas alone; `;
  const target = formatDurationMs(plan.rpo.targetMs);
  const lesser =
    mostly === null || nineTenths === null
      ? 'not even for 95 % of the time'
      : `${formatBitsPerSec(mostly)} for 95 % of the time, ${formatBitsPerSec(nineTenths)} for 90 %`;
  return {
    label: `Bandwidth for an RPO of ${target}`,
    value: always === null ? 'none found' : formatBitsPerSec(always),
    detail: `${alone}${lesser}`,
    restsOn: 'bandwidth',
    derivation: 'bandwidth-always',
  };
}

function initialReplication(plan: Plan): KeyFigure {
  const started = plan.vms.filter((vm) => vm.initialReplication.startMs !== null);
  const constant = {
    label: 'Initial replication',
    restsOn: 'initialReplication',
    derivation: 'initial-replication-end',
  } as const;
  const wanted = plan.recommendation.initialReplication;
  const inTime =
    wanted === null
      ? ''
      : `; within ${formatDurationMs(wanted.withinMs)} ${wanted.bitsPerSec === null ? 'at no bandwidth' : `at ${formatBitsPerSec(wanted.bitsPerSec)}`}`;
  if (started.length === 0) {
    const done = plan.vms.every((vm) => vm.protectedAtMs !== null);
    const detail = done ? 'the run begins without one' : `none has begun within ${formatDurationMs(plan.horizonMs)}`;
    return { ...constant, value: 'none', detail };
  }
  const unfinished = started.filter((vm) => vm.initialReplication.endMs === null).length;
  const lastMs = started.reduce((most, vm) => Math.max(most, vm.initialReplication.endMs ?? 0), 0);
  return unfinished > 0
    ? {
        ...constant,
        value: 'does not end',
        detail: `${unfinished} of ${started.length} VMs unfinished after ${formatDurationMs(plan.horizonMs)}${inTime}`,
      }
    : {
        ...constant,
        value: formatDurationMs(lastMs),
        detail: `ends ${formatLocal(plan.clock, lastMs)}${inTime}`,
      };
}

function worstRpo(plan: Plan): KeyFigure {
  const { maxMs, p95Ms, withinTargetFraction } = plan.rpo.steady;
  return {
    label: 'Worst RPO',
    value: maxMs === null ? 'unknown' : formatDurationMs(maxMs),
    detail:
      p95Ms === null || withinTargetFraction === null
        ? 'no VM got to its first delta'
        : `${formatShare(withinTargetFraction)} within; 95 % below ${formatDurationMs(p95Ms)}`,
    restsOn: 'rpo',
    derivation: 'rpo-worst',
  };
}

function space(plan: Plan): KeyFigure {
  const worst = plan.volumes.reduce<{ name: string; bytes: Bytes } | undefined>(
    (most, { name, extraPeakBytes }) =>
      most === undefined || extraPeakBytes > most.bytes ? { name, bytes: extraPeakBytes } : most,
    undefined,
  );
  return {
    label: 'Largest extra space on a volume',
    value: worst === undefined ? 'unknown' : formatBytes(worst.bytes),
    detail: worst === undefined ? 'the input names no volume' : `${needWords(plan)} on ${shownName(worst.name)}`,
    restsOn: 'space',
    derivation: 'volume-extra',
  };
}

function link(plan: Plan): KeyFigure {
  const { p95BitsPerSec, busyFraction, clippedFraction, capacityBitsPerSec } = plan.link;
  return {
    label: `Traffic on the ${formatBitsPerSec(capacityBitsPerSec)} link`,
    value: formatBitsPerSec(p95BitsPerSec),
    detail: `for 95 %; busy ${percent(busyFraction)}, full ${percent(clippedFraction)}`,
    restsOn: 'traffic',
    derivation: 'link-p95',
  };
}

/** A share without digits that nobody acts on. */
function percent(share: number): string {
  return share > 0 && share < 0.01 ? formatShare(share) : `${Math.floor(share * 100)} %`;
}
