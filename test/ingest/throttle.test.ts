import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readThrottleText } from '../../src/ingest/throttle.ts';
import type { Throttle, WeeklySchedule } from '../../src/model/schedule.ts';

interface Read {
  readonly schedule: WeeklySchedule<Throttle> | undefined;
  readonly reports: readonly [severity: string, message: string][];
}

function read(text: string): Read {
  const reports: [string, string][] = [];
  const schedule = readThrottleText(text, (message, _remedy, severity) => reports.push([severity, message]));
  return { schedule, reports };
}

/** As Microsoft's page prints it. */
const PRINTED = `$mon = [System.DayOfWeek]::Monday
$tue = [System.DayOfWeek]::Tuesday
Set-OBMachineSetting -WorkDay $mon, $tue -StartWorkHour "9:00:00" -EndWorkHour "18:00:00" -WorkHourBandwidth (512*1024) -NonWorkHourBandwidth (2048*1024)`;

const EXPECTED: WeeklySchedule<Throttle> = {
  windows: [{ days: [0, 1], startMinute: 540, endMinute: 1080, value: { kind: 'rate', bitsPerSec: 524_288 } }],
  otherwise: { kind: 'rate', bitsPerSec: 2_097_152 },
};

describe('a pasted Set-OBMachineSetting', () => {
  it.each([
    PRINTED,
    PRINTED.replaceAll('\n', '\r\n'),
    'Set-OBMachineSetting -WorkDay Monday,Tuesday -StartWorkHour 9:00 -EndWorkHour 18 -WorkHourBandwidth 512KB -NonWorkHourBandwidth 2MB',
    'set-obmachinesetting -nonworkhourbandwidth (2*1024*1KB) -workhourbandwidth 524288 -endworkhour "18:00" -startworkhour 9 -workday @("Mon","tu")',
    'Set-OBMachineSetting -WorkDay:"Monday","Tuesday" -StartWorkHour:"9:00:00" -EndWorkHour "18:00:00" -WorkHourBandwidth (512KB) -NonWorkHourBandwidth (2048*1024)',
    `$days = @("Monday", "Tuesday"); ${PRINTED.split('\n')[2]!.replace('$mon, $tue', '$Days')}`,
    "Set-OBMachineSetting -WorkDay 'Tuesday', [DayOfWeek]::Monday `\n -StartWorkHour 09:00:00 -EndWorkHour 18:00:00 `\n -WorkHourBandwidth (512*1024) -NonWorkHourBandwidth (2048*1024)",
  ])('%s', (text) => {
    expect(read(text)).toEqual({ schedule: EXPECTED, reports: [] });
  });

  it('-NoThrottle limits nothing', () => {
    expect(read('Set-OBMachineSetting -NoThrottle').schedule).toEqual({ windows: [], otherwise: { kind: 'none' } });
  });

  it.each([
    ['', 'is no line of Set-OBMachineSetting'],
    ['Get-OBMachineSetting', '"Get-OBMachineSetting" is no line'],
    [`${PRINTED}\nRemove-Item C:\\`, '"Remove-Item C:\\" is no line'],
    ['Set-OBMachineSetting 5', '"5" is no parameter'],
    ['Set-OBMachineSetting -Workdays Mo', '-Workdays is no parameter that sets a throttle'],
    [PRINTED.replace('-StartWorkHour', '-EndWorkHour'), '-EndWorkHour is given twice'],
    [PRINTED.replace('$tue -', '$wed -'), '"$mon, $wed" is no value of -WorkDay'],
    [PRINTED.replace('"9:00:00"', '"25:00"'), 'is no value of -StartWorkHour'],
    [PRINTED.replace('(512*1024)', '(Get-Date)'), '"(Get-Date)" is no value of -WorkHourBandwidth'],
    [PRINTED.replace(' -NonWorkHourBandwidth (2048*1024)', ''), '-NonWorkHourBandwidth is missing'],
    ['$x = Remove-Item C:\\; Set-OBMachineSetting -NoThrottle', '"Remove-Item C:\\" is no day of the week'],
    ['Set-OBMachineSettings -NoThrottle', 'is no line of Set-OBMachineSetting'],
    [PRINTED.replace('"9:00:00"', `"9:00:00'`), 'is no value of -StartWorkHour'],
    [PRINTED.replace('"9:00:00"', '9:00:30'), 'is no value of -StartWorkHour'],
    [PRINTED.replace('(512*1024)', '512,5'), 'is no value of -WorkHourBandwidth'],
    [PRINTED.replace('(512*1024)', '(999999999GB*999999999)'), 'is no value of -WorkHourBandwidth'],
    [PRINTED.replace('(512*1024)', '0').replace('(2048*1024)', '0'), 'Nothing gets through at any hour'],
    [PRINTED.replace('-WorkDay $mon, $tue ', ''), '-WorkDay is missing'],
    ['Set-OBMachineSetting -NoThrottle -WorkDay Mo', '-NoThrottle stands beside other settings'],
    [`Set-OBMachineSetting ${'x'.repeat(5000)}`, 'characters long'],
  ])('%s is refused', (text, message) => {
    const { schedule, reports } = read(text);
    expect(schedule).toBeUndefined();
    expect(reports.map(([severity]) => severity)).toContain('error');
    expect(reports.map(([, found]) => found).join('\n')).toContain(message);
  });

  it('warns of rates that the agent does not take', () => {
    const { schedule, reports } = read(PRINTED.replace('(512*1024)', '512'));
    expect(schedule).toBeDefined();
    expect(reports).toEqual([['warning', '512 bit/s lies outside what the agent takes, 512 Kbps to 1023 Mbps.']]);
  });

  it('reads anything without a stack trace, and says something about what it does not take', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.string().map((text) => `Set-OBMachineSetting ${text}`),
        ),
        (text) => {
          const { schedule, reports } = read(text);
          expect(schedule !== undefined || reports.length > 0).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});
