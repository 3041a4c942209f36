import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isReplicationStatistics,
  type ReplicationStatisticsFile,
  readReplicationStatistics,
} from '../../src/ingest/replication-statistics.ts';
import { codes, lines, textSource } from './text-sources.ts';

function read(text: string, lengths?: readonly number[]): Promise<ReplicationStatisticsFile> {
  return readReplicationStatistics(textSource('replication.csv', text, lengths));
}

function codesOf({ problems }: ReplicationStatisticsFile): string[] {
  return codes({ problems: problems.all() });
}

/** As `Measure-VMReplication | Select … | Export-Csv` writes it in the United States. */
const CMDLET = lines(
  '#TYPE Microsoft.HyperV.PowerShell.VMReplicationStatistics',
  '"VMName","ReplicationMode","State","MonitoringStartTime","MonitoringEndTime","PendingReplicationSize","AverageReplicationSize","MaximumReplicationSize","AverageReplicationLatency","MaximumReplicationLatency","ReplicationErrors","SuccessfulReplicationCount","MissedReplicationCount"',
  '"SQL01","Primary","Replicating","11/23/2026 9:00:00 AM","11/23/2026 9:00:00 PM","4096","1048576","8388608","00:00:12","00:01:02.5000000","3","140","4"',
  '"WEB, old","Primary","Replicating","11/23/2026 9:00:00 AM","11/23/2026 9:00:00 PM","0","0","0","","","0","0","0"',
);

describe('Measure-VMReplication', () => {
  test('bytes, time spans, counts and a window of local time', async () => {
    const file = await read(CMDLET);
    expect(codesOf(file)).toEqual([]);
    expect(file.rowCount).toBe(2);
    expect(file.measured).toEqual([
      {
        ...{ vm: 'SQL01', source: 'statistics', file: 'replication.csv', isLocal: true },
        ...{ fromMs: Date.UTC(2026, 10, 23, 9), untilMs: Date.UTC(2026, 10, 23, 21) },
        ...{ successCount: 140, missCount: 4, errorCount: 3, networkFailureCount: null, replicationFailureCount: null },
        ...{ averageSizeBytes: 1_048_576, maxSizeBytes: 8_388_608, pendingBytes: 4096 },
        ...{ averageLatencySec: 12, maxLatencySec: 62.5 },
      },
      {
        ...{ vm: 'WEB, old', source: 'statistics', file: 'replication.csv', isLocal: true },
        ...{ fromMs: Date.UTC(2026, 10, 23, 9), untilMs: Date.UTC(2026, 10, 23, 21) },
        ...{ successCount: 0, missCount: 0, errorCount: 0, networkFailureCount: null, replicationFailureCount: null },
        ...{
          averageSizeBytes: null,
          maxSizeBytes: null,
          pendingBytes: 0,
          averageLatencySec: null,
          maxLatencySec: null,
        },
      },
    ]);
  });

  test('the properties of the whole object are known, whichever are not used', async () => {
    const all =
      'VMName,Name,VMId,CimSession,ComputerName,IsDeleted,ReplicationState,ReplicationHealth,ReplicationHealthDetails,ReplicationRelationshipType,CurrentTask,FailedOverReplicationType,LastReplicationTime,LastReplicationType,LastAppliedLogTime,LastTestFailoverInitiatedTime,LastVSSSnapshotTime,InitialReplicationSize,AllowedPrimaryServer,CurrentReplicaServerName,PrimaryServerName,ReplicaServerName,ReplicatedDisks,TrustGroup,AverageReplicationSize,SuccessfulReplicationCount';
    const file = await read(lines(all, `a,a${','.repeat(22)},1,1`));
    expect(codesOf(file)).toEqual([]);
    expect(file.measured).toMatchObject([{ vm: 'a', averageSizeBytes: 1, successCount: 1 }]);
  });

  test("the replica's rows are left out, and told", async () => {
    const header = 'VMName,ReplicationMode,AverageReplicationSize';
    const both = await read(lines(header, 'a,Primary,1', 'a,Replica,1', 'b,None,0'));
    expect(both.measured.map(({ vm }) => vm)).toEqual(['a']);
    expect(codesOf(both)).toEqual(['~replication-other-side']);
    expect(codesOf(await read(lines(header, 'a,Replica,1')))).toContain('replication-none');
  });
});

