import { REPLICA_PORT } from './routes.ts';

/**
 * How two ends of a rehearsal can know one another. Hyper-V Replica has Kerberos and certificates (Microsoft, "Hyper-V replication with
 * Azure Site Recovery"); plain HTTP is ours, and for the loopback alone.
 *
 * @returns why it cannot be had, with what can; `undefined` = it can
 */
export function checkAuthentication(kind: string): string | undefined {
  if (kind === 'certificate' || kind === 'none') return undefined;
  const instead = `Use certificates (HTTPS, port ${REPLICA_PORT}); plain HTTP is for the loopback only.`;
  if (kind === 'kerberos') {
    return `Kerberos needs a domain controller, and a service principal name of both hosts, which a rehearsal does not have. ${instead}`;
  }
  return `There is no such authentication: ${JSON.stringify(kind.slice(0, 40))}. ${instead}`;
}
