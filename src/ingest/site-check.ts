import type { Workload } from '../model/workload.ts';
import { countOf, fewNames, ProblemList } from './problem-list.ts';
import type { SiteFile } from './site.ts';
import { KnownNames } from './site-names.ts';

/**
 * Compares the names of a site file with the inventory. Hosts and volumes that are not there are warned of, most often a slip
 * of the pen; VMs that are not there are refused, since what was meant for them would be left out.
 */
export function checkSite(site: SiteFile, workload: Workload): ReturnType<ProblemList['all']> {
  const problems = new ProblemList(site.file);
  checkHostsAndVolumes(site, workload, problems);
  checkVms(site, workload, problems);
  return problems.all();
}

function checkHostsAndVolumes(site: SiteFile, workload: Workload, problems: ProblemList): void {
  const hosts = new Set(workload.vms.map((vm) => vm.host));
  const volumes = new Set(workload.vms.flatMap((vm) => vm.disks.map((disk) => disk.volume)));
  const warn = (code: string, column: string, value: string, message: string): void =>
    problems.warning(
      code,
      { column, value },
      message,
      'Write it as in the inventory, capitals too, or delete it here.',
    );
  const warnOfHost = (name: string, column: string): void => {
    if (!hosts.has(name)) warn('site-unused-host', column, name, 'No VM of the inventory runs on this host.');
  };
  site.hosts.forEach(({ name }, index) => {
    warnOfHost(name, `hosts[${index}].name`);
  });
  warnOfUnlistedHosts(site, workload, problems);
  site.volumes.forEach(({ name, host }, index) => {
    const path = `volumes[${index}]`;
    if (!volumes.has(name))
      warn('site-unused-volume', `${path}.name`, name, 'No disk of the inventory lies on this volume.');
    else if (host !== undefined) warnOfHost(host, `${path}.host`);
  });
  site.clouds.forEach((cloud, index) => {
    cloud.hosts.forEach((host, place) => {
      warnOfHost(host, `clouds[${index}].hosts[${place}]`);
    });
  });
}

/** Where hosts are listed, all are meant: one that is not has no limits. */
function warnOfUnlistedHosts(site: SiteFile, workload: Workload, problems: ProblemList): void {
  if (site.hosts.length === 0) return;
  const listed = new Set(site.hosts.map(({ name }) => name));
  const strangers = workload.vms.filter(({ host }) => !listed.has(host));
  if (strangers.length === 0) return;
  const hosts = [...new Set(strangers.map(({ host }) => host))];
  const message = `${countOf(strangers.length, 'VM')} of the inventory run on ${countOf(hosts.length, 'host')} that the site file does not list, ${fewNames(hosts)}: nothing limits what leaves there.`;
  problems.warning('site-unlisted-host', { column: 'hosts' }, message, 'List every host, if only by its name.');
}

function checkVms(site: SiteFile, workload: Workload, problems: ProblemList): void {
  const names = workload.vms.map((vm) => vm.name);
  const known = new KnownNames(names, (name) => `VM "${name}" to protect in the inventory`);
  site.vms.forEach(({ vm }, index) => {
    known.check(vm, `vms[${index}].vm`, problems);
  });
  const checkList = (vms: readonly string[], path: string): void =>
    vms.forEach((vm, index) => {
      known.check(vm, `${path}.vms[${index}]`, problems);
    });
  site.batches.forEach(({ vms }, index) => {
    checkList(vms, `batches[${index}]`);
  });
  site.recoveryPlans.forEach(({ groups }, plan) => {
    groups.forEach(({ vms }, group) => {
      checkList(vms, `recoveryPlans[${plan}].groups[${group}]`);
    });
  });
}
