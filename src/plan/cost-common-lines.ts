import { DAY_MS, formatBitsPerSec } from '../units.ts';
import { FAQ, type LineContext, type LineDraft, PLANNER, shownNumber } from './cost-line.ts';
import { MONTH_MS } from './cost-quantities.ts';

export const WIRE_FORMULA: string =
  'written bytes × (delta bytes on the wire ÷ written bytes that they brought) × month ÷ run, and resynchronizations × month ÷ run; ÷ 2^30';

/** Whether the fleet is protected already: nothing comes once any more. */
export function isThrough({ run }: LineContext): boolean {
  return run.options.skipInitialReplication;
}

export function licence({ vms }: LineContext, target: 'azure' | 'site'): LineDraft {
  const where = target === 'azure' ? 'to Azure' : 'to a second site (System Center)';
  return {
    ...{ id: 'licence', when: 'monthly', part: 'licence', item: `licence/${target}`, unit: 'instance-months' },
    title: `Site Recovery, ${where}`,
    purpose:
      'The licence of each protected instance, once its free days are over. How many disks it has does not matter.',
    isBilled: true,
    quantity: vms.length,
    weights: vms.map(() => 1),
    note: 'Every VM of the inventory counts, also one that cannot be protected yet.',
    formula: 'protected instances',
    filled: `${vms.length} instances`,
    source: `${FAQ}: pricing; ${PLANNER}: licence`,
  };
}

/** A credit: the licence of the first days, which the monthly line has counted in full. */
export function freeDays(context: LineContext, target: 'azure' | 'site'): LineDraft[] {
  const { vms, terms } = context;
  if (isThrough(context) || terms.freeDays === 0) return [];
  const months = (terms.freeDays * DAY_MS) / MONTH_MS;
  return [
    {
      ...{ id: 'licence-free-days', when: 'once', part: 'licence', item: `licence/${target}`, unit: 'instance-months' },
      title: `First ${terms.freeDays} days free`,
      purpose:
        'Each instance’s first days are without a licence charge: what need not be paid. Storage, transactions and transfer are charged from the first day.',
      isBilled: true,
      quantity: -vms.length * months,
      weights: vms.map(() => 1),
      note: null,
      formula: '− instances × free days ÷ (365 ÷ 12)',
      filled: `− ${vms.length} × ${terms.freeDays} ÷ ${shownNumber(365 / 12)}`,
      source: `${FAQ}: “Every protected instance incurs no Azure Site Recovery charges for the first 31 days”`,
    },
  ];
}

export function connection({ vms, run }: LineContext): LineDraft {
  const rate = formatBitsPerSec(run.site.link.capacityBitsPerSec);
  return {
    ...{ id: 'connection', when: 'monthly', part: 'network', item: 'connection', unit: 'connections', isBilled: true },
    title: `The connection of ${rate}`,
    purpose:
      'ExpressRoute circuit, VPN gateway or Internet line, as far as replication has to pay for it. Shared out by bytes on the wire.',
    quantity: 1,
    weights: vms.map((vm) => vm.wireBytesPerMonth),
    note: 'Which circuit or gateway you use is not known here: give its monthly price as "connection", 0 where it is there anyway.',
    formula: 'one connection',
    filled: `1 of ${rate}`,
    source: `${PLANNER}: network`,
  };
}