describe('Msvm_ReplicationStatistics', () => {
  test('totals become means of a cycle; CIM datetimes say their offset', async () => {
    const file = await read(
      lines(
        'VMName,ElementName,StartStatisticTime,EndStatisticTime,ReplicationSuccessCount,ReplicationSize,MaxReplicationSize,ReplicationLatency,MaxReplicationLatency,ReplicationMissCount,NetworkFailureCount,ReplicationFailureCount,PendingReplicationSize',
        'a,,20261123090000.000000-300,20261123210000.000000-300,100,500000,9000,1250,60,2,1,0,77',
      ),
    );
    expect(codesOf(file)).toEqual([]);
    expect(file.measured).toMatchObject([
      {
        ...{ vm: 'a', isLocal: false, fromMs: Date.UTC(2026, 10, 23, 14), untilMs: Date.UTC(2026, 10, 24, 2) },
        ...{
          successCount: 100,
          averageSizeBytes: 5000,
          maxSizeBytes: 9000,
          averageLatencySec: 12.5,
          maxLatencySec: 60,
        },
        ...{ missCount: 2, networkFailureCount: 1, replicationFailureCount: 0, pendingBytes: 77 },
      },
    ]);
  });
});

describe('dates of several cultures', () => {
  const at = Date.UTC(2026, 10, 23, 14, 11, 41);
  const readTime = (time: string): Promise<ReplicationStatisticsFile> =>
    read(lines('VMName;MonitoringStartTime;AverageReplicationSize', `a;${time};1`));

  test.each([
    '11/23/2026 2:11:41 PM',
    '11/23/2026 14:11:41',
    '23/11/2026 14:11:41',
    '23.11.2026 14:11:41',
    '23-11-2026 14:11:41',
    '2026-11-23 14:11:41',
    '2026-11-23T14:11:41',
    '2026/11/23 14:11:41',
  ])('%s', async (time) => {
    const file = await readTime(time);
    expect(codesOf(file)).toEqual([]);
    expect(file.measured).toMatchObject([{ fromMs: at, isLocal: true }]);
  });

  test.each(['11/05/2026 14:11:41', '05-11-2026 14:11', '31.02.2026 10:00', '11/23/2026 14:61:00', '13:00', 'soon'])(
    '%s is refused with its row, its value and what to do',
    async (time) => {
      const file = await readTime(time);
      expect(file.measured).toEqual([]);
      const [problem] = file.problems.all();
      expect(problem).toMatchObject({ code: 'replication-wrong-time', row: 2, value: time, severity: 'error' });
      expect(problem!.column).toBe('MonitoringStartTime');
      expect(problem!.remedy).toContain('ISO 8601');
    },
  );

  test('12 AM is midnight, 12 PM noon', async () => {
    const hours = await Promise.all(
      ['12', '1'].flatMap((hour) => ['AM', 'PM'].map((half) => `11/23/2026 ${hour}:00:00 ${half}`)).map(readTime),
    );
    expect(hours.map(({ measured }) => (measured[0]!.fromMs! / 3_600_000) % 24)).toEqual([0, 12, 1, 13]);
  });
});

