/** Whether a text fits a pattern with `*` and `?`. Bounded by the product of their lengths: a stranger's regular expression may take for ever. */
export function isLike(text: string, pattern: string): boolean {
  let at = 0;
  let inPattern = 0;
  let starAt = -1;
  let starText = 0;
  while (at < text.length) {
    if (pattern[inPattern] === '*') {
      starAt = inPattern++;
      starText = at;
    } else if (inPattern < pattern.length && (pattern[inPattern] === '?' || pattern[inPattern] === text[at])) {
      at++;
      inPattern++;
    } else if (starAt >= 0) {
      // The star takes one character more.
      inPattern = starAt + 1;
      at = ++starText;
    } else return false;
  }
  while (pattern[inPattern] === '*') inPattern++;
  return inPattern === pattern.length;
}
