import type { NamedPolicy } from '../model/cloud.ts';
import type { AskedSettings } from '../model/refusals.ts';
import type { JsonObject } from './json-object.ts';
import {
  AUTHENTICATIONS,
  COMPRESSION_RATIO_LEAST,
  COMPRESSION_RATIO_MOST,
  COMPRESSION_SWITCHES,
  OPTION_TEXTS,
  type OptionText,
} from './policy-options.ts';
import type { ProblemList } from './problem-list.ts';
import { checkUnique, ownName } from './site-names.ts';

const POLICY_KEYS = ['name', ...Object.values(OPTION_TEXTS).map((option) => option.key)];

/** Replication policies by name. What the scenario does not offer is refused where the scenario is known: `protection.ts`. */
export function readPolicies(root: JsonObject, problems: ProblemList): NamedPolicy[] {
  const policies = root.objects('policies', POLICY_KEYS).flatMap((object) => readPolicy(object, problems) ?? []);
  const names = policies.map((policy) => policy.name);
  checkUnique(names, 'policy', (index) => `policies[${index}].name`, problems);
  return policies;
}

/** The value of an option's key, as it is written there. */
export function readOption<T>(object: JsonObject, option: OptionText<T>): T | undefined {
  return object.parsed(option.key, option.example, option.parse, option.form);
}

function readPolicy(object: JsonObject, problems: ProblemList): NamedPolicy | undefined {
  const name = ownName(object, { what: 'policy', example: 'Gold' }, problems);
  const settings = readSettings(object);
  return name === undefined ? undefined : { name, settings };
}

function readSettings(object: JsonObject): AskedSettings {
  const read = {
    copyFrequencyMs: readOption(object, OPTION_TEXTS.copyFrequencyMs),
    recoveryPointHours: readOption(object, OPTION_TEXTS.recoveryPointHours),
    appConsistentHours: readOption(object, OPTION_TEXTS.appConsistentHours),
    policyCompression: object.choice(OPTION_TEXTS.policyCompression.key, COMPRESSION_SWITCHES),
    compressionRatio: readRatio(object),
    authentication: object.choice(OPTION_TEXTS.authentication.key, AUTHENTICATIONS),
    initialReplication: readOption(object, OPTION_TEXTS.initialReplication),
  };
  // What is not there is left out, so that spreading it over other settings changes nothing.
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined)) as AskedSettings;
}

function readRatio(object: JsonObject): number | undefined {
  const { key } = OPTION_TEXTS.compressionRatio;
  const ratio = object.number(key);
  if (ratio === undefined || (ratio >= COMPRESSION_RATIO_LEAST && ratio <= COMPRESSION_RATIO_MOST)) return ratio;
  const message = `The ratio is ${OPTION_TEXTS.compressionRatio.form}.`;
  object.error('site-wrong-value', key, ratio, message, 'Write 0.6 where ten bytes of a log become six on the wire.');
  return undefined;
}
