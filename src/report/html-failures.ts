import { localMinuteOfDay, localWeekday } from '../model/clock.ts';
import { weekdayTime } from '../plan/failures/sentence.ts';
import type { Failures, Plan, StartTolerance } from '../plan/plan.ts';
import { formatBytes, formatDurationMs, formatShare, HOUR_MS, MINUTE_MS, type Millis } from '../units.ts';
import { outageMap } from './charts/outage-map.ts';
import { chartFigure } from './html-chart.ts';
import { scrollTable } from './html-table.ts';
import { html, type Markup } from './html-template.ts';
import { shownName } from './shown-name.ts';

const NONE = '–';
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
/** Longer tables are folded. */
const ROWS_UNFOLDED = 8;
const RESYNC_VMS_SHOWN = 20;

/** What outages and resynchronizations do; all of it rests on further simulations. */
export function failuresSection(plan: Plan): Markup {
  const { failures } = plan;
  return html`<section id="failures" aria-labelledby="failures-title"><h2 id="failures-title">Failures</h2><div data-study>
<p class="lead">${failures.sentence}</p>
<p class="note">${studyNote(failures)}</p>
${chartFigure(plan, outageMap)}
${boundsPart(plan)}${startsPart(plan)}${healingPart(plan)}${backOffPart(plan)}${resyncPart(plan)}</div></section>`;
}

function studyNote({ resolution, starts }: Failures): string {
  const { startStepMs, lengthStepMs, longestTriedMs, checksPerStart, unevenStartCount, wholeWeek } = resolution;
  const alone =
    'One failure at a time, once initial replication is done: outages, faults and actions of the run itself are left out, and volumes have room.';
  if (starts.length === 0) return alone;
  const through = wholeWeek ? 'through the week' : 'within the run';
  const uneven =
    unevenStartCount === 0
      ? ''
      : ` At ${unevenStartCount} of the hours a shorter outage broke the objective where a longer one kept it, as the retry ladder can make it: the shorter one counts.`;
  return `${alone} ${starts.length} hours ${through}, every ${formatDurationMs(startStepMs)}; lengths to ${formatDurationMs(lengthStepMs)} up to 1 h, coarser above, up to ${formatDurationMs(longestTriedMs)}. Beside each answer ${checksPerStart} shorter and ${checksPerStart} longer outage were tried.${uneven} ${resolution.simulationCount.toLocaleString('en-US')} simulations, most of them short.`;
}

/** What arithmetic says before any simulation. */
function boundsPart({ failures, clock }: Plan): Markup | null {
  const ladder = leastBy(failures.starts, ({ ladderBoundMs }) => ladderBoundMs);
  const half = leastBy(failures.starts, ({ halfDisk }) => halfDisk?.outageMs ?? null);
  if (ladder === undefined) return null;
  const lines = [
    html`<li>However fast the link: an outage of more than ${formatDurationMs(ladder.ladderBoundMs!)} beginning ${weekdayTime(clock, ladder.startMs)} breaks the objective, as the first attempt of <bdi>${shownName(ladder.ladderBoundVm ?? '')}</bdi> after it comes too late.</li>`,
    half === undefined
      ? html`<li>No outage makes logs reach half of a disk.</li>`
      : html`<li>An outage of more than ${formatDurationMs(half.halfDisk!.outageMs)} beginning ${weekdayTime(clock, half.startMs)} marks <bdi>${shownName(half.halfDisk!.vm)}</bdi> for resynchronization: the logs of its disk <bdi>${shownName(half.halfDisk!.disk)}</bdi> reach half of the disk’s size before it can send and cut again. Where nothing gets through they do after ${formatDurationMs(half.halfDisk!.reachedAfterMs)}.</li>`,
  ];
  return html`<h3>By arithmetic alone</h3><ul>${lines}</ul>`;
}

