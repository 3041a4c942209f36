import { PERCENT, type SafeText } from './promise-text.ts';

/**
 * A part of the tree that the parser of mathjs makes, as far as promises look at it. Its nodes have methods that compile and evaluate; none is
 * ever called.
 */
export interface ParsedNode {
  readonly type: string;
  readonly name?: unknown;
  readonly value?: unknown;
  readonly fn?: unknown;
  readonly op?: unknown;
  readonly implicit?: unknown;
  readonly args?: readonly ParsedNode[];
  readonly content?: ParsedNode;
  readonly object?: ParsedNode;
  readonly index?: ParsedNode;
  readonly dimensions?: readonly ParsedNode[];
  readonly dotNotation?: unknown;
  readonly conditionals?: readonly string[];
  readonly params?: readonly ParsedNode[];
}

/** One step of a name: `rpo`, `.p95`, `['SQL01']`. */
export interface PathStep {
  readonly text: string;
  readonly quoted: boolean;
}

/** The steps of `vms['SQL01'].rpo.max`; `undefined` where the node is no such chain. Letters that stand for names stay as they are. */
export function pathOf(node: ParsedNode): PathStep[] | undefined {
  const steps: PathStep[] = [];
  let at: ParsedNode | undefined = node;
  while (at?.type === 'AccessorNode') {
    const dimensions: readonly ParsedNode[] = at.index?.dimensions ?? [];
    const key: ParsedNode | undefined = dimensions[0];
    if (dimensions.length !== 1 || key?.type !== 'ConstantNode' || typeof key.value !== 'string') return undefined;
    steps.push({ text: key.value, quoted: at.index!.dotNotation !== true });
    at = at.object;
  }
  if (at?.type !== 'SymbolNode') return undefined;
  steps.push({ text: String(at.name), quoted: false });
  return steps.reverse();
}

/** How many nodes a tree has, as far as `most + 1`. */
export function nodeCount(node: ParsedNode, most: number): number {
  let count = 0;
  const waiting: ParsedNode[] = [node];
  while (waiting.length > 0 && count <= most) {
    const next = waiting.pop()!;
    count++;
    const fn = next.fn as ParsedNode | undefined;
    for (const part of [next.content, next.object, next.index, typeof fn === 'object' ? fn : undefined]) {
      if (part !== undefined && part !== null) waiting.push(part);
    }
    for (const parts of [next.args, next.dimensions, next.params]) if (Array.isArray(parts)) waiting.push(...parts);
  }
  return count;
}

/** A part of a promise as it is shown, and where it stands: its place in the text, counted from 0; −1 where it cannot be told. */
export interface Place {
  readonly part: string;
  readonly at: number;
}

/** Finds a node in the text that it was read from. */
export function placeOf(node: ParsedNode, text: SafeText): Place {
  const rendered = rendering(node, text);
  const compact = rendered.replaceAll(/\s/g, '');
  let letters = '';
  const places: number[] = [];
  for (let at = 0; at < text.original.length; at++) {
    if (/\s/.test(text.original[at]!)) continue;
    letters += text.original[at];
    places.push(at);
  }
  const found = compact === '' ? -1 : letters.indexOf(compact);
  if (found < 0) return { part: rendered, at: -1 };
  const at = places[found]!;
  return { part: text.original.slice(at, places[found + compact.length - 1]! + 1), at };
}

const OPERATOR_TEXT: Readonly<Record<string, string>> = {
  smaller: '<',
  smallerEq: '<=',
  larger: '>',
  largerEq: '>=',
  equal: '==',
  unequal: '!=',
};

/** The text of a node, as it was written but for blanks. */
function rendering(node: ParsedNode, text: SafeText): string {
  const path = pathOf(node);
  if (path !== undefined) {
    return path
      .map((step, index) => {
        if (step.quoted) return `[${text.names.get(step.text)?.written ?? `'${step.text}'`}]`;
        return `${index === 0 ? '' : '.'}${step.text.replaceAll(PERCENT, '%')}`;
      })
      .join('');
  }
  const args = node.args ?? [];
  const inner = (child: ParsedNode | undefined): string => (child === undefined ? '' : rendering(child, text));
  switch (node.type) {
    case 'ConstantNode':
      return typeof node.value === 'string'
        ? (text.names.get(node.value)?.written ?? `'${node.value}'`)
        : String(node.value);
    case 'ParenthesisNode':
      return `(${inner(node.content)})`;
    case 'AccessorNode':
      return `${inner(node.object)}${inner(node.index)}`;
    case 'IndexNode':
      return `[${(node.dimensions ?? []).map(inner).join(', ')}]`;
    case 'FunctionNode':
      return `${typeof node.fn === 'object' ? inner(node.fn as ParsedNode) : String(node.fn)}(${args.map(inner).join(', ')})`;
    case 'RelationalNode':
      return (node.params ?? [])
        .map(
          (part, index) =>
            `${index === 0 ? '' : ` ${OPERATOR_TEXT[node.conditionals![index - 1]!] ?? '?'} `}${inner(part)}`,
        )
        .join('');
    case 'OperatorNode':
      if (node.implicit === true) return args.map(inner).join(' ');
      if (args.length === 1) return `${String(node.op)}${String(node.op) === 'not' ? ' ' : ''}${inner(args[0])}`;
      return args.map(inner).join(` ${String(node.op)} `);
    default:
      return text.original;
  }
}
