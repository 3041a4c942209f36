import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  describeEvent,
  type EventContext,
  type EventReading,
  type LinkDown,
  parseAction,
  parseFault,
} from '../../src/ingest/events.ts';
import { CAUSE_KEYS, CAUSES, type CauseKey } from '../../src/model/cause.ts';
import type { RunClock } from '../../src/model/clock.ts';
import { ACTION_KEYS, ACTIONS, type SiteEvent, type Target } from '../../src/model/event.ts';
import { mergeOutages } from '../../src/model/outages.ts';
import { DAY_MS, GIB, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/units.ts';

/** Monday 2026-01-05T00:00 in Berlin. */
const CLOCK: RunClock = {
  startEpochMs: Date.parse('2026-01-04T23:00Z'),
  timeZone: 'Europe/Berlin',
  offsets: [{ fromMs: 0, offsetMs: HOUR_MS }],
};
const UNCHECKED: EventContext = { clock: CLOCK, file: '--fault' };
const KNOWN: EventContext = {
  ...UNCHECKED,
  known: {
    vms: ['SQL01', 'WEB01', 'all', 'SQL Server 01'],
    hosts: ['hv-01', 'hv-02'],
    drainHosts: ['hv-01', 'hv-02', 'hv-spare'],
    volumes: [
      { name: 'D:', host: 'hv-01' },
      { name: 'D:', host: 'hv-01' },
      { name: 'E:', host: 'hv-01' },
      { name: 'E:', host: 'hv-02' },
      { name: 'SAN' },
      { name: 'C:\\ClusterStorage\\Volume1', host: 'hv-01' },
      { name: 'C:\\ClusterStorage\\Volume1', host: 'hv-02' },
    ],
    plans: ['ERP'],
    links: ['branch', 'down'],
  },
};

/** 2d10h and 40 minutes. */
const AT = { atMs: 2 * DAY_MS + 10 * HOUR_MS };
const SPAN = { ...AT, untilMs: AT.atMs + 40 * MINUTE_MS };
const SQL01: Target = { scope: 'vm', name: 'SQL01' };

describe('faults', () => {
  it.each<[string, number, number]>([
    ['link down at 2d10h for 40min', AT.atMs, 40 * MINUTE_MS],
    ['  Link  DOWN at 0s for 1 w ', 0, 7 * DAY_MS],
    ['link down for 40min at 2 d 10 h', AT.atMs, 40 * MINUTE_MS],
    ['link down at 2026-01-07T10:00 for 40min', AT.atMs, 40 * MINUTE_MS],
    ['link down at 2026-01-07 10:00 for 40min', AT.atMs, 40 * MINUTE_MS],
    ['link down at 2026-01-07T09:00Z for 40min', AT.atMs, 40 * MINUTE_MS],
    ['link down at 10:00 for 40min', 10 * HOUR_MS, 40 * MINUTE_MS],
    ['link down at 0:00 for 1ms', 0, 1],
  ])('%s', (text, startMs, lengthMs) => {
    expect(parseFault(text, UNCHECKED)).toEqual({ outage: { startMs, endMs: startMs + lengthMs } });
  });

  it.each<[string, SiteEvent]>([
    ['link slow to 10Mbps at 2d10h for 40min', { kind: 'linkSlow', capacityBitsPerSec: 10e6, ...SPAN }],
    ['LINK Slow TO 1.5 Gbit/s AT 2d10h FOR 40min', { kind: 'linkSlow', capacityBitsPerSec: 1.5e9, ...SPAN }],
    [
      'network error on all at 2d10h for 40min',
      { kind: 'recoverable', cause: 'networkError', target: { scope: 'all' }, ...SPAN },
    ],
    [
      'low memory on host hv-01 at 2d10h for 40min',
      { kind: 'recoverable', cause: 'lowMemory', target: { scope: 'host', name: 'hv-01' }, ...SPAN },
    ],
    [
      'low disk space on plan ERP at 2d10h for 40min',
      { kind: 'recoverable', cause: 'lowDiskSpace', target: { scope: 'plan', name: 'ERP' }, ...SPAN },
    ],
    [
      'Broken vhd Chain on "SQL Server 01" at 2d10h',
      { kind: 'nonRecoverable', cause: 'brokenVhdChain', target: { scope: 'vm', name: 'SQL Server 01' }, ...AT },
    ],
    [
      "log not closed on 'all' at 2d10h",
      { kind: 'resyncTrigger', cause: 'logNotClosed', target: { scope: 'vm', name: 'all' }, ...AT },
    ],
    ['volume D: full at 2d10h for 40min', { kind: 'volumeTaken', volume: 'D:', ...SPAN }],
    ['volume D: full on hv-01 at 2d10h for 40min', { kind: 'volumeTaken', volume: 'D:', host: 'hv-01', ...SPAN }],
    ['volume SAN loses 50 GiB at 2d10h for 40min', { kind: 'volumeTaken', volume: 'SAN', bytes: 50 * GIB, ...SPAN }],
    [
      'volume E: loses 50GB on hv-02 at 2d10h for 40min',
      { kind: 'volumeTaken', volume: 'E:', host: 'hv-02', bytes: 50e9, ...SPAN },
    ],
    [
      'volume C:\\ClusterStorage\\Volume1 full at 2d10h for 40min',
      { kind: 'volumeTaken', volume: 'C:\\ClusterStorage\\Volume1', ...SPAN },
    ],
    ['host hv-01 down at 2d10h for 40min', { kind: 'hostDown', host: 'hv-01', ...SPAN }],
    [
      'host hv-01 drained to hv-spare at 2d10h for 40min',
      { kind: 'hostDrained', host: 'hv-01', to: 'hv-spare', ...SPAN },
    ],
    ['host hv-01 drained to hv-02 at 2d10h', { kind: 'hostDrained', host: 'hv-01', to: 'hv-02', ...AT }],
  ])('%s', (text, event) => {
    expect(parseFault(text, KNOWN)).toEqual({ event });
    expect(parseFault(text, UNCHECKED)).toEqual({ event });
  });

  const strikes = (kind: string): CauseKey[] => CAUSE_KEYS.filter((cause) => CAUSES[cause].kind === kind);

  it.each(strikes('recoverable'))('every recoverable cause by its title: %s', (cause) => {
    const text = `${CAUSES[cause].title} on SQL01 at 2d10h for 40min`;
    const event = { kind: 'recoverable', cause, target: SQL01, ...SPAN };
    expect(parseFault(text, KNOWN)).toEqual({ event });
  });

  it.each(strikes('nonRecoverable'))('every non-recoverable cause by its title, until fixed: %s', (cause) => {
    const text = `${CAUSES[cause].title} on vm SQL01 at 2d10h`;
    expect(parseFault(text, KNOWN)).toEqual({ event: { kind: 'nonRecoverable', cause, target: SQL01, ...AT } });
    expect(parseFault(`${text} for 2h`, KNOWN).problem).toMatchObject({
      code: 'fault-wrong',
      message: `"${CAUSES[cause].title}" lasts until an administrator acts, and takes no "for".`,
      remedy: `Leave "for 2h" out, and fix it: --action 'fix SQL01 at 2d12h'.`,
    });
  });

  it.each(strikes('resync'))('every trigger of a resynchronization that can strike, by its title: %s', (cause) => {
    const text = `${CAUSES[cause].title} on SQL01 at 2d10h`;
    if (['logsAtHalfDisk', 'resyncByHand', 'repaired'].includes(cause)) {
      const message = `Nothing can be struck with "${CAUSES[cause].title}".`;
      for (const parse of [parseFault, parseAction]) expect(parse(text, KNOWN).problem).toMatchObject({ message });
    } else {
      expect(parseFault(text, KNOWN)).toEqual({ event: { kind: 'resyncTrigger', cause, target: SQL01, ...AT } });
      expect(parseFault(`${text} for 2h`, KNOWN).problem!.message).toContain('takes no "for"');
    }
  });

  it('a time of day is the first such at or after the start, also where the clock is put forward', () => {
    // Saturday noon; summer time begins the next night.
    const clock: RunClock = {
      startEpochMs: Date.parse('2026-03-28T11:00Z'),
      timeZone: 'Europe/Berlin',
      offsets: [
        { fromMs: 0, offsetMs: HOUR_MS },
        { fromMs: 14 * HOUR_MS, offsetMs: 2 * HOUR_MS },
      ],
    };
    const startOf = (time: string): number | undefined =>
      parseFault(`link down at ${time} for 1h`, { clock, file: '--fault' }).outage?.startMs;
    expect(startOf('12:00')).toBe(0);
    expect(startOf('12:01')).toBe(MINUTE_MS);
    expect(startOf('01:30')).toBe(13.5 * HOUR_MS);
    expect(startOf('11:00')).toBe(22 * HOUR_MS);
    // 02:30 is left out that night; it is read with the offset before the change.
    expect(startOf('02:30')).toBe(14.5 * HOUR_MS);
    expect(startOf('24:00')).toBeUndefined();
  });
});

describe('actions', () => {
  it.each(ACTION_KEYS)('every action by its title: %s', (action) => {
    const { title } = ACTIONS[action];
    const target: Target = { scope: 'plan', name: 'ERP' };
    expect(parseAction(`${title} SQL01 at 2d10h`, KNOWN)).toEqual({
      event: { kind: 'action', action, target: SQL01, ...AT },
    });
    expect(parseAction(`${title.toUpperCase()} plan ERP AT 2D10H`, KNOWN)).toEqual({
      event: { kind: 'action', action, target, ...AT },
    });
  });

  it.each<[string, Target]>([
    ['pause SQL01 at 2026-01-07T10:00', SQL01],
    ['pause vm SQL01 at 2d10h', SQL01],
    ['pause "SQL Server 01" at 2d10h', { scope: 'vm', name: 'SQL Server 01' }],
    ['pause All at 2d10h', { scope: 'all' }],
    ['pause "all" at 2d10h', { scope: 'vm', name: 'all' }],
    ['pause vm all at 2d10h', { scope: 'vm', name: 'all' }],
    ['pause HOST hv-02 at 2d10h', { scope: 'host', name: 'hv-02' }],
  ])('%s', (text, target) => {
    expect(parseAction(text, KNOWN)).toEqual({ event: { kind: 'action', action: 'pause', target, ...AT } });
  });
});

describe('what cannot be read', () => {
  type Row = [text: string, message: string, remedy: string];
  const DURATIONS = 'Write it as 40min, 2h or 1d12h.';
  const INSTANTS = 'Write it as 2d10h, 2026-01-07T10:00 (local time) or 10:00 (the first in the run).';

  it.each<Row>([
    // The title.
    ['', 'no fault that can be planned', "Write for example 'link down at 2d10h for 40min'. Known are link down, "],
    ['earthquake at 2d for 1h', 'no fault', "'link down at 2d10h for 40min'. Known are"],
    ['link up at 2d for 1h', 'no fault', "Did you mean 'link down at 2d10h for 40min'? Known are"],
    ['link slow 10Mbps at 2d for 1h', 'no fault', "Did you mean 'link slow to 10Mbps at 2d10h for 2h'?"],
    ['netwrok eror on SQL01 at 2d for 1h', 'no fault', "Did you mean 'network error on SQL01 at 2d10h for 40min'?"],
    ['volumne D: full at 2d for 1h', 'no fault', "Did you mean 'volume D: full on hv-01 at 2d10h for 6h'?"],
    ['pauze SQL01 at 2d', 'no fault', "Did you mean --action 'pause SQL01 at 2d10h'?"],
    [
      'pause SQL01 at 2d',
      '"pause" is what an administrator does',
      'under "actions" in the site file: --action \'pause',
    ],
    ['asked for by an administrator on SQL01 at 2d', 'Nothing can be', "--action 'resynchronize SQL01 at 2d10h'"],
    ['logs at half the disk on SQL01 at 2d', 'Nothing can be struck', 'the run finds out'],
    // The words after it.
    ['link down hv-01 at 2d for 1h', '"hv-01" is too much.', "or for a further link as 'link branch down"],
    ['link my branch down at 2d for 1h', '"my branch" is not one name.', 'stands in quotes: "my branch".'],
    ['link "" slow to 5Mbps at 2d for 1h', 'The name of the link is missing.', "Write the link's name"],
    ['link slow to at 2d for 1h', '"" is no rate above 0.', 'Write it as 10Mbps or 1.5Gbps'],
    ['link slow to 0Mbps at 2d for 1h', '"0Mbps" is no rate above 0.', "'link down at 2d10h for 40min'"],
    ['link slow to 10 at 2d for 1h', '"10" is no rate above 0.', 'Write it as 10Mbps or 1.5Gbps'],
    ['link slow to 1e300Gbps at 2d for 1h', 'is no rate', 'Write it as 10Mbps or 1.5Gbps'],
    ['network error SQL01 at 2d for 1h', 'does not say on what', "'network error on SQL01 at 2d10h for 40min'"],
    ['network error on at 2d for 1h', 'does not say whom', "'network error on SQL01 at 2d10h for 40min'"],
    ['network error on "" at 2d for 1h', 'The name of the VM is missing.', "Write the VM's name"],
    ['network error on host at 2d for 1h', 'A name must follow "host".', 'is written "host", in quotes'],
    ['network error on SQL Server 01 at 2d for 1h', '"SQL Server 01" is not one name.', 'quotes: "SQL Server 01".'],
    ['volume D: at 2d for 1h', 'what happens to which volume', "'volume D: loses 50GiB on hv-01 at 2d10h for 6h'"],
    ['volume full at 2d for 1h', 'what happens to which volume', 'volume D: full on hv-01'],
    ['volume D: full hv-01 at 2d for 1h', '"hv-01" is not understood after "full"', "'volume D: full on hv-01"],
    ['volume D: full on at 2d for 1h', 'The name of the host is missing.', "Write the host's name"],
    ['volume D: loses 5 at 2d for 1h', '"5" is no size above 0.', 'Write it as 50GiB or 1.5TB.'],
    ['volume D: loses 0GiB at 2d for 1h', '"0GiB" is no size above 0.', 'Write it as 50GiB or 1.5TB.'],
    ['host hv-01 drained at 2d for 1h', 'to which host', "'host hv-01 drained to hv-02 at 2d for 2h'"],
    ['host hv-01 drained to hv-01 at 2d', 'drained to itself', 'Name another host'],
    ['host hv-01 at 2d for 1h', 'what happens to which host', "'host hv-01 down at 2d10h for 2h'"],
    ['host down at 2d for 1h', 'The name of the host is missing.', "Write the host's name"],
    // When, and for how long.
    ['link down for 1h', 'It does not say when.', "'link down at 2d10h for 40min'"],
    ['link down at 2d', 'It does not say for how long.', "'link down at 2d10h for 40min'"],
    ['link down at noon for 1h', '"noon" is neither', INSTANTS],
    ['link down at for 1h', '"" is neither', INSTANTS],
    ['link down at 1d at 2d for 1h', '"1d at 2d" is neither', INSTANTS],
    ['link down at 2d for 0min', '"0min" is no duration above 0.', DURATIONS],
    ['link down at 2d for 40m', '"40m" is no duration above 0.', DURATIONS],
    ['link down at 2d for', '"" is no duration above 0.', DURATIONS],
    ['link down at 2d for 9999999999999w', '"9999999999999w" is beyond the end of any run.', DURATIONS],
    ['link down at 9999999999999w for 1h', 'beyond the end of any run.', DURATIONS],
    [
      'link down at 2026-01-04T10:00 for 1h',
      '"2026-01-04T10:00" is before the run, which starts at 2026-01-05 00:00 Europe/Berlin.',
      'Give a later time, or an earlier --start.',
    ],
    // Quotes.
    ['network error on "SQL01 at 2d for 1h', 'The quote at ""SQL01 at 2d for 1h" is not closed', '"Bob""s VM"'],
    ['network error on "SQL"01 at 2d for 1h', 'is not closed, or something follows', 'double a quote'],
  ])('fault: %s', (text, message, remedy) => {
    expectProblem(parseFault(text, UNCHECKED), { code: 'fault-wrong', file: '--fault', value: text, message, remedy });
  });

  it.each<Row>([
    ['', 'nothing that an administrator can do', "Write for example 'enable SQL01 at 2d10h'. Known are enable, "],
    ['pauze SQL01 at 2d', 'nothing that', "Did you mean 'pause SQL01 at 2d10h'? Known are enable, disable, pause"],
    ['planed failover plan ERP at 2d', 'nothing that', "Did you mean 'planned failover SQL01 at 2d10h'?"],
    ['test-failover SQL01 at 2d', 'nothing that', "Did you mean 'test failover SQL01 at 2d10h'?"],
    ['resync SQL01 at 2d', 'nothing that', "Did you mean 'resynchronize SQL01 at 2d10h'?"],
    ['reverse SQL01 at 2d', 'nothing that', "Did you mean 'reverse replicate SQL01 at 2d10h'?"],
    ['link donw at 2d for 1h', 'nothing that', "Did you mean --fault 'link down at 2d10h for 40min'?"],
    ['link down at 2d for 1h', '"link down" is a fault', 'under "faults" in the site file: --fault \'link down at'],
    ['asked for by an administrator SQL01 at 2d', 'Nothing can be struck', "--action 'resynchronize SQL01"],
    ['pause at 2d', 'It does not say whom it concerns.', "Write it as 'pause SQL01 at 2d10h'."],
    ['pause plan at 2d', 'A name must follow "plan".', 'is written "plan", in quotes'],
    ['pause SQL01 WEB01 at 2d', '"SQL01 WEB01" is not one name.', 'Write one VM, host and its name, plan and its name'],
    ['pause SQL01', 'It does not say when.', "Write it as 'pause SQL01 at 2d10h'."],
    ['pause SQL01 at 2d for 1h', 'takes no "for"', 'Leave "for 1h" out: \'pause SQL01 at 2d10h\'.'],
    ['pause SQL01 at 2025-12-31', 'before the run', 'Give a later time'],
  ])('action: %s', (text, message, remedy) => {
    const context = { clock: CLOCK, file: 'site.json', column: 'actions[3]' };
    const where = { file: 'site.json', column: 'actions[3]', value: text };
    expectProblem(parseAction(text, context), { code: 'action-wrong', ...where, message, remedy });
  });

  it.each<Row>([
    ['network error on SQL1 at 2d for 1h', 'There is no VM "SQL1".', 'Did you mean SQL01? Names are compared exactly'],
    [
      'network error on sql01 at 2d for 1h',
      'There is no VM "sql01".',
      'Did you mean SQL01? Names are compared exactly',
    ],
    ['network error on "SQL Server 1" at 2d for 1h', 'no VM "SQL Server 1"', 'Did you mean "SQL Server 01"?'],
    ['network error on "All" at 2d for 1h', 'There is no VM "All".', 'Did you mean "all"?'],
    ['network error on zzz at 2d for 1h', 'There is no VM "zzz".', 'Names are compared exactly, capitals too.'],
    ['network error on hv-01 at 2d for 1h', 'There is no VM "hv-01".', 'It is a host: write host hv-01.'],
    ['network error on ERP at 2d for 1h', 'There is no VM "ERP".', 'It is a recovery plan: write plan ERP.'],
    ['network error on host SQL01 at 2d for 1h', 'There is no host "SQL01".', 'It is a VM: write SQL01.'],
    ['network error on host hv-1 at 2d for 1h', 'There is no host "hv-1".', 'Did you mean hv-01?'],
    ['network error on plan EPR at 2d for 1h', 'There is no recovery plan "EPR".', 'Names are compared exactly'],
    ['link brunch down at 2d for 1h', 'There is no link "brunch".', 'Did you mean branch?'],
    ['host hv-01 drained to hv-spar at 2d', 'There is no host "hv-spar".', 'Did you mean hv-spare?'],
    ['host hv-spare drained to hv-01 at 2d', 'There is no host "hv-spare".', 'Names are compared exactly'],
    ['host hv01 down at 2d for 1h', 'There is no host "hv01".', 'Did you mean hv-01?'],
    ['volume D full at 2d for 1h', 'There is no volume "D".', 'Did you mean D:?'],
    ['volume D: full on hv01 at 2d for 1h', 'There is no host "hv01".', 'Did you mean hv-01?'],
    ['volume D: full on hv-02 at 2d for 1h', 'The host "hv-02" has no volume "D:".', 'Write on hv-01, which has one.'],
    ['volume E: full at 2d for 1h', '2 hosts have a volume "E:".', 'Say which one, such as: on hv-01.'],
    ['volume SAN full on hv-01 at 2d for 1h', 'The volume "SAN" is shared by all hosts.', 'Leave out: on hv-01.'],
  ])('names: %s', (text, message, remedy) => {
    expectProblem(parseFault(text, KNOWN), { code: 'fault-unknown-name', message, remedy });
  });

  function expectProblem(reading: EventReading, expected: Readonly<Record<string, string>>): void {
    const { message, remedy, ...rest } = expected;
    expect(Object.keys(reading)).toEqual(['problem']);
    expect(reading.problem).toMatchObject({ severity: 'error', ...rest });
    expect(reading.problem!.message).toContain(message);
    expect(reading.problem!.remedy).toContain(remedy);
  }
});

/** Names of strangers: words of the grammar, quotes, blanks of every kind, marks that turn the text around. */
const hostileName = fc.oneof(
  fc.constantFrom('all', 'AT', 'for', 'On', 'vm', 'host', 'Plan', 'full', 'loses', 'down', 'in', 'to', 'in full'),
  fc.constantFrom(
    '"',
    "'",
    `"'`,
    `'"`,
    `""`,
    `a" at 2d for 1h "`,
    `it's`,
    ' ',
    '\u00a0',
    '\u2028',
    '\ufeffx',
    '\u202ex',
  ),
  fc.constantFrom('__proto__', 'constructor', '</script>', 'D:', 'C:\\ClusterStorage\\Volume1', '2d10h', '\ud800'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('"', "'", ' ', 'a', '\t', '\n'), minLength: 1, maxLength: 12 }),
);
const target = fc.oneof(
  fc.constant<Target>({ scope: 'all' }),
  fc.record({ scope: fc.constantFrom('vm', 'host', 'plan'), name: hostileName }),
);
const atMs = fc.oneof(
  fc.nat(400 * DAY_MS),
  fc.constantFrom(0, 1, SECOND_MS, DAY_MS, DAY_MS + 1, Number.MAX_SAFE_INTEGER - 1),
);
const at = fc.record({ atMs });
const lengthMs = fc.oneof(fc.integer({ min: 1, max: 400 * DAY_MS }), fc.constant(1));
const span = fc
  .tuple(atMs, lengthMs)
  .map(([from, length]) => ({ atMs: from, untilMs: Math.min(from + length, Number.MAX_SAFE_INTEGER) }));
