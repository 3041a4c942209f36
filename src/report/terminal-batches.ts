import { formatLocal } from '../model/clock.ts';
import type { Plan } from '../plan/plan.ts';
import { formatDurationMs } from '../units.ts';
import { heading, type Paint } from './terminal-paint.ts';
import { wrapTo } from './terminal-width.ts';

/** How many batches, and when the last is over; nothing where one at the start does it. */
export function batchLines({ batches, clock }: Plan, width: number, paint: Paint): string[] {
  if (batches === null || (batches.batches.length < 2 && batches.holds)) return [];
  const count = batches.batches.length === 1 ? '1 batch' : `${batches.batches.length} batches`;
  const end = batches.initialReplicationEndMs;
  const when =
    end === null
      ? `not through within ${formatDurationMs(batches.simulatedUntilMs)}`
      : `through on ${formatLocal(clock, end)}, after ${formatDurationMs(end)}`;
  const lacking = batches.batches.reduce((sum, { fits, vms }) => sum + (fits ? 0 : vms.length), 0);
  const fit = lacking === 0 ? '' : `; ${lacking === 1 ? '1 VM fits' : `${lacking} VMs fit`} in none`;
  const held = batches.holds || lacking > 0 ? '' : `; not all of it holds`;
  const words = wrapTo(`${count}, ${when}${fit}${held}`, width - 2);
  const cue = batches.holds ? paint('blue', '✓') : paint('red', '✕');
  return [
    heading('Initial replication in batches', paint),
    ...words.map((line, index) => `${index === 0 ? cue : ' '} ${line}`),
  ];
}
