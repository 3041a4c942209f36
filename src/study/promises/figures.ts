import { type FigureScope, figureScope } from './figure.ts';
import { FLEET_FIGURES } from './fleet-figures.ts';
import type { Scope } from './promise.ts';
import { HOST_FIGURES, LINK_FIGURES, VOLUME_FIGURES } from './site-figures.ts';
import { VM_FIGURES } from './vm-figures.ts';

/** Every figure of which a promise can speak. */
export const FIGURES: Readonly<Record<'fleet' | Scope, FigureScope>> = {
  fleet: figureScope(
    'fleet',
    FLEET_FIGURES,
    (result) => [result],
    () => '',
  ),
  vms: figureScope(
    'vms',
    VM_FIGURES,
    (result) => result.vms,
    ({ name }) => name,
  ),
  volumes: figureScope(
    'volumes',
    VOLUME_FIGURES,
    (result) => result.volumes,
    ({ name }) => name,
  ),
  hosts: figureScope(
    'hosts',
    HOST_FIGURES,
    (result) => result.hosts,
    ({ name }) => name,
  ),
  links: figureScope(
    'links',
    LINK_FIGURES,
    (result) => result.furtherLinks,
    ({ name }) => name,
  ),
};
