import type { PhaseName } from '../../plan/plan.ts';
import { CAUSE_COLORS } from './spec-parts.ts';

/** How a phase is drawn. Colour alone tells too little: the bar's thickness and a sign say it again. */
export interface PhaseStyle {
  readonly color: string;
  /** Something is being sent, or is as soon as there is something: a thick bar. Where nothing is, a thin one. */
  readonly sends: boolean;
  /** Stands on the bar and in the legend; empty where the phase is as it should be. */
  readonly sign: string;
}

/**
 * From the most harmless to the gravest; the order of the legend. The colours of bars that are equally thick were chosen to
 * differ with any colour vision, or their signs do; the outline has the contrast to the page in either theme.
 */
export const PHASE_STYLES: Readonly<Record<PhaseName, PhaseStyle>> = {
  unprotected: { color: '#b7bfc9', sends: false, sign: '' },
  'waiting to start': { color: '#7f8b9a', sends: false, sign: '' },
  'delta replication': { color: CAUSE_COLORS.delta, sends: true, sign: '' },
  'merging snapshot': { color: '#5db3c9', sends: false, sign: '' },
  'initial replication': { color: CAUSE_COLORS.initial, sends: true, sign: '' },
  'waiting for media': { color: '#8c6a2f', sends: false, sign: '' },
  'failing over': { color: '#2a8f6d', sends: true, sign: '' },
  'failed over': { color: '#14624f', sends: false, sign: '»' },
  paused: { color: '#6a4fae', sends: false, sign: '‖' },
  retrying: { color: '#e3a32b', sends: false, sign: '↻' },
  'marked for resynchronization': { color: '#e39ad0', sends: false, sign: '!' },
  resynchronization: { color: CAUSE_COLORS.resync, sends: true, sign: '' },
  critical: { color: '#d43a0c', sends: false, sign: '✕' },
};

export const PHASES: readonly PhaseName[] = Object.keys(PHASE_STYLES) as PhaseName[];

/** A phase with its sign, as the legend names it. */
export function phaseLabel(phase: PhaseName): string {
  const { sign } = PHASE_STYLES[phase];
  return sign === '' ? phase : `${sign} ${phase}`;
}
