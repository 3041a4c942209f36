import { positive } from '../ingest/parsers.ts';
import { parseLoss, parseRandomOutages } from '../ingest/site-links.ts';
import { readThrottleText } from '../ingest/throttle.ts';
import type { RuleParameters } from '../model/policy.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Throttle, WeeklySchedule } from '../model/schedule.ts';
import type { RandomOutages } from '../model/site.ts';
import { type BytesPerSec, type Millis, parseBytesPerSec } from '../units.ts';
import { durationWithin, type FlagReader, percentageWithin, wholeWithin } from './flag-reader.ts';
import type { AnalyzeFlags } from './flags.ts';

/** What the flags say of the site's network and storage; what they leave out is the site file's. */
export interface NetworkFlags {
  /** Of every host that has none of its own. */
  readonly throttle?: WeeklySchedule<Throttle>;
  readonly randomOutages?: RandomOutages;
  readonly roundTripMs?: Millis;
  readonly lossRatio?: number;
  readonly replicaWriteBytesPerSec?: BytesPerSec;
}

const ROUND_TRIP_MOST_MS: Millis = 10_000;

/** Reads them; `scenario` is undefined where it is not known, and then nothing is said of flags that it gives no effect. */
export function readNetwork(
  reader: FlagReader,
  flags: AnalyzeFlags,
  scenario: Scenario | undefined,
): { network: NetworkFlags; rules: Partial<RuleParameters> } {
  const throttle =
    flags.throttle === undefined
      ? undefined
      : readThrottleText(flags.throttle, (message, remedy, severity) =>
          reader.report(severity, '--throttle', flags.throttle, message, remedy),
        );
  const network = {
    throttle,
    randomOutages: reader.read(
      '--random-outages',
      flags.randomOutages,
      parseRandomOutages,
      'the mean time between failures, from 1h on, and the mean time to repair, from 1s on',
      '30d/2h',
      undefined,
    ),
    roundTripMs: reader.read(
      '--rtt',
      flags.rtt,
      durationWithin(1, ROUND_TRIP_MOST_MS),
      'a duration from 1ms to 10s',
      '35ms',
      undefined,
    ),
    lossRatio: reader.read('--loss', flags.loss, parseLoss, 'a percentage below 100%', '0.1%', undefined),
    replicaWriteBytesPerSec: reader.read(
      '--replica-write-throughput',
      flags.replicaWriteThroughput,
      positive(parseBytesPerSec),
      'a rate in bytes above 0',
      '300 MB/s',
      undefined,
    ),
  };
  if (scenario?.target === 'azure' && network.replicaWriteBytesPerSec !== undefined) {
    unused(reader, '--replica-write-throughput', flags.replicaWriteThroughput, 'Azure’s storage is Microsoft’s affair');
  }
  if (scenario?.target === 'site' && flags.uploadThreads !== undefined) {
    unused(reader, '--upload-threads', flags.uploadThreads, 'between sites one connection carries a VM’s transfer');
  }
  if (scenario?.target === 'site' && throttle !== undefined) {
    reader.report(
      'warning',
      '--throttle',
      flags.throttle,
      'Set-OBMachineSetting sets the Azure agent; between sites no agent throttles.',
      'The run keeps to it as if the hosts had such a QoS policy (New-NetQosPolicy for the replication port).',
    );
  }
  const threads = reader.read(
    '--upload-threads',
    flags.uploadThreads,
    wholeWithin(1, 32),
    'a whole number from 1 to 32',
    '8',
    undefined,
  );
  const growth = reader.read(
    '--vhdx-growth',
    flags.vhdxGrowth,
    percentageWithin(0, 100),
    'a percentage from 0% to 100%',
    '10%',
    undefined,
  );
  return {
    network: withoutAbsent(network),
    rules: withoutAbsent({
      uploadThreadsPerVm: threads,
      vhdxGrowthRatio: growth === undefined ? undefined : growth / 100,
    }),
  };
}

function unused(reader: FlagReader, flag: string, value: string | undefined, why: string): void {
  reader.report('warning', flag, value, `${flag} has no effect in this scenario: ${why}.`, 'Leave it out.');
}

type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutAbsent<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>;
}
