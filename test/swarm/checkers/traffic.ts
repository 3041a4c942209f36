import type { Millis } from '../../../src/units.ts';
import { broken, type Law, type Watched } from './law.ts';

const NAME = 'the buckets of traffic add up to the bytes that were sent';

/** A completion this near to a whole millisecond is at it: the transfer has then flowed so much more, or less (decision 0002, 15). */
const SNAP_MS: Millis = 1e-5;

export function trafficAddsUp(watched: Watched): Law {
  const { link: ownLink } = watched.run.site;
  const rates = watched.run.events.flatMap((event) => (event.kind === 'linkSlow' ? [event.capacityBitsPerSec] : []));
  const mostBytesPerMs = Math.max(ownLink.capacityBitsPerSec, ...rates) / 8000;
  return {
    name: NAME,
    finished({ link, series, vms, horizonMs }) {
      let completions = 0;
      for (const { cycles } of vms) completions += cycles.completed;
      for (const cause of ['initial', 'delta', 'resync'] as const) {
        const ofVms = vms.reduce((total, vm) => total + vm.sentBytes[cause], 0);
        const inBuckets = series.traffic[cause].reduce((total, bytes) => total + bytes, 0);
        // Each VM's figure is rounded to a whole byte.
        const allowed = vms.length + completions * SNAP_MS * mostBytesPerMs + 1e-9 * ofVms;
        if (link.sentBytes[cause] !== ofVms || Math.abs(inBuckets - ofVms) > allowed) {
          broken(
            watched,
            NAME,
            -1,
            horizonMs,
            `${cause}: ${inBuckets} in buckets, ${ofVms} of VMs, ${link.sentBytes[cause]} of the link`,
          );
        }
      }
    },
  };
}
