import type { Vault, VmmCloud } from '../model/cloud.ts';
import type { JsonObject } from './json-object.ts';
import type { ProblemList } from './problem-list.ts';
import { checkUnique, optionalName, ownName, requireKeys } from './site-names.ts';

const VAULT_KEYS = ['name', 'region', 'link'];
const CLOUD_KEYS = ['name', 'vmmServer', 'vault', 'recoveryCloud', 'policy', 'hosts', 'link'];
const CLOUD_EXAMPLE = 'Write { "name": "Gold", "vmmServer": "vmm-01", "vault": "vault-01", "hosts": ["hv-01"] }.';

export function readVaults(root: JsonObject, problems: ProblemList): Vault[] {
  const vaults = root.objects('vaults', VAULT_KEYS).flatMap((object) => {
    const name = ownName(object, { what: 'vault', example: 'vault-01' }, problems);
    const region = optionalName(object, 'region', { what: 'region', example: 'West Europe' }, problems);
    const link = object.text('link', 'expressroute');
    if (name === undefined) return [];
    return { name, ...(region === undefined ? {} : { region }), ...(link === undefined ? {} : { link }) };
  });
  const names = vaults.map((vault) => vault.name);
  checkUnique(names, 'vault', (index) => `vaults[${index}].name`, problems);
  return vaults;
}

/** Clouds of VMM. A vault or a recovery cloud that is not there is no error: it is why VMs cannot be protected. */
export function readClouds(root: JsonObject, problems: ProblemList): VmmCloud[] {
  const clouds = root.objects('clouds', CLOUD_KEYS).flatMap((object) => readCloud(object, problems) ?? []);
  const names = clouds.map((cloud) => cloud.name);
  checkUnique(names, 'cloud', (index) => `clouds[${index}].name`, problems);
  checkHostsApart(clouds, problems);
  return clouds;
}

function readCloud(object: JsonObject, problems: ProblemList): VmmCloud | undefined {
  const name = ownName(object, { what: 'cloud', example: 'Gold' }, problems);
  const vmmServer = optionalName(object, 'vmmServer', { what: 'VMM server', example: 'vmm-01' }, problems);
  const vault = optionalName(object, 'vault', { what: 'vault', example: 'vault-01' }, problems);
  const recoveryCloud = optionalName(object, 'recoveryCloud', { what: 'cloud', example: 'Gold at B' }, problems);
  const policy = object.text('policy', 'Gold');
  const hosts = object.texts('hosts', 'hv-01');
  const link = object.text('link', 'site-b');
  requireKeys(object, 'cloud', ['vmmServer'], CLOUD_EXAMPLE);
  if (name === undefined || vmmServer === undefined) return undefined;
  return {
    name,
    vmmServer,
    ...(vault === undefined ? {} : { vault }),
    ...(recoveryCloud === undefined ? {} : { recoveryCloud }),
    ...(policy === undefined ? {} : { policy }),
    ...(link === undefined ? {} : { link }),
    hosts,
  };
}

/** A host of two clouds would leave open by which policy its VMs go. */
function checkHostsApart(clouds: readonly VmmCloud[], problems: ProblemList): void {
  const cloudOf = new Map<string, string>();
  clouds.forEach(({ name, hosts }, index) => {
    hosts.forEach((host, place) => {
      const other = cloudOf.get(host);
      if (other !== undefined) {
        const message = `The host "${host}" is listed for the cloud "${other}" already.`;
        const remedy = 'Delete it from one; a VM can name its cloud in "vms".';
        problems.error('site-duplicate', { column: `clouds[${index}].hosts[${place}]`, value: host }, message, remedy);
      }
      cloudOf.set(host, name);
    });
  });
}
