/** Reads as much of PowerShell as the runbook writes, by PowerShell's own rules; throws at everything else. */
export type Token =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'char'; readonly value: string }
  | { readonly kind: 'word'; readonly value: string }
  | { readonly kind: 'mark'; readonly value: string }
  | { readonly kind: 'open'; readonly value: string }
  | { readonly kind: 'end' };

/** PowerShell takes each of them for the quote. */
const QUOTES = "'\u2018\u2019\u201A\u201B";
const WORD = /[$@]?[\p{L}\d_.:\-+=%*/\\]/u;

export function readPowerShell(script: string): Token[] {
  const tokens: Token[] = [];
  const closers: string[] = [];
  let at = 0;
  while (at < script.length) {
    const character = script[at]!;
    const rest = script.slice(at);
    if (rest.startsWith('`\n')) at += 2;
    else if (character === ' ') at++;
    else if (character === '\n') {
      tokens.push({ kind: 'end' });
      at++;
    } else if (character === '#') at += /^[^\n]*/.exec(rest)![0].length;
    else if (QUOTES.includes(character)) {
      const { value, length } = readQuoted(rest);
      tokens.push({ kind: 'text', value });
      at += length;
    } else if (rest.startsWith('[char]0x')) {
      tokens.push({ kind: 'char', value: String.fromCharCode(Number.parseInt(rest.slice(8, 12), 16)) });
      at += 12;
    } else if (character === '<') {
      const [whole, name] = /^<([A-Za-z -]+)>/.exec(rest) ?? [];
      if (whole === undefined) throw new Error(`a bare < at ${rest.slice(0, 40)}`);
      tokens.push({ kind: 'open', value: name! });
      at += whole.length;
    } else if ('({['.includes(character) || rest.startsWith('@(') || rest.startsWith('@{')) {
      const opener = character === '@' ? rest.slice(0, 2) : character;
      closers.push({ '(': ')', '{': '}', '[': ']' }[opener.at(-1)!]!);
      tokens.push({ kind: 'mark', value: opener });
      at += opener.length;
    } else if (')}]'.includes(character)) {
      if (closers.pop() !== character) throw new Error(`an unexpected ${character} at ${rest.slice(0, 40)}`);
      tokens.push({ kind: 'mark', value: character });
      at++;
    } else if (',;|'.includes(character)) {
      tokens.push({ kind: 'mark', value: character });
      at++;
    } else if (WORD.test(rest.slice(0, 2))) {
      const word = /^[$@]?[\p{L}\d_.:\-+=%*/\\]+/u.exec(rest)![0];
      tokens.push({ kind: 'word', value: word });
      at += word.length;
    } else throw new Error(`no PowerShell that is written here: ${JSON.stringify(rest.slice(0, 40))}`);
  }
  if (closers.length > 0) throw new Error(`${closers.join('')} is missing at the end`);
  return tokens;
}

/** A text in single quotes: two quotes in it, of whatever shape, are one. */
function readQuoted(rest: string): { value: string; length: number } {
  let value = '';
  for (let at = 1; ; at++) {
    const character = rest[at];
    if (character === undefined) throw new Error(`a quote without an end: ${rest.slice(0, 40)}`);
    if (!QUOTES.includes(character)) value += character;
    else if (QUOTES.includes(rest[at + 1] ?? '-')) value += rest[at++]!;
    else return { value, length: at + 1 };
  }
}

/** The texts of a script as PowerShell computes them: `'a'`, and `('a' + [char]0x0042)`. */
export function textsOf(tokens: readonly Token[]): string[] {
  return foldTexts(tokens).flatMap((token) => (token.kind === 'text' ? [token.value] : []));
}

/** The same tokens with every computed text as one. */
export function foldTexts(tokens: readonly Token[]): Token[] {
  const folded: Token[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const sum = sumAt(tokens, at);
    if (sum === undefined) folded.push(tokens[at]!);
    else {
      folded.push({ kind: 'text', value: sum.value });
      at = sum.last;
    }
  }
  return folded;
}

function sumAt(tokens: readonly Token[], from: number): { value: string; last: number } | undefined {
  if (!isMark(tokens[from], '(') || tokens[from + 1]?.kind !== 'text') return undefined;
  let value = '';
  for (let at = from + 1; ; at += 2) {
    const token = tokens[at];
    if (token?.kind !== 'text' && token?.kind !== 'char') return undefined;
    value += token.value;
    const next = tokens[at + 1];
    if (isMark(next, ')')) return { value, last: at + 1 };
    if (next?.kind !== 'word' || next.value !== '+') return undefined;
  }
}

export function isMark(token: Token | undefined, value: string): boolean {
  return token?.kind === 'mark' && token.value === value;
}

export interface Call {
  readonly cmdlet: string;
  readonly parameters: readonly string[];
}

/** Every cmdlet that a script calls, with the parameters that stand behind it up to the end of its statement. */
export function callsOf(tokens: readonly Token[]): Call[] {
  const calls: Call[] = [];
  tokens.forEach((token, at) => {
    if (token.kind !== 'word' || !/^[A-Z][a-z]+-[A-Z]\w+$/.test(token.value)) return;
    const before = tokens[at - 1];
    if (before?.kind === 'word' && before.value === 'function') return;
    calls.push({ cmdlet: token.value, parameters: parametersFrom(tokens, at + 1) });
  });
  return calls;
}

function parametersFrom(tokens: readonly Token[], from: number): string[] {
  const parameters: string[] = [];
  let depth = 0;
  for (const token of tokens.slice(from)) {
    if (token.kind === 'mark' && /^@?[({[]$/.test(token.value)) depth++;
    else if (token.kind === 'mark' && /^[)}\]]$/.test(token.value)) depth--;
    if (depth < 0) return parameters;
    if (depth > 0) continue;
    if (token.kind === 'end' || isMark(token, '|') || isMark(token, ';')) return parameters;
    if (token.kind === 'word' && /^-[A-Z]/.test(token.value)) parameters.push(token.value.slice(1));
  }
  return parameters;
}
