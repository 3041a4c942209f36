/** Walks every pair of the lifecycle's table: what it lists can happen, what it does not list is a defect of ours. */
import { describe, expect, it } from 'vitest';
import { CAUSES } from '../../src/model/cause.ts';
import { INITIAL_REPLICATION_AT_ONCE, type InitialReplicationPlan } from '../../src/model/policy.ts';
import { createCore, type ReplicationCore } from '../../src/replication/columns.ts';
import { InvariantError } from '../../src/replication/invariant.ts';
import {
  INPUT_KEYS,
  Input,
  type InputKey,
  isLegal,
  LIFECYCLE,
  mayLead,
  PHASE_KEYS,
  Phase,
  type PhaseKey,
} from '../../src/replication/lifecycle.ts';
import { PHASE_TITLES, refusalOf } from '../../src/replication/refusal.ts';
import { step } from '../../src/replication/step.ts';
import { DAY_MS, MIB } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';

/** What a path can do besides inputs: let the guest write half of every disk. */
type Move = InputKey | 'write half a disk';

interface Way {
  readonly moves: readonly Move[];
  readonly initial?: Partial<InitialReplicationPlan>;
}

const way = (...moves: Move[]): Way => ({ moves });
const LATER = { startAtMs: DAY_MS };
const media = (...moves: Move[]): Way => ({ moves: ['enabled', 'enableDone', ...moves], initial: { mode: 'media' } });
const existing = (...moves: Move[]): Way => ({ moves, initial: { mode: 'existing' } });

/** The least path into each phase. */
const WAY_TO: Readonly<Record<PhaseKey, Way>> = {
  unprotected: way(),
  enabling: way('enabled'),
  awaitingStart: { moves: ['enabled', 'enableDone'], initial: LATER },
  seeding: way('enabled', 'enableDone'),
  seedingBackoff: way('enabled', 'enableDone', 'transferFailed'),
  exporting: media(),
  merging: way('enabled', 'enableDone', 'transferDone', 'transferDone'),
  finalizing: way('enabled', 'enableDone', 'transferDone', 'transferDone', 'mergeDone'),
  awaitingMedia: media('write half a disk', 'logHalfDue', 'exportDone', 'mergeDone'),
  tracking: way('adopted'),
  sending: way('adopted', 'intervalElapsed'),
  sendingBackoff: way('adopted', 'intervalElapsed', 'transferFailed'),
  sendingLast: way('adopted', 'plannedFailover'),
  resyncMarked: way('adopted', 'resyncRequired'),
  resyncing: way('adopted', 'resyncRequired', 'windowOpened'),
  resyncBackoff: way('adopted', 'resyncRequired', 'windowOpened', 'transferFailed'),
  resyncPaused: way('adopted', 'resyncRequired', 'windowOpened', 'paused'),
  paused: way('adopted', 'paused'),
  critical: way('adopted', 'fatalError'),
  failedOver: way('adopted', 'unplannedFailover'),
  committed: way('adopted', 'unplannedFailover', 'failoverCommitted'),
};

const DELTAS_WITH_MEDIA = ['exportDone', 'mergeDone'] as const;

