import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Run } from '../../src/model/run.ts';
import type { Churn } from '../../src/model/workload.ts';
import { ChurnIntegral } from '../../src/simulate/churn-integral.ts';
import { randomStream } from '../../src/simulate/random.ts';
import type { RunResult } from '../../src/simulate/result.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { applyPoint, applySettings } from '../../src/study/space/apply-point.ts';
import { checkSpace, parseCorrelation } from '../../src/study/space/check-space.ts';
import { drawPoint, normalQuantile, normalShare, quantileOf } from '../../src/study/space/draw.ts';
import { formatInstant, parseInstant } from '../../src/study/space/instants.ts';
import { LIBRARY } from '../../src/study/space/library.ts';
import { parseSetting, parseVary, type ReadVary } from '../../src/study/space/parse-vary.ts';
import { replayText, settingsOfPoint, settingsText } from '../../src/study/space/point-text.ts';
import type { Dimension, Space } from '../../src/study/space/space.ts';
import { VARIABLES } from '../../src/study/space/variables.ts';
import { burstChurn, scaledChurn, sharpenedChurn, shiftedChurn } from '../../src/study/space/vary-churn.ts';
import { DAY_MS, GIB, HOUR_MS, MINUTE_MS } from '../../src/units.ts';
import { buildDisk, buildRun, buildVm } from '../laws/build-run.ts';

const DAILY: Churn = {
  kind: 'series',
  startMs: [0, 6 * HOUR_MS, 12 * HOUR_MS],
  writtenBytes: [GIB, 3 * GIB, 0],
  endMs: DAY_MS,
  repeatMs: DAY_MS,
};

/** Two hosts, a branch, an overwriting disk, a local volume with little space: every variable has something to act on. */
const RUN: Run = buildRun({
  vms: [
    buildVm({
      name: 'SQL01',
      host: 'HV1',
      disks: [buildDisk({ churn: DAILY, overwrite: { hotBytes: GIB, hotShare: 0.8 } })],
    }),
    buildVm({ name: 'SQL02', host: 'HV1', disks: [buildDisk()] }),
    buildVm({ name: 'WEB01', host: 'HV2', disks: [buildDisk({ volume: 'E:' })] }),
  ],
  hosts: [{ name: 'HV1' }, { name: 'HV2', link: 'branch' }],
  volumes: [{ name: 'D:', host: 'HV1', capacityBytes: 500 * GIB, freeBytes: 100 * GIB }],
  link: { capacityBitsPerSec: 20e6, furtherLinks: [] } as object,
  options: { horizonMs: 7 * DAY_MS, skipInitialReplication: false },
});
const WITH_BRANCH: Run = {
  ...RUN,
  site: { ...RUN.site, furtherLinks: [{ name: 'branch', capacityBitsPerSec: 10e6, outages: [] }] },
};
const CONTEXT = { run: WITH_BRANCH, file: '--vary' };

function vary(...texts: readonly string[]): Space {
  const read = texts.map((text) => parseVary(text, CONTEXT));
  expect(read.flatMap(({ problems }) => problems)).toEqual([]);
  return {
    dimensions: read.flatMap(({ dimensions }) => dimensions),
    fixed: read.flatMap(({ settings }) => settings),
    correlations: [],
  };
}

function changed(...texts: readonly string[]): Run {
  const read = texts.map((text) => parseSetting(text, CONTEXT));
  expect(read.flatMap(({ problems }) => problems)).toEqual([]);
  return applySettings(
    WITH_BRANCH,
    read.flatMap(({ settings }) => settings),
  );
}

const refusal = (
  text: string,
  read: (text: string, context: typeof CONTEXT) => Pick<ReadVary, 'problems'> = parseVary,
): string => {
  const { problems } = read(text, CONTEXT);
  expect(problems).toHaveLength(1);
  return `${problems[0]!.message} ${problems[0]!.remedy}`;
};

const levelsOf = (text: string): readonly number[] => vary(text).dimensions[0]!.levels;

