import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DAY_MS } from '../../units.ts';
import type { CredentialPaths } from './credentials.ts';

export interface CertificateNames {
  /** Host names or addresses by which the two ends are reached; both names go into both certificates' place of it. */
  readonly primaryName: string;
  readonly replicaName: string;
  readonly validDays: number;
  /** From when on; default now. */
  readonly validFromMs?: number;
}

/** Where the files of each end are. */
export interface MadeCertificates {
  readonly primary: CredentialPaths;
  readonly replica: CredentialPaths;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/**
 * Makes an authority of its own for a rehearsal, and a certificate for each end, as PEM files in a new folder that only its owner may enter.
 * The authority's key is thrown away: nothing else can be signed by it.
 *
 * @throws what the file system throws, EEXIST where the folder is there already
 */
export async function makeCertificates(folder: string, names: CertificateNames): Promise<MadeCertificates> {
  // The library finds its parts by decorators, which need this.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(globalThis.crypto);
  const { validDays, validFromMs = Date.now() } = names;
  const validity = { notBefore: new Date(validFromMs), notAfter: new Date(validFromMs + validDays * DAY_MS) };
  const authorityKeys = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity,
    serialNumber: serialNumber(),
    name: 'CN=asr-plan rehearsal',
    keys: authorityKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  await mkdir(folder, { mode: 0o700 });
  const authorityPath = join(folder, 'authority.pem');
  await writeNew(authorityPath, authority.toString('pem'));
  const make = async (end: 'primary' | 'replica', name: string): Promise<CredentialPaths> => {
    const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const usage = end === 'primary' ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth;
    const certificate = await x509.X509CertificateGenerator.create({
      ...validity,
      serialNumber: serialNumber(),
      subject: [{ CN: [name] }],
      issuer: authority.subject,
      publicKey: keys.publicKey,
      signingKey: authorityKeys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        new x509.SubjectAlternativeNameExtension([{ type: isAddress(name) ? 'ip' : 'dns', value: name }]),
      ],
    });
    const certificatePath = join(folder, `${end}.pem`);
    const keyPath = join(folder, `${end}.key`);
    await writeNew(certificatePath, certificate.toString('pem'));
    const pkcs8 = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
    await writeNew(keyPath, x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'));
    return { certificatePath, keyPath, authorityPath };
  };
  return { primary: await make('primary', names.primaryName), replica: await make('replica', names.replicaName) };
}

async function writeNew(path: string, text: string): Promise<void> {
  await writeFile(path, `${text}\n`, { mode: 0o600, flag: 'wx' });
  // The mode above is masked by the process's.
  await chmod(path, 0o600);
}

function serialNumber(): string {
  // Positive, and of the 20 octets at most that RFC 5280 4.1.2.2 allows.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[0]! &= 0x7f;
  return Buffer.from(bytes).toString('hex');
}

function isAddress(name: string): boolean {
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) || name.includes(':');
}
