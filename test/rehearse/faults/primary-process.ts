/** A primary with a guest that writes without end, in a process that can be killed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RealClock } from '../../../src/rehearse/clock.ts';
import { Pacer } from '../../../src/rehearse/pacer.ts';
import { RawDisk } from '../../../src/rehearse/replica/raw-disk.ts';
import { replicate } from '../../../src/rehearse/replicate.ts';
import { readCredentials } from '../../../src/rehearse/transport/credentials.ts';
import { HttpsReplica } from '../../../src/rehearse/transport/https-replica.ts';
import { guestWrite } from './guest.ts';
import { DISK_BYTES, type PrimaryMessage, type PrimarySettings, RUN, SPEED } from './settings.ts';

const settings = JSON.parse(process.argv[2]!) as PrimarySettings;
const { certificates } = settings;
const clock = new RealClock(SPEED);
const tell = (message: PrimaryMessage): void => {
  process.send!(message);
};
const way = new HttpsReplica({
  host: '127.0.0.1',
  port: settings.port,
  credentials:
    certificates === undefined
      ? null
      : await readCredentials({
          certificatePath: join(certificates, 'primary.pem'),
          keyPath: join(certificates, 'primary.key'),
          authorityPath: join(certificates, 'authority.pem'),
        }),
  replicaName: 'localhost',
  pacer: new Pacer(clock, Number.POSITIVE_INFINITY),
  compresses: certificates !== undefined,
  answerMs: 2000,
});
const primary = await replicate({
  workload: RUN.workload,
  policy: RUN.policy,
  cutPhaseMs: 0,
  resyncSpans: [{ startMs: 0, endMs: Number.POSITIVE_INFINITY }],
  devices: [await RawDisk.open(settings.diskPath, DISK_BYTES)],
  folder: settings.folder,
  replica: way,
  breakOff: () => way.breakOff(),
  clock,
  epochMs: Date.now() * SPEED,
  observer: { failed: (error) => tell({ kind: 'incident', words: String(error) }) },
});

tell({ kind: 'started' });
let isQuiet = false;
process.on('message', () => {
  isQuiet = true;
});

// A defect ends the process, and the run sees it.
for (let index = settings.firstWrite; !isQuiet; index++) {
  const { offset, data } = guestWrite(settings.seed, index, DISK_BYTES);
  await primary.disks[0]!.write(data, offset);
  tell({ kind: 'acknowledged', index });
  await new Promise((resolve) => setTimeout(resolve, 1));
}
const quietFromMs = clock.nowMs();
const { core } = primary;
while (core.recoveryPointAtMs[0]! <= quietFromMs) await new Promise((resolve) => setTimeout(resolve, 10));
const { relationshipId } = JSON.parse(readFileSync(join(settings.folder, 'primary.json'), 'utf8'));
tell({ kind: 'quiet', relationshipId });