describe('what is read', () => {
  test('ranges, lists, sets of hours, from the mildest to the worst', () => {
    expect(levelsOf('outage.length in 0 h .. 2 h')).toEqual(
      Array.from({ length: 121 }, (_, minute) => minute * MINUTE_MS),
    );
    expect(levelsOf('outage.length in 0 h .. 2 h step 30 min')).toEqual(
      [0, 30, 60, 90, 120].map((minutes) => minutes * MINUTE_MS),
    );
    expect(levelsOf('outage.length in 0 h .. 50 min in 3 steps')).toEqual([0, 1_000_000, 2_000_000, 3_000_000]);
    expect(levelsOf('outage.length in 0 h .. 50 min step 20 min')).toEqual(
      [0, 20, 40, 50].map((minutes) => minutes * MINUTE_MS),
    );
    expect(levelsOf('bandwidth in 20 Mbps .. 23 Mbps step 1 Mbps')).toEqual([23e6, 22e6, 21e6, 20e6]);
    expect(levelsOf('churn x 0.5 .. 1 step 0.1')).toEqual([0.5, 0.6, 0.7, 0.8, 0.9, 1]);
    expect(levelsOf('copy in 1s .. 15min')).toEqual([30_000, 300_000]);
    expect(levelsOf('copy in 5min, 30s')).toEqual([30_000, 300_000]);
    expect(levelsOf('growth in 0 % .. 2 %  step 1 %')).toEqual([0, 0.01, 0.02]);
    expect(levelsOf('outage.start in week')).toHaveLength(168);
    expect(levelsOf('outage.start in workdays')).toHaveLength(50);
    expect(levelsOf('outage.start in weekend')).toHaveLength(48);
    expect(levelsOf('outage.start in nights')).toHaveLength(14 * 7);
    expect(levelsOf('outage.start in day')).toHaveLength(24);
    expect(levelsOf('outage.start in Tue 11:00, 1d1h')).toEqual([25 * HOUR_MS, 35 * HOUR_MS]);
    expect(levelsOf('churn.shift in -1 h .. 1 h')).toEqual([-HOUR_MS, 0, HOUR_MS]);
    expect(levelsOf('transfers in 1 .. 3')).toEqual([3, 2, 1]);
  });

  test('the level of the base case is the last that is no worse', () => {
    const baseOf = (text: string): number => vary(text).dimensions[0]!.baseLevel;
    expect(baseOf('churn x 0.5 .. 1.5 step 0.5')).toBe(1);
    expect(baseOf('churn x 0.4 .. 1.4 step 0.5')).toBe(1);
    expect(baseOf('churn x 2 .. 3 step 0.5')).toBe(0);
    expect(baseOf('bandwidth in 10 Mbps .. 40 Mbps step 10 Mbps')).toBe(2);
    expect(baseOf('outage.length in 0 h .. 2 h')).toBe(0);
    expect(baseOf('throttle in 1 Mbps .. 9 Mbps step 1 Mbps')).toBe(0);
    expect(baseOf('copy in 30s, 5min')).toBe(1);
  });

  test('usual resolutions are round and bounded', () => {
    expect(levelsOf('churn x 0.5 .. 3')).toHaveLength(126);
    expect(levelsOf('churn x 0.5 .. 3').slice(0, 3)).toEqual([0.5, 0.52, 0.54]);
    expect(levelsOf('bandwidth in 20 Mbps .. 200 Mbps')).toHaveLength(181);
    expect(levelsOf('outage.length in 0 h .. 300 d').length).toBeLessThanOrEqual(10_000);
  });

  test('subjects, settings, short forms', () => {
    const [dimension] = vary("vms['SQL*'].churn x 1 .. 2").dimensions;
    expect(dimension!.variable.subject).toEqual({ scope: 'vms', name: 'SQL*' });
    expect(vary('outage 2 h any time').fixed.map(({ value }) => value)).toEqual([2 * HOUR_MS]);
    expect(vary('outage 2 h any time').dimensions[0]!.levels).toHaveLength(168);
    expect(vary('outage 2 h at Tue 11:00').fixed.map(({ value }) => value)).toEqual([2 * HOUR_MS, 35 * HOUR_MS]);
    expect(vary('bandwidth = 50 Mbps').fixed).toEqual([
      { variable: { key: 'bandwidth', multiplies: false, unit: 'bit/s' }, value: 50e6 },
    ]);
    expect(vary('churn = 2').fixed[0]!.variable.multiplies).toBe(true);
  });

  test('an instant reads back', () => {
    const { clock } = RUN.workload;
    expect(formatInstant(clock, 35 * HOUR_MS)).toBe('Tue 2026-01-06 11:00');
    expect(parseInstant('2026-01-06T11:00', clock)).toBe(35 * HOUR_MS);
    expect(parseInstant('2026-01-06 11:00', clock)).toBe(35 * HOUR_MS);
    expect(parseInstant('Tuesday 11:00', clock)).toBe(35 * HOUR_MS);
    expect(parseInstant('11:00', clock)).toBe(11 * HOUR_MS);
    expect(parseInstant('2025-12-31T11:00', clock)).toBeUndefined();
    expect(parseInstant('2026-13-31T11:00', clock)).toBeUndefined();
    expect(parseInstant('Tux 11:00', clock)).toBeUndefined();
  });

  test.each([
    ['', 'neither what varies nor how'],
    ['churn', 'neither'],
    ['chrun x 1 .. 2', "Did you mean 'churn'"],
    ['link-halfed', "Did you mean 'link-halved'"],
    ['churn in 1 .. 2', 'not given as a value'],
    ['bandwidth x 1 .. 2 Mbps', 'no value'],
    ['copy x 2', 'not given as a factor'],
    ['churn x 3 .. 1', 'backwards'],
    ['churn x 1 .. 1e9', 'outside'],
    ['outage.length in 0 h .. 1e9 h', 'no value'],
    ['outage.length in 0 h .. 300 d step 1 s', 'the most'],
    ['outage.length in 0 h .. 8 h step 0 min', 'above 0'],
    ['outage.length in 0 .. 8', 'no value'],
    ['outage.length in -1 h .. 8 h', 'outside'],
    ['bandwidth in 1 Mbps .. 1 Gbps step 1 kbps', 'the most'],
    ['seed in 0 .. 4294967295 step 1', 'the most'],
    ['copy in 7min', 'It has 30 s, 5 min'],
    ['growth in 30 % .. many', 'no value'],
    ['outage.start in year', 'no value'],
    ["vms['SQL9'].churn x 1 .. 2", 'none called'],
    ["vms['__proto__'].churn x 1 .. 2", 'none called'],
    ["hosts['HV9'].down.length in 0 h .. 1 h", 'none called'],
    ["volumes['D:'].taken.bytes in 0 GiB .. 1 GiB step 512 MiB", 'HV1: D:'],
    ["links['HV1'].outage.length in 0 h .. 1 h", 'branch'],
    ["vms['SQL01'].bandwidth in 1 Mbps .. 2 Mbps", 'cannot be said of vms'],
    ["__proto__['x'].churn x 1 .. 2", 'neither'],
    ['constructor in 1 .. 2', 'no variable'],
    ['__proto__ in 1 .. 2', 'neither'],
    ['down.length in 0 h .. 1 h', 'does not say of whom'],
    ['churn ~ normal(1)', 'no distribution'],
    ['churn ~ normal(1, -1)', 'no distribution'],
    ['churn ~ constructor(1, 2)', 'no distribution'],
    ['churn ~ normal((1), 2)', 'no distribution'],
    ['churn x 1 .. 2 .. 3', 'no value'],
    [`churn x ${'1,'.repeat(2000)}1`, 'characters'],
    ['churn x 1e999', 'no value'],
    ['churn x NaN', 'no value'],
  ])('%j is refused with a reason', (text, reason) => {
    expect(refusal(text)).toContain(reason);
  });

  test('a setting is one value', () => {
    expect(refusal('churn x 1 .. 2', parseSetting)).toContain('one is wanted');
    expect(parseSetting('churn x 2', CONTEXT).settings.map(({ value }) => value)).toEqual([2]);
  });

  test('no text of whatever kind does more than be refused or read', () => {
    const token = fc.constantFrom(
      ...VARIABLES.map(({ key }) => key),
      ...[
        ' in ',
        ' x ',
        ' ~ ',
        ' = ',
        '..',
        ' step ',
        ' steps',
        '1',
        '8 h',
        '30 %',
        '100 Mbps',
        "vms['SQL01'].",
        'week',
        ',',
        'normal(',
        ')',
        '-',
        '1e9',
        ' ',
      ],
    );
    const soup = fc.array(token, { maxLength: 12 }).map((tokens) => tokens.join(''));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), soup), (text) => {
        const { dimensions, settings, problems } = parseVary(text, CONTEXT);
        expect(problems.length > 0).toBe(dimensions.length + settings.length === 0);
        for (const { levels, baseLevel } of dimensions) {
          expect(levels.length).toBeLessThanOrEqual(10_001);
          expect(baseLevel).toBeLessThan(levels.length);
          expect(new Set(levels).size).toBe(levels.length);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('what contradicts itself is said', () => {
    const wrong = (space: Space): string =>
      checkSpace(space.dimensions, space.fixed, space.correlations, '--vary')
        .map(({ message }) => message)
        .join();
    expect(wrong(vary('churn x 1 .. 2', 'churn x 1 .. 3'))).toContain('varies twice');
    expect(wrong(vary('outage.start in week'))).toContain('nothing that happens');
    expect(wrong(vary('outage.start in week', 'outage.length = 2 h'))).toBe('');
    const { dimensions } = vary('churn x 1 .. 2', 'growth in 0 % .. 50 %', 'compression in 0.2 .. 1');
    const correlated = ['churn, growth: 0.9', 'growth, compression: 0.9', 'churn, compression: -0.9'].map(
      (text) => parseCorrelation(text, dimensions, '--correlate').correlation!,
    );
    expect(wrong({ dimensions, fixed: [], correlations: correlated })).toContain('positive definite');
    expect(wrong({ dimensions, fixed: [], correlations: correlated.slice(0, 1) })).toBe('');
    for (const text of ['churn: 1', 'churn, churn: 0.5', 'churn, growth: 1.5', 'churn, bandwidth: 0.5', '']) {
      expect(parseCorrelation(text, dimensions, '--correlate').problems, text).toHaveLength(1);
    }
  });
});

/** A few levels of every variable, of somebody where it must be. */
function anyDimension(): fc.Arbitrary<Dimension> {
  const subjectOf = {
    vms: "vms['SQL*']",
    hosts: "hosts['HV1']",
    volumes: "volumes['HV1: D:']",
    links: "links['branch']",
  };
  const texts = VARIABLES.flatMap(({ key, unit, relations, subjects = [], needsSubject, values }) => {
    const range = {
      ms: '0 h .. 6 h',
      instant: '0 h .. 3 d',
      'bit/s': '1 Mbps .. 100 Mbps',
      B: '0 GiB .. 90 GiB',
      ratio: '0.1 .. 0.9',
      count: '1 .. 3',
    }[unit];
    const whom = [...(needsSubject === true ? [] : ['']), ...subjects.map((scope) => `${subjectOf[scope]}.`)];
    return whom.flatMap((subject) =>
      relations.map((relation) => {
        const rest =
          relation === 'x' ? '0.1 .. 3' : values !== undefined ? '30s, 5min' : key === 'rtt' ? '1ms .. 100ms' : range;
        return `${subject}${key} ${relation} ${rest}`;
      }),
    );
  });
  return fc.constantFrom(...texts).map((text) => vary(text).dimensions[0]!);
}

const anySpace: fc.Arbitrary<{ space: Space; point: number[] }> = fc
  .array(fc.tuple(anyDimension(), fc.nat()), { minLength: 1, maxLength: 5 })
  .map((drawn) => ({
    space: { dimensions: drawn.map(([dimension]) => dimension), fixed: [], correlations: [] },
    point: drawn.map(([{ levels }, index]) => levels[index % levels.length]!),
  }));

describe('a scenario', () => {
  test('reads back from its replay to the same values', () => {
    fc.assert(
      fc.property(anySpace, ({ space, point }) => {
        const settings = settingsOfPoint(space, point);
        const read = settings.map((setting) => parseSetting(replayText(setting), CONTEXT));
        expect(read.flatMap(({ problems }) => problems)).toEqual([]);
        expect(read.flatMap((one) => one.settings)).toEqual(settings);
        expect(settingsText(settings, RUN.workload.clock).length).toBeGreaterThan(5);
      }),
    );
  });

  test('runs, whatever it is', () => {
    fc.assert(
      fc.property(anySpace, ({ space, point }) => {
        const run = applyPoint(
          { ...WITH_BRANCH, options: { ...WITH_BRANCH.options, horizonMs: 2 * DAY_MS } },
          space,
          point,
        );
        const result = simulate(run, { objectivesOnly: true });
        for (const { bytes } of result.vms) {
          const { written, delivered, inFlight, inLogs, droppedAtMark, untracked } = bytes;
          expect(delivered + inFlight + inLogs + droppedAtMark + untracked).toBeCloseTo(written, -1);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('in which nothing differs is the base case itself', () => {
    const neutral = vary(
      'churn x 1',
      'churn.peaks x 1',
      'churn.shift in 0 h',
      'outage.length in 0 h',
      'growth in 0 %',
      'copy in 5min',
      'added in 0',
      'slow.to in 100 %',
      'burst.factor x 1',
      'bandwidth in 20 Mbps',
      'bandwidth x 1',
    );
    const point = neutral.dimensions.map(({ levels }) => levels[0]!);
    expect(applyPoint(WITH_BRANCH, neutral, point)).toBe(WITH_BRANCH);
  });
});

/** What each setting must do to a run. */
describe('every variable does what it says', () => {
  const base = simulate(WITH_BRANCH);
  const sent = ({ vms }: RunResult): number => vms.reduce((sum, { bytes }) => sum + bytes.written, 0);
  const wire = ({ link }: RunResult): number => link.sentBytes.delta;
  const worst = ({ rpo }: RunResult): number => rpo.steady.maxMs!;
  const CASES: Record<string, readonly [readonly string[], (result: RunResult, run: Run) => void]> = {
    bandwidth: [['bandwidth x 0.5'], (result) => expect(result.link.capacityBitsPerSec).toBe(10e6)],
    rtt: [['rtt = 200ms', 'loss = 1 %'], (result) => expect(worst(result)).toBeGreaterThan(worst(base))],
    loss: [['rtt = 200ms', 'loss = 5 %'], (result) => expect(worst(result)).toBeGreaterThan(worst(base))],
    background: [['background = 15 Mbps'], (result) => expect(worst(result)).toBeGreaterThan(worst(base))],
    throttle: [['throttle = 1 Mbps'], (result) => expect(worst(result)).toBeGreaterThan(worst(base))],
    copy: [
      ['copy = 30s'],
      (result) => expect(result.vms[0]!.cycles.completed).toBeGreaterThan(5 * base.vms[0]!.cycles.completed),
    ],
    compression: [['compression = 0.5'], (result) => expect(wire(result)).toBeLessThan(0.6 * wire(base))],
    growth: [['growth = 50 %'], (result) => expect(sent(result)).toBeCloseTo(1.5 * sent(base), -3)],
    churn: [
      ["vms['SQL*'].churn x 2"],
      (result) => {
        expect(result.vms[0]!.bytes.written).toBeCloseTo(2 * base.vms[0]!.bytes.written, -3);
        expect(result.vms[2]!.bytes.written).toBe(base.vms[2]!.bytes.written);
      },
    ],
    'churn.peaks': [
      ['churn.peaks x 0'],
      (result) => {
        expect(sent(result)).toBeCloseTo(sent(base), -3);
        expect(result.series.writtenBytes[0]).toBeCloseTo(result.series.writtenBytes.at(-1)!, -3);
      },
    ],
    'churn.shift': [
      ["hosts['HV1'].churn.shift = 6 h"],
      (result) => {
        const bucketsIn6h = (6 * HOUR_MS) / base.series.stateBucketMs;
        expect(result.series.writtenBytes[20 + bucketsIn6h]).toBeCloseTo(base.series.writtenBytes[20]!, -3);
        expect(sent(result)).toBeCloseTo(sent(base), -3);
      },
    ],
    overwrite: [
      ['overwrite x 0'],
      (result) => expect(result.vms[0]!.snapshotPeakBytes).toBeGreaterThan(base.vms[0]!.snapshotPeakBytes),
    ],
    transfers: [
      ['transfers = 1'],
      (result) => expect(result.hosts.every(({ maxActiveTransfers }) => maxActiveTransfers === 1)).toBe(true),
    ],
    threads: [
      ['threads = 1', 'rtt = 200ms', 'loss = 1 %'],
      (result) => {
        expect(worst(result)).toBeGreaterThan(worst(simulate(changed('rtt = 200ms', 'loss = 1 %'))));
      },
    ],
    added: [
      ["vms['WEB*'].added = 2"],
      (result) => {
        expect(result.vms.map(({ name }) => name)).toEqual([
          'SQL01',
          'SQL02',
          'WEB01',
          'WEB01 (copy 1)',
          'WEB01 (copy 2)',
        ]);
      },
    ],
    batches: [
      ['batches = 3'],
      (result) => {
        expect(
          result.vms.map(({ initialReplication }) => Math.floor(initialReplication.startMs! / DAY_MS)).toSorted(),
        ).toEqual([0, 1, 2]);
      },
    ],
    seed: [['seed = 5'], (_, run) => expect(run.options.seed).toBe(5)],
    'outage.start': [
      ['outage.start = 2d', 'outage.length = 3 h'],
      (result) => expect(result.link.outages).toEqual([{ startMs: 2 * DAY_MS, endMs: 2 * DAY_MS + 3 * HOUR_MS }]),
    ],
    'outage.length': [
      ["links['branch'].outage.length = 3 h"],
      (result) => {
        expect(result.furtherLinks[0]!.outages).toEqual([{ startMs: 84 * HOUR_MS, endMs: 87 * HOUR_MS }]);
        expect(result.vms[2]!.steadyRpo.maxMs).toBeGreaterThan(3 * HOUR_MS);
        expect(result.vms[0]!.steadyRpo.maxMs).toBeLessThan(3 * HOUR_MS);
      },
    ],
    'slow.start': [['slow.start = 5d', 'slow.to = 2 %'], (result) => expect(worst(result)).toBeGreaterThan(HOUR_MS)],
    'slow.length': [
      ['slow.length = 12 h', 'slow.to = 2 %'],
      (result) => expect(worst(result)).toBeGreaterThan(5 * HOUR_MS),
    ],
    'slow.to': [
      ['slow.to = 2 %'],
      (result) => expect(result.events[0]!.event).toMatchObject({ kind: 'linkSlow', capacityBitsPerSec: 400_000 }),
    ],
    'down.start': [
      ["hosts['HV1'].down.length = 2 h", "hosts['HV1'].down.start = 3d"],
      (result) => expect(result.vms[0]!.resyncCount).toBe(1),
    ],
    'down.length': [["hosts['HV2'].down.length = 2 h"], (result) => expect(result.vms[2]!.resyncCount).toBe(1)],
    'drain.start': [
      ["hosts['HV2'].drain.length = 2 h", "hosts['HV2'].drain.start = 3d"],
      (result) => expect(result.events[0]!.event).toMatchObject({ to: 'HV1', atMs: 3 * DAY_MS }),
    ],
    'drain.length': [
      ["hosts['HV1'].drain.length = 2 h"],
      (result) => expect(result.events[0]!.event).toMatchObject({ to: 'HV2' }),
    ],
    'storm.start': [
      ['storm.start = 3d', 'storm.length = 2 h'],
      (result) => expect(result.vms.every(({ cycles }) => cycles.failed > 3)).toBe(true),
    ],
    'storm.length': [
      ["vms['SQL01'].storm.length = 2 h"],
      (result) => expect(result.vms.map(({ cycles }) => cycles.failed > 0)).toEqual([true, false, false]),
    ],
    'taken.start': [
      ["volumes['HV1: D:'].taken.start = 3d"],
      (result) => expect(result.volumes[0]!.fullAtMs).toBeGreaterThanOrEqual(3 * DAY_MS),
    ],
    'taken.length': [
      ["volumes['HV1: D:'].taken.length = 5 h"],
      (result) => expect(result.volumes[0]!.fullAtMs).not.toBeNull(),
    ],
    'taken.bytes': [
      ["volumes['HV1: D:'].taken.bytes = 99 GiB"],
      (result) => expect(result.volumes[0]!.lowAtMs).not.toBeNull(),
    ],
    'burst.start': [
      ['burst.start = 1d', 'burst.length = 1 h', 'burst.factor x 11'],
      (result) => expect(sent(result) - sent(base)).toBeGreaterThan(0),
    ],
    'burst.length': [
      ["vms['WEB01'].burst.length = 10 h"],
      (result) => {
        expect(result.vms[2]!.bytes.written - base.vms[2]!.bytes.written).toBeCloseTo(2 * 36_000 * 100_000, -3);
      },
    ],
    'burst.factor': [
      ["vms['WEB01'].burst.factor x 2"],
      (result) => {
        expect(result.vms[2]!.bytes.written - base.vms[2]!.bytes.written).toBeCloseTo(4 * 3600 * 100_000, -3);
      },
    ],
  };
  test('none is left out', () => {
    expect(VARIABLES.map(({ key }) => key).filter((key) => CASES[key] === undefined)).toEqual([]);
  });

  test.each(Object.entries(CASES))('%s', (_, [texts, check]) => {
    const run = changed(...texts);
    check(simulate(run), run);
  });

  test.each(LIBRARY.map(({ name }) => name))('%s of the library runs, as one case and as many', (name) => {
    const run = changed(name);
    expect(run).not.toBe(WITH_BRANCH);
    expect(simulate(run, { objectivesOnly: true }).vms.length).toBeGreaterThanOrEqual(3);
    const space = vary(name);
    expect(checkSpace(space.dimensions, space.fixed, [], '--vary')).toEqual([]);
    expect(space.dimensions.length).toBeGreaterThan(0);
  });
});

const anyChurn: fc.Arbitrary<Churn> = fc
  .record({
    steps: fc.array(fc.integer({ min: 0, max: 1e9 }), { minLength: 1, maxLength: 6 }),
    beginsMs: fc.integer({ min: -10, max: 0 }).map((hours) => hours * HOUR_MS),
    repeats: fc.boolean(),
  })
  .map(({ steps, beginsMs, repeats }) => ({
    kind: 'series',
    startMs: steps.map((_, index) => beginsMs + index * 3 * HOUR_MS),
    writtenBytes: steps,
    endMs: beginsMs + steps.length * 3 * HOUR_MS,
    repeatMs: repeats ? steps.length * 3 * HOUR_MS : 0,
  }));

describe('churn', () => {
  const writtenBetween = (churn: Churn, fromMs: number, toMs: number): number => {
    const integral = new ChurnIntegral([churn], 0);
    return integral.writtenBytes(0, toMs) - integral.writtenBytes(0, fromMs);
  };

  test('a burst multiplies what is written in it, and nothing else', () => {
    const anyHours = fc.integer({ min: 0, max: 40 * 60 }).map((minutes) => minutes * MINUTE_MS);
    fc.assert(
      fc.property(anyChurn, anyHours, anyHours, fc.integer({ min: 0, max: 9 }), (churn, a, b, factor) => {
        const [fromMs, toMs] = [Math.min(a, b), Math.max(a, b)];
        const burst = burstChurn(churn, fromMs, toMs, factor, 48 * HOUR_MS);
        expect(writtenBetween(burst, 0, fromMs)).toBeCloseTo(writtenBetween(churn, 0, fromMs), -2);
        expect(writtenBetween(burst, fromMs, toMs)).toBeCloseTo(factor * writtenBetween(churn, fromMs, toMs), -2);
        expect(writtenBetween(burst, toMs, 48 * HOUR_MS)).toBeCloseTo(writtenBetween(churn, toMs, 48 * HOUR_MS), -2);
      }),
    );
  });

  test('peaks and shifts keep the total of what repeats, a factor multiplies it', () => {
    fc.assert(
      fc.property(
        anyChurn,
        fc.double({ min: 0, max: 4, noNaN: true }),
        fc.integer({ min: -30, max: 30 }),
        (churn, factor, hours) => {
          if (churn.kind !== 'series') return;
          const periodMs = churn.endMs - churn.startMs[0]!;
          const total = churn.writtenBytes.reduce((sum, bytes) => sum + bytes, 0);
          const sharpened = sharpenedChurn(churn, factor);
          expect((sharpened as typeof churn).writtenBytes.reduce((sum, bytes) => sum + bytes, 0)).toBeCloseTo(
            total,
            -1,
          );
          expect((sharpened as typeof churn).writtenBytes.every((bytes) => bytes >= 0)).toBe(true);
          expect(writtenBetween(scaledChurn(churn, factor), 0, 10 * HOUR_MS)).toBeCloseTo(
            factor * writtenBetween(churn, 0, 10 * HOUR_MS),
            -1,
          );
          if (churn.repeatMs === 0) return;
          const shifted = shiftedChurn(churn, hours * HOUR_MS);
          const atMs = 100 * HOUR_MS;
          expect(writtenBetween(shifted, atMs + hours * HOUR_MS, atMs + hours * HOUR_MS + HOUR_MS)).toBeCloseTo(
            writtenBetween(churn, atMs, atMs + HOUR_MS),
            -1,
          );
          expect(writtenBetween(shifted, 0, periodMs)).toBeCloseTo(total, -2);
        },
      ),
    );
  });
});

describe('distributions', () => {
  test('quantiles are the closed forms', () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.96, 3);
    expect(normalShare(1)).toBeCloseTo(0.8413, 4);
    expect(quantileOf({ kind: 'uniform', from: 2, to: 4 }, 0.25)).toBe(2.5);
    expect(quantileOf({ kind: 'normal', mean: 1, deviation: 0.5 }, 0.5)).toBeCloseTo(1, 6);
    expect(quantileOf({ kind: 'lognormal', median: 2, logDeviation: 1 }, 0.8413447)).toBeCloseTo(2 * Math.E, 3);
    expect(quantileOf({ kind: 'triangular', from: 0, mode: 1, to: 4 }, 0.25)).toBeCloseTo(1, 12);
    expect(quantileOf({ kind: 'triangular', from: 0, mode: 0, to: 1 }, 0.75)).toBeCloseTo(0.5, 12);
    expect(vary('churn ~ triangular(1, 1, 2)').dimensions[0]!.levels[0]).toBeCloseTo(1.005, 3);
  });

  test('drawn values have the mean, the spread and the correlation that were asked for', () => {
    const { dimensions } = vary('churn ~ normal(2, 0.2)', 'growth ~ normal(50 %, 5 %)', 'outage.start in week');
    const correlations = [parseCorrelation('churn, growth: 0.6', dimensions, '--correlate').correlation!];
    const random = randomStream(7, 'draws');
    const draws = Array.from({ length: 4000 }, () => drawPoint({ dimensions, fixed: [], correlations }, random));
    const column = (d: number): number[] => draws.map((point) => point[d]!);
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [a, b, hours] = [column(0), column(1), column(2)];
    expect(mean(a!)).toBeCloseTo(2, 1);
    expect(mean(b!)).toBeCloseTo(0.5, 2);
    const deviation = (values: readonly number[]): number =>
      Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
    // Cut off at the first and the last of the hundred quantiles.
    expect(deviation(a!)).toBeGreaterThan(0.18);
    expect(deviation(a!)).toBeLessThan(0.21);
    const covariance = mean(a!.map((value, index) => (value - mean(a!)) * (b![index]! - mean(b!))));
    expect(covariance / (deviation(a!) * deviation(b!))).toBeCloseTo(0.6, 1);
    expect(mean(hours!) / HOUR_MS).toBeGreaterThan(80);
    expect(mean(hours!) / HOUR_MS).toBeLessThan(87);
  });
});
