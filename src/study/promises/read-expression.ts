import { didYouMean } from '../../model/did-you-mean.ts';
import { isLike } from '../../model/name-pattern.ts';
import { shownValue } from '../../model/problem.ts';
import { DIMENSION_NAMES, joined, quantity, type Typed, unified } from './dimensions.ts';
import { type ParsedNode, type PathStep, pathOf, placeOf } from './parsed-tree.ts';
import { AGGREGATES, type Aggregate, type Comparator, type Expression, SCOPES, type Scope } from './promise.ts';
import type { SafeText, TextFault } from './promise-text.ts';
import { CALLS_REMEDY, EXAMPLE, KINDS, ONE_OF, SEVERAL, UNITS_REMEDY, verbOf } from './promise-words.ts';
import { type KnownNames, NameReader } from './read-name.ts';
import { readQuantity, withRateTogether } from './read-quantity.ts';
import { Refused, refuse } from './refused.ts';

/** Reads a tree as a condition, by a list of what is allowed: what is not on it is refused, whatever it is. */
export function readCondition(tree: ParsedNode, text: SafeText, known: KnownNames): Expression | TextFault {
  try {
    return new Reader(text, known).condition(tree, undefined);
  } catch (error) {
    if (error instanceof Refused) return error.fault;
    throw error;
  }
}

const COMPARATORS: ReadonlyMap<unknown, Comparator> = new Map([
  ['smallerEq', '<='],
  ['smaller', '<'],
  ['largerEq', '>='],
  ['larger', '>'],
  ['equal', '=='],
  ['unequal', '!='],
]);
const ARITHMETIC: ReadonlyMap<unknown, '+' | '-' | '*' | '/'> = new Map([
  ['add', '+'],
  ['subtract', '-'],
  ['multiply', '*'],
  ['divide', '/'],
]);

class Reader {
  readonly #text: SafeText;
  readonly #known: KnownNames;
  readonly #names: NameReader;

  constructor(text: SafeText, known: KnownNames) {
    this.#text = text;
    this.#known = known;
    this.#names = new NameReader(text, known);
  }

