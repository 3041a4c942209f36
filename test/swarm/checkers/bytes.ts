import { openLogEndBytes } from '../../../src/replication/logs.ts';
import type { ObservedStep } from '../../../src/simulate/simulate.ts';
import { broken, disksOf, type Law, told, type Watched } from './law.ts';

const NAME = 'written bytes are delivered, in flight, in logs, dropped or untracked';

/** Every fate of the bytes is what the checkers' own book says, and together they are what was written. */
export function bytesConserved(watched: Watched): Law {
  return {
    name: NAME,
    stepped(step) {
      for (const disk of disksOf(watched, step.vm)) {
        compareFates(watched, step, disk);
        checkSum(watched, step, disk);
      }
    },
    finished(result) {
      result.vms.forEach(({ name, bytes: { written, ...fates } }) => {
        const sum = Object.values(fates).reduce((total, bytes) => total + bytes, 0);
        const vm = watched.vms.findIndex((candidate) => candidate.name === name);
        if (sum !== written) broken(watched, NAME, vm, result.horizonMs, `the result has ${sum} of ${written} bytes`);
      });
    },
  };
}

function compareFates(watched: Watched, step: ObservedStep, disk: number): void {
  const { core, logs } = watched;
  const { vm } = step;
  const own = logs.disks[disk]!;
  const pairs: readonly (readonly [string, number, number])[] = [
    ['tracked', core.tracked[vm]!, logs.tracked[vm] ? 1 : 0],
    ['delivered', core.deliveredBytes[disk]!, own.deliveredBytes],
    ['in flight', core.inFlightBytes[disk]!, own.inFlightBytes],
    ['dropped', core.droppedBytes[disk]!, own.droppedBytes],
    ['untracked', core.untrackedBytes[disk]!, own.untrackedBytes],
    ['log from', logs.tracked[vm] ? core.openFromBytes[disk]! : 0, logs.tracked[vm] ? own.openFromBytes : 0],
    ['file in flight', core.inFlightFileBytes[disk]!, logs.inFlight[vm] ? logs.fileBytes(disk, own.inFlightBytes) : 0],
  ];
  for (const [what, found, expected] of pairs) {
    // The last bits of a mean write size that is no whole number may make a file differ by less than a byte.
    if (Math.abs(found - expected) < 1e-3) continue;
    broken(watched, NAME, vm, step.nowMs, `disk ${disk}: ${what} is ${found}, not ${expected}, after ${told(step)}`);
  }
}

function checkSum(watched: Watched, { vm, nowMs }: ObservedStep, disk: number): void {
  const { core } = watched;
  const writtenBytes = core.writes.writtenBytes(disk, nowMs);
  const tracked = core.tracked[vm] === 1;
  const endBytes = openLogEndBytes(core, disk, nowMs);
  const inLogsBytes = tracked ? endBytes - core.openFromBytes[disk]! : 0;
  const outsideBytes = writtenBytes - (tracked ? endBytes : core.untrackedFromBytes[disk]!);
  const sum =
    core.deliveredBytes[disk]! +
    core.inFlightBytes[disk]! +
    inLogsBytes +
    core.droppedBytes[disk]! +
    core.untrackedBytes[disk]! +
    outsideBytes;
  if (sum !== writtenBytes)
    broken(watched, NAME, vm, nowMs, `disk ${disk}: ${sum} of ${writtenBytes} bytes are somewhere`);
}
