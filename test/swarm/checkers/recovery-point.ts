import { Input } from '../../../src/replication/lifecycle.ts';
import { broken, type Law, told, type Watched } from './law.ts';

const NAME = 'a recovery point never goes back, nor beyond what has arrived';

export function recoveryPointMonotone(watched: Watched): Law {
  const lastMs = watched.vms.map(() => -1);
  return {
    name: NAME,
    stepped(step) {
      const { vm, input, nowMs } = step;
      const foundMs = watched.core.recoveryPointAtMs[vm]!;
      const expectedMs = watched.points.vms[vm]!.recoveryPointAtMs;
      if (foundMs !== expectedMs) {
        broken(watched, NAME, vm, nowMs, `it is ${foundMs} ms, not ${expectedMs} ms, after ${told(step)}`);
      }
      if (foundMs < lastMs[vm]! && input !== Input.disabled) {
        broken(watched, NAME, vm, nowMs, `it goes back from ${lastMs[vm]} ms to ${foundMs} ms`);
      }
      if (foundMs > nowMs) broken(watched, NAME, vm, nowMs, `it is ${foundMs} ms: in the future`);
      lastMs[vm] = foundMs;
    },
  };
}
