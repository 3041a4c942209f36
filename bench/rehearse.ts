/**
 * `npm run bench:rehearse`: the rehearsal's three speeds, each beside its peer in the same run: appending to an HRL beside a plain sequential write,
 * chunk checksums beside other hashes, and replication over the loopback.
 */
import { fork } from 'node:child_process';
import { createHash, randomBytes, randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ByteFile } from '../src/rehearse/byte-file.ts';
import { RealClock } from '../src/rehearse/clock.ts';
import { Pacer } from '../src/rehearse/pacer.ts';
import { OpenLog } from '../src/rehearse/primary/open-log.ts';
import { readCredentials } from '../src/rehearse/transport/credentials.ts';
import { HttpsReplica } from '../src/rehearse/transport/https-replica.ts';
import { type MadeCertificates, makeCertificates } from '../src/rehearse/transport/make-certificates.ts';

const MB = 1e6;
const MIB = 1024 ** 2;
const ROUNDS = 5;
const LOG_BYTES = 512 * MIB;
const WRITE_BYTES = 8192;
const IN_FLIGHT = 64;
const SENT_BYTES = 512 * MIB;
const RELATIONSHIP = '00000000-0000-4000-8000-000000000001';

const scratch = mkdtempSync(join(tmpdir(), 'asr-plan-bench-'));
let fileCount = 0;

/** Megabytes a second of the median round. */
async function rate(bytes: number, round: () => Promise<void> | void): Promise<number> {
  const seconds: number[] = [];
  for (let index = 0; index < ROUNDS; index++) {
    const startedAtMs = performance.now();
    await round();
    seconds.push((performance.now() - startedAtMs) / 1000);
  }
  return bytes / MB / seconds.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!;
}

function print(title: string, megabytesPerSec: number, peer?: number): void {
  const ratio = peer === undefined ? '' : `  ${(megabytesPerSec / peer).toFixed(2)} ×`;
  process.stdout.write(`${title.padEnd(44)} ${megabytesPerSec.toFixed(0).padStart(6)} MB/s${ratio}\n`);
}

async function appendToLog(data: Uint8Array): Promise<void> {
  const path = join(scratch, `log-${++fileCount}`);
  const log = new OpenLog(path, { uniqueId: `{${RELATIONSHIP}}`, createdSec2000: 0 });
  const underWay: Promise<void>[] = [];
  for (let at = 0; at < LOG_BYTES; at += WRITE_BYTES) {
    underWay.push(log.append(at, data.subarray(at % MIB, (at % MIB) + WRITE_BYTES), 0));
    if (underWay.length >= IN_FLIGHT) await underWay.shift();
  }
  await Promise.all(underWay);
  await log.close(0);
  rmSync(path);
}

async function writePlainly(data: Uint8Array, pieceBytes: number): Promise<void> {
  const path = join(scratch, `plain-${++fileCount}`);
  const file = await ByteFile.open(path, 'wx');
  for (let at = 0; at < LOG_BYTES; at += pieceBytes) await file.write(data.subarray(0, pieceBytes), at);
  await file.sync();
  await file.close();
  rmSync(path);
}

async function replicate(certificates: MadeCertificates | null): Promise<number> {
  const folder = join(scratch, `replica-${++fileCount}`);
  const settings = {
    folder,
    port: 0,
    ...(certificates === null ? {} : { certificates: join(scratch, 'certificates') }),
  };
  const child = fork(join(import.meta.dirname, '../test/rehearse/faults/replica-process.ts'), [
    JSON.stringify(settings),
  ]);
  const [{ port }] = (await once(child, 'message')) as [{ readonly port: number }];
  const replica = new HttpsReplica({
    host: '127.0.0.1',
    port,
    credentials: certificates === null ? null : await readCredentials(certificates.primary),
    replicaName: 'localhost',
    pacer: new Pacer(new RealClock(), Number.POSITIVE_INFINITY),
    compresses: false,
  });
  const disks = [{ name: 'disk', sizeBytes: SENT_BYTES }];
  await replica.open({ id: RELATIONSHIP, vmName: 'bench', disks, chunkBytes: MIB });
  await replica.beginCopy(RELATIONSHIP, { id: RELATIONSHIP, kind: 'initial' });
  const chunk = randomBytes(MIB);
  const result = await rate(SENT_BYTES, async () => {
    for (let at = 0; at < SENT_BYTES / MIB; at++) await replica.putChunk(RELATIONSHIP, RELATIONSHIP, 0, at, chunk);
  });
  replica.close();
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
  return result;
}

try {
  const data = randomFillSync(new Uint8Array(2 * MIB));
  const plain = await rate(LOG_BYTES, () => writePlainly(data, MIB));
  print('plain sequential write, 1 MiB at a time', plain);
  print('plain sequential write, 8 KiB at a time', await rate(LOG_BYTES, () => writePlainly(data, WRITE_BYTES)), plain);
  print('HRL append, writes of 8 KiB, 64 under way', await rate(LOG_BYTES, () => appendToLog(data)), plain);

  const chunk = data.subarray(0, MIB);
  const hash = (name: string): Promise<number> =>
    rate(256 * MIB, () => {
      for (let at = 0; at < 256; at++) createHash(name).update(chunk).digest();
    });
  const sha1 = await hash('sha1');
  print('SHA-1 of chunks of 1 MiB', sha1);
  print('SHA-256 of chunks of 1 MiB, which is used', await hash('sha256'), sha1);
  print('BLAKE2b-512 of chunks of 1 MiB', await hash('blake2b512'), sha1);

  const certificates = await makeCertificates(join(scratch, 'certificates'), {
    primaryName: 'localhost',
    replicaName: 'localhost',
    validDays: 2,
  });
  const plainHttp = await replicate(null);
  print('initial replication over plain HTTP', plainHttp);
  print('initial replication over HTTPS', await replicate(certificates), plainHttp);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
