import { fewNames, type ProblemList } from './problem-list.ts';

const MAX_NAME_CHARACTERS = 256;

/**
 * A name of a stranger's: any text will do, `</script>` and `__proto__` included, since names are only ever keys of Maps
 * and text. What cannot be shown on one line of a report is refused.
 */
export function checkName(
  name: string,
  what: string,
  column: string,
  row: number | undefined,
  problems: ProblemList,
): boolean {
  const place = { ...(row === undefined ? {} : { row }), column, value: name };
  if (name.length > MAX_NAME_CHARACTERS) {
    const message = `The ${what}'s name is ${name.length} characters long; at most ${MAX_NAME_CHARACTERS} are allowed.`;
    problems.error('name-too-long', place, message, 'Shorten the name.');
    return false;
  }
  if (/\p{Cc}/u.test(name)) {
    const visible = { ...place, value: name.replace(/\p{Cc}/gu, '\uFFFD') };
    const message = `The ${what}'s name holds a control character, such as a line end or a tab.`;
    problems.error('name-control-character', visible, message, 'Delete the character from the name.');
    return false;
  }
  return true;
}

/** Names are compared exactly; that two differ in capitals only is more often a slip than meant. */
export function warnOfCase(names: Iterable<string>, what: string, problems: ProblemList): void {
  const firstByFold = new Map<string, string>();
  const pairs: string[] = [];
  for (const name of names) {
    const fold = name.toLowerCase();
    const first = firstByFold.get(fold);
    if (first === undefined) firstByFold.set(fold, name);
    else if (first !== name) pairs.push(`${first} / ${name}`);
  }
  if (pairs.length === 0) return;
  const message = `Taken as different ${what}s, though the names differ in capitals only: ${fewNames(pairs)}.`;
  problems.warning('name-case', {}, message, `Write the name alike in all rows if it is one ${what}.`);
}
