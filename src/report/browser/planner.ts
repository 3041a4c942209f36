import type { WhatIf } from '../../plan/what-if.ts';
import type { Answer, Order } from './planner-messages.ts';

/** An order that has run for longer than this is given up for a newer one, and its worker with it. [chosen] */
const PATIENCE_MS = 1000;

type Asked = Extract<Order, { kind: 'preview' | 'whole' }>;

/** Owns the worker that simulates: at most one order runs, and of those that come meanwhile only the last is kept. */
export class Planner {
  readonly #code: Blob;
  readonly #load: Order;
  readonly #onAnswer: (answer: Answer, whatIf: WhatIf) => void;
  #worker: Worker | undefined;
  #running: { readonly order: Asked; readonly sinceMs: number } | undefined;
  #next: Asked | undefined;

  constructor(code: string, packedRun: string, packedPlan: string, onAnswer: (answer: Answer, whatIf: WhatIf) => void) {
    this.#code = new Blob([code], { type: 'text/javascript' });
    this.#load = { kind: 'load', packedRun, packedPlan };
    this.#onAnswer = onAnswer;
  }

  ask(order: Asked): void {
    if (this.#running !== undefined && performance.now() - this.#running.sinceMs > PATIENCE_MS) this.stop();
    if (this.#running !== undefined) {
      this.#next = order;
      return;
    }
    this.#running = { order, sinceMs: performance.now() };
    this.#worker ??= this.#makeWorker();
    this.#worker.postMessage(order);
  }

  /** Gives up whatever runs or waits. */
  stop(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#running = undefined;
    this.#next = undefined;
  }

  #makeWorker(): Worker {
    const address = URL.createObjectURL(this.#code);
    const worker = new Worker(address);
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.#hear(data));
    worker.addEventListener('error', ({ message }) => this.#hear({ kind: 'failed', message }));
    worker.postMessage(this.#load);
    URL.revokeObjectURL(address);
    return worker;
  }

  #hear(answer: Answer): void {
    const { order } = this.#running!;
    const isEnd = answer.kind === 'plan' || answer.kind === 'failed';
    const next = this.#next;
    if (isEnd) {
      this.#running = undefined;
      this.#next = undefined;
    }
    // What has been overtaken is still shown: while a slider moves, the page follows it as fast as it can.
    this.#onAnswer(answer, order.whatIf);
    if (isEnd && next !== undefined) this.ask(next);
  }
}
