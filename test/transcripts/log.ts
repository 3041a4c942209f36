/**
 * The log of a transcript: what an observer sees of a run, a line for each thing that a planner would tell. README.md says how it
 * is read.
 */
import { causeOf } from '../../src/model/cause.ts';
import { type ReplicationCore, TransferKind } from '../../src/replication/columns.ts';
import { INPUT_KEYS, Input, PHASE_KEYS, Phase } from '../../src/replication/lifecycle.ts';
import type { ObservedStep, SimulationObserver } from '../../src/simulate/simulate.ts';
import type { Millis } from '../../src/units.ts';
import { clockTime, exactDuration } from './exact-text.ts';

/** What is told at an instant of one VM. */
interface Told {
  readonly atMs: Millis;
  readonly vm: number;
  /** Where the telling stands among all, so that a line is placed where what it tells began. */
  readonly order: number;
}

/** Steps of one VM at one instant: a chain of phases and the inputs that led along it. */
interface StepsLine extends Told {
  readonly kind: 'steps';
  readonly phases: Phase[];
  readonly inputs: string[];
}

/** Cycles in which nothing happens but the cut and the arrival. */
interface CyclesLine extends Told {
  readonly kind: 'cycles';
  lastArrivalAtMs: Millis;
  /** How long each one took, and how much of it in line. */
  readonly times: string[];
  missedCount: number;
}

interface SlotLine extends Told {
  readonly kind: 'slot';
  readonly phase: Phase;
  readonly waitedMs: Millis;
}

type Line = StepsLine | CyclesLine | SlotLine;

/** A cut that may become part of a row of cycles, and the slot that its set has waited for. */
interface OpenCut {
  readonly step: ObservedStep;
  readonly order: number;
  slot: SlotLine | undefined;
}

/** What is known of a VM between two of its steps. */
interface VmState {
  cut: OpenCut | undefined;
  /** The line that the VM's next step or cycle may still join. */
  last: Line | undefined;
  askedAtMs: Millis;
  markCount: number;
  missedCycles: number;
}

export class TranscriptLog implements SimulationObserver {
  #core: ReplicationCore | undefined;
  #vmNames: readonly string[] = [];
  #states: VmState[] = [];
  #orders = 0;
  readonly #lines: Line[] = [];

