/**
 * Names of VMs, disks and volumes come from strangers' files. Escaping keeps them from running; this keeps them from
 * disturbing: control characters (a terminal obeys them), line breaks and the marks that turn the direction of the text
 * around become a visible U+FFFD.
 */
const DISTURBING =
  /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB\uFFFE\uFFFF]|\p{Cs}/gu;

/** A name as it can stand in any report. `''` becomes `(no name)`. */
export function shownName(name: string): string {
  return name === '' ? '(no name)' : name.replace(DISTURBING, '\uFFFD');
}

/** A name cut to a number of characters, for places where a whole one does not fit. */
export function shortName(name: string, most: number): string {
  const characters = [...shownName(name)];
  return characters.length <= most ? characters.join('') : `${characters.slice(0, most - 1).join('')}…`;
}

/**
 * Labels of an axis: short, and different where the names are, since two equal labels would share one row of the chart.
 * In the names' order.
 */
export function axisLabels(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name) => {
    const label = shortName(name, 40);
    const count = (seen.get(label) ?? 0) + 1;
    seen.set(label, count);
    return count === 1 ? label : `${label} (${count})`;
  });
}
