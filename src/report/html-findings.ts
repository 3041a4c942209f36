import type { Finding } from '../plan/plan.ts';
import { findingValue } from './finding-value.ts';
import { nameList, scrollTable } from './html-table.ts';
import { html, type Markup } from './html-template.ts';
import { shownName } from './shown-name.ts';

const SEVERITY = { broken: ['✕', 'Broken'], warning: ['!', 'Warning'], note: ['i', 'Note'] } as const;
const NAMES_MOST = 5;

/** What is wrong, the most serious first, with what to do; and what was checked and is fine. */
export function findingsPart(findings: readonly Finding[]): Markup {
  const wrong = findings.filter((finding) => !finding.ok);
  const fine = findings.filter((finding) => finding.ok);
  return html`${wrong.length === 0 ? html`<p class="empty">Nothing: no rule found anything wrong.</p>` : wrongTable(wrong)}
${fine.length > 0 && fineTable(fine)}`;
}

function wrongTable(findings: readonly Finding[]): Markup {
  const rows = findings.map((finding) => {
    const { severity, title, why, evidence, evidenceCount, action, source } = finding;
    const [icon, word] = SEVERITY[severity ?? 'note'];
    return html`<tr><td><span class="badge ${severity}"><span aria-hidden="true">${icon}</span> ${word}</span></td>
<th scope="row">${shownName(title)}<p class="why">${shownName(why)}</p>${nameList(evidence, NAMES_MOST, evidenceCount)}</th>
<td class="number">${findingValue(finding)}</td><td>${action === null ? '–' : shownName(action)}</td><td class="source">${source}</td></tr>`;
  });
  const headings = [
    { title: 'Severity' },
    { title: 'Finding' },
    { title: 'Figure', numeric: true },
    { title: 'What to do' },
    { title: 'Rule' },
  ];
  return scrollTable('What to do', headings, rows, { class: 'findings' });
}

function fineTable(findings: readonly Finding[]): Markup {
  const rows = findings.map(
    (finding) =>
      html`<tr><th scope="row">${shownName(finding.title)}<p class="why">${shownName(finding.why)}</p></th><td class="number">${findingValue(finding)}</td><td class="source">${finding.source}</td></tr>`,
  );
  const headings = [{ title: 'Checked and fine' }, { title: 'Figure', numeric: true }, { title: 'Rule' }];
  return html`<details class="fine-findings"><summary>Checked and fine: ${findings.length} of the rules</summary>${scrollTable('Checked and fine', headings, rows, { class: 'findings' })}</details>`;
}
