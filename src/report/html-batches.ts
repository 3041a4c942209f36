import { formatLocal } from '../model/clock.ts';
import type { BatchPlan, BatchVm, BatchVolume, Plan, PlannedBatch, PlannerBatch } from '../plan/plan.ts';
import { formatBitsPerSec, formatBytes, formatDurationMs, type Millis } from '../units.ts';
import { batchGantt } from './charts/batch-gantt.ts';
import { chartFigure } from './html-chart.ts';
import { type Heading, scrollTable } from './html-table.ts';
import { type Hole, html, type Markup } from './html-template.ts';
import { shownName } from './shown-name.ts';

const BATCHES_MOST = 100;
const VMS_MOST = 200;
const NONE = '–';
const NO_BREAK = '\u00A0';

/** In which order VMs are enabled together, when, why, and what the deployment planner's rule says. */
export function batchesSection(plan: Plan): Markup {
  const { batches } = plan;
  const parts =
    batches === null
      ? html`<p class="empty">Nothing is to be copied.</p>`
      : [
          chartFigure(plan, batchGantt),
          verdict(batches),
          batchTable(plan, batches),
          vmTable(batches),
          leftOut(batches),
          plannerTable(plan, batches),
        ];
  return html`<section id="batches" aria-labelledby="batches-title"><h2 id="batches-title">Batches of initial replication</h2><div data-study>${parts}</div></section>`;
}

function verdict({ holds, broken, roundCount, objectiveHoldsAlone }: BatchPlan): Markup {
  const rounds = roundCount === 1 ? 'One simulation' : `${roundCount} simulations`;
  const words = holds
    ? html`<p class="note">${rounds} of the batches: link, volumes and running deltas bear them as planned. Write them with <code>--batches-out batches.csv</code>, and simulate them as your own with <code>--batches batches.csv</code>.</p>`
    : html`<p class="note">${rounds} of the batches; this does not hold:</p><ul class="broken-list">${broken.slice(0, 10).map((sentence) => html`<li>${shownName(sentence)}</li>`)}${broken.length > 10 && html`<li>and ${broken.length - 10} more</li>`}</ul>`;
  const alone =
    !objectiveHoldsAlone &&
    html`<p class="note">On this link the deltas alone are late, so the objective sets no limit to a batch.</p>`;
  return html`${words}${alone}`;
}

const HEADINGS: readonly Heading[] = [
  { title: 'Batch' },
  { title: 'Begins' },
  { title: 'Over' },
  { title: 'VMs', numeric: true },
  { title: 'First copies', numeric: true },
  { title: 'Bandwidth available for batch', numeric: true },
  { title: 'Deltas of those before', numeric: true },
  { title: 'Tightest volume' },
];

function batchTable({ clock }: Plan, { batches }: BatchPlan): Markup {
  const at = (atMs: Millis | null): string =>
    atMs === null ? 'not within what was simulated' : formatLocal(clock, atMs);
  const rows = batches.slice(0, BATCHES_MOST).map((batch, index) => {
    const { name, startMs, endMs, fits, vms } = batch;
    const mark = !fits && html` <span class="badge broken"><span aria-hidden="true">✕</span> does not fit</span>`;
    return html`<tr><th scope="row" class="number">${name.replaceAll(' ', NO_BREAK)}${mark}</th><td class="number">${startMs === null ? 'the one before does not end' : formatLocal(clock, startMs)}</td><td class="number">${at(endMs)}</td><td class="number">${vms.length}</td><td class="number">${formatBytes(batch.wireBytes)}</td><td class="number">${formatBitsPerSec(batch.availableBitsPerSec)}</td><td class="number">${formatBitsPerSec(batch.deltaBitsPerSec)}</td><td>${tightest(batch)}</td></tr><tr><td></td><td colspan="7" class="why">${shownName(endReason(batches, index))}</td></tr>`;
  });
  const rest =
    batches.length > BATCHES_MOST &&
    html`<p class="note">${batches.length - BATCHES_MOST} more batches stand in the table “IR batching” of the workbook.</p>`;
  const note =
    'A batch begins at a full quarter of an hour once every VM of the one before has sent its first delta. Space is the most of logs, snapshots and growth while it ran in the simulation, against what is free less the reserve.';
  return html`<h3>Batches, one after another</h3><p class="note">${note}</p>${scrollTable('Batches', HEADINGS, rows, { id: 'batch-table' })}${rest}`;
}

/** What kept the first VM of the next one out. */
function endReason(batches: readonly PlannedBatch[], index: number): string {
  const next = batches[index + 1];
  if (next === undefined) return 'It ends the list: no VM is left.';
  const asked = next.vms.find(({ limit }) => limit !== 'none');
  const why = asked?.why ?? next.vms[0]?.why ?? NONE;
  return asked === undefined ? why : `It ends there, for ${asked.vm}: ${why}`;
}

