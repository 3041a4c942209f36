import { LEARN } from '../../model/documents.ts';
import type { RunbookCommand, RunbookStep, RunbookTask } from './runbook-parts.ts';

/** The five tasks as Microsoft Learn numbers and names them. */
const TITLES = [
  'Create Azure resources',
  'Configure the Recovery Services vault',
  'Prepare infrastructure',
  'Enable replication',
  'Manage a recovery plan',
] as const;

export function taskOf(number: 1 | 2 | 3 | 4 | 5, steps: readonly (RunbookStep | null)[]): RunbookTask {
  return {
    ...{ number, title: TITLES[number - 1]!, source: `${LEARN}, task ${number}` },
    steps: steps.filter((step) => step !== null),
  };
}

/** A step; what it does not say is empty. */
export function step(said: Pick<RunbookStep, 'id' | 'title' | 'where' | 'source'> & Partial<RunbookStep>): RunbookStep {
  return { doing: [], facts: [], commands: [], checks: [], ...said };
}

export function commandOf(
  id: string,
  where: string,
  lines: readonly string[],
  notVerified: readonly string[] = [],
): RunbookCommand {
  return { id, where, script: lines.join('\n'), notVerified };
}

export const PORTAL = 'Azure portal';
export const AZ_CONSOLE = 'PowerShell with the Az modules, signed in to Azure';
/** Commands for hosts go out from one place; each host must take remote commands, or be gone to. */
export const ADMIN_CONSOLE = 'PowerShell of an administrator of the hosts (remoting), or on each host';

export const AZ_HELP = 'Azure PowerShell, Az.RecoveryServices';
export const BANDWIDTH_KB = 'Microsoft KB3056159, "Manage on-premises to Azure protection network bandwidth usage"';
export const REPLICA_KB = 'Microsoft KB2767928, "Feature and performance optimization of Hyper-V Replica"';
export const HYPERV_HELP = 'Windows PowerShell documentation, Hyper-V';
