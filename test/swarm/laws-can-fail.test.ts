/** Every law of the swarm is broken here by a forged observation: a checker that cannot fail checks nothing. */
import { describe, expect, it } from 'vitest';
import type { Run } from '../../src/model/run.ts';
import { createCore, type ReplicationCore } from '../../src/replication/columns.ts';
import { Input, type InputKey, Phase, type PhaseKey } from '../../src/replication/lifecycle.ts';
import { step } from '../../src/replication/step.ts';
import { ChurnIntegral } from '../../src/simulate/churn-integral.ts';
import type { RunResult } from '../../src/simulate/result.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { HOUR_MS, MIB, MINUTE_MS, type Millis } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';
import { agesOwn } from './checkers/ages.ts';
import { bytesConserved } from './checkers/bytes.ts';
import { cutsOnBoundaries } from './checkers/cuts.ts';
import { flowOnlyWhileSending } from './checkers/flow.ts';
import { halfDiskNoticed } from './checkers/half-disk.ts';
import { everyVmHeals } from './checkers/healing.ts';
import { jobsEnd } from './checkers/jobs.ts';
import { ladderExact } from './checkers/ladder.ts';
import type { Law, LawMaker, Watched } from './checkers/law.ts';
import { plannedFailoverLosesNothing } from './checkers/planned-failover.ts';
import { recoveryPointMonotone } from './checkers/recovery-point.ts';
import { savingKeepsAll } from './checkers/saving.ts';
import { slotsKept } from './checkers/slots.ts';
import { trafficAddsUp } from './checkers/traffic.ts';
import { fullVolumesNoticed } from './checkers/volumes.ts';
import { windowKept } from './checkers/window.ts';
import { writesIntegral } from './checkers/writes.ts';
import { LAWS } from './laws.ts';
import { Headway, simulateWatched, takeStep, watchedOf } from './watch.ts';

const T_MS = 5 * MINUTE_MS;

/** A law that watches a real core, whose columns and steps the test can forge. */
class Forgery {
  readonly core: ReplicationCore;
  readonly watched: Watched;
  readonly law: Law;

  /** @param seen the run as the law sees it, where it is not the one that the core has */
  constructor(make: LawMaker, run: Run = buildRun(), seen: Run = run) {
    const { workload, policy } = run;
    const disks = workload.vms.flatMap((vm) => vm.disks);
    this.core = createCore(workload, policy, {
      writes: new ChurnIntegral(
        disks.map((disk) => disk.churn),
        0,
      ),
      resyncSpans: [{ startMs: 0, endMs: Number.POSITIVE_INFINITY }],
      cutPhaseMs: workload.vms.map(() => 0),
    });
    const names = workload.vms.map(({ name }) => name);
    this.watched = watchedOf(seen, this.core, names, 0);
    this.law = make(this.watched);
  }

  /** A step that the core takes; the columns may be forged before the law sees it. */
  real(input: InputKey, nowMs: Millis, forge: () => void = () => {}): void {
    const before = this.core.phase[0] as Phase;
    step(this.core, 0, Input[input], nowMs);
    forge();
    this.see(input, before, this.core.phase[0] as Phase, nowMs);
  }

  /** A step that the core has not taken. */
  claim(input: InputKey, before: PhaseKey, after: PhaseKey, nowMs: Millis): void {
    this.see(input, Phase[before], Phase[after], nowMs);
  }

  see(input: InputKey, before: Phase, after: Phase, nowMs: Millis): void {
    takeStep(this.watched, [this.law], { vm: 0, input: Input[input], before, after, nowMs, cause: 0 });
  }
}

/** Lets a law watch a whole run, and hands it another result in the end. */
function watchForged(make: LawMaker, run: Run, forge: (result: RunResult) => RunResult = (result) => result): void {
  let law: Law | undefined;
  let watched: Watched | undefined;
  const result = simulate(run, {
    observer: {
      started(core, names) {
        watched = watchedOf(run, core, names, 0);
        law = make(watched);
      },
      stepped: (observed) => takeStep(watched!, [law!], observed),
      transfer: (vm, flows, nowMs) => law?.transfer?.(vm, flows, nowMs),
    },
  });
  law?.finished?.(forge(result));
}

/** The result with its only VM changed. */
function withVm(change: (vm: RunResult['vms'][number]) => Partial<RunResult['vms'][number]>) {
  return (result: RunResult): RunResult => ({ ...result, vms: result.vms.map((vm) => ({ ...vm, ...change(vm) })) });
}

