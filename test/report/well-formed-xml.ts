/** An element or its end, without what may stand between. */
export interface XmlTag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
}

const NAME = String.raw`[A-Za-z_][\w.:-]*`;
const ATTRIBUTE = new RegExp(String.raw`\s+(${NAME})="([^"<]*)"`, 'y');
const ENTITY = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[\da-fA-F]+);)/;

/**
 * Reads XML that has no prologue, comment, section or processing instruction, and is strict: whatever a parser of XML 1.0 refuses, this refuses
 * too. @returns every element in order, and the text of each with nothing inside. @throws with the place of the fault
 */
export function readXml(xml: string): { readonly tags: readonly XmlTag[]; readonly texts: readonly string[] } {
  if (!xml.isWellFormed()) throw new Error('a lone surrogate');
  const forbidden = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.exec(xml);
  if (forbidden !== null) throw new Error(`U+${forbidden[0].codePointAt(0)!.toString(16)} at ${forbidden.index}`);
  const tags: XmlTag[] = [];
  const texts: string[] = [];
  const open: string[] = [];
  const ids = new Set<string>();
  let at = 0;
  while (at < xml.length) {
    const less = xml.indexOf('<', at);
    const text = xml.slice(at, less === -1 ? undefined : less);
    if (ENTITY.test(text) || text.includes(']]>')) throw new Error(`text that is not escaped: ${text.slice(0, 80)}`);
    if (open.length === 0 && text.trim() !== '') throw new Error(`text outside the root: ${text.slice(0, 80)}`);
    if (text.trim() !== '') texts.push(unescaped(text));
    if (less === -1) break;
    const end = new RegExp(`</(${NAME})>`, 'y');
    end.lastIndex = less;
    const ended = end.exec(xml);
    if (ended !== null) {
      if (open.pop() !== ended[1]) throw new Error(`</${ended[1]}> at ${less} ends what is not open`);
      at = end.lastIndex;
      continue;
    }
    const start = new RegExp(`<(${NAME})`, 'y');
    start.lastIndex = less;
    const name = start.exec(xml)?.[1];
    if (name === undefined) throw new Error(`no element at ${less}: ${xml.slice(less, less + 40)}`);
    if (open.length === 0 && tags.length > 0) throw new Error(`a second root at ${less}`);
    const attributes = new Map<string, string>();
    at = start.lastIndex;
    for (;;) {
      ATTRIBUTE.lastIndex = at;
      const found = ATTRIBUTE.exec(xml);
      if (found === null) break;
      if (attributes.has(found[1]!) || ENTITY.test(found[2]!)) throw new Error(`attribute ${found[0]} at ${at}`);
      attributes.set(found[1]!, unescaped(found[2]!));
      at = ATTRIBUTE.lastIndex;
    }
    const id = attributes.get('id');
    if (id !== undefined && ids.has(id)) throw new Error(`the id ${id} is there twice`);
    if (id !== undefined) ids.add(id);
    const close = /\s*(\/?)>/y;
    close.lastIndex = at;
    const closed = close.exec(xml);
    if (closed === null) throw new Error(`<${name} at ${less} is not closed: ${xml.slice(at, at + 40)}`);
    if (closed[1] === '') open.push(name);
    at = close.lastIndex;
    tags.push({ name, attributes });
  }
  if (open.length > 0 || tags.length === 0) throw new Error(`not closed: ${open.join(', ')}`);
  return { tags, texts };
}

function unescaped(text: string): string {
  const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (_, hex: string, decimal: string, name: string) =>
    name === undefined
      ? String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
      : named[name]!,
  );
}