/** A row per hour of the day, a column per weekday. */
function startsPart({ failures, clock, rpo }: Plan): Markup | null {
  const { starts } = failures;
  if (starts.length === 0) return null;
  const cells = new Map<string, StartTolerance>();
  for (const start of starts) {
    const key = `${localMinuteOfDay(clock, start.startMs)} ${localWeekday(clock, start.startMs)}`;
    const before = cells.get(key);
    // An hour that comes twice in the run: the one that bears less.
    if (before === undefined || (start.safeMs ?? -1) < (before.safeMs ?? -1)) cells.set(key, start);
  }
  const minutes = [...new Set(starts.map(({ startMs }) => localMinuteOfDay(clock, startMs)))].sort((a, b) => a - b);
  const days = DAYS.map((_, day) => day).filter((day) => minutes.some((minute) => cells.has(`${minute} ${day}`)));
  const rows = minutes.map(
    (minute) =>
      html`<tr><th scope="row">${clockTime(minute)}</th>${days.map((day) => toleranceCell(cells.get(`${minute} ${day}`)))}</tr>`,
  );
  const headings = [{ title: 'Begins' }, ...days.map((day) => ({ title: DAYS[day]!, numeric: true }))];
  const table = scrollTable('Outage tolerance by the hour of its start', headings, rows, { class: 'outage-starts' });
  const legend = html`<p class="note">The longest outage that keeps the objective of ${formatDurationMs(rpo.targetMs)}. ✕: broken without any outage. ½: a longer one makes logs reach half of a disk before it breaks the objective.</p>`;
  const content = html`${legend}${table}`;
  return html`<h3>Tolerance by the hour of its start</h3>${rows.length <= ROWS_UNFOLDED ? content : html`<details><summary>${starts.length} hours</summary>${content}</details>`}`;
}

function toleranceCell(start: StartTolerance | undefined): Markup {
  if (start === undefined) return html`<td class="number">${NONE}</td>`;
  const { safeMs, breaks } = start;
  if (safeMs === null) return html`<td class="number attention">✕</td>`;
  return html`<td class="number">${formatDurationMs(safeMs)}${breaks === 'half-disk' && ' ½'}</td>`;
}

function healingPart({ failures, clock }: Plan): Markup | null {
  if (failures.healing.length === 0) return null;
  const rows = failures.healing.map(
    (heal) =>
      html`<tr><th scope="row">${formatDurationMs(heal.lengthMs)}</th><td class="number">${heal.startCount}</td><td class="number">${healed(heal.shortestMs)}</td><td class="number">${healed(heal.medianMs)}</td><td class="number">${healed(heal.longestMs)}</td><td>${heal.longestStartMs === null || heal.longestMs === 0 ? NONE : weekdayTime(clock, heal.longestStartMs)}</td><td class="number${heal.unhealedStartCount > 0 && ' attention'}">${heal.unhealedStartCount}</td><td class="number${heal.markingStartCount > 0 && ' attention'}">${heal.markingStartCount === 0 ? '0' : `${heal.markingStartCount} (up to ${heal.markedVmMost} VMs)`}</td></tr>`,
  );
  const headings = [
    { title: 'Outage of' },
    { title: 'Tried', numeric: true },
    { title: 'Healed after, at best', numeric: true },
    { title: 'half of them', numeric: true },
    { title: 'at worst', numeric: true },
    { title: 'when it began' },
    { title: 'Not healed', numeric: true },
    { title: 'Marked VMs', numeric: true },
  ];
  const followed = failures.healing.reduce((most, { followedMs }) => Math.max(most, followedMs), 0);
  return html`<h3>Time to heal</h3><p class="note">From the link’s return until every VM is within the objective for good: the wait for the next attempt, then what was written meanwhile. Followed for up to ${formatDurationMs(roundedUp(followed))}.</p>${scrollTable('Time to heal', headings, rows)}`;
}

function backOffPart({ failures, clock }: Plan): Markup | null {
  const [first] = failures.backOff;
  if (first === undefined) return null;
  const rows = failures.backOff.map(
    ({ lengthMs, worstAgeMs, immediateWorstAgeMs, share }) =>
      html`<tr><th scope="row">${formatDurationMs(lengthMs)}</th><td class="number">${duration(worstAgeMs)}</td><td class="number">${duration(immediateWorstAgeMs)}</td><td class="number strong">${formatShare(share)}</td></tr>`,
  );
  const headings = [
    { title: 'Outage of' },
    { title: 'Worst RPO', numeric: true },
    { title: 'If all tried again at once', numeric: true },
    { title: 'Share of the back-off', numeric: true },
  ];
  return html`<h3>What waiting for the next attempt costs</h3><p class="note">Outages that begin ${weekdayTime(clock, first.startMs)}, and the same where somebody resumes replication as soon as the link is back.</p>${scrollTable('What waiting for the next attempt costs', headings, rows)}`;
}

