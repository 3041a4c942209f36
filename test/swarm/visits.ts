/** How often the swarm has been where: phases, inputs, causes and actions. */
import { CAUSE_KEYS, CAUSES } from '../../src/model/cause.ts';
import { ACTION_KEYS } from '../../src/model/event.ts';
import type { ReplicationCore } from '../../src/replication/columns.ts';
import { INPUT_KEYS, LIFECYCLE, PHASE_KEYS, type PhaseKey } from '../../src/replication/lifecycle.ts';
import type { RunResult } from '../../src/simulate/result.ts';
import type { ObservedStep } from '../../src/simulate/simulate.ts';

export class Visits {
  readonly phases = new Map<string, number>(PHASE_KEYS.map((key) => [key, 0]));
  readonly inputs = new Map<string, number>(INPUT_KEYS.map((key) => [key, 0]));
  readonly causes = new Map<string, number>(CAUSE_KEYS.map((key) => [key, 0]));
  /** Actions that took effect, and actions that were refused. */
  readonly applied = new Map<string, number>(ACTION_KEYS.map((key) => [key, 0]));
  readonly refused = new Map<string, number>(ACTION_KEYS.map((key) => [key, 0]));
  /** Every follower of the lifecycle's table: `phase input next`. */
  readonly transitions = new Map<string, number>(transitionsOfTable());
  /** Latest healing of each run, as a share of its bound. */
  readonly healedShares: number[] = [];
  stepCount = 0;
  readonly #lastCause = new Map<number, number>();

  readonly take = ({ vm, input, before, after }: ObservedStep, core: ReplicationCore): void => {
    const [from, to] = [PHASE_KEYS[before]!, PHASE_KEYS[after]!];
    this.stepCount++;
    count(this.inputs, INPUT_KEYS[input]!);
    count(this.transitions, `${from} ${INPUT_KEYS[input]} ${to}`);
    if (before !== after) count(this.phases, to);
    this.#takeCause(core.cause[vm]!, 2 * vm);
    this.#takeCause(core.markCause[vm]!, 2 * vm + 1);
  };

  /** A code is a visit where a column has come to it. */
  #takeCause(code: number, column: number): void {
    if (code === (this.#lastCause.get(column) ?? 0)) return;
    this.#lastCause.set(column, code);
    const key = CAUSE_KEYS.find((candidate) => CAUSES[candidate].code === code);
    if (key !== undefined) count(this.causes, key);
  }

  finish({ events }: RunResult, healedShare: number): void {
    this.healedShares.push(healedShare);
    this.#lastCause.clear();
    for (const { event, appliedCount, refusedCount } of events) {
      if (event.kind !== 'action') continue;
      count(this.applied, event.action, appliedCount);
      count(this.refused, event.action, refusedCount);
    }
  }

  /** What was never visited. Added and resized disks are always refused. */
  missed(): string[] {
    const never = (map: ReadonlyMap<string, number>, what: string): string[] =>
      [...map].filter(([, visits]) => visits === 0).map(([key]) => `${what} ${key}`);
    return [
      ...never(this.phases, 'phase'),
      ...never(this.inputs, 'input'),
      ...never(this.causes, 'cause'),
      ...never(this.applied, 'action').filter((name) => !/ (addDisk|resizeDisk)$/.test(name)),
      ...never(this.refused, 'refused action'),
    ];
  }

  text(): string {
    const table = (title: string, map: ReadonlyMap<string, number>): string =>
      `${title}\n${[...map].map(([key, visits]) => `  ${String(visits).padStart(9)} ${key}`).join('\n')}`;
    const never = [...this.transitions].filter(([, visits]) => visits === 0).map(([key]) => `  ${key}`);
    const latest = [...this.healedShares].sort((a, b) => a - b);
    return [
      table('Phases entered', this.phases),
      table('Inputs', this.inputs),
      table('Causes', this.causes),
      table('Actions that took effect', this.applied),
      table('Actions refused', this.refused),
      `Transitions of the lifecycle: ${this.transitions.size - never.length} of ${this.transitions.size}; never:\n${never.join('\n')}`,
      `Healed after this share of the bound: median ${shown(latest[latest.length >> 1])}, latest ${shown(latest.at(-1))}`,
      `${this.stepCount} steps`,
    ].join('\n\n');
  }
}

function shown(share: number | undefined): string {
  return share === undefined ? '–' : share.toFixed(3);
}

function count(map: Map<string, number>, key: string, times = 1): void {
  map.set(key, (map.get(key) ?? 0) + times);
}

function transitionsOfTable(): [string, number][] {
  return PHASE_KEYS.flatMap((from) =>
    (Object.entries(LIFECYCLE[from]) as [string, readonly PhaseKey[]][]).flatMap(([input, next]) =>
      next.map((to): [string, number] => [`${from} ${input} ${to}`, 0]),
    ),
  );
}
