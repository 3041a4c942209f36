/** A value that the run rests on and that nobody measured: every report prints them all. */
export interface Assumption {
  /** The parameter's name, with its unit: `retryLadderMs`. */
  readonly name: string;
  readonly value: number | string | boolean | null | readonly number[];
  /** Why this value. */
  readonly reason: string;
  /** Where it comes from: a document and its place, or `chosen` where it is our own. */
  readonly source: string;
  /** `given` where the user set it, `default` where nobody did. */
  readonly origin: 'given' | 'default';
}
