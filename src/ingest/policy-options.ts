import { type Authentication, INITIAL_REPLICATION_AT_ONCE, type InitialReplicationPlan } from '../model/policy.ts';
import type { AskedSettings, PolicyOption } from '../model/refusals.ts';
import { type CompressionSwitch, DEFAULT_EXISTING_AGE_MS, DEFAULT_SHIPPING_MS } from '../model/scenario.ts';
import { DAY_MS, HOUR_MS, type Millis, parseDecimal, parseDurationMs } from '../units.ts';

/** An option of a replication policy as users write it, on the command line and in a policy of the site file. */
export interface OptionText<T> {
  readonly flag: string;
  readonly key: string;
  /** `undefined` where the text is none that could be meant. */
  readonly parse: (text: string) => T | undefined;
  readonly form: string;
  readonly example: string;
}

type OptionTexts = { readonly [Option in PolicyOption]: OptionText<Exclude<AskedSettings[Option], undefined>> };

export const COMPRESSION_SWITCHES: readonly CompressionSwitch[] = ['on', 'off'];
export const AUTHENTICATIONS: readonly Authentication[] = ['kerberos', 'certificate'];
export const COMPRESSION_RATIO_LEAST = 0.01;
export const COMPRESSION_RATIO_MOST = 2;

const DURATION_MOST_MS: Millis = 400 * DAY_MS;

export const OPTION_TEXTS: OptionTexts = {
  copyFrequencyMs: {
    flag: '--copy-frequency',
    key: 'copyFrequency',
    parse: parseDurationMs,
    form: 'a duration',
    example: '5min',
  },
  compressionRatio: {
    flag: '--compression',
    key: 'compressionRatio',
    parse: (text) => within(parseDecimal(text), COMPRESSION_RATIO_LEAST, COMPRESSION_RATIO_MOST),
    form: `a number from ${COMPRESSION_RATIO_LEAST} to ${COMPRESSION_RATIO_MOST}: wire bytes per log byte`,
    example: '0.6',
  },
  policyCompression: {
    flag: '--policy-compression',
    key: 'compression',
    parse: (text) => COMPRESSION_SWITCHES.find((word) => word === text.trim()),
    form: 'on or off',
    example: 'off',
  },
  authentication: {
    flag: '--authentication',
    key: 'authentication',
    parse: (text) => AUTHENTICATIONS.find((word) => word === text.trim()),
    form: 'kerberos or certificate',
    example: 'certificate',
  },
  recoveryPointHours: {
    flag: '--recovery-points',
    key: 'recoveryPoints',
    parse: wholeHours,
    form: 'whole hours',
    example: '4h',
  },
  appConsistentHours: {
    flag: '--app-consistent',
    key: 'appConsistent',
    parse: (text) => (text.trim() === 'off' ? null : wholeHours(text)),
    form: 'whole hours, or off',
    example: '1h',
  },
  initialReplication: {
    flag: '--initial-replication',
    key: 'initialReplication',
    parse: parseInitialReplication,
    form: 'network, media or existing, after media how long they travel, after existing how old the copy is, then "at" and when it starts',
    example: 'media 7d',
  },
};

/**
 * Reads `network`, `network at 1d18h`, `media 7d`, `existing 30d at 6h`: the way of the first copy, how long the media travel
 * or how old the copy is, and when it starts, from the start of the run. `undefined` where the text is none of these.
 */
export function parseInitialReplication(text: string): InitialReplicationPlan | undefined {
  if (text.length > 120) return undefined;
  const match = /^(network|media|existing)(?:\s+(?!at\s)(\S.*?))?(?:\s+at\s+(.+))?$/.exec(text.trim());
  if (match === null) return undefined;
  const mode = match[1] as InitialReplicationPlan['mode'];
  const lengthMs = match[2] === undefined ? DEFAULT_LENGTH_MS[mode] : duration(match[2]);
  const startAtMs = match[3] === undefined ? 0 : duration(match[3]);
  // Over the network there is nothing that travels or has an age.
  if (lengthMs === undefined || startAtMs === undefined || (mode === 'network' && match[2] !== undefined))
    return undefined;
  return {
    ...INITIAL_REPLICATION_AT_ONCE,
    mode,
    startAtMs,
    ...(mode === 'media' ? { shippingMs: lengthMs } : {}),
    ...(mode === 'existing' ? { existingAgeMs: lengthMs } : {}),
  };
}

const DEFAULT_LENGTH_MS = { network: 0, media: DEFAULT_SHIPPING_MS, existing: DEFAULT_EXISTING_AGE_MS } as const;

function duration(text: string): Millis | undefined {
  return within(parseDurationMs(text), 0, DURATION_MOST_MS);
}

function wholeHours(text: string): number | undefined {
  const hours = (duration(text) ?? Number.NaN) / HOUR_MS;
  return Number.isInteger(hours) ? hours : undefined;
}

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}
