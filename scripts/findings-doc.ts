/** `npm run docs`: makes `docs/findings.md` from the rules themselves. */
import { writeFileSync } from 'node:fs';
import { FINDING_RULES } from '../src/plan/findings/registry.ts';

const PAGE = new URL('../docs/findings.md', import.meta.url);

export function findingsMarkdown(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = FINDING_RULES.map(
    ({ id, fine, trouble, why, source }) =>
      `| [\`${id}\`](../src/plan/findings/${id}.ts) | ${cell(trouble)} | ${cell(fine)} | ${cell(why)} | ${cell(source)} |`,
  );
  return `# Findings

Every plan is judged by these ${FINDING_RULES.length} rules. \`plan.json\` holds what each of them found, that which is fine too: the number with its unit, whom it concerns, what to
do, and the source. A rule that has nothing to judge in a run (no outage, no recovery plan) says nothing.

Made from \`src/plan/findings\` by \`npm run docs\`.

| rule | what is wrong | what is fine | why it matters | source |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

if (import.meta.filename === process.argv[1]) writeFileSync(PAGE, findingsMarkdown());
