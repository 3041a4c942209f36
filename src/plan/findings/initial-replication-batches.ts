import { formatLocal } from '../../model/clock.ts';
import { formatDurationMs } from '../../units.ts';
import type { FindingRule } from './finding.ts';

/** How many batches initial replication takes, and when the last is over. */
export const initialReplicationBatches: FindingRule = {
  id: 'initial-replication-batches',
  fine: 'Initial replication in batches is through in time',
  trouble: 'Initial replication in batches is not through in time',
  why: 'A batch begins when the one before is over, so that snapshots and logs find room and the deltas of those before find bandwidth.',
  source: 'docs/method.md, "Batches"; a simulation of the batches',
  judge({ run, batches, initialReplicationWithinMs: withinMs }) {
    if (batches === null) return undefined;
    const { clock } = run.workload;
    const { horizonMs } = run.options;
    const { initialReplicationEndMs: endMs, broken } = batches;
    const count = batches.batches.length === 1 ? '1 batch' : `${batches.batches.length} batches`;
    // One batch is the run itself: whether that ends within the horizon another rule says.
    const limitMs = withinMs ?? (batches.batches.length > 1 ? horizonMs : Number.POSITIVE_INFINITY);
    if (endMs !== null && endMs <= limitMs) {
      const title = `Initial replication in ${count} is through on ${formatLocal(clock, endMs)}, after ${formatDurationMs(endMs)}`;
      return { ok: true, title, value: endMs, unit: 'ms' };
    }
    if (endMs === null && batches.batches.length === 1 && withinMs === undefined) return undefined;
    const wanted = formatDurationMs(limitMs === Number.POSITIVE_INFINITY ? horizonMs : limitMs);
    const came =
      endMs === null
        ? `is not through within the ${formatDurationMs(batches.simulatedUntilMs)} that were simulated`
        : `is through on ${formatLocal(clock, endMs)}, after ${formatDurationMs(endMs)}`;
    return {
      ok: false,
      severity: withinMs === undefined ? 'warning' : 'broken',
      title: `Initial replication in ${count} ${came}; ${withinMs === undefined ? 'the run looks' : 'wanted within'} ${wanted}${withinMs === undefined ? ' ahead' : ''}`,
      ...{ value: endMs, unit: 'ms' },
      ...(broken[0] === undefined ? {} : { detail: broken[0] }),
      action:
        'Add space to the volumes that the batches name as full, or bandwidth where they wait for the link; look further ahead with --horizon.',
      names: batches.batches
        .filter((batch) => (batch.initialReplicationEndMs ?? Infinity) > limitMs)
        .map(({ name }) => name),
    };
  },
};
