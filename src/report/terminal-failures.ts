import type { Plan } from '../plan/plan.ts';
import { formatDurationMs } from '../units.ts';
import { shownName } from './shown-name.ts';
import { heading, type Paint } from './terminal-paint.ts';
import { wrapTo } from './terminal-width.ts';

/** How long an outage may last, and what a resynchronization of all VMs takes; nothing where no outage was tried. */
export function outageLines({ failures }: Plan, width: number, paint: Paint): string[] {
  const { sentence, starts, resync } = failures;
  if (starts.length === 0) return [];
  const all =
    resync.vmCount === 0
      ? ''
      : resync.stormMs === null
        ? `Resynchronizing all VMs at once is not through within ${formatDurationMs(resync.stormFollowedMs)}.`
        : `Resynchronizing all VMs at once takes ${formatDurationMs(resync.stormMs)}.`;
  return [
    heading('Failures', paint),
    ...wrapTo(shownName(sentence), width),
    ...wrapTo(all, width).map((line) => paint('dim', line)),
  ];
}
