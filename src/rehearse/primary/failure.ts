import { CAUSES } from '../../model/cause.ts';
import { Input } from '../../replication/lifecycle.ts';
import { AuthenticationError, LinkError, ReplicaError } from '../replica-service.ts';

/** What the core is told of a transfer that did not come through. */
export interface TransferFailure {
  readonly input: typeof Input.transferFailed | typeof Input.fatalError | typeof Input.resyncRequired;
  /** Code of `model/cause.ts`. */
  readonly cause: number;
}

const AGAIN: TransferFailure = { input: Input.transferFailed, cause: CAUSES.networkError.code };
const NO_SPACE: TransferFailure = { input: Input.transferFailed, cause: CAUSES.lowDiskSpace.code };

const OF_REPLICA: Readonly<Record<ReplicaError['code'], TransferFailure>> = {
  // What was damaged on the way is sent again.
  corrupt: AGAIN,
  full: NO_SPACE,
  conflict: { input: Input.resyncRequired, cause: CAUSES.logOutOfSequence.code },
  invalid: { input: Input.fatalError, cause: CAUSES.invalidReplicaState.code },
  unknown: { input: Input.fatalError, cause: CAUSES.invalidReplicaState.code },
  refused: { input: Input.fatalError, cause: CAUSES.authorizationError.code },
};

/** @returns `undefined` for what is a defect of ours, which nothing must hide */
export function transferFailureOf(error: unknown): TransferFailure | undefined {
  if (error instanceof LinkError) return AGAIN;
  if (error instanceof AuthenticationError) return { input: Input.fatalError, cause: CAUSES.authenticationError.code };
  if (error instanceof ReplicaError) return OF_REPLICA[error.code];
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return NO_SPACE;
  return typeof code === 'string' && /^E[A-Z]+$/.test(code) ? AGAIN : undefined;
}