const above0 = fc.oneof(
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  fc.integer({ min: 1, max: 1023 }).map((count) => count * GIB),
  fc.integer({ min: 1, max: 1000 }).map((count) => count * 1e6),
);
const causeOf = (kind: string): fc.Arbitrary<CauseKey> =>
  fc.constantFrom(
    ...CAUSE_KEYS.filter((cause) => CAUSES[cause].kind === kind).filter(
      (cause) => !['logsAtHalfDisk', 'resyncByHand', 'repaired'].includes(cause),
    ),
  );

const ofLink = fc.oneof(
  fc.constant({}),
  hostileName.map((link) => ({ link })),
);

const event: fc.Arbitrary<SiteEvent | LinkDown> = fc.oneof(
  fc.tuple(ofLink, span).map(([link, when]) => ({ kind: 'linkDown' as const, ...link, ...when })),
  fc
    .tuple(ofLink, above0, span)
    .map(([link, capacityBitsPerSec, when]) => ({ kind: 'linkSlow' as const, ...link, capacityBitsPerSec, ...when })),
  fc
    .tuple(causeOf('recoverable'), target, span)
    .map(([cause, whom, when]) => ({ kind: 'recoverable' as const, cause, target: whom, ...when })),
  fc
    .tuple(causeOf('nonRecoverable'), target, at)
    .map(([cause, whom, when]) => ({ kind: 'nonRecoverable' as const, cause, target: whom, ...when })),
  fc
    .tuple(causeOf('resync'), target, at)
    .map(([cause, whom, when]) => ({ kind: 'resyncTrigger' as const, cause, target: whom, ...when })),
  fc
    .tuple(fc.record({ volume: hostileName, host: hostileName, bytes: above0 }, { requiredKeys: ['volume'] }), span)
    .map(([what, when]) => ({ kind: 'volumeTaken' as const, ...what, ...when })),
  fc.tuple(hostileName, span).map(([host, when]) => ({ kind: 'hostDown' as const, host, ...when })),
  fc
    .tuple(hostileName, hostileName, fc.oneof(span, at))
    .filter(([host, to]) => host !== to)
    .map(([host, to, when]) => ({ kind: 'hostDrained' as const, host, to, ...when })),
  fc
    .tuple(fc.constantFrom(...ACTION_KEYS), target, at)
    .map(([action, whom, when]) => ({ kind: 'action' as const, action, target: whom, ...when })),
);

