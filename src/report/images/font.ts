/**
 * How wide a TrueType font's characters are, and which it has: what is needed to lay out text where no browser measures it. After the OpenType
 * specification, tables `cmap` (formats 4 and 12), `head`, `hhea` and `hmtx`. Kerning is left out, so that a text comes out a little too wide.
 */
export class Font {
  readonly #glyphs: ReadonlyMap<number, number>;
  readonly #advances: readonly number[];
  readonly #unitsPerEm: number;

  /** @throws where the bytes are no font that has these tables */
  constructor(bytes: Uint8Array) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const at = tablesOf(view);
    const table = (name: string): number => {
      const offset = at.get(name);
      if (offset === undefined) throw new Error(`the font has no table ${name}`);
      return offset;
    };
    this.#unitsPerEm = view.getUint16(table('head') + UNITS_PER_EM);
    const [metrics, count] = [table('hmtx'), view.getUint16(table('hhea') + METRICS_COUNT)];
    this.#advances = Array.from({ length: count }, (_, glyph) => view.getUint16(metrics + glyph * 4));
    this.#glyphs = glyphsOf(view, table('cmap'));
  }

  has(character: string): boolean {
    return this.#glyphs.has(character.codePointAt(0)!);
  }

  /** In pixels. A character that the font does not have counts as an em: so wide are those of East Asia. */
  widthOf(text: string, sizePixels: number): number {
    let units = 0;
    for (const character of text) {
      const glyph = this.#glyphs.get(character.codePointAt(0)!);
      // Glyphs beyond the last metric are as wide as it.
      units += glyph === undefined ? this.#unitsPerEm : this.#advances[Math.min(glyph, this.#advances.length - 1)]!;
    }
    return (units * sizePixels) / this.#unitsPerEm;
  }
}

const UNITS_PER_EM = 18;
const METRICS_COUNT = 34;
const DIRECTORY_BYTES = 12;
const DIRECTORY_ENTRY_BYTES = 16;

/** Offsets of the tables by their names. */
function tablesOf(view: DataView): Map<string, number> {
  const tables = new Map<string, number>();
  for (let index = 0; index < view.getUint16(4); index++) {
    const entry = DIRECTORY_BYTES + index * DIRECTORY_ENTRY_BYTES;
    const name = String.fromCharCode(...[0, 1, 2, 3].map((byte) => view.getUint8(entry + byte)));
    tables.set(name, view.getUint32(entry + 8));
  }
  return tables;
}

/** Code point → glyph, from every Unicode subtable. Glyph 0 is "none". */
function glyphsOf(view: DataView, cmap: number): Map<number, number> {
  const glyphs = new Map<number, number>();
  for (let index = 0; index < view.getUint16(cmap + 2); index++) {
    const entry = cmap + 4 + index * 8;
    const platform = view.getUint16(entry);
    const encoding = view.getUint16(entry + 2);
    const isUnicode = platform === 0 || (platform === 3 && (encoding === 1 || encoding === 10));
    if (!isUnicode) continue;
    const subtable = cmap + view.getUint32(entry + 4);
    const format = view.getUint16(subtable);
    if (format === 4) readSegments(view, subtable, glyphs);
    else if (format === 12) readGroups(view, subtable, glyphs);
  }
  return glyphs;
}

/** Format 4: segments of the Basic Multilingual Plane. */
function readSegments(view: DataView, subtable: number, glyphs: Map<number, number>): void {
  const bytes = view.getUint16(subtable + 6);
  const ends = subtable + 14;
  const starts = ends + bytes + 2;
  const [deltas, ranges] = [starts + bytes, starts + 2 * bytes];
  for (let at = 0; at < bytes; at += 2) {
    const [start, end] = [view.getUint16(starts + at), view.getUint16(ends + at)];
    const [delta, range] = [view.getUint16(deltas + at), view.getUint16(ranges + at)];
    for (let code = start; code <= end && code < 0xffff; code++) {
      const glyph = range === 0 ? code : view.getUint16(ranges + at + range + (code - start) * 2);
      if (range === 0 || glyph !== 0) put(glyphs, code, (glyph + delta) & 0xffff);
    }
  }
}

/** Format 12: groups of all of Unicode. */
function readGroups(view: DataView, subtable: number, glyphs: Map<number, number>): void {
  for (let index = 0; index < view.getUint32(subtable + 12); index++) {
    const group = subtable + 16 + index * 12;
    const [start, end, first] = [view.getUint32(group), view.getUint32(group + 4), view.getUint32(group + 8)];
    for (let code = start; code <= end; code++) put(glyphs, code, first + code - start);
  }
}

function put(glyphs: Map<number, number>, code: number, glyph: number): void {
  if (glyph !== 0) glyphs.set(code, glyph);
}
