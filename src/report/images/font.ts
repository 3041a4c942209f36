/**
 * How wide a TrueType font's characters are, and which it has: what is needed to lay out text where no browser measures it. After the OpenType
 * specification, tables `cmap` (format 12, all of Unicode), `head`, `hhea` and `hmtx`. Kerning is left out, so that a text comes out a little too wide.
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

/** Code point → glyph, from the subtables of format 12. Glyph 0 is "none". */
function glyphsOf(view: DataView, cmap: number): Map<number, number> {
  const glyphs = new Map<number, number>();
  for (let index = 0; index < view.getUint16(cmap + 2); index++) {
    const subtable = cmap + view.getUint32(cmap + 4 + index * 8 + 4);
    if (view.getUint16(subtable) === GROUPS) readGroups(view, subtable, glyphs);
  }
  if (glyphs.size === 0) throw new Error('the font has no characters in groups (format 12)');
  return glyphs;
}

const GROUPS = 12;

function readGroups(view: DataView, subtable: number, glyphs: Map<number, number>): void {
  for (let index = 0; index < view.getUint32(subtable + 12); index++) {
    const group = subtable + 16 + index * 12;
    const [start, end, first] = [view.getUint32(group), view.getUint32(group + 4), view.getUint32(group + 8)];
    for (let code = start; code <= end; code++) if (first + code - start !== 0) glyphs.set(code, first + code - start);
  }
}
