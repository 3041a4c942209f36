import type { Host } from '../../model/site.ts';
import { type Fleet, groupedBy } from './fleet.ts';
import { quotedList } from './powershell.ts';
import type { RunbookCommand, RunbookStep } from './runbook-parts.ts';
import { ADMIN_CONSOLE, BANDWIDTH_KB, commandOf, REPLICA_KB, step } from './task-texts.ts';
import { throttleCommand } from './throttle-command.ts';

/** "the maximum value is 32": KB3056159. */
const THREADS_MOST = 32;
/** "Specify any integer value between 1 and 1024": KB2767928. */
const TRANSFERS_MOST = 1024;

const EACH_HOST = 'each Hyper-V host, each node of a cluster';

/** The agents' work hours: a setting of each host, of one that can say less than the plan's schedules. */
export function throttleStep(fleet: Fleet): RunbookStep {
  const { scenario, hosts, run } = fleet;
  const elsewhere = linksWithSchedule(fleet);
  const notByAgent = elsewhere.length === 0 ? [] : [{ label: 'Lines with a schedule of their own', values: elsewhere }];
  const onRouter =
    'A schedule of a line holds for all hosts together: no agent knows it. Set it where the line begins, as quality of service for the addresses and ports above.';
  if (scenario.target === 'site') {
    return step({
      id: 'throttle',
      title: 'Throttle in work hours',
      where: 'routers of the sites',
      doing: [
        'Between sites no agent throttles, and Hyper-V Replica has no switch for it: a limit is quality of service on the port of the replication.',
        ...(elsewhere.length === 0 ? ['In this plan no line has a schedule.'] : [onRouter]),
      ],
      facts: notByAgent,
      source: 'Microsoft Virtualization team blog on the Best Practices Analyzer of Hyper-V Replica, rule 46',
    });
  }
  const groups = groupedBy(hosts, ({ throttle }) => JSON.stringify(throttle ?? null)).map(([, members]) => members);
  const parts = groups.map((members) => ({ members, throttle: members[0]!.throttle }));
  const limited = parts.filter(({ throttle }) => throttle !== undefined);
  const commands = limited.flatMap(({ members, throttle }, index): RunbookCommand[] => {
    const { script, notVerified } = throttleCommand(throttle!);
    if (script === null) return [];
    const id = limited.length === 1 ? 'throttle' : `throttle-${index + 1}`;
    return [commandOf(id, ADMIN_CONSOLE, onHosts(members, [script]), notVerified)];
  });
  const unsaid = limited.flatMap(({ members, throttle }) => {
    const { script, differs } = throttleCommand(throttle!);
    if (differs.length === 0) return [];
    const label = script === null ? 'No command says the schedule' : 'The command differs from the schedule';
    return [{ label: `${label}: ${differs.join(' ')}`, values: names(members) }];
  });
  return step({
    id: 'throttle',
    title: 'Throttle in work hours',
    where: EACH_HOST,
    doing: [
      limited.length === 0
        ? 'In this plan no host has a limit: leave the agents unthrottled, or take a limit away with Set-OBMachineSetting -NoThrottle.'
        : 'The agent of each host limits itself in work hours and at all other times. The hours are the host’s own local time.',
      ...(elsewhere.length === 0 ? [] : [onRouter]),
    ],
    facts: [
      ...limited.map(({ members }, index) => ({
        label: limited.length === 1 ? 'Hosts' : `Hosts of schedule ${index + 1}`,
        values: names(members),
      })),
      ...unsaid,
      ...notByAgent,
      ...(limited.length === 0 ? [] : [{ label: 'Time zone of the plan', values: [run.workload.clock.timeZone] }]),
    ],
    commands,
    checks:
      limited.length === 0
        ? []
        : [
            'The Throttling tab of the agent’s properties shows the hours and the limits. Watch for some days whether they are kept.',
          ],
    source: BANDWIDTH_KB,
  });
}

function linksWithSchedule({ run: { site } }: Fleet): string[] {
  const lines = [
    ...(site.link.throttle === undefined ? [] : ['Site link']),
    ...(site.furtherLinks ?? []).filter(({ throttle }) => throttle !== undefined).map(({ name }) => name),
  ];
  return lines;
}

