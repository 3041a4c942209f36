import { isLike } from '../model/name-pattern.ts';
import { type Problem, shownValue } from '../model/problem.ts';

/** What a pattern is compared with. */
const PARTS = ['vm', 'disk', 'host', 'volume'] as const;
type Part = (typeof PARTS)[number];

/** `disk:*tempdb*`: which disks are to be left out. */
export interface Exclusion {
  readonly text: string;
  readonly part: Part;
  readonly matches: (name: string) => boolean;
}

const MAX_PATTERN_CHARACTERS = 200;

/** Reads the patterns of `--exclude`; `*` stands for any text, `?` for any character, capitals are as good as small letters. */
export function parseExclusions(texts: readonly string[]): { exclusions: Exclusion[]; problems: Problem[] } {
  const exclusions: Exclusion[] = [];
  const problems: Problem[] = [];
  for (const text of texts) {
    const [, part = '', pattern = ''] = /^(\w+):(.+)$/s.exec(text.trim()) ?? [];
    const known = PARTS.find((name) => name === part.toLowerCase());
    if (known === undefined || pattern.length > MAX_PATTERN_CHARACTERS) problems.push(wrongPattern(text));
    else exclusions.push({ text, part: known, matches: (name) => isLike(name.toLowerCase(), pattern.toLowerCase()) });
  }
  return { exclusions, problems };
}

function wrongPattern(text: string): Problem {
  return {
    ...{ severity: 'error', code: 'exclude-wrong-pattern', file: '--exclude', value: shownValue(text) },
    message: `What to leave out is said as ${PARTS.map((part) => `${part}:PATTERN`).join(', ')}.`,
    remedy: "Write it as --exclude 'disk:*tempdb*' or --exclude 'vm:TEST-*'.",
  };
}

/** Takes disks out that a pattern names, and says how many each took. A pattern without effect is most likely misspelt. */
export class Excluder {
  readonly #exclusions: readonly Exclusion[];
  readonly #counts: Map<Exclusion, number>;

  constructor(exclusions: readonly Exclusion[]) {
    this.#exclusions = exclusions;
    this.#counts = new Map(exclusions.map((exclusion) => [exclusion, 0]));
  }

  excludes(names: Readonly<Record<Part, readonly string[]>>): boolean {
    const found = this.#exclusions.find(({ part, matches }) => names[part].some(matches));
    if (found === undefined) return false;
    this.#counts.set(found, this.#counts.get(found)! + 1);
    return true;
  }

  /** To be asked when all disks have gone by. */
  problems(): Problem[] {
    return [...this.#counts].map(([{ text }, count]) => ({
      ...{
        severity: 'warning',
        code: count === 0 ? 'exclude-nothing' : 'exclude-disks',
        file: '--exclude',
        value: shownValue(text),
      },
      message:
        count === 0
          ? 'No disk fits this pattern.'
          : `${count} ${count === 1 ? 'disk is' : 'disks are'} left out of the plan.`,
      remedy:
        count === 0
          ? 'Check the pattern: * stands for any text.'
          : 'Check that nothing is among them that must come up after a failover.',
    }));
  }
}
