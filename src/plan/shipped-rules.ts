import azureVmSizes from '../../rules/azure-vm-sizes.json' with { type: 'json' };
import hyperVSiteRecovery from '../../rules/hyper-v-site-recovery.json' with { type: 'json' };
import managedDisks from '../../rules/managed-disks.json' with { type: 'json' };
import { type RuleFile, type RuleSet, ruleSetOf } from '../model/rules.ts';

/** The files of rules that come with the product. Data of our own: a test reads them as strictly as a user's. */
export const SHIPPED_RULE_FILES: readonly { readonly file: string; readonly rules: RuleFile }[] = [
  { file: 'rules/hyper-v-site-recovery.json', rules: hyperVSiteRecovery as RuleFile },
  { file: 'rules/managed-disks.json', rules: managedDisks as RuleFile },
  { file: 'rules/azure-vm-sizes.json', rules: azureVmSizes as RuleFile },
];

/** The shipped rules alone. */
export const SHIPPED_RULES: RuleSet = ruleSetOf(SHIPPED_RULE_FILES);
