import { type Bytes, MINUTE_MS, type Millis } from '../../units.ts';
import { type BatchCandidate, type FleetModel, LOOK_AHEAD_MS } from './fleet-model.ts';
import { type Caution, nobodyProtected, OpenBatch, type ProtectedFleet, type Refusal } from './open-batch.ts';

/** Batches begin at full quarters of an hour after the start of the run: somebody has to enable them. [chosen] */
export const START_STEP_MS: Millis = 15 * MINUTE_MS;
/** So many VMs in a row that do not fit close a batch: the work stays in bounds. [chosen] */
const REFUSALS_MOST = 200;

/** A batch of the rule, before it is tried. */
export interface ArrangedBatch {
  /** `null` where a batch before it does not end. */
  readonly startMs: Millis | null;
  /** `null` where it does not end within what is looked at. */
  readonly endMs: Millis | null;
  readonly fits: boolean;
  readonly members: readonly ArrangedVm[];
  readonly volumes: readonly { readonly volume: number; readonly needBytes: Bytes }[];
  readonly availableBytesPerMs: number;
  readonly deltaBytesPerMs: number;
}

export interface ArrangedVm {
  readonly candidate: BatchCandidate;
  /** What kept it out of the batch before; undefined where nothing did. */
  readonly refusal: Refusal | undefined;
  readonly alone: Alone;
  /** Missing on volumes, where it fits in no batch. */
  readonly deficits: readonly { readonly volume: number; readonly missingBytes: Bytes }[];
}

/** A VM by itself at the start of the run. */
export interface Alone {
  readonly candidate: BatchCandidate;
  /** `null` = not within what is looked at. */
  readonly endMs: Millis | null;
  /** The largest share of a volume's room that it needs; 0 where no room is known. */
  readonly pressure: number;
  readonly refusal: Refusal | undefined;
  readonly needs: ReturnType<OpenBatch['needsWith']>;
}

/**
 * The rule [chosen]: VMs by the share of their volume's room that they need alone, the largest first (then by the size of the first copy,
 * then by name); a batch takes, in this order, every VM with which it still holds; what is left over opens the next. VMs that do not hold
 * even alone come last, in batches that hold once what they lack is there.
 */
export function arrange(model: FleetModel, caution: Caution): ArrangedBatch[] {
  const ranked = rankedVms(model, caution);
  const batches: ArrangedBatch[] = [];
  const rooms = model.volumes.map(({ roomBytes }) => roomBytes);
  const isEndless = ({ refusal }: Alone): boolean => refusal?.limit === 'time';
  const fitting = ranked.filter(({ refusal }) => refusal === undefined);
  const lacking = ranked.filter((alone) => alone.refusal !== undefined && !isEndless(alone));
  const endless = ranked.filter(isEndless);

  // 1. Those that hold alone.
  let state = fill({ model, caution, rooms, batches, fits: true }, fitting, {
    before: nobodyProtected(model),
    startMs: 0,
  });
  // 2. Those that hold once their volumes have been extended.
  if (lacking.length > 0) {
    const raised = rooms.slice();
    for (const { needs } of lacking) {
      for (const { volume, needBytes } of needs) raised[volume] = Math.max(raised[volume]!, needBytes);
    }
    state = fill({ model, caution, rooms: raised, batches, fits: false }, lacking, state);
  }
  // 3. Those for which the link is never enough, together: nothing comes after them.
  if (endless.length > 0) {
    const open = new OpenBatch(model, state.before, state.startMs ?? LOOK_AHEAD_MS, caution, rooms);
    for (const { candidate } of endless) open.force(candidate);
    batches.push(arranged(open, state.startMs, false, endless.map(vmWithout)));
  }
  return batches;
}

interface Filling {
  readonly model: FleetModel;
  readonly caution: Caution;
  readonly rooms: readonly Bytes[];
  readonly batches: ArrangedBatch[];
  readonly fits: boolean;
}

/** Where the next batch begins. */
interface Progress {
  readonly before: ProtectedFleet;
  readonly startMs: Millis | null;
}