/** How many uploads of one VM go at a time, on hosts that have a number of their own or where the rule has another than the agent's. */
export function threadStep(fleet: Fleet): RunbookStep {
  const { hosts, run } = fleet;
  const { uploadThreadsPerVm } = run.policy.rules;
  const groups = groupedBy(hosts, (host) => host.uploadThreadsPerVm ?? uploadThreadsPerVm);
  const commands = groups.map(([threads, members], index) =>
    commandOf(
      groups.length === 1 ? 'upload-threads' : `upload-threads-${index + 1}`,
      ADMIN_CONSOLE,
      onHosts(
        members,
        dword('HKLM:\\SOFTWARE\\Microsoft\\Windows Azure Backup\\Replication', 'UploadThreadsPerVM', threads),
      ),
      threads > THREADS_MOST || !Number.isInteger(threads) ? [`More than ${THREADS_MOST} is not supported.`] : [],
    ),
  );
  return step({
    id: 'upload-threads',
    title: 'Set the upload threads',
    where: EACH_HOST,
    doing: [
      'The registry says how many uploads of one VM go at a time: 4 where it says nothing, 32 at most. More fill a wide line sooner; how much one carries is documented nowhere.',
    ],
    facts: groups.map(([threads, members]) => ({ label: `${threads} threads`, values: names(members) })),
    commands,
    checks: [
      'UploadThreadsPerVM is a DWORD under HKLM\\SOFTWARE\\Microsoft\\Windows Azure Backup\\Replication with this number.',
    ],
    source: `${BANDWIDTH_KB}, UploadThreadsPerVM: default 4, maximum 32`,
  });
}

/** How many VMs' logs leave a host at a time. */
export function transferStep(fleet: Fleet): RunbookStep {
  const { hosts, run } = fleet;
  const groups = groupedBy(hosts, (host: Host) => host.maxActiveTransfers ?? run.policy.maxActiveTransfers);
  const limited = groups.filter((group): group is [number, Host[]] => group[0] !== null);
  const commands = limited.map(([count, members], index) =>
    commandOf(
      limited.length === 1 ? 'active-transfers' : `active-transfers-${index + 1}`,
      ADMIN_CONSOLE,
      onHosts(members, [
        ...dword(
          'HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Virtualization\\Replication',
          'MaximumActiveTransfers',
          count,
        ),
        'Restart-Service -Name vmms',
      ]),
      count > TRANSFERS_MOST ? [`More than ${TRANSFERS_MOST} is not supported.`] : [],
    ),
  );
  return step({
    id: 'active-transfers',
    title: 'Set how many VMs send at a time',
    where: `${EACH_HOST}, at the primary site`,
    doing: [
      'The registry says the logs of how many VMs leave a host at a time: 3 where it says nothing. The service vmms has to be restarted.',
    ],
    facts: groups.map(([count, members]) => ({
      label: count === null ? 'No limit in the plan' : `${count} at a time`,
      values: names(members),
    })),
    commands,
    checks: ['MaximumActiveTransfers is a DWORD with this number, and vmms runs again.'],
    source: `${REPLICA_KB}, MaximumActiveTransfers: default 3, 1 to 1024`,
  });
}

function onHosts(hosts: readonly Host[], lines: readonly string[]): string[] {
  return [
    `foreach ($computer in ${quotedList(names(hosts))}) {`,
    '    Invoke-Command -ComputerName $computer -ScriptBlock {',
    ...lines.map((line) => `        ${line}`),
    '    }',
    '}',
  ];
}

/** `New-Item -Force` empties a key that is there: only where none is. */
function dword(key: string, name: string, value: number): string[] {
  return [
    `$key = '${key}'`,
    'if (-not (Test-Path -LiteralPath $key)) { [void](New-Item -Path $key -Force) }',
    `[void](New-ItemProperty -LiteralPath $key -Name ${name} -PropertyType DWord -Value ${value} -Force)`,
  ];
}

function names(hosts: readonly Host[]): string[] {
  return hosts.map(({ name }) => name);
}
