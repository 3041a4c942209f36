/**
 * How wide a text stands in a terminal: wide characters (East Asian, emoji) take two columns, combining marks none.
 * The ranges are those of Unicode's East Asian Width W and F that names are likely to use.
 */
const WIDE =
  /[\u1100-\u115F\u231A\u231B\u23E9-\u23EC\u23F0\u23F3\u25FD\u25FE\u2614\u2615\u2648-\u2653\u26AA\u26AB\u26BD\u26BE\u26C4\u26C5\u26CE\u26D4\u26EA\u26F2\u26F3\u26F5\u26FA\u26FD\u2705\u270A\u270B\u2728\u274C\u274E\u2753-\u2755\u2757\u2795-\u2797\u27B0\u27BF\u2B1B\u2B1C\u2B50\u2B55\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18D08}\u{1AFF0}-\u{1B2FB}\u{1F004}\u{1F0CF}\u{1F18E}\u{1F191}-\u{1F19A}\u{1F200}-\u{1F320}\u{1F32D}-\u{1F64F}\u{1F680}-\u{1F6FC}\u{1F7E0}-\u{1F7F0}\u{1F90C}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;
const NO_WIDTH = /[\p{Mn}\p{Me}]/u;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A character as people see one, which may be many code points: as wide as its widest. */
function graphemeColumns(grapheme: string): number {
  let columns = 0;
  for (const character of grapheme) {
    if (!NO_WIDTH.test(character)) columns = Math.max(columns, WIDE.test(character) ? 2 : 1);
  }
  return columns;
}

/** Columns that a text takes; it must hold no control characters. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const { segment } of segmenter.segment(text)) columns += graphemeColumns(segment);
  return columns;
}

/** Cuts a text to a number of columns, with an ellipsis where something is lost. */
export function cutTo(text: string, most: number): string {
  if (columnsOf(text) <= most) return text;
  let kept = '';
  let columns = 0;
  for (const { segment } of segmenter.segment(text)) {
    columns += graphemeColumns(segment);
    if (columns > most - 1) break;
    kept += segment;
  }
  return most < 1 ? '' : `${kept}…`;
}

/** Cuts and fills a text to exactly a number of columns. */
export function padTo(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const cut = cutTo(text, columns);
  const space = ' '.repeat(Math.max(0, columns - columnsOf(cut)));
  return side === 'left' ? cut + space : space + cut;
}

/** Breaks a text between words into lines of at most so many columns; a longer word is cut into pieces. */
export function wrapTo(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/[ \t\n]+/).filter((part) => part !== '')) {
    for (const piece of pieces(word, columns)) {
      const longer = line === '' ? piece : `${line} ${piece}`;
      if (columnsOf(longer) <= columns) line = longer;
      else {
        lines.push(line);
        line = piece;
      }
    }
  }
  return line === '' ? lines : [...lines, line];
}

function pieces(word: string, columns: number): string[] {
  if (columnsOf(word) <= columns) return [word];
  const made: string[] = [];
  let piece = '';
  for (const { segment } of segmenter.segment(word)) {
    if (columnsOf(piece + segment) > columns) {
      made.push(piece);
      piece = '';
    }
    piece += segment;
  }
  return [...made, piece];
}
