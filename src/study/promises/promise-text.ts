import { AGGREGATES } from './promise.ts';

/** A promise's text as it may go to the parser of expressions: short, flat, of known characters, names replaced. */
export interface SafeText {
  /** Of the same length as the original. Names in quotes are replaced by single letters, `%` by {@link PERCENT}. */
  readonly source: string;
  readonly original: string;
  /** The names in quotes, by the letter that stands for each. */
  readonly names: ReadonlyMap<string, QuotedName>;
}

export interface QuotedName {
  readonly name: string;
  /** With its quotes, as it was written. */
  readonly written: string;
}

/** What is wrong with a text, and where: a part of it and its place, counted from 0. */
export interface TextFault {
  readonly code: string;
  readonly part: string;
  readonly at: number;
  readonly message: string;
  readonly remedy: string;
}

export const MAX_TEXT_LENGTH = 500;
/** Brackets within brackets. [chosen] */
export const MAX_DEPTH = 12;
/** Signs and `not` one after another. [chosen] */
const MAX_PREFIXES = 3;
const MAX_NAMES = 26;

/** Stands for `%`: a letter, so that a number before it and `%` are a quantity, whatever follows. `%` would take what follows for a divisor. */
export const PERCENT = 'þ';

/** What people write, and what a promise has for it. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['=', 'a promise compares: write `==` or `<=`'],
  ['≤', 'write `<=`'],
  ['≥', 'write `>=`'],
  ['≠', 'write `!=`'],
  ['!', 'write `not (…)`, or `!=` for “is not”'],
  ['&', 'write `and`'],
  ['|', 'write `or`'],
  ['^', 'powers are not known; multiply'],
  [',', 'write numbers with a point: `1.5 h`'],
  [':', 'ranges are not known; write `0 min <= x <= 5 min`'],
  [';', 'write each promise in a `--require` of its own, or join them with `and`'],
  ['{', 'write a condition such as `rpo.p95 <= 15 min`'],
  ['?', 'alternatives are not known; write `(a and b) or (not (a) and c)`'],
  ['#', 'comments are not known'],
]);
const OPERATORS = ['<=', '>=', '==', '!=', '<', '>', '+', '-', '*', '/', '(', ')', '[', ']', '.', '%'];
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;

/**
 * Looks a promise over before anything is parsed: a stranger's text may be long, deep or strange, and a parser that calls itself would
 * overflow. Takes time in proportion to the length that is allowed.
 */
export function safeText(text: string): SafeText | TextFault {
  if (text.length > MAX_TEXT_LENGTH) {
    return fault(
      'promise-too-long',
      text,
      0,
      `is longer than ${MAX_TEXT_LENGTH} characters`,
      'Split it into several promises.',
    );
  }
  if (text.trim() === '') {
    return fault('promise-empty', text, 0, 'is empty', 'Write a condition such as `rpo.p95 <= 15 min`.');
  }
  const names = new Map<string, QuotedName>();
  let source = '';
  let depth = 0;
  let prefixes = 0;
  let before = '';
  while (source.length < text.length) {
    const at = source.length;
    const char = text[at]!;
    if (char === ' ' || char === '\t' || char === '\n' || char === '\r' || char === '\u00a0') {
      source += ' ';
      continue;
    }
    if (char === "'" || char === '"') {
      const quoted = quotedName(text, at);
      if (!('name' in quoted)) return quoted;
      if (before !== '[') {
        return fault(
          'promise-text',
          quoted.written,
          at,
          'is text where none can stand',
          "Names stand in brackets: `vms['SQL01'].rpo.max`.",
        );
      }
      const letter = String.fromCharCode(97 + names.size);
      if (names.size >= MAX_NAMES) {
        return fault(
          'promise-too-long',
          quoted.written,
          at,
          `is one of more than ${MAX_NAMES} names`,
          'Split it into several promises.',
        );
      }
      names.set(letter, quoted);
      source += `'${letter}'${' '.repeat(quoted.written.length - 3)}`;
      before = "'";
      continue;
    }
    const token = tokenAt(text, at);
    if (token === undefined) return strangeCharacter(text, at);
    if (token === '0' && /^[xbo]\w/.test(text.slice(at + 1, at + 3))) {
      return fault(
        'promise-character',
        text.slice(at, at + 3),
        at,
        'begins a number that is not decimal',
        'Write it in decimal.',
      );
    }
    if (token === '(' || token === '[') depth++;
    if (token === ')' || token === ']') depth--;
    if (depth > MAX_DEPTH) {
      return fault(
        'promise-too-deep',
        text.slice(at),
        at,
        `lies in more than ${MAX_DEPTH} brackets`,
        'Write it flatter, or as several promises.',
      );
    }
    prefixes = token === '-' || token === '+' || token === 'not' ? prefixes + 1 : 0;
    if (prefixes > MAX_PREFIXES) {
      return fault(
        'promise-too-deep',
        text.slice(at),
        at,
        'is one sign or `not` too many in a row',
        'Two of them cancel out: leave them away.',
      );
    }
    before = token;
    source += token === '%' ? PERCENT : token;
  }
  return { source, original: text, names };
}

function tokenAt(text: string, at: number): string | undefined {
  for (const pattern of [NUMBER, WORD]) {
    pattern.lastIndex = at;
    const token = pattern.exec(text)?.[0];
    if (token !== undefined) return token;
  }
  return OPERATORS.find((operator) => text.startsWith(operator, at));
}

/** A name in quotes: everything up to the next of the same quotes; there are no escapes, since paths have backslashes. */
function quotedName(text: string, at: number): QuotedName | TextFault {
  const end = text.indexOf(text[at]!, at + 1);
  if (end < 0)
    return fault(
      'promise-text',
      text.slice(at),
      at,
      'has no closing quotes',
      "Names stand in quotes: `vms['SQL01'].rpo.max`.",
    );
  const written = text.slice(at, end + 1);
  if (end === at + 1)
    return fault(
      'promise-text',
      written,
      at,
      'is a name without a letter',
      "Names stand in quotes: `vms['SQL01'].rpo.max`.",
    );
  return { name: text.slice(at + 1, end), written };
}

function strangeCharacter(text: string, at: number): TextFault {
  const character = String.fromCodePoint(text.codePointAt(at)!);
  const code = character.codePointAt(0)!;
  const isPlain = code > 32 && code < 127;
  const shown = isPlain || INSTEAD.has(character) ? character : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  const remedy =
    INSTEAD.get(character) ??
    `write figures, numbers with units, \`<= < >= > == !=\`, \`and or not\`, \`+ - * /\`, ${AGGREGATES.map((name) => `\`${name}\``).join(' ')}`;
  return fault(
    'promise-character',
    shown,
    at,
    'has no meaning in a promise',
    `${remedy[0]!.toUpperCase()}${remedy.slice(1)}.`,
  );
}

function fault(code: string, part: string, at: number, message: string, remedy: string): TextFault {
  return { code, part, at, message, remedy };
}
