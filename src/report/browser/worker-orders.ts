import { sampleAnswer } from '../../plan/fleet-sample.ts';
import { changedRequest, makePlan, type PlanHooks, type PlanRequest, previewPlan } from '../../plan/make-plan.ts';
import type { Plan } from '../../plan/plan.ts';
import { formatBitsPerSec, type Millis } from '../../units.ts';
import { unpackedRequest } from '../packed-request.ts';
import { unpacked } from './packed-block.ts';
import type { Answer, Order } from './planner-messages.ts';

/** Larger fleets are answered from so many VMs first. [chosen] */
const SAMPLE_ABOVE_VMS = 250;
const SAMPLE_VMS = 100;
const PROGRESS_EVERY_MS = 200;

/** What a plan was made of, and the plan. */
export interface Loaded {
  readonly request: PlanRequest;
  readonly base: Plan;
}

/** Makes a plan of files; only the planner's page has one. */
export type Analyze = (
  order: Extract<Order, { kind: 'analyze' }>,
  tell: (answer: Answer) => void,
) => Promise<Loaded | undefined>;

/** Answers the page's orders one after another, in a worker of its own so that the page goes on meanwhile. */
export function answerOrders(analyze?: Analyze): void {
  let loaded: Loaded | undefined;
  let queue: Promise<void> = Promise.resolve();
  const carryOut = async (order: Order): Promise<void> => {
    if (order.kind === 'load') {
      const base = JSON.parse(await unpacked(order.packedPlan)) as Plan;
      loaded = { request: unpackedRequest(await unpacked(order.packedRun), base), base };
    } else if (order.kind === 'analyze') {
      loaded = await analyze?.(order, answer);
    } else {
      if (loaded === undefined) throw new Error('nothing was loaded');
      run(order.kind === 'whole', changedRequest(loaded.request, loaded.base, order.whatIf), loaded.base);
    }
  };
  addEventListener('message', ({ data }: MessageEvent<Order>) => {
    queue = queue
      .then(() => carryOut(data))
      .catch((error: unknown) => answer({ kind: 'failed', message: String(error) }));
  });
}

function answer(message: Answer): void {
  (self as unknown as { postMessage(message: Answer): void }).postMessage(message);
}

function run(whole: boolean, request: PlanRequest, base: Plan): void {
  const startMs = performance.now();
  if (!whole && request.run.workload.vms.length > SAMPLE_ABOVE_VMS) {
    answer({ kind: 'sample', answer: sampleAnswer(request.run, SAMPLE_VMS) });
  }
  const hooks = hooksOf(request);
  const plan = whole ? makePlan(request, hooks) : previewPlan(request, base, hooks);
  answer({ kind: 'plan', plan, whole, tookMs: performance.now() - startMs });
}

/** Tells how far the making of a plan is. */
export function hooksOf({ run }: PlanRequest): PlanHooks {
  return {
    onSearch: occasionally((bitsPerSec: number) => `Looking for the bandwidth: ${formatBitsPerSec(bitsPerSec)}`),
    onSimulate: occasionally((atMs: Millis) => `Simulating: ${Math.floor((atMs * 100) / run.options.horizonMs)} %`),
    onFailure: occasionally((words: string) => `Looking at failures: ${words}`),
  };
}

/** A few times a second. */
function occasionally<Value>(wordsOf: (value: Value) => string): (value: Value) => void {
  let toldMs = performance.now();
  return (value) => {
    if (performance.now() - toldMs < PROGRESS_EVERY_MS) return;
    toldMs = performance.now();
    answer({ kind: 'progress', words: wordsOf(value) });
  };
}
