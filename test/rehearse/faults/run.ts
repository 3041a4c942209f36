/**
 * `node test/rehearse/faults/run.ts [runs] [first seed]`: so many random runs with kills, cuts, corruption, torn files and full disks, one after
 * another; what they found is printed. A seed of which something was found is replayed by `run.ts 1 SEED`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates } from '../../../src/rehearse/transport/make-certificates.ts';
import { FAULTS, faultRun } from './fault-run.ts';

const runs = Number(process.argv[2] ?? 300);
const firstSeed = Number(process.argv[3] ?? 1);
const scratch = mkdtempSync(join(tmpdir(), 'asr-plan-faults-'));
const small = join(scratch, 'small');
mkdirSync(small);
const canBeFull = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', small]).status === 0;
const certificates = join(scratch, 'certificates');
await makeCertificates(certificates, { primaryName: 'localhost', replicaName: 'localhost', validDays: 2 });
const counts = new Map<string, number>(FAULTS.map((fault) => [fault, 0]));
const found: string[] = [];
let writes = 0;
let breaks = 0;
try {
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
    const folder = join(small, String(seed));
    mkdirSync(folder);
    try {
      const isSecured = seed % 3 === 0;
      const outcome = await faultRun({ seed, folder, canBeFull, ...(isSecured ? { certificates } : {}) });
      for (const fault of outcome.faults) counts.set(fault, counts.get(fault)! + 1);
      writes += outcome.acknowledgedWrites;
      breaks += outcome.incidents.length;
    } catch (error) {
      found.push(`seed ${seed}: ${(error as Error).message}`);
      process.stdout.write(`${found.at(-1)}\n`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
} finally {
  if (canBeFull) spawnSync('umount', [small]);
  rmSync(scratch, { recursive: true, force: true });
}
const faults = [...counts].map(([fault, count]) => `${fault} ${count}`).join(', ');
process.stdout.write(
  `${runs} runs (seeds ${firstSeed} to ${firstSeed + runs - 1}): ${found.length} found something\n${faults}\n${writes} writes acknowledged, ${breaks} breaks gone on after\n`,
);
process.exitCode = found.length === 0 ? 0 : 1;
