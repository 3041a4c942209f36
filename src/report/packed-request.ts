import type { PlanRequest } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';

/** What the page needs to run a plan again. Receipts, problems, rules and prices stand in the plan itself. */
type PackedRequest = Pick<
  PlanRequest,
  'run' | 'bandwidthGiven' | 'assumptions' | 'measured' | 'version' | 'initialReplicationWithinMs'
> & {
  readonly givenOptions: readonly string[];
};

/** A request as JSON, for the page. */
export function packedRequestText(request: PlanRequest): string {
  const { run, bandwidthGiven, assumptions, measured, version, givenOptions, initialReplicationWithinMs } = request;
  const packed: PackedRequest = {
    ...{ run, bandwidthGiven, assumptions, version, givenOptions: [...givenOptions] },
    ...(measured === undefined ? {} : { measured }),
    ...(initialReplicationWithinMs === undefined ? {} : { initialReplicationWithinMs }),
  };
  return JSON.stringify(packed);
}

/** The request of {@link packedRequestText}, with what the plan has kept of it. */
export function unpackedRequest(text: string, { receipts, problems, rules, cost }: Plan): PlanRequest {
  const { givenOptions, ...packed } = JSON.parse(text) as PackedRequest;
  const prices = { book: cost.book, terms: cost.terms };
  return { ...packed, givenOptions: new Set(givenOptions), receipts, problems, rules, prices };
}
