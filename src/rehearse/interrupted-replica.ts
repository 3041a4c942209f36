import type { Millis } from '../units.ts';
import type { Clock } from './clock.ts';
import { LinkError, type ReplicaService } from './replica-service.ts';

/** A time in which the link is down. */
export interface Interruption {
  readonly startMs: Millis;
  readonly endMs: Millis;
}

/** A replica behind a link that is down now and then: no call begins while it is. Its host breaks off what is under way when it goes down. */
export function interrupted(
  replica: ReplicaService,
  interruptions: readonly Interruption[],
  clock: Clock,
): ReplicaService {
  const checked = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    const nowMs = clock.nowMs();
    if (interruptions.some(({ startMs, endMs }) => startMs <= nowMs && nowMs < endMs)) {
      throw new LinkError('the link is down');
    }
    return await call();
  };
  return {
    open: (relationship) => checked(() => replica.open(relationship)),
    beginCopy: (id, session) => checked(() => replica.beginCopy(id, session)),
    digests: (id, disk, first, count) => checked(() => replica.digests(id, disk, first, count)),
    putChunk: (id, session, disk, chunk, data) => checked(() => replica.putChunk(id, session, disk, chunk, data)),
    endCopy: (id, session, atMs) => checked(() => replica.endCopy(id, session, atMs)),
    putLog: (id, set, disk, offset, data) => checked(() => replica.putLog(id, set, disk, offset, data)),
    commitSet: (id, set) => checked(() => replica.commitSet(id, set)),
  };
}
