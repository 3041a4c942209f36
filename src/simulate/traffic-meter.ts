import { TransferKind } from '../replication/columns.ts';
import type { Bytes, Millis } from '../units.ts';

/** Bytes on the wire in equal buckets of time: by cause on the site's link, and in sum on further links and from hosts. */
export class TrafficMeter {
  readonly bucketMs: Millis;
  /** Of the hosts' series. */
  readonly hostBucketMs: Millis;
  /** By {@link TransferKind}. */
  readonly bytes: readonly Float64Array[];
  /** By line of the topology; only further links are written. */
  readonly lineBytes: readonly Float64Array[];
  readonly hostBytes: readonly Float64Array[];
  readonly hostSentBytes: Float64Array;
  readonly lineSentBytes: Float64Array;
  /** Time of each bucket in which somebody waited for the site's link. */
  readonly fullMs: Float64Array;
  readonly #horizonMs: Millis;
  #bucket = 0;
  #hostBucket = 0;
  #fullBeforeMs: Millis = 0;

  constructor(horizonMs: Millis, bucketMs: Millis, hostBucketMs: Millis, lineCount: number, hostCount: number) {
    this.#horizonMs = horizonMs;
    this.bucketMs = bucketMs;
    this.hostBucketMs = hostBucketMs;
    const count = Math.max(1, Math.ceil(horizonMs / bucketMs));
    const hostBuckets = Math.max(1, Math.ceil(horizonMs / hostBucketMs));
    const columns = (many: number, length: number): Float64Array[] =>
      Array.from({ length: many }, () => new Float64Array(length));
    this.bytes = columns(Object.keys(TransferKind).length, count);
    this.lineBytes = columns(lineCount, count);
    this.hostBytes = columns(hostCount, hostBuckets);
    this.hostSentBytes = new Float64Array(hostCount);
    this.lineSentBytes = new Float64Array(lineCount);
    this.fullMs = new Float64Array(count);
  }

  /** The end of the bucket that ends first; Infinity after the last. */
  get nextEdgeMs(): Millis {
    const edgeMs = Math.min((this.#bucket + 1) * this.bucketMs, (this.#hostBucket + 1) * this.hostBucketMs);
    return edgeMs < this.#horizonMs ? edgeMs : Number.POSITIVE_INFINITY;
  }

  /** To be called at that edge, when all that has flowed is accounted for. @param fullMs time so far in which the site's link was full */
  passEdge(fullMs: Millis): void {
    const edgeMs = this.nextEdgeMs;
    if ((this.#bucket + 1) * this.bucketMs === edgeMs) {
      this.noteFull(fullMs);
      this.#bucket++;
    }
    if ((this.#hostBucket + 1) * this.hostBucketMs === edgeMs) this.#hostBucket++;
  }

  /** Gives the open bucket its part of the time in which the site's link was full. */
  noteFull(fullMs: Millis): void {
    this.fullMs[this.#bucket] = fullMs - this.#fullBeforeMs;
    this.#fullBeforeMs = fullMs;
  }

  /** Bytes of a transfer that have gone out in the bucket that is open. @param links lines of the further links on its way */
  add(kind: TransferKind, host: number, links: readonly number[], bytes: Bytes): void {
    this.bytes[kind]![this.#bucket]! += bytes;
    this.hostBytes[host]![this.#hostBucket]! += bytes;
    this.hostSentBytes[host]! += bytes;
    for (let i = 0; i < links.length; i++) {
      this.lineBytes[links[i]!]![this.#bucket]! += bytes;
      this.lineSentBytes[links[i]!]! += bytes;
    }
  }
}

const NICE_MINUTES = [1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 720, 1440, 2880, 10_080];

/** The narrowest round bucket that cuts the horizon into at most `most` parts. */
export function niceBucketMs(horizonMs: Millis, most: number): Millis {
  const minutes = NICE_MINUTES.find((candidate) => Math.ceil(horizonMs / (candidate * 60_000)) <= most);
  return minutes === undefined ? Math.ceil(horizonMs / most) : minutes * 60_000;
}
