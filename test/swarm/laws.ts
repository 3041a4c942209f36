/** Every law that a run of the swarm must keep. */
import { agesOwn } from './checkers/ages.ts';
import { bytesConserved } from './checkers/bytes.ts';
import { cutsOnBoundaries } from './checkers/cuts.ts';
import { flowOnlyWhileSending } from './checkers/flow.ts';
import { halfDiskNoticed } from './checkers/half-disk.ts';
import { everyVmHeals } from './checkers/healing.ts';
import { jobsEnd } from './checkers/jobs.ts';
import { ladderExact } from './checkers/ladder.ts';
import type { LawMaker } from './checkers/law.ts';
import { plannedFailoverLosesNothing } from './checkers/planned-failover.ts';
import { recoveryPointMonotone } from './checkers/recovery-point.ts';
import { savingKeepsAll } from './checkers/saving.ts';
import { slotsKept } from './checkers/slots.ts';
import { trafficAddsUp } from './checkers/traffic.ts';
import { fullVolumesNoticed } from './checkers/volumes.ts';
import { windowKept } from './checkers/window.ts';
import { writesIntegral } from './checkers/writes.ts';

export const LAWS: readonly LawMaker[] = [
  writesIntegral,
  bytesConserved,
  recoveryPointMonotone,
  flowOnlyWhileSending,
  ladderExact,
  slotsKept,
  windowKept,
  halfDiskNoticed,
  fullVolumesNoticed,
  cutsOnBoundaries,
  plannedFailoverLosesNothing,
  agesOwn,
  jobsEnd,
  trafficAddsUp,
  savingKeepsAll,
  everyVmHeals,
];