/** Other paths into the phase, for the followers to which the least path does not lead. */
const OTHER_WAYS: Readonly<Record<string, Way>> = {
  'enabling enableDone awaitingStart': { moves: ['enabled'], initial: LATER },
  'enabling enableDone exporting': { moves: ['enabled'], initial: { mode: 'media' } },
  'enabling enableDone resyncing': existing('enabled'),
  'awaitingStart startDue exporting': { moves: ['enabled', 'enableDone'], initial: { ...LATER, mode: 'media' } },
  'awaitingStart startDue resyncing': { moves: ['enabled', 'enableDone'], initial: { ...LATER, mode: 'existing' } },
  'seeding transferDone merging': way('enabled', 'enableDone', 'transferDone'),
  'merging mediaImported merging': media('exportDone'),
  'merging mergeDone tracking': media('exportDone'),
  'merging mergeDone awaitingMedia': media('exportDone', 'write half a disk', 'logHalfDue'),
  'finalizing finalizeDone resyncMarked': way(...WAY_TO.finalizing.moves, 'resyncRequired'),
  'tracking mediaImported tracking': media(...DELTAS_WITH_MEDIA),
  'tracking resyncRequired awaitingMedia': media(...DELTAS_WITH_MEDIA),
  'tracking logHalfDue resyncMarked': way('adopted', 'write half a disk'),
  'tracking logHalfDue awaitingMedia': media(...DELTAS_WITH_MEDIA, 'write half a disk'),
  'sending mediaImported sending': media(...DELTAS_WITH_MEDIA, 'intervalElapsed'),
  'sending resyncRequired awaitingMedia': media(...DELTAS_WITH_MEDIA, 'intervalElapsed'),
  'sending logHalfDue resyncMarked': way('adopted', 'intervalElapsed', 'write half a disk'),
  'sending logHalfDue awaitingMedia': media(...DELTAS_WITH_MEDIA, 'intervalElapsed', 'write half a disk'),
  'sendingBackoff mediaImported sendingBackoff': media(...DELTAS_WITH_MEDIA, 'intervalElapsed', 'transferFailed'),
  'sendingBackoff resyncRequired awaitingMedia': media(...DELTAS_WITH_MEDIA, 'intervalElapsed', 'transferFailed'),
  'sendingBackoff logHalfDue resyncMarked': way('adopted', 'intervalElapsed', 'transferFailed', 'write half a disk'),
  'sendingBackoff logHalfDue awaitingMedia': media(
    ...DELTAS_WITH_MEDIA,
    'intervalElapsed',
    'transferFailed',
    'write half a disk',
  ),
  'sendingLast transferDone sendingLast': way('adopted', 'intervalElapsed', 'plannedFailover'),
  'sendingLast logHalfDue resyncMarked': way('adopted', 'plannedFailover', 'write half a disk'),
  'resyncing transferDone finalizing': existing('enabled', 'enableDone'),
  'resyncing transferDone sendingLast': way('adopted', 'unplannedFailover', 'failoverCommitted', 'plannedFailover'),
  'resyncing logHalfDue resyncMarked': way(...WAY_TO.resyncing.moves, 'write half a disk'),
  'resyncBackoff logHalfDue resyncMarked': way(...WAY_TO.resyncBackoff.moves, 'write half a disk'),
  'resyncPaused resumed resyncMarked': way(...WAY_TO.resyncPaused.moves, 'resyncRequired'),
  'paused resumed seeding': way('enabled', 'enableDone', 'paused'),
  'paused resumed sending': way('adopted', 'intervalElapsed', 'paused'),
  'paused resumed resyncMarked': way('adopted', 'paused', 'resyncRequired'),
  'paused resumed awaitingMedia': media(...DELTAS_WITH_MEDIA, 'paused', 'resyncRequired'),
  'critical fixed seeding': way('enabled', 'enableDone', 'fatalError'),
  'critical fixed sending': way('adopted', 'intervalElapsed', 'fatalError'),
  'critical fixed resyncMarked': way('adopted', 'resyncRequired', 'fatalError'),
  'critical fixed resyncing': way('adopted', 'resyncRequired', 'windowOpened', 'fatalError'),
  'critical fixed awaitingMedia': media(...DELTAS_WITH_MEDIA, 'fatalError', 'resyncRequired'),
  'failedOver failoverCancelled sending': way('adopted', 'intervalElapsed', 'unplannedFailover'),
  'failedOver failoverCancelled resyncMarked': way('adopted', 'resyncRequired', 'unplannedFailover'),
  'committed plannedFailover sendingLast': way('adopted', 'plannedFailover', 'transferDone', 'failoverCommitted'),
  'committed reversed tracking': way('adopted', 'plannedFailover', 'transferDone', 'failoverCommitted'),
};

