import { volumeDerivations } from '../../plan/derivations/derivations.ts';
import type { Plan, PlanVm, VolumeResult } from '../../plan/plan.ts';
import { formatBytes } from '../../units.ts';
import { derivationList } from '../html-derivation.ts';
import { shownName } from '../shown-name.ts';
import { volumeCourse } from '../volume-course.ts';
import { button, element, panelButton } from './elements.ts';

/** More VMs than these stand in the table of VMs. */
const VMS_MOST = 12;

/** Makes each volume's name open what is known of it: its course, its VMs, how its numbers come about. */
export function enlivenVolumes(plan: Plan, showVms: (volume: string) => void): void {
  const rows = document.querySelectorAll<HTMLTableRowElement>('#volume-table tbody tr');
  rows.forEach((row, index) => {
    const volume = plan.volumes[index];
    const heading = row.querySelector('th');
    if (volume === undefined || heading === null) return;
    const open = panelButton(shownName(volume.name), row, `volume-panel-${index}`, () =>
      volumePanel(plan, volume, index, () => showVms(volume.name)),
    );
    heading.replaceChildren(open);
  });
}

function volumePanel(plan: Plan, volume: VolumeResult, index: number, showVms: () => void): HTMLElement {
  const course = element('div', { class: 'volume-course' });
  course.innerHTML = volumeCourse(plan, index).text;
  const numbers = element('div', {});
  numbers.innerHTML = derivationList(plan, volumeDerivations(plan, volume)).text;
  return element('div', { class: 'vm-inside' }, course, vmsOn(plan, volume, showVms), numbers);
}

/** The VMs with a disk on the volume, those with the largest logs first. */
function vmsOn({ vms }: Plan, { name }: VolumeResult, showVms: () => void): HTMLElement {
  const on = vms.filter(({ volumes }) => volumes.includes(name)).sort((a, b) => b.hrlPeakBytes - a.hrlPeakBytes);
  const items = on.slice(0, VMS_MOST).map((vm) => element('li', {}, element('bdi', {}, shownName(vm.name)), words(vm)));
  if (on.length > VMS_MOST) items.push(element('li', {}, `and ${on.length - VMS_MOST} more`));
  return element(
    'div',
    {},
    element('h3', {}, `VMs with a disk on it: ${on.length}`),
    element('ul', { class: 'statements' }, ...items),
    button('Show them in the table of VMs', showVms),
  );
}

function words({ hrlPeakBytes, churnBytesPerDay }: PlanVm): string {
  return `: logs of at most ${formatBytes(hrlPeakBytes)} on all its disks, ${formatBytes(churnBytesPerDay)} written per day`;
}
