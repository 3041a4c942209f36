import type { Plan } from '../plan/plan.ts';
import { DAY_MS, MINUTE_MS, type Millis } from '../units.ts';
import { csvText, withoutFormulas } from './csv.ts';
import { isoInstant } from './tables/cell-text.ts';

/** Where no start is known, since a batch before it does not end: the last day that was looked at. */
const NO_START_MS: Millis = 60 * DAY_MS;
const COLUMNS = ['vm', 'at', 'batch', 'start', 'host', 'expected_end', 'fits', 'why', 'advice'];

/**
 * The plan's batches as the CSV that `--batches` reads: a VM a row, `at` from the start of the run; the other columns are for people. Only the
 * header where there is nothing to be copied.
 */
export function renderBatchesCsv({ batches, vms, clock }: Plan): string {
  const hostOf = new Map(vms.map(({ name, host }) => [name, host]));
  const rows = (batches?.batches ?? []).flatMap(({ name, startMs, endMs, predictedEndMs, fits, vms: members }) =>
    members.map(({ vm, why, advice }) => {
      const end = endMs ?? predictedEndMs;
      return [
        ...[withoutFormulas(vm), durationText(startMs ?? NO_START_MS), name],
        ...[startMs === null ? '' : isoInstant(clock, startMs), withoutFormulas(hostOf.get(vm) ?? '')],
        ...[end === null ? '' : isoInstant(clock, end), fits ? 'yes' : 'no'],
        ...[withoutFormulas(why), withoutFormulas(advice ?? '')],
      ];
    }),
  );
  return csvText([COLUMNS, ...rows]);
}

/** Exact, and read back as it is. */
function durationText(durationMs: Millis): string {
  return durationMs % MINUTE_MS === 0 ? `${durationMs / MINUTE_MS}min` : `${durationMs}ms`;
}
