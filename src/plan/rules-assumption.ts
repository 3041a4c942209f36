import type { Assumption } from '../model/assumption.ts';
import type { RuleSet } from '../model/rules.ts';
import { SHIPPED_RULE_FILES } from './shipped-rules.ts';

/** Which rules of compatibility and placement are in force, and of what dates, as a line among what the plan rests on. */
export function rulesAssumption({ files, limits, diskTiers, vmSizes }: RuleSet): Assumption {
  const shipped = new Set(SHIPPED_RULE_FILES.map(({ file }) => file));
  const own = files.filter(({ file }) => !shipped.has(file));
  const dated = files.map(({ file, oldestSourceDate, newestSourceDate }) => {
    if (oldestSourceDate === null) return `${file}: none`;
    const span =
      oldestSourceDate === newestSourceDate ? oldestSourceDate : `${oldestSourceDate} to ${newestSourceDate}`;
    return `${file}: ${span}`;
  });
  return {
    name: 'compatibilityRules',
    value: `${limits.length} limits, ${diskTiers.length} disk tiers, ${vmSizes.length} VM sizes`,
    reason: `Microsoft’s limits change: the sources of these have the dates ${dated.join('; ')}`,
    source:
      own.length === 0
        ? 'the files named, each rule with its own source'
        : `given by the user: ${own.map(({ file }) => file).join(', ')}`,
    origin: own.length === 0 ? 'default' : 'given',
  };
}
