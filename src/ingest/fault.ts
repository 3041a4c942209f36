import { instantOfLocal, type RunClock } from '../model/clock.ts';
import { type Problem, shownValue } from '../model/problem.ts';
import type { Outage } from '../model/site.ts';
import { type Millis, parseDurationMs } from '../units.ts';
import { parseIsoTime } from './iso-time.ts';

const EXAMPLE = "--fault 'link down at 2d10h for 40min' or --fault 'link down at 2026-01-07T10:00 for 40min'";

/** Exactly one of the two. */
export interface FaultReading {
  readonly outage?: Outage;
  readonly problem?: Problem;
}

/**
 * Reads `link down at 2d10h for 40min`. The instant is a duration from the start of the run, or an ISO time, local in
 * the clock's zone where it names no offset.
 */
export function parseFault(text: string, clock: RunClock): FaultReading {
  const match = text.length > 200 ? null : /^\s*link\s+down\s+at\s+(.+?)\s+for\s+(.+?)\s*$/i.exec(text);
  if (match === null)
    return { problem: wrongFault(text, 'This is no fault that can be planned.', `Write ${EXAMPLE}.`) };
  const startMs = instant(match[1]!, clock);
  if (startMs === undefined) {
    const message = `"${shownValue(match[1]!)}" is neither a duration from the start of the run nor an ISO time.`;
    return { problem: wrongFault(text, message, `Write ${EXAMPLE}.`) };
  }
  if (startMs < 0) {
    return {
      problem: wrongFault(text, 'The fault begins before the run.', 'Give a later time, or an earlier --start.'),
    };
  }
  const lengthMs = parseDurationMs(match[2]!);
  if (lengthMs === undefined || lengthMs <= 0) {
    const message = `"${shownValue(match[2]!)}" is no duration above 0.`;
    return { problem: wrongFault(text, message, 'Write it as 40min, 2h or 1d12h.') };
  }
  return { outage: { startMs, endMs: startMs + lengthMs } };
}

/** Sorts outages and joins those that overlap or touch, as the link's list must be. */
export function mergeOutages(outages: readonly Outage[]): Outage[] {
  const merged: Outage[] = [];
  for (const outage of outages.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = merged.at(-1);
    if (last === undefined || outage.startMs > last.endMs) merged.push(outage);
    else merged[merged.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, outage.endMs) };
  }
  return merged;
}

function instant(text: string, clock: RunClock): Millis | undefined {
  const fromStartMs = parseDurationMs(text);
  if (fromStartMs !== undefined) return fromStartMs;
  const time = parseIsoTime(text);
  if (time === undefined) return undefined;
  return time.offsetMs === undefined
    ? instantOfLocal(clock.offsets, time.wallMs - clock.startEpochMs)
    : time.wallMs - time.offsetMs - clock.startEpochMs;
}

function wrongFault(text: string, message: string, remedy: string): Problem {
  return { severity: 'error', code: 'fault-wrong', file: '--fault', value: shownValue(text), message, remedy };
}
