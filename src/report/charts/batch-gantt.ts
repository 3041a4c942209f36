import { formatLocal } from '../../model/clock.ts';
import type { Plan, PlannedBatch } from '../../plan/plan.ts';
import { formatDurationMs, type Millis } from '../../units.ts';
import type { Chart, Row } from './chart.ts';
import { axisTime, clockNote } from './series.ts';
import {
  BROKEN,
  CAUSE_COLORS,
  fitted,
  INK,
  MUTED,
  SURFACE,
  THEME_PARAMS,
  TIME_AXIS,
  TIME_FORMAT,
  TIME_SCALE,
  VM_ROWS,
} from './spec-parts.ts';

const BATCHES_MOST = 60;
/** From here on there is no room for words behind a start. */
const LATE_SHARE = 0.7;
const COPIES = 'first copies';
const CATCHING_UP = 'catching up';

function shown({ batches }: Plan): readonly PlannedBatch[] {
  return (batches?.batches ?? []).filter(({ startMs }) => startMs !== null).slice(0, BATCHES_MOST);
}

function vmsText(count: number): string {
  return count === 1 ? '1 VM' : `${count} VMs`;
}

function titleOf(plan: Plan): string {
  const { batches } = plan;
  if (batches === null) return 'Nothing is to be copied';
  const count = batches.batches.length;
  const words = count === 1 ? 'One batch' : `${count} batches`;
  if (batches.endMs === null) {
    return `${words}: the last is not over within ${formatDurationMs(batches.simulatedUntilMs)}`;
  }
  return `${words}, over after ${formatDurationMs(batches.endMs)}${batches.holds ? '' : '; not all of it holds'}`;
}

function untilOf(plan: Plan): Millis {
  return plan.batches?.simulatedUntilMs ?? plan.horizonMs;
}

/** A first copy that did not end is drawn as far as the simulation went. */
function copiedUntil(plan: Plan, { startMs, initialReplicationEndMs }: PlannedBatch): Millis {
  return initialReplicationEndMs ?? Math.max(startMs!, untilOf(plan));
}

function sources(plan: Plan): Record<string, Row[]> {
  const bars: Row[] = [];
  const signs: Row[] = [];
  const untilMs = shown(plan).reduce((most, batch) => Math.max(most, batch.endMs ?? copiedUntil(plan, batch)), 1);
  for (const [rank, batch] of shown(plan).entries()) {
    const label = { batch: batch.name, rank, vms: vmsText(batch.vms.length) };
    const copied = copiedUntil(plan, batch);
    const time = (atMs: Millis): number => axisTime(plan.clock, atMs);
    bars.push({ ...label, part: COPIES, from: time(batch.startMs!), to: time(copied) });
    if (batch.endMs !== null && batch.endMs > copied) {
      bars.push({ ...label, part: CATCHING_UP, from: time(copied), to: time(batch.endMs) });
    }
    const cross = batch.fits && batch.lateVmCount === 0 && batch.endMs !== null ? '' : '✕ ';
    signs.push({
      ...label,
      at: time(batch.startMs!),
      sign: `${cross}${label.vms}`,
      broken: cross !== '',
      late: batch.startMs! > LATE_SHARE * untilMs,
    });
  }
  return { bars, signs };
}

const FROM = { field: 'from', type: 'temporal', scale: TIME_SCALE, axis: { ...TIME_AXIS, orient: 'top' } } as const;
/** Words of a batch that begins late stand before it, or the frame would cut them. */
const SIGN_MARK = {
  ...{ type: 'text', align: { expr: "datum.late ? 'right' : 'left'" }, dx: { expr: 'datum.late ? -3 : 3' } },
  ...{ fontSize: 11, fontWeight: 600, baseline: 'middle' },
} as const;
const SIGN_X = { field: 'at', type: 'temporal', scale: TIME_SCALE } as const;

/** When each batch of initial replication begins, is copied, and is over. */
export const batchGantt: Chart = {
  id: 'batch-gantt',
  section: 'batches',
  title: titleOf,
  summary: (plan) => {
    const last = shown(plan).at(-1);
    if (last === undefined) return 'There is no batch.';
    const end = plan.batches!.initialReplicationEndMs;
    const through =
      end === null ? 'Not every first copy ends' : `The last first copy is there on ${formatLocal(plan.clock, end)}`;
    return `Batches follow one another: each begins when the one before has caught up. ${through}; ${last.name} begins on ${formatLocal(plan.clock, last.startMs!)}.`;
  },
  note: (plan) => {
    const count = plan.batches?.batches.length ?? 0;
    const chosen = count > BATCHES_MOST ? `The first ${BATCHES_MOST} of ${count} batches. ` : '';
    return `${chosen}A row per batch, from a simulation of these starts; a cross marks a batch that does not fit, is not over, or beside which deltas are late; ${clockNote(plan.clock, untilOf(plan))}.`;
  },
  drawable: (plan) => shown(plan).length > 0,
  rows: (plan) =>
    shown(plan).map((batch) => ({
      batch: batch.name,
      vms: batch.vms.length,
      startMs: batch.startMs,
      initialReplicationEndMs: batch.initialReplicationEndMs,
      endMs: batch.endMs,
      predictedEndMs: batch.predictedEndMs,
      wireBytes: batch.wireBytes,
      fits: batch.fits,
    })),
  columns: [
    { field: 'batch', title: 'Batch', kind: 'text' },
    { field: 'vms', title: 'VMs', kind: 'number' },
    { field: 'startMs', title: 'Begins', kind: 'instant' },
    { field: 'initialReplicationEndMs', title: 'First copies there', kind: 'instant' },
    { field: 'endMs', title: 'Over', kind: 'instant' },
    { field: 'predictedEndMs', title: 'Over by the rule', kind: 'instant' },
    { field: 'wireBytes', title: 'First copies on the wire (B)', kind: 'bytes' },
    { field: 'fits', title: 'Fits', kind: 'text' },
  ],
  sources,
  height: (plan) => Math.max(2, shown(plan).length) * 24,
  spec: {
    ...fitted(240),
    params: THEME_PARAMS,
    encoding: { y: { ...VM_ROWS, field: 'batch' } },
    layer: [
      {
        data: { name: 'bars' },
        mark: { type: 'bar', height: { band: 0.8 }, stroke: MUTED, strokeWidth: 0.5 },
        encoding: {
          x: FROM,
          x2: { field: 'to' },
          color: {
            field: 'part',
            type: 'nominal',
            scale: { domain: [COPIES, CATCHING_UP], range: [CAUSE_COLORS.initial, CAUSE_COLORS.delta] },
            legend: { orient: 'top', title: null, symbolType: 'square', symbolStrokeWidth: 0 },
          },
          tooltip: [
            { field: 'batch', type: 'nominal' },
            { field: 'vms', type: 'nominal', title: 'holds' },
            { field: 'part', type: 'nominal' },
            { field: 'from', type: 'temporal', format: TIME_FORMAT, formatType: 'utc' },
            { field: 'to', type: 'temporal', format: TIME_FORMAT, formatType: 'utc' },
          ],
        },
      },
      // An edge in the page's colour, or the words would be lost on a bar.
      {
        data: { name: 'signs' },
        mark: { ...SIGN_MARK, stroke: SURFACE, strokeWidth: 3 },
        encoding: { x: SIGN_X, text: { field: 'sign' } },
      },
      {
        data: { name: 'signs' },
        mark: SIGN_MARK,
        encoding: {
          x: SIGN_X,
          text: { field: 'sign' },
          color: { condition: { test: 'datum.broken', value: BROKEN }, value: INK },
        },
      },
    ],
  },
};
