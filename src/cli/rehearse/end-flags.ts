import { type Problem, problemOf } from '../../model/problem.ts';
import { checkAuthentication } from '../../rehearse/transport/check-authentication.ts';
import { type Credentials, CredentialsError, readCredentials } from '../../rehearse/transport/credentials.ts';

/** How an end proves who it is. */
export interface EndFlags {
  readonly certificate?: string;
  readonly key?: string;
  readonly authority?: string;
  readonly authentication?: string;
}

/** Said whenever an end starts. */
export const LOUD_WARNING: string = `
  ** This is a REHEARSAL, and NO backup or disaster recovery product. **
  ** Do not trust it with data of which you have no other copy.      **
`;

/** @returns the credentials; `null` = plain HTTP on the loopback, which was asked for; `undefined`, with problems, where there are none */
export async function readEndCredentials(
  flags: EndFlags,
  problems: Problem[],
): Promise<Credentials | null | undefined> {
  const { certificate, key, authority, authentication = 'certificate' } = flags;
  const refusal = checkAuthentication(authentication);
  if (refusal !== undefined) {
    problems.push(problemOf('error', 'flag-value', '--authentication', refusal, 'Write --authentication certificate.'));
    return undefined;
  }
  if (authentication === 'none') return null;
  if (certificate === undefined || key === undefined || authority === undefined) {
    const message =
      '--certificate, --key and --authority are needed: PEM files with which the two ends know each other.';
    const remedy = 'Make them with asr-plan certificates --out FOLDER, or take those of your own authority.';
    problems.push(problemOf('error', 'flag-value', '--certificate', message, remedy));
    return undefined;
  }
  try {
    return await readCredentials({ certificatePath: certificate, keyPath: key, authorityPath: authority });
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    for (const message of error.problems) {
      problems.push(problemOf('error', 'credentials', '--certificate', message, 'See asr-plan certificates --help.'));
    }
    return undefined;
  }
}

/** What the file system threw, as a problem of the folder that the user named; anything else is thrown on. */
export function folderProblem(error: unknown, flag: string, folder: string): Problem {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error;
  const [what, remedy] =
    code === 'ENOSPC' || code === 'EDQUOT'
      ? ['is full', 'Free space there, or name another.']
      : [`cannot be used (${code})`, 'Name one that is there and may be written to.'];
  return problemOf('error', 'folder', flag, `The folder ${folder} ${what}.`, remedy);
}

/** Resolves when somebody ends the command, by Ctrl-C or as a service. */
export function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
