import { didYouMean } from '../../model/did-you-mean.ts';
import { shownValue } from '../../model/problem.ts';
import type { Typed } from './dimensions.ts';
import { FIGURES } from './figures.ts';
import { type ParsedNode, type PathStep, pathOf } from './parsed-tree.ts';
import { SCOPES, type Scope } from './promise.ts';
import { PERCENT, type SafeText } from './promise-text.ts';
import { EXAMPLE, figureRemedy, NAMES_REMEDY, ONE_OF, SEVERAL } from './promise-words.ts';
import { isUnit } from './read-quantity.ts';
import { refuse } from './refused.ts';

/** Names of a run's members: what may stand in brackets. */
export type KnownNames = Readonly<Record<Scope, readonly string[]>>;

/** Longer names have no near ones: to compare letters with letters takes the product of the lengths. */
const MAX_NEAR_LENGTH = 80;

/** Reads the names of a promise: figures, and members of the run in brackets. */
export class NameReader {
  readonly #text: SafeText;
  readonly #known: KnownNames;

  constructor(text: SafeText, known: KnownNames) {
    this.#text = text;
    this.#known = known;
  }

  /** A figure by its name, of the fleet, of a named member, or, inside an aggregate, of each member. */
  figure(
    node: ParsedNode,
    each: Scope | undefined,
    given: { readonly value: Typed; readonly node: ParsedNode } | undefined,
  ): Typed {
    const path = pathOf(given === undefined ? node : (node.fn as ParsedNode));
    if (path === undefined) return this.#refuse(node, 'promise-not-allowed', 'is no name', NAMES_REMEDY);
    const scope = SCOPES.find((name) => name === path[0]!.text);
    const of =
      scope !== undefined && path[1]?.quoted === true ? this.#member(node, scope, path[1], path.length) : undefined;
    const rest = of === undefined ? path : path.slice(2);
    if (rest.some((step) => step.quoted)) {
      return this.#refuse(
        node,
        'promise-not-allowed',
        'has brackets where none can stand',
        `${NAMES_REMEDY} Figures stand behind a point: \`rpo.p95\`.`,
      );
    }
    if (scope !== undefined && of === undefined) {
      return this.#refuse(
        node,
        'promise-name',
        `asks for ${SEVERAL[scope]} without saying how`,
        `Write \`${scope}.max(${EXAMPLE[scope]})\`, or \`${scope}['${this.#known[scope][0] ?? 'name'}'].${EXAMPLE[scope]}\`.`,
      );
    }
    const name = rest.map(({ text }) => text).join('.');
    const where = of?.scope ?? each ?? 'fleet';
    const figure = FIGURES[where].figures.find((candidate) => candidate.name === name);
    if (figure === undefined) return this.#unknownFigure(node, where, name);
    if ((figure.argument !== undefined) !== (given !== undefined)) {
      return figure.argument === undefined
        ? this.#refuse(node, 'promise-not-allowed', 'takes nothing in brackets', `Write \`${name}\`.`)
        : this.#refuse(node, 'promise-not-allowed', 'lacks what stands in its brackets', `Write \`${name}(15 min)\`.`);
    }
    const argument = given === undefined ? undefined : this.#age(given);
    return {
      expression: {
        kind: 'figure',
        name,
        ...(of === undefined ? {} : { of }),
        ...(of === undefined && each !== undefined ? { each } : {}),
        ...(argument === undefined ? {} : { argument }),
      },
      dimension: figure.dimension,
    };
  }

  /** What stands in the brackets of `within`: an age, a whole number of milliseconds. */
  #age({ value, node }: { readonly value: Typed; readonly node: ParsedNode }): number {
    const { expression, dimension } = value;
    const ageMs = expression.kind === 'quantity' ? Math.round(expression.value) : 0;
    if (expression.kind === 'quantity' && dimension === 'ms' && ageMs > 0) return ageMs;
    return this.#refuse(node, 'promise-dimension', 'is no age', 'Write a duration: `rpo.within(15 min)`.');
  }

  #member(node: ParsedNode, scope: Scope, step: PathStep, length: number): { scope: Scope; name: string } {
    const { name, written } = this.#text.names.get(step.text)!;
    if (this.#known[scope].includes(name)) {
      if (length > 2) return { scope, name };
      return this.#refuse(
        node,
        'promise-name',
        `names a ${ONE_OF[scope]} but no figure of it`,
        `Write \`${scope}[${written}].${EXAMPLE[scope]}\`.`,
      );
    }
    if (/[*?]/.test(name)) {
      return this.#refuse(
        node,
        'promise-name',
        `is a pattern, which may fit several ${SEVERAL[scope]}`,
        `Say what of them: \`${scope}[${written}].max(${EXAMPLE[scope]})\`.`,
      );
    }
    return this.#refuse(
      node,
      'promise-name',
      `names a ${ONE_OF[scope]} that is not in this run`,
      this.nearestMember(scope, name),
    );
  }

  /** What to say of a name that no member of a scope has. */
  nearestMember(scope: Scope, name: string): string {
    const names = this.#known[scope];
    // A volume without its host: `D:` for `HV01: D:`.
    const ofHost = names.find((candidate) => candidate.endsWith(`: ${name}`));
    const near = ofHost ?? (name.length > MAX_NEAR_LENGTH ? undefined : didYouMean(name, names));
    if (near !== undefined) return `Did you mean \`${scope}[${inQuotes(near)}]\`?`;
    if (names.length === 0) return `This run has no ${SEVERAL[scope]}.`;
    return `There are ${names.length}, such as \`${scope}[${inQuotes(names[0]!)}]\`.`;
  }

  #unknownFigure(node: ParsedNode, where: 'fleet' | Scope, name: string): never {
    if (isUnit(name))
      return this.#refuse(
        node,
        'promise-quantity',
        'is a unit without a number',
        `Write \`1 ${name === PERCENT ? '%' : name}\`.`,
      );
    const whose = where === 'fleet' ? 'the plan' : `a ${ONE_OF[where]}`;
    return this.#refuse(node, 'promise-name', `is no figure of ${whose}`, figureRemedy(where, name));
  }

  #refuse(node: ParsedNode, code: string, message: string, remedy: string): never {
    return refuse(this.#text, node, code, message, remedy);
  }
}

/** A name as it is to be written. */
function inQuotes(name: string): string {
  const quotes = name.includes("'") ? '"' : "'";
  return `${quotes}${shownValue(name)}${quotes}`;
}
