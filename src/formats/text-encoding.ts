/** What a file is, told from its first bytes. */
export type Sniffed =
  | { readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' }
  /** Known not to be text: `what` names it, `remedy` says how to get a text from it. */
  | { readonly what: string; readonly remedy: string };

/** First bytes of formats that users hand over in place of a CSV. */
const SIGNATURES: readonly { readonly bytes: string; readonly what: string; readonly remedy: string }[] = [
  {
    bytes: 'PK\x03\x04',
    what: 'a ZIP archive or an Excel workbook (.xlsx)',
    remedy: 'Unpack the archive; in Excel, save the sheet as "CSV UTF-8".',
  },
  {
    bytes: '\xD0\xCF\x11\xE0',
    what: 'an old Excel workbook (.xls)',
    remedy: 'In Excel, save the sheet as "CSV UTF-8".',
  },
  { bytes: '\x1F\x8B', what: 'a gzip archive', remedy: 'Unpack it (gzip -d) and give the file inside.' },
  { bytes: '\xFD7zXZ', what: 'an xz archive', remedy: 'Unpack it and give the file inside.' },
  { bytes: "7z\xBC\xAF'\x1C", what: 'a 7-Zip archive', remedy: 'Unpack it and give the file inside.' },
  { bytes: '%PDF', what: 'a PDF', remedy: 'Give the table that it was made from, as CSV.' },
  { bytes: 'PAR1', what: 'a Parquet file', remedy: 'Export it as CSV.' },
  { bytes: 'SQLite format 3', what: 'a SQLite database', remedy: 'Export the table as CSV.' },
];

const ENOUGH_BYTES = 4096;

/**
 * Tells the encoding by the byte order mark, else by where the zero bytes are: in UTF-16 text the upper byte of most
 * characters of a CSV (digits, delimiters, line ends) is zero. What has zero bytes elsewhere is no text.
 */
export function sniffEncoding(head: Uint8Array): Sniffed {
  const start = String.fromCharCode(...head.subarray(0, 16));
  const known = SIGNATURES.find(({ bytes }) => start.startsWith(bytes));
  if (known !== undefined) return known;
  if (start.startsWith('\xFF\xFE')) return { encoding: 'utf-16le' };
  if (start.startsWith('\xFE\xFF')) return { encoding: 'utf-16be' };
  const sample = head.subarray(0, ENOUGH_BYTES);
  const zeros = [0, 0];
  sample.forEach((byte, index) => {
    if (byte === 0) zeros[index % 2]!++;
  });
  const [even, odd] = zeros as [number, number];
  if (even + odd === 0) return { encoding: 'utf-8' };
  // Half of the text at least is ASCII in any CSV of names and numbers. A few zeros on the other side are characters such
  // as U+0100; a lone zero byte is no pattern.
  const many = Math.max(1, sample.length / 4);
  if (odd >= many && even * 8 <= odd) return { encoding: 'utf-16le' };
  if (even >= many && odd * 8 <= even) return { encoding: 'utf-16be' };
  return NOT_TEXT;
}

/** Zero bytes in text occur in no encoding that is read here. */
export const NOT_TEXT: { readonly what: string; readonly remedy: string } = {
  what: 'a binary file (it holds zero bytes)',
  remedy: 'Export the table as CSV, in UTF-8 or UTF-16.',
};