describe('what is wrong is named', () => {
  test.each([
    ['SuccessfulReplicationCount', '1.5', 'replication-wrong-value'],
    ['SuccessfulReplicationCount', '-1', 'replication-wrong-value'],
    ['AverageReplicationSize', '99999999999999999', 'replication-wrong-value'],
    ['AverageReplicationSize', 'many', 'csv-wrong-number'],
    ['AverageReplicationSize', '"1,024"', 'csv-ambiguous-number'],
    ['AverageReplicationLatency', '00:61:00', 'replication-wrong-latency'],
    ['AverageReplicationLatency', '-3', 'replication-wrong-latency'],
    ['AverageReplicationLatency', '1e300', 'replication-wrong-latency'],
  ])('%s %s: %s', async (column, value, code) => {
    const other = column === 'SuccessfulReplicationCount' ? 'AverageReplicationSize' : 'SuccessfulReplicationCount';
    const file = await read(lines(`VMName,${other},${column}`, `a,1,${value}`));
    expect(codesOf(file)).toEqual([`${code}@2`]);
    expect(file.measured).toEqual([]);
  });

  test('an interval that ends before it begins, one with two clocks, a row without a name, a table without names', async () => {
    const header = 'VMName,AverageReplicationSize,MonitoringStartTime,MonitoringEndTime';
    expect(codesOf(await read(lines(header, 'a,1,2026-01-02,2026-01-01')))).toEqual(['replication-wrong-interval@2']);
    expect(codesOf(await read(lines(header, 'a,1,2026-01-01T00:00Z,2026-01-02')))).toEqual([
      'replication-two-clocks@2',
    ]);
    expect(codesOf(await read(lines(header, ',1,,')))).toEqual(['replication-no-name@2']);
    expect(codesOf(await read(lines('AverageReplicationSize', '1')))).toEqual(['csv-missing-column@1']);
    expect(codesOf(await read(''))).toEqual(['csv-empty']);
  });

  test('a point that may part thousands is refused where the file has decimal commas', async () => {
    const file = await read(lines('VMName;AverageReplicationSize;PendingReplicationSize', 'a;1.024;1,5'));
    expect(codesOf(file)).toEqual(['csv-ambiguous-number@2']);
  });

  test('time spans over days; seconds as plain numbers', async () => {
    const file = await read(
      lines('VMName;AverageReplicationSize;AverageReplicationLatency', 'a;1;1.02:03:04.25', 'b;1;12,5', 'c;1;7'),
    );
    expect(file.measured.map(({ averageLatencySec }) => averageLatencySec)).toEqual([93_784.25, 12.5, 7]);
  });
});

test('is told by its headers from others', () => {
  expect(isReplicationStatistics(['Name', 'State', 'ReplicationState', 'AverageReplicationSize'])).toBe(true);
  expect(isReplicationStatistics(['VMName', 'ReplicationSuccessCount'])).toBe(true);
  expect(isReplicationStatistics(['Name', 'State', 'ReplicationState'])).toBe(false);
  expect(isReplicationStatistics(['AverageReplicationSize', 'ReplicationSuccessCount'])).toBe(false);
  expect(isReplicationStatistics(['vm', 'disk', 'size'])).toBe(false);
});

describe('laws', () => {
  /** What every reading must keep, however spoilt its text. */
  function check(file: ReplicationStatisticsFile): void {
    for (const one of file.measured) {
      const numbers = [one.successCount, one.missCount, one.averageSizeBytes, one.maxSizeBytes, one.averageLatencySec];
      for (const value of [...numbers, one.maxLatencySec, one.pendingBytes, one.errorCount]) {
        expect(value === null || (value >= 0 && value <= Number.MAX_SAFE_INTEGER)).toBe(true);
      }
      expect(one.fromMs === null || one.untilMs === null || one.fromMs <= one.untilMs).toBe(true);
    }
    const all = file.problems.all();
    expect(file.measured.length > 0 || all.some(({ severity }) => severity === 'error')).toBe(true);
    for (const { code, message, remedy } of all) expect(code !== '' && message !== '' && remedy !== '').toBe(true);
  }

  test('every prefix reads, or its problems are named', async () => {
    for (let length = 0; length <= CMDLET.length; length++) check(await read(CMDLET.slice(0, length)));
  });

  test('every mutation reads, or its problems are named', async () => {
    const piece = fc.string({
      unit: fc.constantFrom('"', ',', ';', '\n', '/', ':', '.', '-', '9', 'e', '\0', 'é'),
      maxLength: 4,
    });
    const blow = fc.tuple(fc.nat(CMDLET.length), fc.nat(30), piece);
    await fc.assert(
      fc.asyncProperty(fc.array(blow, { minLength: 1, maxLength: 3 }), async (blows) => {
        const text = blows.reduce(
          (spoilt, [at, length, by]) => spoilt.slice(0, at) + by + spoilt.slice(at + length),
          CMDLET,
        );
        check(await read(text));
      }),
      { numRuns: 300 },
    );
  });

  test('where the chunks are cut does not matter', async () => {
    const whole = await read(CMDLET);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 }), async (lengths) => {
        expect((await read(CMDLET, lengths)).measured).toEqual(whole.measured);
      }),
      { numRuns: 50 },
    );
  });
});