function resyncPart({ failures, clock }: Plan): Markup | null {
  const { resync } = failures;
  if (resync.vmCount === 0) return null;
  const storm =
    resync.stormMs === null
      ? `${resync.unfinishedVmCount} of ${resync.vmCount} VMs are not through within ${formatDurationMs(resync.stormFollowedMs)}`
      : formatDurationMs(resync.stormMs);
  const facts: readonly (readonly [string, string])[] = [
    [`At once, from ${weekdayTime(clock, resync.stormStartMs)} on`, storm],
    ['One after another', formatDurationMs(resync.aloneTotalMs)],
    ['The longest of them', formatDurationMs(resync.aloneLongestMs)],
    ['On the wire', `${formatBytes(resync.wireBytes)} (full copies: ${formatBytes(resync.fullCopyWireBytes)})`],
    ['Marked anew in the storm', `${resync.restartedVmCount} VMs`],
    ['Never through, even alone', `${resync.neverThroughVmCount} VMs`],
  ];
  const shown = resync.vms.slice(0, RESYNC_VMS_SHOWN);
  const rows = shown.map(
    (vm) =>
      html`<tr><th scope="row"><bdi>${shownName(vm.vm)}</bdi></th><td class="number">${formatBytes(vm.changedBytes)}</td><td class="number">${formatBytes(vm.wireBytes)}</td><td class="number">${formatBytes(vm.fullCopyWireBytes)}</td><td class="number">${formatDurationMs(vm.aloneMs)}</td><td class="number${vm.stormMs === null && ' attention'}">${vm.stormMs === null ? 'not through' : formatDurationMs(vm.stormMs)}</td><td class="number">${vm.restartCount}</td><td class="${!vm.converges && 'attention'}">${vm.converges ? 'yes' : '✕ never'}</td></tr>`,
  );
  const headings = [
    { title: 'VM' },
    { title: 'Changed', numeric: true },
    { title: 'On the wire', numeric: true },
    { title: 'A full copy', numeric: true },
    { title: 'Alone', numeric: true },
    { title: 'With all others', numeric: true },
    { title: 'Marked anew', numeric: true },
    { title: 'Gets through' },
  ];
  return html`<h3>Resynchronization</h3><p class="note">Of VMs whose logs have reached half of a disk, the mark that an outage leaves. All chunks are compared, those that differ are sent; the guests write on meanwhile. How many resynchronizations Hyper-V runs at a time is not documented: they are held up by hosts’ slots alone.</p>
${scrollTable(
  'Resynchronization of all VMs',
  [{ title: 'All VMs' }, { title: 'It takes', numeric: true }],
  facts.map(([term, value]) => html`<tr><th scope="row">${term}</th><td class="number">${value}</td></tr>`),
  { class: 'resync-all' },
)}
<details><summary>VM by VM${shown.length < resync.vmCount && `: the ${shown.length} worst of ${resync.vmCount}`}</summary>${scrollTable('Resynchronization of each VM', headings, rows, { class: 'resync-vms' })}</details>`;
}

function leastBy(
  starts: readonly StartTolerance[],
  of: (start: StartTolerance) => Millis | null,
): StartTolerance | undefined {
  return starts.reduce<StartTolerance | undefined>((least, start) => {
    const value = of(start);
    return value !== null && (least === undefined || value < of(least)!) ? start : least;
  }, undefined);
}

function healed(ms: Millis | null): string {
  return ms === 0 ? 'never late' : duration(ms);
}

function duration(ms: Millis | null): string {
  return ms === null ? NONE : formatDurationMs(ms);
}

/** To the hour: the followed time is a bound, and no result. */
function roundedUp(ms: Millis): Millis {
  return Math.ceil(ms / HOUR_MS) * HOUR_MS;
}

function clockTime(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor((minute * MINUTE_MS) / HOUR_MS))}:${two(minute % 60)}`;
}
