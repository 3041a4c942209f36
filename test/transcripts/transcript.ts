/**
 * A transcript: a title, prose that says why, a script, and the log that must come out. README.md has the format.
 *
 *     title, prose ─┐
 *     scenario …    ├─ never touched
 *     until …      ─┘
 *     log             what the simulation must tell of the script
 */
import { CAUSES } from '../../src/model/cause.ts';
import type { RunResult, VmResult } from '../../src/simulate/result.ts';
import type { Millis } from '../../src/units.ts';
import { simulated } from '../laws/build-run.ts';
import { clockTime, exactBytes, exactDuration } from './exact-text.ts';
import { aligned, TranscriptLog } from './log.ts';
import { readScript, type Script } from './script.ts';

export interface Transcript {
  readonly title: string;
  readonly script: Script;
  /** All that stands before the log, to the letter. */
  readonly head: string;
  /** The log as it stands in the file. */
  readonly log: string;
}

/** @throws Error with the line's number where a script cannot be read */
export function readTranscript(text: string): Transcript {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => /^scenario /.test(line));
  const until = lines.findIndex((line, index) => index > from && /^until /.test(line));
  if (from < 0 || until < 0) throw new Error('a script reaches from a line "scenario …" to a line "until …"');
  if (lines[0] === '' || from === 0) throw new Error('the first line must be the title');
  return {
    title: lines[0]!,
    script: readScript(lines.slice(from, until + 1), from + 1),
    head: lines.slice(0, until + 1).join('\n'),
    log: lines
      .slice(until + 1)
      .join('\n')
      .trim(),
  };
}

/** The whole file, its log made anew. */
export function refreshed({ head }: Transcript, log: string): string {
  return `${head}\n\n${log}\n`;
}

/** Runs the script and tells what happened. */
export function logOf({ run, eventLines }: Script): string {
  const observer = new TranscriptLog();
  const result = simulated(run, { observer });
  const { startEpochMs } = run.workload.clock;
  const clock = (atMs: Millis): string => clockTime(startEpochMs, atMs);
  const outcome = [
    ...result.vms.flatMap((vm) => outcomeOf(vm, run.options.horizonMs, clock).map((row) => [vm.name, ...row])),
    ...volumeRows(result, clock),
    ...eventRows(result, eventLines),
  ];
  return [...observer.lines(startEpochMs), '', ...aligned(outcome)].join('\n');
}

type Clock = (atMs: Millis) => string;
type Row = readonly [what: string, how: string];

/** What is left of a VM at the end. */
function outcomeOf(vm: VmResult, horizonMs: Millis, clock: Clock): Row[] {
  return [
    ...vm.jobs.map((job): Row => {
      const end = job.endMs === null ? '…' : clock(job.endMs);
      return [
        'job',
        `${job.kind}, ${clock(job.startMs)} – ${end}, ${job.state}${job.reason === '' ? '' : `: ${job.reason}`}`,
      ];
    }),
    ...enableRows(vm),
    ...cycleRows(vm),
    ...markRows(vm),
    ...sentRows(vm),
    ...failoverRows(vm, clock),
    ['recovery point', recoveryPointText(vm, horizonMs, clock)],
    ...keptRows(vm, clock),
    ['health', vm.health + (vm.healthReasons.length === 0 ? '' : `: ${vm.healthReasons.join('; ')}`)],
  ];
}

function enableRows({ enableFailure }: VmResult): Row[] {
  return enableFailure === null ? [] : [['not protected', enableFailure]];
}

function cycleRows({ cycles: { completed, missed, failed } }: VmResult): Row[] {
  if (completed + missed + failed === 0) return [];
  return [['cycles', `${completed} completed, ${missed} missed, ${failed} failed`]];
}

function markRows({ resyncCauses }: VmResult): Row[] {
  if (resyncCauses.length === 0) return [];
  const marks = resyncCauses.map(({ cause, count }) => (count === 1 ? '' : `${count} × `) + CAUSES[cause].title);
  return [['marked', marks.join(', ')]];
}

function sentRows({ sentBytes: { initial, delta, resync } }: VmResult): Row[] {
  const parts = [
    initial === 0 ? '' : `initial replication ${exactBytes(initial)}`,
    delta === 0 ? '' : `deltas ${exactBytes(delta)}`,
    resync === 0 ? '' : `resynchronization ${exactBytes(resync)}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? [] : [['sent', parts.join(', ')]];
}

function failoverRows({ failovers }: VmResult, clock: Clock): Row[] {
  return failovers.map(({ kind, atMs, dataLossMs, appConsistentDataLossMs }) => {
    const loss = dataLossMs === 0 ? 'nothing is lost' : `${exactDuration(dataLossMs)} are lost`;
    const other =
      appConsistentDataLossMs === null
        ? ''
        : `, ${exactDuration(appConsistentDataLossMs)} from the app-consistent point`;
    return ['failover', `${kind}, ${clock(atMs)}, ${loss}${other}`];
  });
}

function recoveryPointText({ statistics, rpo }: VmResult, horizonMs: Millis, clock: Clock): string {
  const atMs = statistics.LastAppliedLogTime;
  if (atMs === null) return 'none';
  const worst = rpo.maxMs === null ? '' : `; at worst ${exactDuration(rpo.maxMs)}`;
  return `${clock(atMs)}, ${exactDuration(horizonMs - atMs)} old${worst}`;
}

function keptRows({ recoveryPoints: { kept } }: VmResult, clock: Clock): Row[] {
  if (kept.length === 0) return [];
  return [
    [
      'points kept',
      kept.map(({ atMs, appConsistent }) => clock(atMs) + (appConsistent ? ' (app-consistent)' : '')).join(', '),
    ],
  ];
}

function volumeRows({ volumes }: RunResult, clock: Clock): string[][] {
  return volumes.flatMap(({ name, lowAtMs, fullAtMs }) => [
    ...(lowAtMs === null ? [] : [[name, 'volume', `below its reserve at ${clock(lowAtMs)}`]]),
    ...(fullAtMs === null ? [] : [[name, 'volume', `full at ${clock(fullAtMs)}`]]),
  ]);
}

/** Events that could not happen, and those that met nobody. */
function eventRows({ events }: RunResult, eventLines: readonly string[]): string[][] {
  return events.flatMap(({ event, appliedCount, refused }, index) => {
    const line = eventLines[index]!;
    if (refused.length > 0) return refused.map(({ vm, reason }) => [vm, 'refused', `${line}: ${reason}`]);
    const meetsNobody = appliedCount === 0 && event.kind !== 'linkSlow';
    return meetsNobody ? [['nobody', 'struck', line]] : [];
  });
}