describe('a law breaks where', () => {
  it('bytes are delivered that were not written', () => {
    const forged = new Forgery(bytesConserved);
    forged.real('adopted', 0);
    forged.real('intervalElapsed', T_MS);
    expect(() =>
      forged.real('transferDone', T_MS + 1, () => {
        forged.core.deliveredBytes[0]! += 1;
      }),
    ).toThrow('delivered');
  });

  it('the bytes of the result do not add up', () => {
    const short = withVm(({ bytes }) => ({ bytes: { ...bytes, delivered: bytes.delivered - 1 } }));
    expect(() => watchForged(bytesConserved, buildRun(), short)).toThrow('bytes');
  });

  it('guests write more than their churn', () => {
    const twice = buildRun({
      vms: [buildVm({ disks: [buildDisk({ churn: { kind: 'constant', bytesPerSec: 200_000 } })] })],
    });
    const forged = new Forgery(writesIntegral, twice, buildRun());
    forged.real('adopted', 0);
    expect(() => forged.real('intervalElapsed', T_MS)).toThrow('are written, not');
  });

  it('a recovery point goes back, or is not the cut that has arrived', () => {
    const forged = new Forgery(recoveryPointMonotone);
    forged.real('adopted', 0);
    forged.real('intervalElapsed', T_MS);
    expect(() =>
      forged.real('transferDone', T_MS + 9, () => {
        forged.core.recoveryPointAtMs[0] = T_MS + 9;
      }),
    ).toThrow(`not ${T_MS} ms`);
  });

  it('something flows in a phase that sends nothing', () => {
    const { law } = new Forgery(flowOnlyWhileSending);
    expect(() => law.transfer?.(0, true, 0)).toThrow('it flows in unprotected');
  });

  it('a transfer goes on while its VM is paused', () => {
    const forged = new Forgery(flowOnlyWhileSending);
    forged.real('adopted', 0);
    forged.real('intervalElapsed', T_MS);
    forged.law.transfer?.(0, true, T_MS);
    forged.real('paused', T_MS + 5);
    expect(() => forged.real('resumed', T_MS + 6)).toThrow('it flows in paused');
  });

  it('something begins to flow in an outage', () => {
    const forged = new Forgery(flowOnlyWhileSending, buildRun({ outages: [{ startMs: T_MS, endMs: HOUR_MS }] }));
    forged.real('adopted', 0);
    forged.real('intervalElapsed', T_MS);
    expect(() => forged.law.transfer?.(0, true, T_MS)).toThrow('outage');
  });

  it('an attempt comes a millisecond too early, or never', () => {
    const fail = (): Forgery => {
      const forged = new Forgery(ladderExact);
      forged.real('adopted', 0);
      forged.real('intervalElapsed', T_MS);
      forged.real('transferFailed', T_MS);
      return forged;
    };
    expect(() => fail().claim('retryDue', 'sendingBackoff', 'sending', T_MS + MINUTE_MS - 1)).toThrow('was due');
    expect(() => fail().claim('paused', 'sendingBackoff', 'paused', T_MS + MINUTE_MS + 1)).toThrow('has not been made');
  });

  it('two transfers leave a host of one slot, or one VM sends twice', () => {
    const vms = ['vm0', 'vm1'].map((name) => buildVm({ name }));
    const slots = (): Law => new Forgery(slotsKept, buildRun({ vms, policy: { maxActiveTransfers: 1 } })).law;
    const [one, other] = [slots(), slots()];
    one.transfer?.(0, true, 0);
    expect(() => one.transfer?.(1, true, 1)).toThrow('2 transfers leave host0');
    other.transfer?.(0, true, 0);
    expect(() => other.transfer?.(0, true, 1)).toThrow('second');
  });

  it('a resynchronization starts at noon, or waits inside its window', () => {
    const outside = new Forgery(windowKept);
    expect(() => outside.claim('windowOpened', 'resyncMarked', 'resyncing', 12 * HOUR_MS)).toThrow(
      'outside the window',
    );
    const inside = new Forgery(windowKept);
    inside.claim('resyncRequired', 'tracking', 'resyncMarked', HOUR_MS);
    expect(() => inside.claim('testFailoverStarted', 'resyncMarked', 'resyncMarked', 2 * HOUR_MS)).toThrow('is open');
  });

  it('logs grow beyond half a disk, or are dropped before', () => {
    const late = new Forgery(
      halfDiskNoticed,
      buildRun({ vms: [buildVm({ disks: [buildDisk({ sizeBytes: 32 * MIB })] })] }),
    );
    late.real('adopted', 0);
    expect(() => late.real('intervalElapsed', T_MS)).toThrow('half the disk');
    const early = new Forgery(halfDiskNoticed);
    early.real('adopted', 0);
    expect(() =>
      early.real('logHalfDue', T_MS, () => {
        early.core.tracked[0] = 0;
      }),
    ).toThrow('too early');
  });

  it('logs fill a volume and nobody is marked', () => {
    const forged = new Forgery(
      fullVolumesNoticed,
      buildRun({ volumes: [{ name: 'D:', host: 'host0', freeBytes: MIB }] }),
    );
    forged.real('adopted', 0);
    expect(() => forged.real('intervalElapsed', T_MS)).toThrow('full since');
  });

  it('a cut comes off its boundary, is left out, comes twice, or a missed one is not counted', () => {
    const forge = (): Forgery => {
      const forged = new Forgery(cutsOnBoundaries);
      forged.real('adopted', 0);
      return forged;
    };
    expect(() => forge().real('intervalElapsed', T_MS + 1)).toThrow();
    expect(() => forge().claim('paused', 'tracking', 'paused', T_MS + 1)).toThrow('nothing was cut');
    const twice = forge();
    twice.real('intervalElapsed', T_MS);
    expect(() => twice.claim('intervalElapsed', 'tracking', 'sending', 2 * T_MS)).toThrow('in flight already');
    const missed = forge();
    missed.real('intervalElapsed', T_MS);
    expect(() =>
      missed.real('transferDone', 3 * T_MS, () => {
        missed.core.missedCycles[0] = 0;
      }),
    ).toThrow('count as missed');
  });

  it('a planned failover leaves bytes behind', () => {
    const forged = new Forgery(plannedFailoverLosesNothing);
    forged.real('adopted', 0);
    forged.real('plannedFailover', MINUTE_MS);
    // The core's guest goes on writing here, as nobody stops it.
    expect(() => forged.real('transferDone', 2 * MINUTE_MS)).toThrow('have not arrived');
  });

  it('the ages of the result are others', () => {
    const older = withVm(({ rpo }) => ({ rpo: { ...rpo, maxMs: rpo.maxMs! + 2 } }));
    expect(() => watchForged(agesOwn, buildRun(), older)).toThrow('observed, most, least');
  });

  it('a job is left open', () => {
    const open = withVm(({ jobs }) => ({
      jobs: [...jobs, { kind: 'Finalize protection', startMs: 0, endMs: null, state: 'in progress', reason: '' }],
    }));
    expect(() => watchForged(jobsEnd, buildRun(), open)).toThrow('in progress in');
  });

  it('the buckets of traffic miss something', () => {
    const more = withVm(({ sentBytes }) => ({ sentBytes: { ...sentBytes, delta: sentBytes.delta + 1_000_000 } }));
    expect(() => watchForged(trafficAddsUp, buildRun(), more)).toThrow('in buckets');
  });

  it('a column changes by being saved', () => {
    const forged = new Forgery(savingKeepsAll);
    let reading = 0;
    Object.defineProperty(forged.core, 'testing', { enumerable: true, get: () => Uint8Array.of(reading++) });
    forged.real('adopted', 0);
    expect(() => {
      for (let cycle = 1; cycle < 9; cycle++) forged.claim('paused', 'tracking', 'tracking', cycle);
    }).toThrow('testing differs');
  });

  it('a VM does not heal', () => {
    const dead = buildRun({ outages: [{ startMs: 1, endMs: 7 * 24 * HOUR_MS }] });
    expect(() => watchForged(everyVmHeals, dead)).toThrow('in sendingBackoff');
    expect(() => watchForged(everyVmHeals, buildRun())).not.toThrow();
  });

  it('a run makes no headway', () => {
    const headway = new Headway();
    const { watched } = new Forgery(slotsKept);
    const again = { vm: 0, input: Input.retryDue, before: Phase.sending, after: Phase.sending, nowMs: 5, cause: 0 };
    expect(() => {
      for (let i = 0; i < 5000; i++) headway.take(again, watched);
    }).toThrow('at one instant');
  });
});

it('no law breaks in a plain run', () => {
  expect(() => simulateWatched(buildRun(), LAWS, { healAtMs: 0 })).not.toThrow();
});