  condition(node: ParsedNode, each: Scope | undefined): Expression {
    const { expression, dimension } = this.#read(node, each);
    if (dimension === 'truth') return expression;
    return this.#refuse(
      node,
      'promise-no-condition',
      `is ${DIMENSION_NAMES[dimension]}, where a condition is wanted`,
      'Compare it: `rpo.p95 <= 15 min`.',
    );
  }

  #read(node: ParsedNode, each: Scope | undefined): Typed {
    switch (node.type) {
      case 'ParenthesisNode':
        return this.#read(node.content!, each);
      case 'ConstantNode':
        if (typeof node.value === 'number' && Number.isFinite(node.value)) return quantity(node.value, 'number');
        return this.#refuse(
          node,
          'promise-not-allowed',
          'is no finite number',
          'Write a number, with its unit where it has one.',
        );
      case 'SymbolNode':
      case 'AccessorNode':
        return this.#names.figure(node, each, undefined);
      case 'FunctionNode':
        return this.#call(node, each);
      case 'RelationalNode':
        return this.#chain(node, each);
      case 'OperatorNode':
        return this.#operator(node, each);
      default:
        return this.#refuse(
          node,
          'promise-not-allowed',
          `is ${KINDS[node.type] ?? 'something'} that promises do not know`,
          'A promise compares figures of the plan with quantities: `rpo.p95 <= 15 min`.',
        );
    }
  }

  #operator(parsed: ParsedNode, each: Scope | undefined): Typed {
    const node = withRateTogether(parsed);
    const args = node.args!;
    const read = readQuantity(node);
    if (read !== undefined) {
      return 'expression' in read ? read : this.#refuse(node, 'promise-quantity', read.message, read.remedy);
    }
    const comparator = COMPARATORS.get(node.fn);
    if (comparator !== undefined && args.length === 2)
      return this.#comparison(node, comparator, args[0]!, args[1]!, each);
    if (node.fn === 'and' || node.fn === 'or' || node.fn === 'not') {
      const parts = args.map((part) => (node.fn === 'not' ? this.#negated(part, each) : this.condition(part, each)));
      return { expression: { kind: 'logic', operator: node.fn, parts }, dimension: 'truth' };
    }
    const arithmetic = ARITHMETIC.get(node.fn);
    if (node.implicit !== true && arithmetic !== undefined && args.length === 2) {
      const [left, right] = [this.#read(args[0]!, each), this.#read(args[1]!, each)];
      const found = joined(arithmetic, left, right);
      if (found !== undefined) return found;
      const [a, b] = [this.#part(args[0]!), this.#part(args[1]!)];
      return this.#refuse(
        node,
        'promise-dimension',
        `joins by ${arithmetic} what does not fit: ${a} is ${DIMENSION_NAMES[left.dimension]}, ${b} is ${DIMENSION_NAMES[right.dimension]}`,
        UNITS_REMEDY,
      );
    }
    if ((node.fn === 'unaryMinus' || node.fn === 'unaryPlus') && args.length === 1) {
      const inner = this.#read(args[0]!, each);
      const found = joined(node.fn === 'unaryMinus' ? '-' : '+', quantity(0, inner.dimension), inner);
      if (found !== undefined) return found;
    }
    if (node.implicit === true) return this.#sideBySide(node);
    return this.#refuse(
      node,
      'promise-not-allowed',
      `has an operator that promises do not know (\`${String(node.op).slice(0, 10)}\`)`,
      'Known are `<= < >= > == !=`, `and or not`, `+ - * /`.',
    );
  }

  #sideBySide(node: ParsedNode): never {
    let first = node;
    while (first.implicit === true) first = first.args![0]!;
    if (first.type === 'OperatorNode' && first.fn === 'divide') {
      // The parser takes `1 / 2 h` for half an hour, others for one in two hours.
      const remedy = 'Put brackets: `1 / (2 h)`, or `0.5 h`.';
      return this.#refuse(node, 'promise-not-allowed', 'can be read in two ways', remedy);
    }
    const remedy = 'Put `*`, `and` or a comparison between the parts.';
    return this.#refuse(node, 'promise-not-allowed', 'stands side by side without an operator', remedy);
  }

  #negated(node: ParsedNode, each: Scope | undefined): Expression {
    const { expression, dimension } = this.#read(node, each);
    if (dimension === 'truth') return expression;
    return this.#refuse(
      node,
      'promise-no-condition',
      `stands behind \`not\`, but is ${DIMENSION_NAMES[dimension]}`,
      '`not` binds closest: put the condition in brackets, `not (rpo.max > 1 h)`.',
    );
  }

  #comparison(
    node: ParsedNode,
    operator: Comparator,
    leftNode: ParsedNode,
    rightNode: ParsedNode,
    each: Scope | undefined,
  ): Typed {
    const [left, right] = [this.#read(leftNode, each), this.#read(rightNode, each)];
    const same = unified(left, right);
    if (same === undefined || left.dimension === 'truth') {
      const [a, b] = [this.#part(leftNode), this.#part(rightNode)];
      return left.dimension === 'truth' && right.dimension === 'truth'
        ? this.#refuse(
            node,
            'promise-dimension',
            'compares two conditions',
            'Join conditions with `and`, `or` and `not`.',
          )
        : this.#refuse(
            node,
            'promise-dimension',
            `compares what differs: ${a} is ${DIMENSION_NAMES[left.dimension]}, ${b} ${verbOf(right.dimension)} ${DIMENSION_NAMES[right.dimension]}`,
            UNITS_REMEDY,
          );
    }
    return {
      expression: { kind: 'comparison', operator, left: same[0].expression, right: same[1].expression },
      dimension: 'truth',
    };
  }

  /** `0 min < rpo.p50 <= 5 min`: every neighbouring pair. */
  #chain(node: ParsedNode, each: Scope | undefined): Typed {
    const params = node.params!;
    const parts = node.conditionals!.map((name, index) => {
      const comparator = COMPARATORS.get(name);
      if (comparator !== undefined)
        return this.#comparison(node, comparator, params[index]!, params[index + 1]!, each).expression;
      return this.#refuse(node, 'promise-not-allowed', 'has a comparison that promises do not know', UNITS_REMEDY);
    });
    return { expression: { kind: 'logic', operator: 'and', parts }, dimension: 'truth' };
  }

  /** `rpo.within(15 min)`, `vms.max(rpo.max)`, `vms['SQL*'].count(resyncs > 0)`. */
  #call(node: ParsedNode, each: Scope | undefined): Typed {
    const path = pathOf(node.fn as ParsedNode);
    const args = node.args!;
    if (path === undefined || args.length !== 1) {
      return this.#refuse(node, 'promise-not-allowed', 'is a call that promises do not know', CALLS_REMEDY);
    }
    const scope = SCOPES.find((name) => name === path[0]!.text);
    const by = AGGREGATES.find((name) => name === path.at(-1)!.text);
    const isOver = path.length === 2 ? !path[1]!.quoted : path.length === 3 && path[1]!.quoted && !path[2]!.quoted;
    if (scope === undefined || !isOver || path.at(-1)!.text === 'within') {
      const argument = this.#read(args[0]!, each);
      return this.#names.figure(node, each, { value: argument, node: args[0]! });
    }
    if (by === undefined) {
      const near = didYouMean(path.at(-1)!.text, AGGREGATES);
      return this.#refuse(
        node,
        'promise-name',
        `asks for \`${shownValue(path.at(-1)!.text)}\` over ${SEVERAL[scope]}, which is not known`,
        near === undefined ? CALLS_REMEDY : `Did you mean \`${scope}.${near}(…)\`?`,
      );
    }
    if (each !== undefined) {
      return this.#refuse(
        node,
        'promise-not-allowed',
        `goes over ${SEVERAL[scope]} inside another`,
        'Say them one beside the other.',
      );
    }
    return this.#over(node, scope, by, path.length === 3 ? path[1]! : undefined, args[0]!);
  }

  #over(node: ParsedNode, scope: Scope, by: Aggregate, quoted: PathStep | undefined, argument: ParsedNode): Typed {
    const like = quoted === undefined ? undefined : this.#text.names.get(quoted.text)!.name;
    const names = this.#known[scope];
    if (like === undefined && names.length === 0) {
      return this.#refuse(
        node,
        'promise-name',
        `asks for ${SEVERAL[scope]}, of which this run has none`,
        'Leave it out.',
      );
    }
    if (like !== undefined && !names.some((name) => isLike(name, like))) {
      const remedy = this.#names.nearestMember(scope, like.replaceAll(/[*?]/g, ''));
      return this.#refuse(node, 'promise-name', `asks for a pattern that no ${ONE_OF[scope]} fits`, remedy);
    }
    const inner = this.#read(argument, scope);
    const isCondition = by === 'count' || by === 'all' || by === 'any';
    if (isCondition !== (inner.dimension === 'truth')) {
      return this.#refuse(
        argument,
        'promise-dimension',
        `is ${DIMENSION_NAMES[inner.dimension]}, but \`${by}\` takes ${isCondition ? 'a condition' : 'a figure'}`,
        isCondition
          ? `Write a condition: \`${scope}.${by}(${EXAMPLE[scope]} > …)\`.`
          : `Write a figure: \`${scope}.${by}(${EXAMPLE[scope]})\`, or count with \`${scope}.count(…)\`.`,
      );
    }
    if (!speaksOf(scope, inner.expression)) {
      return this.#refuse(
        argument,
        'promise-constant',
        `says nothing of a ${ONE_OF[scope]}`,
        `Inside \`${scope}.${by}(…)\` stand figures of a ${ONE_OF[scope]}, such as \`${EXAMPLE[scope]}\`.`,
      );
    }
    return {
      expression: { kind: 'over', scope, ...(like === undefined ? {} : { like }), by, inner: inner.expression },
      dimension: by === 'count' ? 'number' : inner.dimension,
    };
  }

  #part(node: ParsedNode): string {
    return `“${shownValue(placeOf(node, this.#text).part)}”`;
  }

  #refuse(node: ParsedNode, code: string, message: string, remedy: string): never {
    return refuse(this.#text, node, code, message, remedy);
  }
}

function speaksOf(scope: Scope, expression: Expression): boolean {
  switch (expression.kind) {
    case 'quantity':
    case 'over':
      return false;
    case 'figure':
      return expression.each === scope;
    case 'comparison':
      return speaksOf(scope, expression.left) || speaksOf(scope, expression.right);
    default:
      return expression.parts.some((part) => speaksOf(scope, part));
  }
}
