/** A few of the runs that `npm run faults` makes by the hundred: processes that are killed, and a network that is bad. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCertificates } from '../../../src/rehearse/transport/make-certificates.ts';
import { faultRun } from './fault-run.ts';

let scratch: string;
let certificates: string;

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'asr-plan-faults-'));
  certificates = join(scratch, 'certificates');
  await makeCertificates(certificates, { primaryName: 'localhost', replicaName: 'localhost', validDays: 2 });
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

// Seeds of which each fault is met once at least, but for a full disk, which needs a file system of its own.
test.each([1, 2, 3, 4, 5, 6])(
  'seed %i: nothing acknowledged is lost, and the replica becomes what the primary is',
  async (seed) => {
    const folder = mkdtempSync(join(scratch, 'run-'));
    const isSecured = seed % 3 === 0;
    const outcome = await faultRun({ seed, folder, canBeFull: false, ...(isSecured ? { certificates } : {}) });
    expect(outcome.faults.length).toBeGreaterThan(0);
    expect(outcome.acknowledgedWrites).toBeGreaterThan(10);
  },
);
