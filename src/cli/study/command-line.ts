/** Options of the command line as they were given, so that a command can be printed that does the same again. */

type Flags = Readonly<Record<string, unknown>>;

/** `asr-plan analyze vms.csv --churn churn.csv …`, quoted for a shell; lists repeat their option. Of `without` nothing is said. */
export function commandLine(
  command: string,
  files: readonly string[],
  flags: Flags,
  without: readonly string[],
): string {
  const words = ['asr-plan', command, ...files];
  for (const [name, value] of Object.entries(flags)) {
    if (without.includes(name) || value === undefined || value === false) continue;
    const option = `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
    if (value === true) words.push(option);
    else for (const one of [value].flat()) words.push(option, String(one));
  }
  return words.map(quoted).join(' ');
}

/** As a POSIX shell takes it, and PowerShell too where there is no apostrophe in it. */
function quoted(word: string): string {
  return /^[\w./:=,@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
