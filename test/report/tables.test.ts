import { describe, expect, test } from 'vitest';
import type { Plan, PlanVm, VolumeResult } from '../../src/plan/plan.ts';
import { TABLES, tablesOf } from '../../src/report/tables/registry.ts';
import { type Cell, type CellKind, headingOf, inUnit } from '../../src/report/tables/table.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { samplePlan } from './sample-plan.ts';
import { fullPlan } from './sample-tables.ts';

/** The unit at the end of a key tells programs what the header tells people. */
const KEY_ENDS: Readonly<Partial<Record<CellKind, RegExp>>> = {
  bytes: /Bytes(PerDay|PerMonth)?$|^bytes/,
  rate: /[bB]itsPerSec$/,
  duration: /Ms$/,
  instant: /Ms$/,
  share: /Share$|^shareOf/,
};

describe('the tables of a plan', () => {
  const { tables } = tablesOf(fullPlan());

  test('ids are file names on every system, sheet names are legal, both are unique', () => {
    for (const { id, sheet } of TABLES) {
      expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
      expect(id).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)$/);
      expect(sheet.length).toBeLessThanOrEqual(31);
      expect(sheet).not.toMatch(/[[\]:*?/\\]|^'|'$|^history$/i);
    }
    expect(new Set(TABLES.map(({ id }) => id)).size).toBe(TABLES.length);
    expect(new Set(TABLES.map(({ sheet }) => sheet.toLowerCase())).size).toBe(TABLES.length);
  });

  test.each(tables.map((table) => [table.id, table] as const))(
    '%s: a cell per column, of the column’s kind',
    (_, table) => {
      expect(table.rows.length).toBeGreaterThan(0);
      const keys = table.columns.map(({ key }) => key);
      expect(new Set(keys).size).toBe(keys.length);
      for (const { key, kind, unit } of table.columns) {
        expect(key).toMatch(/^[a-zA-Z][a-zA-Z0-9]*$/);
        expect(key).toMatch(KEY_ENDS[kind] ?? /^(?!.*(Bytes|BitsPerSec|Ms)$)/);
        if (KEY_ENDS[kind] !== undefined) expect(unit).not.toBe('');
      }
      for (const row of table.rows) {
        expect(row).toHaveLength(table.columns.length);
        row.forEach((cell, index) => {
          if (cell === null) return;
          const { kind, key } = table.columns[index]!;
          const wanted = kind === 'text' ? ['string'] : kind === 'mixed' ? ['string', 'number'] : ['number'];
          expect(wanted, `${table.id}.${key}: ${cell}`).toContain(typeof cell);
          if (typeof cell === 'number') expect(Number.isFinite(cell)).toBe(true);
          // What could disturb a terminal, an editor or a file of XML has been made visible.
          if (typeof cell === 'string') expect(cell).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\uFFFE\uFFFF]/u);
        });
      }
    },
  );

  test('every column of every table has a value somewhere, so that no test below compares nothing with nothing', () => {
    const empty = tables.flatMap(({ id, columns, rows }) =>
      columns
        .filter((_, index) => rows.every((row) => row[index] === null || row[index] === ''))
        .map(({ key }) => `${id}.${key}`),
    );
    expect(empty).toEqual([]);
  });

  test('the deployment planner’s sheets come first, under its names and in its order', () => {
    expect(tables.slice(0, 6).map(({ sheet }) => sheet)).toEqual([
      'On-premises summary',
      'Recommendations',
      'VM-storage placement',
      'Compatible VMs',
      'Incompatible VMs',
      'On-premises storage requirement',
    ]);
  });

  test('VMs are compatible or not, never both, never neither', () => {
    const rows = (id: string) => tables.find((table) => table.id === id)!.rows.map(([name]) => name);
    expect([...rows('compatible-vms'), ...rows('incompatible-vms')].toSorted()).toEqual(rows('vms').toSorted());
    expect(rows('incompatible-vms')).toHaveLength(2);
  });

  test('totals of the tables are the plan’s', () => {
    const plan = fullPlan();
    const sum = (id: string, key: string): number => {
      const table = tables.find((candidate) => candidate.id === id)!;
      const at = table.columns.findIndex((column) => column.key === key);
      return table.rows.reduce((total, row) => total + (row[at] as number), 0);
    };
    expect(sum('vms', 'usedBytes')).toBe(plan.fleet.usedBytes);
    expect(sum('traffic', 'deltaBytes')).toBe(plan.series.traffic.delta.reduce((total, bytes) => total + bytes, 0));
    expect(sum('volumes', 'extraPeakBytes')).toBe(sum('on-premises-storage-requirement', 'extraPeakBytes'));
  });

  test('columns hold what their names say, told apart by numbers that are all different', () => {
    const plan = fullPlan();
    const vm: PlanVm = {
      ...plan.vms[0]!,
      ...{ copyFrequencyMs: 9, diskCount: 12, provisionedBytes: 13, usedBytes: 14, churnBytesPerDay: 15 },
      rpo: {
        minMs: 101,
        p50Ms: 102,
        p95Ms: 103,
        p99Ms: 103.5,
        maxMs: 104,
        withinTargetFraction: 0.105,
        observedMs: 106,
      },
      steadyRpo: { minMs: 1, p50Ms: 2, p95Ms: 3, p99Ms: 3.5, maxMs: 4, withinTargetFraction: 0.5, observedMs: 6 },
      ...{ lastBreachAtMs: 7, protectedAtMs: 10, firstDeltaAtMs: 11 },
      initialReplication: { startMs: 16, endMs: 17, sentBytes: 18, disks: [{ name: 'os', endMs: 19 }] },
      sentBytes: { initial: 20, delta: 21, resync: 22 },
      ...{ hrlPeakBytes: 23, hrlPeakAtMs: 24, hrlPeakRatio: 0.25, snapshotPeakBytes: 26, resyncCount: 27 },
      cycles: { completed: 28, missed: 29, failed: 30 },
    };
    const volume: VolumeResult = {
      ...{ name: 'V', diskCount: 1, provisionedBytes: 2, hrlPeakBytes: 3, snapshotPeakBytes: 4, growthBytes: 5 },
      ...{ extraPeakBytes: 6, peakAtMs: 7, lowAtMs: 8, fullAtMs: 9, capacityBytes: 10, freeBytes: 11 },
    };
    const made = tablesOf({ ...plan, vms: [vm], volumes: [volume] }).tables;
    const rowOf = (id: string): Record<string, Cell> => {
      const { columns, rows } = made.find((table) => table.id === id)!;
      return Object.fromEntries(columns.map(({ key }, index) => [key, rows[0]![index]!]));
    };
    expect(rowOf('vms')).toMatchObject({
      ...{ rpoMaxMs: 4, rpoP95Ms: 3, rpoP50Ms: 2, withinTargetShare: 0.5, lastBreachAtMs: 7, copyFrequencyMs: 9 },
      ...{ protectedAtMs: 10, firstDeltaAtMs: 11, diskCount: 12, provisionedBytes: 13, usedBytes: 14 },
      ...{ churnBytesPerDay: 15, initialReplicationStartMs: 16, initialReplicationEndMs: 17 },
      ...{ sentInitialBytes: 20, sentDeltaBytes: 21, sentResyncBytes: 22, hrlPeakBytes: 23, hrlPeakAtMs: 24 },
      ...{ hrlPeakShare: 0.25, snapshotPeakBytes: 26, resyncCount: 27 },
      ...{ cyclesCompleted: 28, cyclesMissed: 29, cyclesFailed: 30 },
    });
    expect(rowOf('disks')).toMatchObject({ disk: 'os', initialReplicationEndMs: 19 });
    expect(rowOf('volumes')).toMatchObject({
      ...{ volume: 'V', diskCount: 1, provisionedBytes: 2, hrlPeakBytes: 3, snapshotPeakBytes: 4, growthBytes: 5 },
      ...{ extraPeakBytes: 6, peakAtMs: 7, lowAtMs: 8, fullAtMs: 9, capacityBytes: 10, freeBytes: 11 },
    });
    expect(rowOf('on-premises-storage-requirement')).toMatchObject({ volume: 'V', extraPeakBytes: 6, freeBytes: 11 });
  });

  test('units: worked out by hand', () => {
    const column = (id: string, key: string) =>
      tables.find((table) => table.id === id)!.columns.find((c) => c.key === key)!;
    expect(headingOf(column('vms', 'churnBytesPerDay'))).toBe('Churn per day (GiB)');
    expect(inUnit(column('vms', 'churnBytesPerDay'), 3 * 2 ** 30)).toBe(3);
    expect(headingOf(column('links', 'capacityBitsPerSec'))).toBe('Capacity (Mbit/s)');
    expect(inUnit(column('links', 'capacityBitsPerSec'), 250e6)).toBe(250);
    expect(headingOf(column('vms', 'rpoMaxMs'))).toBe('Worst RPO (min)');
    expect(inUnit(column('vms', 'rpoMaxMs'), 90_000)).toBe(1.5);
    expect(inUnit(column('vms', 'resyncDurationMs'), 5_400_000)).toBe(1.5);
    expect(inUnit(column('vms', 'withinTargetShare'), 0.5)).toBe(0.5);
  });

  test('a plan without anything to say makes tables without rows, and no fault', () => {
    const bare: Plan = samplePlan({ vmCount: 0, volumeCount: 0, quiet: true, bareSite: true, outages: false });
    for (const table of tablesOf(bare).tables) expect(Array.isArray(table.rows)).toBe(true);
  });

  test('hostile names are in it at all', () => {
    const names = tables.find(({ id }) => id === 'vms')!.rows.map(([name]) => name);
    expect(names).toContain('=HYPERLINK("http://x","y")');
    expect(names).toContain('__proto__');
    expect(HOSTILE_NAMES.length).toBeGreaterThan(5);
  });
});
