/** The GUID of sixteen zeros, which stands for "none". */
export const NIL_GUID = '{00000000-0000-0000-0000-000000000000}';

/** Sixteen bytes in Windows' order (the first three groups little-endian) as `{…}` in lower case. They must be there. */
export function guidAt(bytes: Uint8Array, at: number): string {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const hex = order.map((index) => bytes[at + index]!.toString(16).padStart(2, '0')).join('');
  return parseGuid(hex)!;
}

/** A GUID's text, with or without braces and dashes, in any case, as `{…}` in lower case; `undefined` where it is none. */
export function parseGuid(text: string): string | undefined {
  const match = /^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i.exec(text);
  return match === null ? undefined : `{${match.slice(1).join('-').toLowerCase()}}`;
}
