import { didYouMean } from '../model/did-you-mean.ts';
import type { Target } from '../model/event.ts';
import { nameText } from '../model/event-text.ts';
import { shownValue } from '../model/problem.ts';
import { isShared } from '../model/site.ts';
import { Complaint, isWord, joined, shown, type Word } from './event-words.ts';

/** The names that events can refer to. */
export interface EventNames {
  readonly vms: readonly string[];
  readonly hosts: readonly string[];
  /** Hosts to which others can be drained, also those without VMs; absent = the hosts. */
  readonly drainHosts?: readonly string[];
  /** Without a host: shared by all hosts. */
  readonly volumes: readonly { readonly name: string; readonly host?: string }[];
  readonly plans: readonly string[];
  /** Further links; absent = none. */
  readonly links?: readonly string[];
}

type Scope = Exclude<Target['scope'], 'all'>;
type NameKind = Scope | 'volume' | 'link';

const SCOPES: readonly Scope[] = ['vm', 'host', 'plan'];

const NOUNS: Readonly<Record<NameKind, string>> = {
  vm: 'VM',
  host: 'host',
  plan: 'recovery plan',
  volume: 'volume',
  link: 'link',
};

/** `SQL01`, `vm SQL01`, `host hv-01`, `plan ERP` or `all`. */
export function readTarget(words: readonly Word[], known: EventNames | undefined, example: string): Target | Complaint {
  const [first] = words;
  if (first === undefined) return new Complaint('It does not say whom it concerns.', `Write it as '${example}'.`);
  if (words.length === 1 && isWord(first, 'all')) return { scope: 'all' };
  const written = SCOPES.find((scope) => isWord(first, scope));
  if (written !== undefined && words.length === 1) {
    const remedy = `Write ${written} and its name; a VM that is really called so is written "${first.text}", in quotes.`;
    return new Complaint(`A name must follow ${shown(first.text)}.`, remedy);
  }
  const scope = written ?? 'vm';
  const name = readName(written === undefined ? words : words.slice(1), scope, known);
  return name instanceof Complaint ? name : { scope, name };
}

/** The one name that the words must be, known if names are known. */
export function readName(words: readonly Word[], kind: Scope, known: EventNames | undefined): string | Complaint {
  const name = onlyName(words, kind);
  if (name instanceof Complaint || known === undefined) return name;
  const names = namesOf(kind, known);
  return names.includes(name) ? name : unknownName(name, kind, names, otherUse(name, known));
}

/** The name of a further link; the site's own has none. */
export function readLinkName(words: readonly Word[], known: EventNames | undefined): string | Complaint {
  const name = onlyName(words, 'link');
  if (name instanceof Complaint || known === undefined) return name;
  const links = known.links ?? [];
  return links.includes(name) ? name : unknownName(name, 'link', links);
}

/** A volume and the host that tells it from others of its name. */
export function readVolume(
  volumeWords: readonly Word[],
  hostWords: readonly Word[] | undefined,
  known: EventNames | undefined,
): { readonly volume: string; readonly host?: string } | Complaint {
  const volume = onlyName(volumeWords, 'volume');
  if (volume instanceof Complaint) return volume;
  const host = hostWords === undefined ? undefined : readName(hostWords, 'host', known);
  if (host instanceof Complaint) return host;
  const problem = known === undefined ? undefined : checkVolume(volume, host, known.volumes);
  return problem ?? { volume, ...(host === undefined ? {} : { host }) };
}

function checkVolume(volume: string, host: string | undefined, volumes: EventNames['volumes']): Complaint | undefined {
  const named = volumes.filter(({ name }) => name === volume);
  if (named.length === 0) return unknownName(volume, 'volume', [...new Set(volumes.map(({ name }) => name))]);
  const shared = new Set(named.filter((entry) => entry.host === undefined).map(({ name }) => name));
  const hosts = [...new Set(named.flatMap((entry) => entry.host ?? []))];
  if (isShared(volume, shared)) {
    if (host === undefined) return undefined;
    const remedy = `Leave out: on ${asWritten(host)}.`;
    return new Complaint(`The volume ${shown(volume)} is shared by all hosts.`, remedy, 'unknown-name');
  }
  if (host === undefined && hosts.length > 1) {
    const remedy = `Say which one, such as: on ${asWritten(hosts[0]!)}.`;
    return new Complaint(`${hosts.length} hosts have a volume ${shown(volume)}.`, remedy, 'unknown-name');
  }
  if (host === undefined || hosts.includes(host)) return undefined;
  const message = `The host ${shown(host)} has no volume ${shown(volume)}.`;
  return new Complaint(message, `Write on ${asWritten(hosts[0]!)}, which has one.`, 'unknown-name');
}

function onlyName(words: readonly Word[], kind: NameKind): string | Complaint {
  const text = joined(words);
  if (words.length === 1 && text !== '') return text;
  const noun = NOUNS[kind];
  if (text === '')
    return new Complaint(`The name of the ${noun} is missing.`, `Write the ${noun}'s name, quoted if it holds blanks.`);
  const forms = kind === 'vm' ? 'Write one VM, host and its name, plan and its name, or all. ' : '';
  return new Complaint(
    `${shown(text)} is not one name.`,
    `${forms}A name with blanks stands in quotes: ${asWritten(text)}.`,
  );
}

function unknownName(name: string, kind: NameKind, names: readonly string[], use?: string): Complaint {
  const guess = use === undefined ? didYouMean(name, names) : undefined;
  const instead = use ?? (guess === undefined ? '' : `Did you mean ${asWritten(guess)}? `);
  const remedy = `${instead}Names are compared exactly, capitals too.`;
  return new Complaint(`There is no ${NOUNS[kind]} ${shown(name)}.`, remedy, 'unknown-name');
}

/** A host's name that was given as a VM's, and the like. */
function otherUse(name: string, known: EventNames): string | undefined {
  const kind = SCOPES.find((scope) => namesOf(scope, known).includes(name));
  if (kind === undefined) return undefined;
  return `It is a ${NOUNS[kind]}: write ${kind === 'vm' ? '' : `${kind} `}${asWritten(name)}. `;
}

function namesOf(kind: Scope, { vms, hosts, plans }: EventNames): readonly string[] {
  return { vm: vms, host: hosts, plan: plans }[kind];
}

/** A name as it would be written, cut to what a message can carry. */
function asWritten(name: string): string {
  return nameText(shownValue(name));
}
