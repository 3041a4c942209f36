import type { Constraint } from '../../plan/plan.ts';
import { CAUSE_COLORS } from './spec-parts.ts';

/** How a constraint is named, explained and drawn. */
export interface ConstraintStyle {
  /** Completes “held back by …”. */
  readonly title: string;
  /** One sentence, for legends and the glossary. */
  readonly meaning: string;
  /** `null` = the grey that recedes in either theme. */
  readonly color: string | null;
  /** Nothing is in the way of the replication: drawn in grey. */
  readonly calm: boolean;
}

/**
 * From the bottom of the stack to its top; the order of the legend. Neighbours differ in lightness, so that the edge between
 * them is seen with any colour vision. What stops replication and what slows it down are coloured, the rest is grey.
 */
export const CONSTRAINT_STYLES: Readonly<Record<Constraint, ConstraintStyle>> = {
  link: {
    title: 'a full line',
    meaning: 'The site’s link or a further line carries all that it can, and the VM has to share it.',
    color: CAUSE_COLORS.delta,
    calm: false,
  },
  throttle: {
    title: 'a throttle',
    meaning:
      'The limit of its host’s replication agent or of a line leaves replication less than the line could carry.',
    color: '#e58a2c',
    calm: false,
  },
  host: {
    title: 'its host’s way out',
    meaning: 'The uplink of the VM’s host is used up.',
    color: '#34457f',
    calm: false,
  },
  slots: {
    title: 'its host’s slots',
    meaning: 'The host sends as many VMs at a time as it may, and this one waits for its turn.',
    color: '#f0cf5e',
    calm: false,
  },
  read: {
    title: 'reading its volume',
    meaning: 'The volume cannot be read as fast as the lines could carry what is read.',
    color: '#8d7a3c',
    calm: false,
  },
  threads: {
    title: 'its own connections',
    meaning: 'The lines have room, but the VM’s connections, its own cap or the comparing of chunks allow no more.',
    color: '#a3cbf5',
    calm: false,
  },
  replica: {
    title: 'the replica’s storage',
    meaning: 'The storage at the target cannot write what arrives as fast as it arrives.',
    color: '#5f9a8a',
    calm: false,
  },
  backOff: {
    title: 'back-off',
    meaning: 'An attempt has failed, and the next one waits for its step of the retry ladder.',
    color: '#b8380f',
    calm: false,
  },
  work: {
    title: 'a merge or a job',
    meaning: 'A snapshot is being merged, or another workflow of the VM runs first.',
    color: '#e7a9d8',
    calm: false,
  },
  space: {
    title: 'want of space',
    meaning: 'The volume of the logs is nearly full, so that sending has stopped.',
    color: '#7d1a3f',
    calm: false,
  },
  window: {
    title: 'the resync window',
    meaning: 'The VM has to resynchronize and waits for the time of day at which it may.',
    color: '#c46fa8',
    calm: false,
  },
  administrator: {
    title: 'an administrator',
    meaning: 'Nothing goes on until somebody acts: the VM is paused, Critical or failed over.',
    color: '#7a4fd0',
    calm: false,
  },
  unprotected: {
    title: 'no replication',
    meaning: 'The VM is not replicated: it was not enabled yet, could not be, or no longer is.',
    color: '#97a1ad',
    calm: true,
  },
  churn: {
    title: 'nothing',
    meaning: 'All that was cut has arrived; what the guest writes collects in the log until the next cut.',
    color: null,
    calm: true,
  },
};

/** The colour in the page's style. */
export function cssColor(constraint: Constraint): string {
  return CONSTRAINT_STYLES[constraint].color ?? 'var(--calm)';
}

export const CONSTRAINT_ORDER: readonly Constraint[] = Object.keys(CONSTRAINT_STYLES) as Constraint[];
