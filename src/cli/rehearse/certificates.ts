import { type Problem, problemOf } from '../../model/problem.ts';
import { makeCertificates } from '../../rehearse/transport/make-certificates.ts';
import type { Ending } from '../analyze.ts';
import { printProblems } from '../print-problems.ts';

export interface CertificatesFlags {
  readonly out: string;
  readonly primary?: string;
  readonly replica?: string;
}

const VALID_DAYS = 30;

/** `asr-plan certificates --out FOLDER`: an authority for one rehearsal, and a certificate for each end. */
export async function certificates({
  out,
  primary = 'localhost',
  replica = 'localhost',
}: CertificatesFlags): Promise<Ending> {
  try {
    const made = await makeCertificates(out, { primaryName: primary, replicaName: replica, validDays: VALID_DAYS });
    const files = [
      made.replica.authorityPath,
      ...[made.primary, made.replica].flatMap((end) => [end.certificatePath, end.keyPath]),
    ];
    process.stdout.write(`Written, valid for ${VALID_DAYS} days:\n${files.map((path) => `  ${path}\n`).join('')}`);
    return 'met';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const problem: Problem = problemOf(
      'error',
      'folder',
      out,
      `The folder cannot be made (${code}).`,
      'Name one that is not there yet.',
    );
    process.stderr.write(printProblems([problem]));
    return 'badInput';
  }
}
