import type { Ending } from './analyze.ts';

export interface InspectFlags {
  readonly entries?: boolean;
  readonly json?: boolean;
}

/** `asr-plan inspect FILE`: what a file is, and what is in it. */
export async function inspect(_files: readonly string[], _flags: InspectFlags): Promise<Ending> {
  return 'met';
}
