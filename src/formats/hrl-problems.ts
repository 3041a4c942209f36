import type { Bytes } from '../units.ts';

/** What a log has wrong, or what should be known of it. Those of {@link FatalHrlProblem} leave no write to speak of. */
export type HrlProblemCode =
  | FatalHrlProblem
  /** The header says so, or does not add up; what can be checked otherwise is read on. */
  | 'hrl-version-1'
  | 'hrl-file-type'
  | 'hrl-error-code'
  | 'hrl-header-field'
  | 'hrl-header-checksum'
  | 'hrl-not-closed'
  | 'hrl-entries-total'
  /** The file ends before the log does, or goes on behind it. */
  | 'hrl-truncated'
  | 'hrl-after-end'
  | 'hrl-torn-end'
  /** A metadata block is damaged, or its place in the chain is. */
  | 'hrl-chain-outside'
  | 'hrl-chain-loops'
  | 'hrl-block-checksum'
  | 'hrl-entry-count'
  | 'hrl-lengths'
  | 'hrl-lost'
  /** An entry, or what was written. */
  | 'hrl-entry-checksum'
  | 'hrl-entry-offset'
  | 'hrl-operation'
  | 'hrl-data-checksum';

/** Found in the header: reading ends there. */
export type FatalHrlProblem = 'hrl-not-hrl' | 'hrl-truncated-header' | 'hrl-version' | 'hrl-metadata-size';

/** One thing that a log has wrong, for its user. */
export interface HrlProblem {
  readonly code: HrlProblemCode;
  /** Where in the file it stands. */
  readonly atBytes: Bytes;
  /** A sentence or two, without the file's name. */
  readonly message: string;
}

/** As many of one code are kept, so that a file of nothing but damage neither fills the memory nor hides other codes. */
const MOST_OF_A_CODE = 4;

const FATAL: ReadonlySet<string> = new Set<FatalHrlProblem>([
  'hrl-not-hrl',
  'hrl-truncated-header',
  'hrl-version',
  'hrl-metadata-size',
]);

/** Problems as they are found. */
export class HrlProblemList {
  readonly found: HrlProblem[] = [];
  /** Found and not kept. */
  furtherCount = 0;
  /** One of {@link FatalHrlProblem} was found. */
  isFatal = false;
  private readonly counts = new Map<HrlProblemCode, number>();

  add(code: HrlProblemCode, atBytes: Bytes, message: string): void {
    const count = (this.counts.get(code) ?? 0) + 1;
    this.counts.set(code, count);
    this.isFatal ||= FATAL.has(code);
    if (count <= MOST_OF_A_CODE) this.found.push({ code, atBytes, message });
    else this.furtherCount++;
  }
}