  started(core: ReplicationCore, vmNames: readonly string[]): void {
    this.#core = core;
    this.#vmNames = vmNames;
    this.#states = vmNames.map(() => ({
      cut: undefined,
      last: undefined,
      askedAtMs: 0,
      markCount: 0,
      missedCycles: 0,
    }));
  }

  stepped(step: ObservedStep): void {
    const core = this.#core!;
    const state = this.#states[step.vm]!;
    const marked = core.markCount[step.vm]! > state.markCount;
    state.markCount = core.markCount[step.vm]!;
    if (core.effects.upload !== TransferKind.none) state.askedAtMs = step.nowMs;
    // The rule looked and found nothing: how often it looks is nobody's business.
    if (step.input === Input.logHalfDue && !marked) return;
    if (state.cut !== undefined && endsCycle(step)) this.#addCycle(state, step);
    else {
      this.#tellCut(state);
      if (step.input === Input.intervalElapsed) state.cut = { step, order: this.#orders++, slot: undefined };
      else this.#addStep(state, step, this.#orders++, marked);
    }
    state.missedCycles = core.missedCycles[step.vm]!;
  }

  transfer(vm: number, flows: boolean, nowMs: Millis): void {
    const state = this.#states[vm]!;
    const waitedMs = nowMs - state.askedAtMs;
    if (!flows || waitedMs === 0) return;
    const phase = this.#core!.phase[vm] as Phase;
    const slot: SlotLine = { kind: 'slot', atMs: nowMs, vm, order: this.#orders++, phase, waitedMs };
    if (state.cut === undefined) this.#add(state, slot);
    else state.cut.slot = slot;
  }

  /** @param startEpochMs of the run's 0 */
  lines(startEpochMs: Millis): string[] {
    for (const state of this.#states) this.#tellCut(state);
    const rows = this.#lines
      .toSorted((a, b) => a.order - b.order)
      .map((line) => rowOf(line, this.#vmNames, startEpochMs));
    return aligned(rows);
  }

  /** A cut that did not simply arrive is told like everything else. */
  #tellCut(state: VmState): void {
    const { cut } = state;
    if (cut === undefined) return;
    state.cut = undefined;
    this.#addStep(state, cut.step, cut.order, false);
    if (cut.slot !== undefined) this.#add(state, cut.slot);
  }

  #addStep(state: VmState, step: ObservedStep, order: number, marked: boolean): void {
    const { vm, before, after, nowMs } = step;
    const cause = causeOf(marked ? this.#core!.markCause[vm]! : step.cause);
    const input = `${INPUT_KEYS[step.input]}${cause === null ? '' : ` (${cause.title})`}`;
    const { last } = state;
    if (last?.kind === 'steps' && last.atMs === nowMs) {
      if (after !== before) last.phases.push(after);
      last.inputs.push(input);
      return;
    }
    const phases = after === before ? [before] : [before, after];
    this.#add(state, { kind: 'steps', atMs: nowMs, vm, order, phases, inputs: [input] });
  }

  #addCycle(state: VmState, step: ObservedStep): void {
    const { step: cutStep, order, slot } = state.cut!;
    state.cut = undefined;
    const { vm } = step;
    const cycles = state.last?.kind === 'cycles' ? state.last : newCycles(cutStep.nowMs, vm, order);
    if (cycles !== state.last) this.#add(state, cycles);
    cycles.lastArrivalAtMs = step.nowMs;
    const waited = slot === undefined ? '' : ` (${exactDuration(slot.waitedMs)} in line)`;
    cycles.times.push(exactDuration(step.nowMs - cutStep.nowMs) + waited);
    cycles.missedCount += this.#core!.missedCycles[vm]! - state.missedCycles;
  }

  #add(state: VmState, line: Line): void {
    state.last = line;
    this.#lines.push(line);
  }
}

function endsCycle({ input, before, after }: ObservedStep): boolean {
  return input === Input.transferDone && before === Phase.sending && after === Phase.tracking;
}

function newCycles(atMs: Millis, vm: number, order: number): CyclesLine {
  return { kind: 'cycles', atMs, vm, order, lastArrivalAtMs: atMs, times: [], missedCount: 0 };
}

type Row = readonly string[];

function rowOf(line: Line, vmNames: readonly string[], startEpochMs: Millis): Row {
  const head = [clockTime(startEpochMs, line.atMs), vmNames[line.vm]!];
  switch (line.kind) {
    case 'steps':
      return [...head, line.phases.map((phase) => PHASE_KEYS[phase]).join(' → '), line.inputs.join(', ')];
    case 'slot':
      return [...head, PHASE_KEYS[line.phase]!, `has a slot after ${exactDuration(line.waitedMs)}`];
    case 'cycles':
      return [...head, cyclesText(line, startEpochMs)];
    default:
      return line satisfies never;
  }
}

function cyclesText({ times, lastArrivalAtMs, missedCount }: CyclesLine, startEpochMs: Millis): string {
  const count = times.length === 1 ? '1 cycle' : `${times.length} cycles`;
  const missed = missedCount === 0 ? '' : `, ${missedCount} missed`;
  return `${count} until ${clockTime(startEpochMs, lastArrivalAtMs)}${missed}: ${listed(times)}`;
}

/** Equal neighbours once, with their number: `5 × 30 s, 2 min`; `30 s each` where all are equal. */
function listed(times: readonly string[]): string {
  const runs: { readonly time: string; count: number }[] = [];
  for (const time of times) {
    const last = runs.at(-1);
    if (last?.time === time) last.count++;
    else runs.push({ time, count: 1 });
  }
  if (runs.length === 1 && times.length > 1) return `${times[0]!} each`;
  return runs.map(({ time, count }) => (count === 1 ? time : `${count} × ${time}`)).join(', ');
}

/** Columns as wide as their widest cell; the last cell of a row may be as long as it is. */
export function aligned(rows: readonly Row[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.slice(0, -1).forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row.map((cell, column) => (column < row.length - 1 ? cell.padEnd(widths[column]!) : cell)).join('  '),
  );
}
