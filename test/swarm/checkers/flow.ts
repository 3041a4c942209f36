import { PHASE_KEYS, Phase } from '../../../src/replication/lifecycle.ts';
import type { Millis } from '../../../src/units.ts';
import { broken, type Law, type Watched } from './law.ts';

const NAME = 'nothing flows while a VM is not sending, nor through an outage';

const SENDING: ReadonlySet<Phase> = new Set([Phase.seeding, Phase.sending, Phase.sendingLast, Phase.resyncing]);

export function flowOnlyWhileSending(watched: Watched): Law {
  const flows = watched.vms.map(() => false);
  const phase: Phase[] = watched.vms.map(() => Phase.unprotected);
  const { outages } = watched.run.site.link;
  const check = (vm: number, nowMs: Millis): void => {
    if (!flows[vm]) return;
    if (!SENDING.has(phase[vm]!)) broken(watched, NAME, vm, nowMs, `it flows in ${PHASE_KEYS[phase[vm]!]}`);
    const outage = outages.find(({ startMs, endMs }) => startMs < nowMs && nowMs < endMs);
    if (outage !== undefined) broken(watched, NAME, vm, nowMs, `it flows in the outage from ${outage.startMs} ms on`);
  };
  return {
    name: NAME,
    before({ nowMs }) {
      // The effects of the last step have been carried out by now.
      for (let vm = 0; vm < flows.length; vm++) check(vm, nowMs);
    },
    stepped({ vm, after }) {
      phase[vm] = after;
    },
    transfer(vm, begins, nowMs) {
      flows[vm] = begins;
      check(vm, nowMs);
      const starts = begins && outages.some(({ startMs, endMs }) => startMs <= nowMs && nowMs < endMs);
      if (starts) broken(watched, NAME, vm, nowMs, 'it begins to flow in an outage');
    },
  };
}
