import type { Fleet, Place } from './fleet.ts';
import { quoted } from './powershell.ts';

/** What a place is called in commands: its own name in quotes, or the variable that asks for it. */
export function vaultOf({ vault }: Place): string {
  return vault === null ? '$VaultName' : quoted(vault);
}

/** The fabric and the container: a Hyper-V site is both, a cloud is the container in its VMM server. */
export function containerOf({ scenario }: Pick<Fleet, 'scenario'>, { vmmServer, cloud }: Place): string {
  if (!scenario.usesClouds) return 'Get-Container $HyperVSite';
  const server = vmmServer === null ? '$VmmServer' : quoted(vmmServer);
  return `Get-Container ${server} ${cloud === null ? '$Cloud' : quoted(cloud)}`;
}

export function fabricOf({ scenario }: Pick<Fleet, 'scenario'>, { vmmServer }: Place): string {
  if (!scenario.usesClouds) return '$HyperVSite';
  return vmmServer === null ? '$VmmServer' : quoted(vmmServer);
}

export function recoveryContainerOf({ recoveryCloud }: Place): string {
  return `Get-Container $RecoveryVmmServer ${recoveryCloud === null ? '$RecoveryCloud' : quoted(recoveryCloud)}`;
}

/** As people read it, without quotes. */
export function placeTitle({ scenario }: Pick<Fleet, 'scenario'>, { cloud }: Place): string {
  if (!scenario.usesClouds) return '<Hyper-V site>';
  return cloud ?? '<cloud>';
}

/** The name of the mapping of a place to a policy: ours. */
export function mappingName(policyName: string): string {
  return `asr-plan-${policyName}`;
}

/** The port of the data between sites. */
export function portOf(paths: Fleet['scenario']['paths'], kind: 'kerberos' | 'certificate' | null): number {
  const path = paths.find(
    ({ carries, authentication }) => carries === 'data' && (kind === null || authentication === kind),
  );
  return path!.port;
}