function causeFor(input: Input): number {
  if (input === Input.transferFailed) return CAUSES.networkError.code;
  if (input === Input.fatalError) return CAUSES.authenticationError.code;
  return input === Input.resyncRequired ? CAUSES.diskChanged.code : 0;
}

function walk({ moves, initial }: Way): { core: ReplicationCore; nowMs: number } {
  const run = buildRun({
    vms: [
      buildVm({
        disks: [
          buildDisk({ name: 'a', sizeBytes: 8 * MIB, usedBytes: MIB }),
          buildDisk({ name: 'b', sizeBytes: 8 * MIB, usedBytes: MIB }),
        ],
      }),
    ],
    policy: { initialReplication: { ...INITIAL_REPLICATION_AT_ONCE, ...initial } },
  });
  let written = 0;
  const writes = {
    writtenBytes: () => written,
    reachedAtMs: () => Number.POSITIVE_INFINITY,
    notReachedBeforeMs: () => Number.POSITIVE_INFINITY,
  };
  const core = createCore(run.workload, run.policy, {
    writes,
    resyncSpans: [{ startMs: 0, endMs: Number.POSITIVE_INFINITY }],
    cutPhaseMs: [0],
  });
  let nowMs = 0;
  for (const move of moves) {
    nowMs += 300_000;
    if (move === 'write half a disk') written += 4 * MIB;
    else step(core, 0, Input[move], nowMs, 0, causeFor(Input[move]));
  }
  return { core, nowMs: nowMs + 300_000 };
}

const PAIRS = PHASE_KEYS.flatMap((phase) => INPUT_KEYS.map((input) => ({ phase, input })));
const legal = (pair: { phase: PhaseKey; input: InputKey }): boolean => LIFECYCLE[pair.phase][pair.input] !== undefined;

describe('what the table does not list is our own defect, and a refusal names the phase', () => {
  it.each(PAIRS.filter((pair) => !legal(pair)))('$input in $phase throws', ({ phase, input }) => {
    const { core, nowMs } = walk(WAY_TO[phase]);
    expect(PHASE_KEYS[core.phase[0]!]).toBe(phase);
    expect(refusalOf(core, 0, Input[input])).toBe(PHASE_TITLES[phase]);
    expect(() => step(core, 0, Input[input], nowMs)).toThrow(InvariantError);
    expect(() => step(core, 0, Input[input], nowMs)).toThrow(`${input} in phase ${phase}`);
    // Nothing has happened.
    expect(PHASE_KEYS[core.phase[0]!]).toBe(phase);
  });
});

describe('what the table lists can happen', () => {
  const triples = PAIRS.flatMap(({ phase, input }) =>
    (LIFECYCLE[phase][input] ?? []).map((next) => ({ phase, input, next })),
  );

  it.each(triples)('$input leads from $phase to $next', ({ phase, input, next }) => {
    const { core, nowMs } = walk(OTHER_WAYS[`${phase} ${input} ${next}`] ?? WAY_TO[phase]);
    expect(PHASE_KEYS[core.phase[0]!]).toBe(phase);
    step(core, 0, Input[input], nowMs, 0, causeFor(Input[input]));
    expect(PHASE_KEYS[core.phase[0]!]).toBe(next);
  });

  it('and every way above is one of them', () => {
    const listed = new Set(triples.map(({ phase, input, next }) => `${phase} ${input} ${next}`));
    expect(Object.keys(OTHER_WAYS).filter((triple) => !listed.has(triple))).toEqual([]);
  });

  it('and every phase can be reached from another', () => {
    const followers = new Set(triples.filter(({ phase, next }) => phase !== next).map(({ next }) => next));
    expect([...followers].sort()).toEqual([...PHASE_KEYS].sort());
  });
});

it('the table as bits says what the table says', () => {
  for (const { phase, input } of PAIRS) {
    const next = LIFECYCLE[phase][input] ?? [];
    expect(isLegal(Phase[phase], Input[input])).toBe(next.length > 0);
    for (const other of PHASE_KEYS) {
      expect(mayLead(Phase[phase], Input[input], Phase[other])).toBe(next.includes(other));
    }
  }
});