function tightest({ volumes }: PlannedBatch): Hole {
  const known = volumes
    .filter(({ roomBytes }) => roomBytes !== null)
    .toSorted((left, right) => fullness(right) - fullness(left));
  const [one] = known;
  if (one === undefined) return 'free space unknown';
  return html`<bdi>${shownName(one.volume)}</bdi>, ${formatBytes(one.simulatedBytes ?? one.predictedBytes)} of ${formatBytes(one.roomBytes!)}`;
}

function fullness({ roomBytes, simulatedBytes, predictedBytes }: BatchVolume): number {
  return (simulatedBytes ?? predictedBytes) / Math.max(1, roomBytes!);
}

function vmTable({ batches }: BatchPlan): Markup {
  const members = batches.flatMap(({ name, vms }) => vms.map((vm) => ({ name, vm })));
  // Who does not fit is what somebody looks for.
  const shown = [...members.filter(({ vm }) => vm.advice !== null), ...members.filter(({ vm }) => vm.advice === null)];
  const rows = shown.slice(0, VMS_MOST).map(({ name, vm }) => vmRow(name, vm));
  const headings: Heading[] = [
    { title: 'VM' },
    { title: 'Batch', numeric: true },
    { title: 'First copy', numeric: true },
    { title: 'Alone it takes', numeric: true },
    { title: 'Why it is there' },
  ];
  const rest =
    members.length > VMS_MOST &&
    html`<p class="note">${members.length - VMS_MOST} more VMs stand in the CSV of <code>--batches-out</code>.</p>`;
  return html`<details class="fold"><summary>Which VM in which batch, and why</summary>${scrollTable('VMs of the batches', headings, rows, { id: 'batch-vm-table', class: 'changes' })}${rest}</details>`;
}

function vmRow(batch: string, { vm, wireBytes, aloneMs, why, advice }: BatchVm): Markup {
  const todo = advice !== null && html`<p class="why">${shownName(advice)}</p>`;
  return html`<tr><th scope="row"><bdi>${shownName(vm)}</bdi></th><td class="number">${batch}</td><td class="number">${formatBytes(wireBytes)}</td><td class="number">${aloneMs === null ? NONE : formatDurationMs(aloneMs)}</td><td>${shownName(why)}${todo}</td></tr>`;
}

function leftOut({ leftOut: out }: BatchPlan): Markup | null {
  if (out.length === 0) return null;
  const items = out
    .slice(0, VMS_MOST)
    .map(({ vm, why }) => html`<li><bdi>${shownName(vm)}</bdi>: ${shownName(why)}</li>`);
  return html`<h3>In no batch</h3><p class="note">These cannot be protected as they are.</p><ul class="subjects">${items}${out.length > VMS_MOST && html`<li>and ${out.length - VMS_MOST} more</li>`}</ul>`;
}

function plannerTable(_: Plan, { planner, differences }: BatchPlan): Markup {
  const rows = planner.batches.slice(0, BATCHES_MOST).map(plannerRow);
  const headings: Heading[] = [
    { title: 'Batch' },
    { title: 'VMs', numeric: true },
    { title: 'Bandwidth available for batch', numeric: true },
    { title: 'Deltas of those before', numeric: true },
    { title: 'Initial replication', numeric: true },
    { title: 'Additional storage required', numeric: true },
  ];
  const rest =
    planner.batches.length > BATCHES_MOST &&
    html`<p class="note">${planner.batches.length - BATCHES_MOST} more stand in the plan’s JSON.</p>`;
  return html`<details class="fold"><summary>The deployment planner’s rule on the same fleet</summary><p class="note">Documented: free space as a VM sees it is the volume’s less the delta space of every VM of the batches before; bandwidth is the link’s less their deltas; additional storage is the larger of initial and delta space less what is free (Azure Site Recovery Deployment Planner for Hyper-V, report of 2019-10-21); 100 % of a virtual disk for its initial replication and 50 % for its deltas are its documented worst cases. Undocumented, and our reading here: how it packs VMs, and how long a first copy takes.</p><ul>${differences.map((sentence) => html`<li>${shownName(sentence)}</li>`)}</ul>${scrollTable('Batches by the deployment planner’s rule', headings, rows)}${rest}</details>`;
}

function plannerRow({ name, vms, availableBitsPerSec, deltaBitsPerSec, initialReplicationMs }: PlannerBatch): Markup {
  let missing = 0;
  for (const vm of vms) for (const { additionalBytes } of vm.volumes) missing += additionalBytes ?? 0;
  return html`<tr><th scope="row">${name}</th><td class="number">${vms.length}</td><td class="number">${formatBitsPerSec(availableBitsPerSec)}</td><td class="number">${formatBitsPerSec(deltaBitsPerSec)}</td><td class="number">${initialReplicationMs === null ? NONE : formatDurationMs(initialReplicationMs)}</td><td class="number">${missing === 0 ? NONE : formatBytes(missing)}</td></tr>`;
}
