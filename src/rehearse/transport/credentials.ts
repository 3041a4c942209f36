import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

/** With what an end proves who it is, and whom it believes: PEM. The key goes into the TLS context and nowhere else. */
export interface Credentials {
  readonly certificate: string;
  readonly key: string;
  /** The authority that has signed both ends' certificates. */
  readonly authority: string;
}

export interface CredentialPaths {
  readonly certificatePath: string;
  readonly keyPath: string;
  readonly authorityPath: string;
}

/** What is wrong with a user's certificates: a sentence each, with the file and the remedy, and nothing of what is in it. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/**
 * Reads an end's certificate, its key and the authority.
 *
 * @throws CredentialsError with all that is wrong at once
 */
export async function readCredentials(
  { certificatePath, keyPath, authorityPath }: CredentialPaths,
  nowMs: number = Date.now(),
): Promise<Credentials> {
  const problems: string[] = [];
  const certificate = await readPem(certificatePath, problems);
  const key = await readPem(keyPath, problems);
  const authority = await readPem(authorityPath, problems);
  if (certificate === undefined || key === undefined || authority === undefined) throw new CredentialsError(problems);
  const own = certificateOf(certificate, certificatePath, problems);
  const signer = certificateOf(authority, authorityPath, problems);
  const privateKey = keyOf(key, keyPath, problems);
  await checkMode(keyPath, problems);
  for (const [read, path] of [
    [own, certificatePath],
    [signer, authorityPath],
  ] as const) {
    if (read === undefined) continue;
    if (Date.parse(read.validTo) < nowMs)
      problems.push(`${path}: the certificate expired on ${read.validTo}. Renew it.`);
    if (Date.parse(read.validFrom) > nowMs) {
      problems.push(`${path}: the certificate is valid from ${read.validFrom} on. Check this machine's clock.`);
    }
  }
  if (own !== undefined && privateKey !== undefined && !own.checkPrivateKey(privateKey)) {
    problems.push(`${keyPath}: the key does not belong to the certificate ${certificatePath}. Give the one that does.`);
  }
  if (own !== undefined && signer !== undefined && !(own.checkIssued(signer) && own.verify(signer.publicKey))) {
    problems.push(`${certificatePath}: the certificate was not issued by ${authorityPath}. Give its authority.`);
  }
  if (problems.length > 0) throw new CredentialsError(problems);
  return { certificate, key, authority };
}

/** Why the other end, which believes the same authority, does not accept this end's certificate by now; `undefined` = it does. */
export function whyNotAccepted(
  { certificate, authority }: Credentials,
  nowMs: number = Date.now(),
): string | undefined {
  const own = new X509Certificate(certificate);
  const signer = new X509Certificate(authority);
  if (Date.parse(own.validTo) < nowMs) return `This end's certificate expired on ${own.validTo}. Renew it.`;
  if (Date.parse(own.validFrom) > nowMs) return `This end's certificate is valid from ${own.validFrom} on.`;
  if (own.checkIssued(signer) && own.verify(signer.publicKey)) return undefined;
  return "This end's certificate was not issued by the authority of both ends.";
}

async function readPem(path: string, problems: string[]): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    problems.push(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code}). Name a PEM file.`);
    return undefined;
  }
}

function certificateOf(pem: string, path: string, problems: string[]): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    problems.push(`${path}: holds no certificate in PEM form. Export it as Base-64 X.509.`);
    return undefined;
  }
}

function keyOf(pem: string, path: string, problems: string[]): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    problems.push(`${path}: holds no private key in PEM form without a passphrase. Export it as PKCS #8.`);
    return undefined;
  }
}

/** A key that others can read is no secret. Windows tells its rights otherwise. */
async function checkMode(path: string, problems: string[]): Promise<void> {
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) problems.push(`${path}: others on this machine can read the key. Run chmod 600 on it.`);
}
