import { Input, Phase } from '../../../src/replication/lifecycle.ts';
import { broken, disksOf, type Law, type Watched } from './law.ts';

const NAME = 'a planned failover loses nothing';

export function plannedFailoverLosesNothing(watched: Watched): Law {
  const { core, logs, points } = watched;
  return {
    name: NAME,
    stepped({ vm, input, after, nowMs }) {
      if (input !== Input.transferDone || after !== Phase.failedOver) return;
      if (core.recoveryPointAtMs[vm] !== points.vms[vm]!.cutAtMs) {
        broken(watched, NAME, vm, nowMs, `its recovery point is ${core.recoveryPointAtMs[vm]} ms, not the last cut`);
      }
      for (const disk of disksOf(watched, vm)) {
        const leftBytes = core.writes.writtenBytes(disk, nowMs) - logs.disks[disk]!.openFromBytes;
        const inFlightBytes = core.inFlightBytes[disk]!;
        if (leftBytes === 0 && inFlightBytes === 0) continue;
        broken(watched, NAME, vm, nowMs, `disk ${disk}: ${leftBytes + inFlightBytes} bytes have not arrived`);
      }
    },
    finished(result) {
      for (const { name, failovers } of result.vms) {
        const lossy = failovers.find(({ kind, dataLossMs }) => kind === 'planned' && dataLossMs > 0);
        const vm = watched.vms.findIndex((candidate) => candidate.name === name);
        if (lossy !== undefined)
          broken(watched, NAME, vm, lossy.atMs, `the result says that ${lossy.dataLossMs} ms are lost`);
      }
    },
  };
}
