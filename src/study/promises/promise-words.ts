import { didYouMean } from '../../model/did-you-mean.ts';
import { FIGURES } from './figures.ts';
import { AGGREGATES, type QuantityDimension, SCOPES, type Scope } from './promise.ts';

/** How a member of a scope is called. */
export const ONE_OF: Readonly<Record<Scope, string>> = {
  vms: 'VM',
  volumes: 'volume',
  hosts: 'host',
  links: 'further link',
};
/** How they are called together. */
export const SEVERAL: Readonly<Record<Scope, string>> = {
  vms: 'VMs',
  volumes: 'volumes',
  hosts: 'hosts',
  links: 'further links',
};
/** A figure to show as an example. */
export const EXAMPLE: Readonly<Record<Scope, string>> = {
  vms: 'rpo.max',
  volumes: 'extra',
  hosts: 'sent',
  links: 'busy',
};

/** Bytes are, everything else is. */
export function verbOf(dimension: QuantityDimension): string {
  return dimension === 'B' ? 'are' : 'is';
}

/** What the parser makes and promises do not know. */
export const KINDS: Readonly<Record<string, string>> = {
  AssignmentNode: 'an assignment',
  FunctionAssignmentNode: 'a function',
  RangeNode: 'a range',
  ArrayNode: 'a list',
  ObjectNode: 'an object',
  ConditionalNode: 'an alternative',
  BlockNode: 'several expressions',
};
/** What to do where things do not fit, are no call, or no name. */
export const UNITS_REMEDY =
  'Compare and add what has the same unit: durations in `min`, sizes in `GiB`, rates in `Mbit/s`, shares in `%`.';
export const CALLS_REMEDY: string = `Known are \`rpo.within(15 min)\` and ${AGGREGATES.map((name) => `\`${name}\``).join(' ')} over a scope: \`vms.max(rpo.max)\`.`;
export const NAMES_REMEDY = "Names of VMs, volumes, hosts and links stand in brackets: `vms['SQL01'].rpo.max`.";
/** At most three names that a mistyped one most likely meant, the nearest first. */
function nearestNames(name: string, names: readonly string[]): string[] {
  const last = name.split('.').at(-1)!;
  const same = names.filter((candidate) => candidate.split('.').at(-1) === last);
  const near: string[] = [];
  for (let left = names; near.length < 3; ) {
    const next = didYouMean(name, left);
    if (next === undefined) break;
    near.push(next);
    left = left.filter((candidate) => candidate !== next);
  }
  // Two letters that changed places are the commonest slip: `p59` is `p95` before it is `p50`.
  const swapped = names.filter((candidate) => areSwapped(name, candidate));
  return [...new Set([...swapped, ...near.slice(0, 1), ...same, ...near])].slice(0, 3);
}

function areSwapped(name: string, candidate: string): boolean {
  if (name.length !== candidate.length) return false;
  const at = [...candidate].findIndex((letter, index) => letter !== name[index]);
  return at >= 0 && name.slice(0, at) + (name[at + 1] ?? '') + name[at]! + name.slice(at + 2) === candidate;
}

/** What to say of a name that is no figure of a scope: the nearest right ones, where it belongs, or what there is. */
export function figureRemedy(where: 'fleet' | Scope, name: string): string {
  const names = FIGURES[where].figures.map((figure) => figure.name);
  const near = nearestNames(name, names);
  const other = (['fleet', ...SCOPES] as const).find(
    (scope) => scope !== where && FIGURES[scope].figures.some((figure) => figure.name === name),
  );
  const remedies: string[] = [];
  if (near.length > 0) remedies.push(`Did you mean ${near.map((each) => `\`${each}\``).join(' or ')}?`);
  if (other === 'fleet') remedies.push('It is a figure of the whole fleet: say it outside the brackets.');
  else if (other !== undefined) remedies.push(`It is a figure of a ${ONE_OF[other]}: \`${other}.max(${name})\`.`);
  if (remedies.length > 0) return remedies.join(' ');
  const some = names.slice(0, 6).map((each) => `\`${each}\``);
  return `Figures are ${some.join(', ')} and others (docs/promises.md).`;
}
