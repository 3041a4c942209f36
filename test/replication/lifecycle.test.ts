/** Walks every pair of the lifecycle's table: what it lists can happen, what it does not list is a defect of ours. */
import { describe, expect, it } from 'vitest';
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
import { step } from '../../src/replication/step.ts';
import { MIB } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';

/** What a path can do besides inputs: let the guest write half of every disk. */
type Move = InputKey | 'write half a disk';

/** The least path into each phase. */
const WAY_TO: Readonly<Record<PhaseKey, readonly Move[]>> = {
  unprotected: [],
  enabling: ['enabled'],
  seeding: ['enabled', 'enableDone'],
  seedingBackoff: ['enabled', 'enableDone', 'transferFailed'],
  merging: ['enabled', 'enableDone', 'transferDone', 'transferDone'],
  finalizing: ['enabled', 'enableDone', 'transferDone', 'transferDone', 'mergeDone'],
  tracking: ['adopted'],
  sending: ['adopted', 'intervalElapsed'],
  sendingBackoff: ['adopted', 'intervalElapsed', 'transferFailed'],
  resyncMarked: ['adopted', 'write half a disk', 'logHalfDue'],
  resyncing: ['adopted', 'write half a disk', 'logHalfDue', 'windowOpened'],
  resyncBackoff: ['adopted', 'write half a disk', 'logHalfDue', 'windowOpened', 'transferFailed'],
};

/** Ways on from the end of {@link WAY_TO} that bring about a follower which the plain input does not. */
const DETOURS: Readonly<Record<string, readonly Move[]>> = {
  'seeding transferDone merging': ['transferDone'],
  'finalizing finalizeDone resyncMarked': ['write half a disk', 'logHalfDue'],
  'tracking logHalfDue resyncMarked': ['write half a disk'],
  'sending logHalfDue resyncMarked': ['write half a disk'],
  'sendingBackoff logHalfDue resyncMarked': ['write half a disk'],
  'resyncing logHalfDue resyncMarked': ['write half a disk'],
  'resyncBackoff logHalfDue resyncMarked': ['write half a disk'],
};

function walk(moves: readonly Move[]): { core: ReplicationCore; nowMs: number } {
  const run = buildRun({
    vms: [
      buildVm({
        disks: [
          buildDisk({ name: 'a', sizeBytes: 8 * MIB, usedBytes: MIB }),
          buildDisk({ name: 'b', sizeBytes: 8 * MIB, usedBytes: MIB }),
        ],
      }),
    ],
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
    else step(core, 0, Input[move], nowMs, 0);
  }
  return { core, nowMs: nowMs + 300_000 };
}

const PAIRS = PHASE_KEYS.flatMap((phase) => INPUT_KEYS.map((input) => ({ phase, input })));
const legal = (pair: { phase: PhaseKey; input: InputKey }): boolean => LIFECYCLE[pair.phase][pair.input] !== undefined;

describe('what the table does not list is our own defect', () => {
  it.each(PAIRS.filter((pair) => !legal(pair)))('$input in $phase throws', ({ phase, input }) => {
    const { core, nowMs } = walk(WAY_TO[phase]);
    expect(PHASE_KEYS[core.phase[0]!]).toBe(phase);
    expect(() => step(core, 0, Input[input], nowMs, 0)).toThrow(InvariantError);
    expect(() => step(core, 0, Input[input], nowMs, 0)).toThrow(`${input} in phase ${phase}`);
    // Nothing has happened.
    expect(PHASE_KEYS[core.phase[0]!]).toBe(phase);
  });
});

describe('what the table lists can happen', () => {
  const triples = PAIRS.flatMap(({ phase, input }) =>
    (LIFECYCLE[phase][input] ?? []).map((next) => ({ phase, input, next })),
  );

  it.each(triples)('$input leads from $phase to $next', ({ phase, input, next }) => {
    const { core, nowMs } = walk([...WAY_TO[phase], ...(DETOURS[`${phase} ${input} ${next}`] ?? [])]);
    expect(PHASE_KEYS[core.phase[0]!]).toBe(phase);
    step(core, 0, Input[input], nowMs, 0);
    expect(PHASE_KEYS[core.phase[0]!]).toBe(next);
  });

  it('and every phase can be reached from another', () => {
    const followers = new Set(triples.filter(({ phase, next }) => phase !== next).map(({ next }) => next));
    expect([...followers].sort()).toEqual(PHASE_KEYS.filter((phase) => phase !== 'unprotected').sort());
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