function readBack(told: SiteEvent | LinkDown, context: EventContext): unknown {
  const parse = told.kind === 'action' ? parseAction : parseFault;
  const { outage, link, event: read, problem } = parse(describeEvent(told), context);
  if (outage === undefined) return read ?? problem;
  return { kind: 'linkDown', ...(link === undefined ? {} : { link }), atMs: outage.startMs, untilMs: outage.endMs };
}

describe('describeEvent', () => {
  it.each<[string, SiteEvent | LinkDown]>([
    ['link down at 2d10h for 40min', { kind: 'linkDown', ...SPAN }],
    ['link slow to 10Mbps at 0min for 1s1ms', { kind: 'linkSlow', capacityBitsPerSec: 10e6, atMs: 0, untilMs: 1001 }],
    [
      'network error on "all" at 2d10h for 40min',
      { kind: 'recoverable', cause: 'networkError', target: { scope: 'vm', name: 'all' }, ...SPAN },
    ],
    [
      `failed log write on host 'the "old" one' at 2d10h`,
      { kind: 'resyncTrigger', cause: 'logWriteFailed', target: { scope: 'host', name: 'the "old" one' }, ...AT },
    ],
    [
      'volume D: loses 50GiB on hv-01 at 2d10h for 40min',
      { kind: 'volumeTaken', volume: 'D:', host: 'hv-01', bytes: 50 * GIB, ...SPAN },
    ],
    [
      'planned failover plan ERP at 2d10h',
      { kind: 'action', action: 'plannedFailover', target: { scope: 'plan', name: 'ERP' }, ...AT },
    ],
  ])('%s', (text, told) => {
    expect(describeEvent(told)).toBe(text);
  });

  it('is read back as the same event', () => {
    fc.assert(
      fc.property(event, (told) => {
        expect(readBack(told, UNCHECKED)).toEqual(told);
      }),
      { numRuns: 2000 },
    );
  });

  it('is read back as the same event where its names are known', () => {
    fc.assert(
      fc.property(event, (told) => {
        const name = 'target' in told && told.target.scope !== 'all' ? [told.target.name] : [];
        const host = 'host' in told && told.host !== undefined ? [told.host] : [];
        const volumes = told.kind === 'volumeTaken' ? [{ name: told.volume, ...(host[0] && { host: host[0] }) }] : [];
        // A volume under ClusterStorage has no host.
        fc.pre(!(told.kind === 'volumeTaken' && host.length > 0 && told.volume.includes('ClusterStorage')));
        const drainHosts = told.kind === 'hostDrained' ? [told.to] : [];
        const links = 'link' in told && told.link !== undefined ? [told.link] : [];
        const known = { vms: name, hosts: [...name, ...host], drainHosts, volumes, plans: name, links };
        expect(readBack(told, { ...UNCHECKED, known })).toEqual(told);
      }),
    );
  });

  it('tells what any mixture of the words was read as, and nothing is read as two things', () => {
    const words =
      'link down slow drained to volume host full loses network error on all vm plan at for 2d 10:00 "a b" 5GiB D:';
    const text = fc
      .array(fc.constantFrom(...words.split(' '), 'link down', 'pause', 'at 2d', 'for 1h', "'", '"'), { maxLength: 12 })
      .map((chosen) => chosen.join(' '));
    fc.assert(
      fc.property(text, fc.constantFrom(parseFault, parseAction), (mixture, parse) => {
        const reading = parse(mixture, UNCHECKED);
        const { link: _link, ...one } = reading;
        expect(Object.values(one).filter((value) => value !== undefined)).toHaveLength(1);
        if (reading.event !== undefined) expect(readBack(reading.event, UNCHECKED)).toEqual(reading.event);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('hostile texts', () => {
  const MILLION = 1e6;

  it('what is too long is refused and not echoed', () => {
    const { problem } = parseFault(`link down at ${'9'.repeat(MILLION)} for 1h`, UNCHECKED);
    expect(problem!.message).toBe(`The text is ${MILLION + 20} characters long; at most 300 are read.`);
    expect(problem!.value!.length).toBeLessThan(100);
    expect(parseFault(`link down at 2d for 1h${' '.repeat(278)}`, UNCHECKED).outage).toBeDefined();
    expect(parseFault(`link down at 2d for 1h${' '.repeat(279)}`, UNCHECKED).problem).toBeDefined();
  });

  it.each([
    ['quotes', `network error on ${'"'.repeat(281)}`],
    ['both quotes', `network error on ${`"'`.repeat(140)}`],
    ['blanks', `network error on${' '.repeat(280)}"a`],
    ['at', `pause ${'at '.repeat(98)}`],
    ['digits', `link down at ${'1'.repeat(270)} for 1h`],
    ['points', `link slow to ${'1.'.repeat(130)} at 1d for 1h`],
    ['durations', `link down at ${'1d'.repeat(135)} for 1h`],
    ['letters', 'x'.repeat(300)],
  ])('many %s are read fast and told short', (_, text) => {
    const startedAtMs = performance.now();
    for (let round = 0; round < 200; round++) {
      for (const parse of [parseFault, parseAction]) {
        const { problem } = parse(text, KNOWN);
        expect(problem!.value!.length).toBeLessThan(100);
        expect(problem!.message.length).toBeLessThan(300);
      }
    }
    expect(performance.now() - startedAtMs).toBeLessThan(2000);
  });

  it('a name is cut, a column too', () => {
    const text = `network error on ${'x'.repeat(256)} at 2d for 1h`;
    const { problem } = parseFault(text, { ...KNOWN, file: 'site.json', column: 'c'.repeat(500) });
    expect(problem).toMatchObject({ code: 'fault-unknown-name', message: `There is no VM "${'x'.repeat(80)}…".` });
    expect(problem!.column!.length).toBeLessThan(100);
  });
});

describe('mergeOutages', () => {
  it('joins what overlaps or touches', () => {
    const outages = [
      { startMs: 50, endMs: 60 },
      { startMs: 0, endMs: 10 },
      { startMs: 10, endMs: 20 },
      { startMs: 5, endMs: 8 },
    ];
    expect(mergeOutages(outages)).toEqual([
      { startMs: 0, endMs: 20 },
      { startMs: 50, endMs: 60 },
    ]);
  });

  it('is down at exactly the instants of any outage, in spans ascending and apart', () => {
    const outage = fc
      .tuple(fc.nat(40), fc.integer({ min: 1, max: 10 }))
      .map(([startMs, length]) => ({ startMs, endMs: startMs + length }));
    fc.assert(
      fc.property(fc.array(outage, { maxLength: 8 }), (outages) => {
        const merged = mergeOutages(outages);
        const isDown = (list: typeof outages, instantMs: number): boolean =>
          list.some(({ startMs, endMs }) => startMs <= instantMs && instantMs < endMs);
        for (let instantMs = 0; instantMs < 60; instantMs++) {
          expect(isDown(merged, instantMs)).toBe(isDown(outages, instantMs));
        }
        for (let index = 1; index < merged.length; index++) {
          expect(merged[index]!.startMs).toBeGreaterThan(merged[index - 1]!.endMs);
        }
      }),
    );
  });
});
