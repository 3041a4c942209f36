import type { Derivation, DerivedPlan } from './derivation.ts';
import { fleetDerivations } from './fleet-derivations.ts';
import { volumeDerivations } from './volume-derivations.ts';

export type { Derivation, DerivationInput, DerivationWindow } from './derivation.ts';
export { vmDerivations } from './vm-derivations.ts';
export { volumeDerivations } from './volume-derivations.ts';

/** Of the fleet, and of the volume that needs most. Those of each VM and volume are made when somebody asks. */
export function derivationsOf(plan: DerivedPlan): Derivation[] {
  const most = plan.volumes.reduce<DerivedPlan['volumes'][number] | undefined>(
    (worst, volume) => (worst === undefined || volume.extraPeakBytes > worst.extraPeakBytes ? volume : worst),
    undefined,
  );
  return [...fleetDerivations(plan), ...(most === undefined ? [] : volumeDerivations(plan, most))];
}