function fill({ model, caution, rooms, batches, fits }: Filling, vms: readonly Alone[], from: Progress): Progress {
  let { before, startMs } = from;
  let waiting: { alone: Alone; refusal: Refusal | undefined }[] = vms.map((alone) => ({ alone, refusal: undefined }));
  while (waiting.length > 0) {
    const open = new OpenBatch(model, before, startMs ?? LOOK_AHEAD_MS, caution, rooms);
    const taken: ArrangedVm[] = [];
    const left: typeof waiting = [];
    let refusedInARow = 0;
    let last: Refusal | undefined;
    for (const one of waiting) {
      if (refusedInARow >= REFUSALS_MOST) {
        // Not asked: what kept the one before it out stands for it.
        left.push({ alone: one.alone, refusal: last });
        continue;
      }
      const refusal = open.offer(one.alone.candidate);
      if (refusal === undefined) {
        taken.push(member(model, one.alone, one.refusal, fits));
        refusedInARow = 0;
      } else {
        left.push({ alone: one.alone, refusal });
        last = refusal;
        refusedInARow++;
      }
    }
    let holds = fits;
    if (taken.length === 0) {
      // The logs of those before have taken what it needed: it fits nowhere any more.
      const [first] = left.splice(0, 1);
      const needs = open.needsWith(first!.alone.candidate);
      open.force(first!.alone.candidate);
      const lost = { ...first!.alone, needs, refusal: first!.refusal };
      taken.push(member(model, lost, first!.refusal, false));
      holds = false;
    }
    batches.push(arranged(open, startMs, holds, taken));
    before = open.closed();
    startMs = startMs === null || open.endMs > LOOK_AHEAD_MS ? null : nextStart(open.endMs);
    waiting = left;
  }
  return { before, startMs };
}

/** The next full quarter of an hour. */
export function nextStart(atMs: Millis): Millis {
  return Math.ceil(atMs / START_STEP_MS) * START_STEP_MS;
}

function arranged(
  open: OpenBatch,
  startMs: Millis | null,
  fits: boolean,
  members: readonly ArrangedVm[],
): ArrangedBatch {
  const { endMs } = open;
  const isOver = startMs !== null && endMs <= LOOK_AHEAD_MS;
  const atMs = Math.min(LOOK_AHEAD_MS, endMs);
  return {
    ...{ startMs, endMs: isOver ? endMs : null, fits, members },
    volumes: open.volumesOfMembers().map((volume) => ({ volume, needBytes: open.needBytes(volume, atMs) })),
    ...open.linkUse(),
  };
}

function vmWithout(alone: Alone): ArrangedVm {
  return { candidate: alone.candidate, refusal: alone.refusal, alone, deficits: [] };
}

function member(model: FleetModel, alone: Alone, refusal: Refusal | undefined, fits: boolean): ArrangedVm {
  const deficits = fits
    ? []
    : alone.needs.flatMap(({ volume, needBytes }) => {
        const missingBytes = Math.ceil(needBytes - model.volumes[volume]!.roomBytes);
        return missingBytes > 0 ? [{ volume, missingBytes }] : [];
      });
  return { candidate: alone.candidate, refusal: fits ? refusal : (alone.refusal ?? refusal), alone, deficits };
}

function rankedVms(model: FleetModel, caution: Caution): Alone[] {
  const nobody = nobodyProtected(model);
  return model.candidates
    .map((candidate): Alone => {
      const open = new OpenBatch(model, nobody, 0, caution);
      const needs = open.needsWith(candidate);
      const refusal = open.offer(candidate);
      const pressure = needs.reduce((most, { volume, needBytes }) => {
        const room = model.volumes[volume]!.roomBytes;
        return room === Number.POSITIVE_INFINITY ? most : Math.max(most, needBytes / Math.max(1, room));
      }, 0);
      const endMs = needs[0]?.endMs ?? 0;
      return { candidate, endMs: endMs < LOOK_AHEAD_MS ? endMs : null, pressure, refusal, needs };
    })
    .sort(
      (left, right) =>
        right.pressure - left.pressure ||
        right.candidate.wireBytes - left.candidate.wireBytes ||
        compare(left.candidate.vm.name, right.candidate.vm.name),
    );
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
