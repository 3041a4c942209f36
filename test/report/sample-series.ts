import type { Plan, PlanVm, VolumeResult } from '../../src/plan/plan.ts';
import { DAY_MS, GIB, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import type { SampleOptions } from './sample-plan.ts';

/** Written share of a day's mean by hour: office hours and a backup at night. */
function activity(atMs: number): number {
  const hour = Math.floor(atMs / HOUR_MS) % 24;
  const weekend = Math.floor(atMs / DAY_MS) % 7 >= 5;
  const office = hour >= 8 && hour < 18 ? 1.5 - Math.abs(hour - 13) * 0.1 : 0.25;
  return (weekend ? 0.3 : 1) * office + (hour === 22 ? 4 : 0);
}

export function sampleTraffic(
  horizonMs: number,
  options: SampleOptions,
  outages: readonly { startMs: number; endMs: number }[],
  random: () => number,
): Plan['series']['traffic'] {
  const count = Math.ceil(horizonMs / (5 * MINUTE_MS));
  const capacityBytes = (100e6 / 8) * 300;
  const traffic = {
    initial: [] as number[],
    delta: [] as number[],
    resync: [] as number[],
    capacity: [] as number[],
    clipped: [] as number[],
  };
  for (let bucket = 0; bucket < count; bucket++) {
    const atMs = bucket * 5 * MINUTE_MS;
    const down = outages.some((outage) => atMs >= outage.startMs && atMs < outage.endMs);
    const room = down ? 0 : capacityBytes;
    const initial = atMs < 38 * HOUR_MS || options.unprotected === true ? room * 0.82 : 0;
    const delta =
      options.unprotected === true
        ? 0
        : Math.min(room - initial, room * 0.18 * activity(atMs) * (0.8 + 0.4 * random()));
    const resyncing = options.resync !== false && atMs >= 3 * DAY_MS + 7 * HOUR_MS && atMs < 3 * DAY_MS + 12 * HOUR_MS;
    traffic.initial.push(Math.round(initial));
    traffic.delta.push(Math.round(delta));
    traffic.resync.push(resyncing ? Math.round((room - delta) * 0.7) : 0);
    traffic.capacity.push(Math.round(room));
    if (options.bareSite !== true) traffic.clipped.push(clippedShare(atMs, room === 0 ? 0 : (initial + delta) / room));
  }
  return traffic;
}

/** Where nearly all is used, somebody waits for most of the time. */
function clippedShare(atMs: number, used: number): number {
  const wave = 0.1 * Math.sin(atMs / HOUR_MS);
  return used < 0.9 ? 0 : Math.min(1, Math.max(0.1, 4 * used - 3.2 + wave));
}

export function sampleStates(
  vms: readonly PlanVm[],
  volumes: readonly VolumeResult[],
  horizonMs: number,
  options: SampleOptions,
  random: () => number,
): Pick<
  Plan['series'],
  'volumeHrlBytes' | 'volumeSnapshotBytes' | 'volumeGrowthBytes' | 'logFill' | 'worstAges' | 'writtenBytes'
> {
  const buckets = Array.from({ length: Math.ceil(horizonMs / (30 * MINUTE_MS)) }, (_, index) => index * 30 * MINUTE_MS);
  const worst = [...vms]
    .filter((vm) => vm.steadyRpo.maxMs !== null)
    .sort((a, b) => b.steadyRpo.maxMs! - a.steadyRpo.maxMs!);
  return {
    volumeHrlBytes: volumes.map((volume) =>
      buckets.map((atMs) => Math.round(volume.hrlPeakBytes * Math.min(1, activity(atMs) / 4))),
    ),
    volumeSnapshotBytes: volumes.map((volume) =>
      buckets.map((atMs) => (atMs < 30 * HOUR_MS ? Math.round((volume.snapshotPeakBytes * atMs) / (30 * HOUR_MS)) : 0)),
    ),
    volumeGrowthBytes: volumes.map(({ growthBytes }) =>
      buckets.map((atMs) => Math.round(growthBytes * Math.min(1, (atMs + 30 * MINUTE_MS) / horizonMs))),
    ),
    logFill: (options.unprotected === true ? [] : worst.slice(0, 12)).map((vm) => ({
      vm: vm.name,
      disk: 'data.vhdx',
      ratio: buckets.map((atMs) =>
        Math.min(vm.hrlPeakRatio, (vm.hrlPeakRatio * activity(atMs) * (0.7 + 0.3 * random())) / 3),
      ),
    })),
    worstAges: worst.slice(0, 40).map((vm) => ({
      vm: vm.name,
      ageMs: buckets.map((atMs) => {
        if (atMs < vm.protectedAtMs!) return null;
        if (atMs < vm.firstDeltaAtMs! + HOUR_MS) return Math.round(vm.rpo.maxMs!);
        const outage = options.outages !== false && atMs >= 58 * HOUR_MS && atMs < 60 * HOUR_MS;
        const backup = Math.floor(atMs / HOUR_MS) % 24 === 22;
        return Math.round(
          outage || backup ? vm.steadyRpo.maxMs! * (0.5 + 0.5 * random()) : (4 + 3 * random()) * MINUTE_MS,
        );
      }),
    })),
    writtenBytes: buckets.map((atMs) => Math.round(6 * GIB * activity(atMs) * (0.9 + 0.2 * random()))),
  };
}
