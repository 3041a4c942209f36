import { Input, Phase } from '../../../src/replication/lifecycle.ts';
import { MINUTE_MS, type Millis } from '../../../src/units.ts';
import { broken, type Law, told, type Watched } from './law.ts';

const NAME = 'attempts follow failures after 1, 2, 4, 8, 10, 30, 30 … minutes';

const GAPS_MS: readonly Millis[] = [1, 2, 4, 8, 10, 30].map((minutes) => minutes * MINUTE_MS);
/** Where a VM waits for its next attempt, or makes it. Whatever leads elsewhere ends the ladder (decisions 0002, 17; 0005). */
const ON_LADDER: ReadonlySet<Phase> = new Set([
  Phase.seeding,
  Phase.seedingBackoff,
  Phase.sending,
  Phase.sendingBackoff,
  Phase.sendingLast,
  Phase.resyncing,
  Phase.resyncBackoff,
]);
const WAITING: ReadonlySet<Phase> = new Set([Phase.seedingBackoff, Phase.sendingBackoff, Phase.resyncBackoff]);

export function ladderExact(watched: Watched): Law {
  const failures = watched.vms.map(() => 0);
  const dueAtMs = watched.vms.map(() => Number.POSITIVE_INFINITY);
  return {
    name: NAME,
    before({ nowMs }) {
      dueAtMs.forEach((due, vm) => {
        if (due < nowMs) broken(watched, NAME, vm, nowMs, `the attempt that was due at ${due} ms has not been made`);
      });
    },
    stepped(step) {
      const { vm, input, after, nowMs } = step;
      if (input === Input.retryDue && nowMs !== dueAtMs[vm]) {
        broken(watched, NAME, vm, nowMs, `an attempt is made that was due at ${dueAtMs[vm]} ms`);
      }
      const resets = input === Input.transferDone || input === Input.resyncRequested || !ON_LADDER.has(after);
      if (resets) failures[vm] = 0;
      if (input === Input.transferFailed) {
        dueAtMs[vm] = nowMs + GAPS_MS[Math.min(failures[vm]!, GAPS_MS.length - 1)]!;
        failures[vm]!++;
      } else if (!WAITING.has(after)) dueAtMs[vm] = Number.POSITIVE_INFINITY;
      if (WAITING.has(after) && dueAtMs[vm] === Number.POSITIVE_INFINITY) {
        broken(watched, NAME, vm, nowMs, `no attempt is due after ${told(step)}`);
      }
    },
  };
}
