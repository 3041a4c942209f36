import { renderPlanner } from '../report/html.ts';
import type { Ending } from './analyze.ts';
import { writeOutputs } from './outputs.ts';
import { printProblems } from './print-problems.ts';
import { productVersion } from './product-version.ts';

export interface AppFlags {
  readonly out: string;
  readonly quiet?: boolean;
}

/** `asr-plan app --out planner.html`: the planner as a page, for machines on which nothing can be installed. */
export function writeApp({ out, quiet }: AppFlags): Ending {
  const problems = writeOutputs([{ flag: '--out', path: out, content: renderPlanner(productVersion()) }]);
  process.stderr.write(printProblems(problems));
  if (problems.length > 0) return 'badInput';
  if (quiet !== true) process.stdout.write(`Written: ${out}\n`);
  return 'met';
}
