import { didYouMean } from '../model/did-you-mean.ts';
import { type Problem, problemOf } from '../model/problem.ts';
import type { AnalyzeFlags, DocumentFlags } from '../request/flags.ts';

type Written = keyof DocumentFlags | 'quiet' | 'anonymize' | 'namesKey';
type Listed = 'exclude' | 'fault' | 'action';

/**
 * The options of `asr-plan analyze` in camelCase, each with its unit as on the command line (`{ bandwidth: '300Mbps', rpo: '15min' }`); all
 * but those that say what is written where. What is left out has the command line's default.
 */
export interface AnalyzeOptions extends Partial<Omit<AnalyzeFlags, Written | Listed>> {
  /** Disks that get no replica: `disk:*tempdb*`, `vm:TEST-*`. */
  readonly exclude?: readonly string[];
  /** `link down at 2d10h for 40min`. */
  readonly fault?: readonly string[];
  /** `planned failover WEB01 at 5d9h`. */
  readonly action?: readonly string[];
}

type Kind = 'text' | 'list' | 'switch';

const KINDS: { readonly [Name in keyof Required<AnalyzeOptions>]: Kind } = {
  churn: 'text',
  site: 'text',
  scenario: 'text',
  copyFrequency: 'text',
  bandwidth: 'text',
  rpo: 'text',
  horizon: 'text',
  irWithin: 'text',
  start: 'text',
  timeZone: 'text',
  growthFactor: 'text',
  compression: 'text',
  policyCompression: 'text',
  authentication: 'text',
  recoveryPoints: 'text',
  appConsistent: 'text',
  initialReplication: 'text',
  linkEfficiency: 'text',
  calibration: 'text',
  throttle: 'text',
  background: 'text',
  outages: 'text',
  batches: 'text',
  randomOutages: 'text',
  rtt: 'text',
  loss: 'text',
  uploadThreads: 'text',
  vhdxGrowth: 'text',
  replicaWriteThroughput: 'text',
  maxActiveTransfers: 'text',
  exclude: 'list',
  rules: 'list',
  map: 'text',
  assumeChurn: 'text',
  aligned: 'switch',
  skipInitialReplication: 'switch',
  fault: 'list',
  action: 'list',
  prices: 'list',
  seed: 'text',
  with: 'list',
};

const EXPECTED: Readonly<Record<Kind, string>> = {
  text: 'a text',
  list: 'a list of texts',
  switch: 'true or false',
};

/** The names of all options, for documents. */
export const OPTION_NAMES: readonly string[] = Object.keys(KINDS);

/** The flags that the options stand for. A name that is none, or a value of another kind, is a problem: nothing is silently left out. */
export function flagsOf(options: AnalyzeOptions): { readonly flags: AnalyzeFlags; readonly problems: Problem[] } {
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(options)) {
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name as keyof typeof KINDS] : undefined;
    if (kind === undefined) {
      const meant = didYouMean(name, OPTION_NAMES);
      const remedy = meant === undefined ? `There are ${OPTION_NAMES.join(', ')}.` : `Did you mean ${meant}?`;
      problems.push(problemOf('error', 'option-unknown', name, 'There is no such option.', remedy));
    } else if (value !== undefined && !isOfKind(value, kind)) {
      const message = `The option ${name} must be ${EXPECTED[kind]}, not ${Array.isArray(value) ? 'a list' : typeof value}.`;
      const remedy = 'Write values as on the command line, with their unit: 15min, 300Mbps.';
      problems.push(problemOf('error', 'option-kind', name, message, remedy));
    }
  }
  return {
    flags: { ...options, exclude: options.exclude ?? [], fault: options.fault ?? [], action: options.action ?? [] },
    problems,
  };
}

function isOfKind(value: unknown, kind: Kind): boolean {
  if (kind === 'switch') return typeof value === 'boolean';
  if (kind === 'text') return typeof value === 'string';
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
