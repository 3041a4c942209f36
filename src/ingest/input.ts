import type { RandomAccess } from '../formats/random-access.ts';
import type { Sniffed } from '../formats/text-encoding.ts';
import type { ByteSource, TextSource } from './text-source.ts';

/** A file that a user gave, of whatever kind. This room opens none: who gives it has opened it. */
export interface Input {
  /** As the user gave it; problems and the receipt name it. */
  readonly name: string;
  /** Its first bytes, at least 64 KiB of them where there are so many. */
  readonly head: Uint8Array;
  /** In which encoding it is text; else what it is. */
  readonly sniffed: Sniffed;
  /** The first bytes as text, the last character perhaps broken; absent where it is none. */
  readonly headText?: string;
  /** The whole of it as text; to be asked for once. */
  readonly text: () => TextSource;
  /** The same as bytes of UTF-8, for scanners; wrong bytes stay what they are. To be asked for in place of the text. */
  readonly utf8: () => ByteSource;
  /** The whole of it as bytes, open as long as `use` takes; absent for a pipe, which gives its bytes once. */
  readonly withBytes?: <T>(use: (file: RandomAccess) => Promise<T>) => Promise<T>;
  /** What the user says it is, where it does not show: `--churn` names a series. */
  readonly role?: 'inventory' | 'churn';
  /** It was found in a folder that the user gave: that it is none of ours says nothing then. */
  readonly isFound?: boolean;
}
