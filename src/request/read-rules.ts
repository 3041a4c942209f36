import { parseRules } from '../ingest/rules-file.ts';
import type { Problem } from '../model/problem.ts';
import { type RuleFile, type RuleSet, ruleSetOf } from '../model/rules.ts';
import { SHIPPED_RULE_FILES } from '../plan/shipped-rules.ts';
import { type Files, wholeText } from './opened-file.ts';

/** The rules in force: the shipped ones, then the user's files in their order. What is wrong with a file goes to the problems. */
export async function readRules(paths: readonly string[], problems: Problem[], opener: Files): Promise<RuleSet> {
  const files: { readonly file: string; readonly rules: RuleFile }[] = [...SHIPPED_RULE_FILES];
  for (const path of paths) {
    const opened = await opener.open(path);
    const text = opened.value === undefined ? undefined : await wholeText(opened.value);
    problems.push(...opened.problems, ...(text?.problems ?? []));
    if (text?.value === undefined) continue;
    const parsed = parseRules(path, text.value);
    problems.push(...parsed.problems);
    if (parsed.rules !== undefined) files.push({ file: path, rules: parsed.rules });
  }
  return ruleSetOf(files);
}
