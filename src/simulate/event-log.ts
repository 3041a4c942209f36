import type { SiteEvent } from '../model/event.ts';
import type { EventResult } from './result.ts';

/** Refusals that are kept by name for each event; the rest are counted. */
const REFUSALS_KEPT = 20;

/** What became of each fault and action of a run. */
export class EventLog {
  readonly #events: readonly SiteEvent[];
  readonly #vmNames: readonly string[];
  readonly #applied: Uint32Array;
  readonly #refused: { vm: string; reason: string }[][];
  readonly #refusedCount: Uint32Array;

  constructor(events: readonly SiteEvent[], vmNames: readonly string[]) {
    this.#events = events;
    this.#vmNames = vmNames;
    this.#applied = new Uint32Array(events.length);
    this.#refused = events.map(() => []);
    this.#refusedCount = new Uint32Array(events.length);
  }

  /** @param event −1 = nobody's, not logged */
  applied(event: number, vmCount: number): void {
    if (event >= 0) this.#applied[event]! += vmCount;
  }

  refused(event: number, vm: number, reason: string): void {
    if (event < 0) return;
    this.#refusedCount[event]!++;
    const kept = this.#refused[event]!;
    if (kept.length < REFUSALS_KEPT) kept.push({ vm: this.#vmNames[vm]!, reason });
  }

  results(): EventResult[] {
    return this.#events.map((event, index) => ({
      event,
      appliedCount: this.#applied[index]!,
      refusedCount: this.#refusedCount[index]!,
      refused: this.#refused[index]!,
    }));
  }
}
