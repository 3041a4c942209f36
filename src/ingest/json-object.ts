import { didYouMean } from '../model/did-you-mean.ts';
import type { ProblemList } from './problem-list.ts';

/** One object of a JSON file with a known set of keys, and where it stands (`volumes[2]`). */
export class JsonObject {
  readonly path: string;
  private readonly members: ReadonlyMap<string, unknown>;
  private readonly problems: ProblemList;

  /** Reports keys that are not known. Members are kept in a Map: a key `__proto__` is only a key. */
  constructor(value: object, path: string, keys: readonly string[], problems: ProblemList) {
    this.path = path;
    this.members = new Map(Object.entries(value));
    this.problems = problems;
    for (const key of this.members.keys()) {
      if (keys.includes(key)) continue;
      const guess = didYouMean(key, keys);
      const remedy = `${guess === undefined ? '' : `Did you mean "${guess}"? `}Known here are ${keys.join(', ')}.`;
      problems.error(
        'site-unknown-key',
        { column: this.at(key), value: key },
        `There is no key "${key.slice(0, 80)}".`,
        remedy,
      );
    }
  }

  at(key: string): string {
    return this.path === '' ? key : `${this.path}.${key}`;
  }

  has(key: string): boolean {
    return this.members.has(key);
  }

  isObject(key: string): boolean {
    return isObject(this.members.get(key));
  }

  isList(key: string): boolean {
    return Array.isArray(this.members.get(key));
  }

  /** A text that is not empty; `undefined` where it is absent or was refused. */
  text(key: string, example: string): string | undefined {
    const value = this.members.get(key);
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
    const message = typeof value === 'number' ? `"${key}" is a number without a unit.` : `"${key}" is no text.`;
    this.error('site-wrong-type', key, value, message, `Write it as text, such as "${example}".`);
    return undefined;
  }

  /** A text that `parse` understands; `form` says how it is written. */
  parsed<T>(
    key: string,
    example: string,
    parse: (text: string) => T | undefined,
    form = 'it with its unit',
  ): T | undefined {
    const text = this.text(key, example);
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value !== undefined) return value;
    this.error(
      'site-wrong-value',
      key,
      text,
      `The value of "${key}" is not understood.`,
      `Write ${form}, such as "${example}".`,
    );
    return undefined;
  }

  /** One of a few words. */
  choice<T extends string>(key: string, words: readonly T[]): T | undefined {
    const known = (text: string): T | undefined => words.find((word) => word === text);
    return this.parsed(key, words[0]!, known, `one of ${words.join(', ')}`);
  }

  number(key: string): number | undefined {
    const value = this.members.get(key);
    if (value === undefined || typeof value === 'number') return value;
    this.error('site-wrong-type', key, value, `"${key}" is no number.`, 'Write the number without quotes.');
    return undefined;
  }

  /** The objects of a list. */
  objects(key: string, keys: readonly string[]): JsonObject[] {
    return this.list(key).flatMap((item, index) => this.child(item, `${this.at(key)}[${index}]`, keys) ?? []);
  }

  /** The texts of a list. */
  texts(key: string, example: string): string[] {
    return this.list(key).flatMap((item, index) => {
      if (typeof item === 'string' && item.trim() !== '') return item.trim();
      const place = `${key}[${index}]`;
      this.error('site-wrong-type', place, item, 'This is no text.', `Write it as text, such as "${example}".`);
      return [];
    });
  }

  object(key: string, keys: readonly string[]): JsonObject | undefined {
    return this.members.has(key) ? this.child(this.members.get(key), this.at(key), keys) : undefined;
  }

  error(code: string, key: string, value: unknown, message: string, remedy: string): void {
    this.problems.error(code, { column: this.at(key), value: shortText(value) }, message, remedy);
  }

  private list(key: string): readonly unknown[] {
    const value = this.members.get(key);
    if (value === undefined || Array.isArray(value)) return value ?? [];
    this.error('site-wrong-type', key, value, `"${key}" is no list.`, 'Write it in brackets: [ … ].');
    return [];
  }

  private child(value: unknown, path: string, keys: readonly string[]): JsonObject | undefined {
    if (isObject(value)) return new JsonObject(value, path, keys, this.problems);
    const place = { column: path, value: shortText(value) };
    this.problems.error('site-wrong-type', place, 'This is no object.', 'Write it in braces: { … }.');
    return undefined;
  }
}

/** What stands there. A nested value is not written out: it may be deeper than the stack. */
function shortText(value: unknown): string {
  if (Array.isArray(value)) return '[…]';
  return isObject(value) ? '{…}' : String(value);
}

export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
