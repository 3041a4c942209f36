import { OPTION_TEXTS, type OptionText } from '../ingest/policy-options.ts';
import type { Assumption } from '../model/assumption.ts';
import { defaultPolicy } from '../model/defaults.ts';
import type { Policy } from '../model/policy.ts';
import { type AskedSettings, type PolicyOption, refusalsOf, refusalsTogether, refusalText } from '../model/refusals.ts';
import type { CompressionSwitch, Scenario } from '../model/scenario.ts';
import { type FlagReader, wholeWithin } from './flag-reader.ts';
import type { AnalyzeFlags } from './flags.ts';

/**
 * The policy that the flags ask for; what they leave out is the scenario's. Without `isScenarioKnown` nothing is refused, since
 * the scenario is not the one that was meant.
 */
export function readPolicy(
  reader: FlagReader,
  flags: AnalyzeFlags,
  scenario: Scenario,
  isScenarioKnown: boolean,
): { policy: Policy; assumptions: Assumption[] } {
  const base = defaultPolicy(scenario.id);
  const asked = readReplication(reader, flags);
  if (isScenarioKnown) refuseOptions(reader, flags, scenario, base, asked);
  const { policyCompression, ...replication } = asked;
  const maxActiveTransfers = reader.read(
    '--max-active-transfers',
    flags.maxActiveTransfers,
    wholeWithin(1, 1024),
    'a whole number from 1 to 1024',
    '3',
    base.maxActiveTransfers,
  );
  return {
    policy: { ...base, ...replication, maxActiveTransfers, alignedCuts: flags.aligned === true },
    assumptions: compressionAssumptions(scenario, policyCompression),
  };
}

/** Where each option of the policy stands on the command line. */
const FLAG_OF_OPTION = {
  copyFrequencyMs: 'copyFrequency',
  compressionRatio: 'compression',
  policyCompression: 'policyCompression',
  authentication: 'authentication',
  recoveryPointHours: 'recoveryPoints',
  appConsistentHours: 'appConsistent',
  initialReplication: 'initialReplication',
} as const satisfies Record<PolicyOption, keyof AnalyzeFlags>;

/** What the flags ask of the replication policy; what they leave out is not there. */
function readReplication(reader: FlagReader, flags: AnalyzeFlags): AskedSettings {
  const options = Object.keys(FLAG_OF_OPTION) as PolicyOption[];
  const read = options.map((option) => {
    const { flag, parse, form, example }: OptionText<unknown> = OPTION_TEXTS[option];
    return [option, reader.read(flag, flags[FLAG_OF_OPTION[option]], parse, form, example, undefined)] as const;
  });
  return Object.fromEntries(read.filter(([, value]) => value !== undefined)) as AskedSettings;
}

function refuseOptions(
  reader: FlagReader,
  flags: AnalyzeFlags,
  scenario: Scenario,
  base: Policy,
  asked: AskedSettings,
): void {
  const alone = refusalsOf(scenario, asked);
  const refusals = alone.length > 0 ? alone : refusalsTogether(scenario, { ...base, ...asked });
  for (const refusal of refusals) {
    const { option, remedy } = refusal;
    reader.refuse(OPTION_TEXTS[option].flag, flags[FLAG_OF_OPTION[option]], refusalText(refusal), remedy);
  }
  if (flags.skipInitialReplication === true && flags.initialReplication !== undefined) {
    const message =
      '--skip-initial-replication says that the fleet is protected already: there is no first copy to send';
    reader.refuse('--initial-replication', flags.initialReplication, message, 'Leave one of the two out.');
  }
}

/** The policy's switch is no number of the run: what it does to the bytes is the ratio. */
function compressionAssumptions(
  { policyCompression: choice }: Scenario,
  given: CompressionSwitch | undefined,
): Assumption[] {
  if (choice.default === null) return [];
  const { reason, source } = choice;
  const origin = given === undefined || given === choice.default ? 'default' : 'given';
  return [{ name: 'policyCompression', value: given ?? choice.default, reason, source, origin }];
}
