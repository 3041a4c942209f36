import { CONFIDENCES } from '../model/workload.ts';
import type { DataPath, Plan, Statement } from '../plan/plan.ts';
import { assumptionValue } from './assumption-marks.ts';
import { CONSTRAINT_ORDER, CONSTRAINT_STYLES } from './charts/constraint-styles.ts';
import { GLOSSARY } from './glossary.ts';
import { derivationList } from './html-derivation.ts';
import { scrollTable } from './html-table.ts';
import { html, type Markup } from './html-template.ts';
import { receiptNotes } from './receipt-notes.ts';
import { shownName } from './shown-name.ts';
import { CONFIDENCE_WORDS } from './vm-facts.ts';

/** What the numbers rest on. */
export function methodSection(plan: Plan): Markup {
  return html`<section id="method" aria-labelledby="method-title"><h2 id="method-title">Inputs &amp; method</h2>
<p>The plan is the outcome of a simulation: every VM goes through initial replication, delta replication, retries and resynchronization by the documented rules, over the lines that its site shares. The bandwidths were found by running the simulation again, not by a formula. Seed ${plan.seed}, asr-plan ${plan.version}; the same input gives the same plan.</p>
${scenarioPart(plan)}
<details class="fold"><summary>How the fleet’s numbers come about</summary><p class="note">Those of a VM open with its name among the VMs.</p>${derivationList(plan, plan.derivations)}</details>
<h3>Assumptions</h3>
${assumptionTable(plan)}
<h3>Files that were read</h3>
${confidenceLine(plan)}
${receiptList(plan)}
<h3>Problems in the input</h3>
${problemTable(plan)}
<h3>Glossary</h3>
<dl class="glossary">${GLOSSARY.map(([term, meaning]) => html`<div><dt>${term}</dt><dd>${meaning}</dd></div>`)}</dl>
<h4>What a VM’s recovery point is held back by</h4>
<dl class="glossary">${CONSTRAINT_ORDER.map((constraint) => {
    const { title, meaning } = CONSTRAINT_STYLES[constraint];
    return html`<div><dt>${title}</dt><dd>${meaning}</dd></div>`;
  })}</dl></section>`;
}

/** The way of replication: parts, paths and what the documents say of them. */
function scenarioPart({ scenario }: Plan): Markup {
  const components = scenario.components.map(
    ({ name, installedOn, source }) =>
      html`<tr><th scope="row">${name}</th><td>${installedOn}</td><td class="source">${source}</td></tr>`,
  );
  const componentHeadings = [{ title: 'Component' }, { title: 'Where' }, { title: 'Source' }];
  const pathHeadings = [
    { title: 'Carries' },
    { title: 'From' },
    { title: 'To' },
    { title: 'Port' },
    { title: 'What the documents say' },
  ];
  return html`<h3>Scenario: ${scenario.title}</h3>
<ul class="statements">${scenario.notes.map(statement)}</ul>
<h4>Components</h4>
${scrollTable('Components', componentHeadings, components, { class: 'components' })}
<h4>Data paths</h4>
${scrollTable('Data paths', pathHeadings, scenario.paths.map(pathRow), { class: 'paths' })}`;
}

const CARRIES = { orchestration: 'orchestration', data: 'the VMs’ data' } as const;
const AUTHENTICATION = { kerberos: 'with Kerberos', certificate: 'with certificates' } as const;

function pathRow(path: DataPath): Markup {
  const only =
    path.authentication === undefined ? null : html`<p class="why">${AUTHENTICATION[path.authentication]}</p>`;
  return html`<tr><th scope="row">${CARRIES[path.carries]}</th><td>${path.from}</td><td>${path.to}</td><td class="port">${path.protocol} ${path.port}${only}</td><td>${isDisputed(path) && html`<p><span class="badge warning"><span aria-hidden="true">!</span> The documents contradict each other</span> Taken is ${path.protocol}.</p>`}<ul class="statements">${path.statements.map(statement)}</ul></td></tr>`;
}

/** Whether a document names another protocol for the port than the one that is taken. */
function isDisputed({ protocol, port, statements }: DataPath): boolean {
  return statements.some(({ text }) => {
    const named = new RegExp(`\\b(HTTPS?) port ${port}\\b`).exec(text);
    return named !== null && named[1] !== protocol;
  });
}

function statement({ text, source }: Statement): Markup {
  return html`<li>${text} <span class="source">${source}</span></li>`;
}

function assumptionTable(plan: Plan): Markup {
  const headings = [
    { title: 'Mark', numeric: true },
    { title: 'Name' },
    { title: 'Value' },
    { title: 'Origin' },
    { title: 'Why' },
    { title: 'Source' },
  ];
  const rows = plan.assumptions.map(
    (assumption, index) =>
      html`<tr id="assumption-${index + 1}"><td class="number">${index + 1}</td><th scope="row"><code>${assumption.name}</code></th><td>${assumptionValue(assumption)}</td><td>${assumption.origin}</td><td>${shownName(assumption.reason)}</td><td class="source">${shownName(assumption.source)}</td></tr>`,
  );
  return scrollTable('Assumptions', headings, rows, { class: 'assumptions' });
}

/** How many disks' churn is known how well. */
function confidenceLine({ fleet }: Plan): Markup {
  const parts = CONFIDENCES.filter((confidence) => fleet.diskCountByConfidence[confidence] > 0).map(
    (confidence) =>
      `${CONFIDENCE_WORDS[confidence]}, ${fleet.diskCountByConfidence[confidence].toLocaleString('en-US')}`,
  );
  return html`<p>How the churn of the ${fleet.diskCount.toLocaleString('en-US')} disks is known: ${parts.join('; ')}.</p>`;
}

function receiptList({ receipts, clock }: Plan): Markup {
  if (receipts.length === 0) return html`<p class="empty">None: the workload came from elsewhere.</p>`;
  const rows = receipts.map((receipt) => {
    const [read = '', ...notes] = receiptNotes(receipt, clock);
    return html`<tr><th scope="row">${shownName(receipt.file)}</th><td>${shownName(read)}</td><td><ul class="statements">${notes.map((note) => html`<li>${shownName(note)}</li>`)}</ul></td></tr>`;
  });
  const headings = [{ title: 'File' }, { title: 'Recognised as' }, { title: 'What was made of it' }];
  return scrollTable('Files that were read', headings, rows, { class: 'receipts' });
}

function problemTable(plan: Plan): Markup {
  if (plan.problems.length === 0) return html`<p class="empty">None.</p>`;
  const rows = plan.problems.map((problem) => {
    const place = [
      shownName(problem.file),
      problem.row !== undefined && `line ${problem.row}`,
      problem.column !== undefined && shownName(problem.column),
    ];
    return html`<tr><td>${place.filter((part) => part !== false).join(', ')}</td><td>${problem.value === undefined ? '–' : html`<code>${shownName(problem.value)}</code>`}</td><td>${shownName(problem.message)}</td><td>${shownName(problem.remedy)}</td></tr>`;
  });
  const headings = [{ title: 'Where' }, { title: 'Value' }, { title: 'Problem' }, { title: 'Remedy' }];
  return scrollTable('Problems in the input', headings, rows);
}
