import { didYouMean } from '../../model/did-you-mean.ts';
import { exactUnit, UNIT_SPELLINGS, unitSpelling } from '../../units.ts';
import { quantity, type Typed } from './dimensions.ts';
import type { ParsedNode } from './parsed-tree.ts';
import { PERCENT } from './promise-text.ts';

/** Why something cannot be read: what is wrong, and what to do about it. */
export interface Refusal {
  readonly message: string;
  readonly remedy: string;
}

/** Numbers and words one after another, as in `2 h 30 min`; `undefined` where the node is something else. */
function chainOf(node: ParsedNode): ParsedNode[] | undefined {
  const links: ParsedNode[] = [];
  let at: ParsedNode = node;
  while (at.type === 'OperatorNode' && at.implicit === true && at.fn === 'multiply') {
    links.push(at.args![1]!);
    at = at.args![0]!;
  }
  links.push(at);
  return links.reverse();
}

/**
 * `15 min`, `2 h 30 min`, `-5 GiB`, `99.5 %`, `5 Mbit/s`; `undefined` where the node does not begin as a quantity. To the parser a number before a
 * word is a product, and `5 Mbit/s` a division: here they are one quantity.
 */
export function readQuantity(node: ParsedNode): Typed | Refusal | undefined {
  const divisor = node.type === 'OperatorNode' && node.fn === 'divide' ? node.args![1] : undefined;
  const isRate = divisor?.type === 'SymbolNode' && isUnit(String(divisor.name));
  const links = chainOf(isRate ? node.args![0]! : node)!;
  if (links.length === 1) return undefined;
  const sign = signOf(links[0]!);
  if (sign !== undefined) links[0] = links[0]!.args![0]!;
  if (links[0]!.type !== 'ConstantNode') return undefined;
  let total: Typed | undefined;
  const per = isRate ? `/${String(node.args![1]!.name)}` : '';
  for (let link = 0; link < links.length; link += 2) {
    const value = links[link]!.value;
    const unit = links[link + 1];
    if (links[link]!.type !== 'ConstantNode' || typeof value !== 'number' || !Number.isFinite(value))
      return HOW_TO_WRITE;
    if (unit?.type !== 'SymbolNode') return HOW_TO_WRITE;
    const isLast = link + 2 === links.length;
    const part = quantityOf(value, `${String(unit.name)}${isLast ? per : ''}`);
    if (!('expression' in part)) return part;
    if (total === undefined) total = part;
    else if (total.dimension !== part.dimension || part.dimension === 'number') return HOW_TO_WRITE;
    else total = quantity(sizeOf(total) + sizeOf(part), part.dimension);
  }
  if (total === undefined || !Number.isFinite(sizeOf(total))) return HOW_TO_WRITE;
  return sign === '-' ? quantity(0 - sizeOf(total), total.dimension) : total;
}

const HOW_TO_WRITE: Refusal = {
  message: 'is no quantity',
  remedy:
    'A quantity is a number and a unit: `15 min`, `2 h 30 min`, `200 GiB`, `5 Mbit/s`, `99.5 %`; a product is written with `*`.',
};

function signOf(node: ParsedNode): '-' | '+' | undefined {
  if (node.type !== 'OperatorNode') return undefined;
  return node.fn === 'unaryMinus' ? '-' : node.fn === 'unaryPlus' ? '+' : undefined;
}

function quantityOf(value: number, unit: string): Typed | Refusal {
  if (unit === PERCENT) return quantity(value / 100, 'number');
  const size = exactUnit(unit);
  return size === undefined ? unknownUnit(unit.replaceAll(PERCENT, '%')) : quantity(value * size.size, size.dimension);
}

/** Whether a word is a unit that lacks its number. */
export function isUnit(name: string): boolean {
  return exactUnit(name) !== undefined || name === PERCENT;
}

function unknownUnit(unit: string): Refusal {
  const message = `has the unit “${unit.slice(0, 40)}”, which is not known`;
  const near =
    unitSpelling(unit) ?? (unit.length > 2 && unit.length < 12 ? didYouMean(unit, UNIT_SPELLINGS) : undefined);
  if (near !== undefined) return { message, remedy: `Write \`${near}\`.` };
  return /\d/.test(unit)
    ? { message, remedy: 'Put blanks between the parts: `2 d 10 h`.' }
    : {
        message,
        remedy: 'Units are `min`, `h`, `d`, `MiB`, `GiB`, `TiB`, `Mbit/s`, `MB/s`, `GiB/day`, `%` and their like.',
      };
}

function sizeOf({ expression }: Typed): number {
  return expression.kind === 'quantity' ? expression.value : Number.NaN;
}

/** `2 GiB / 5 Mbit/s` is (2 GiB / 5 Mbit) / s to the parser: the unit of the rate belongs together. */
export function withRateTogether(node: ParsedNode): ParsedNode {
  const [left, per] = node.args ?? [];
  if (node.fn !== 'divide' || per?.type !== 'SymbolNode' || left?.type !== 'OperatorNode' || left.implicit === true)
    return node;
  if ((left.fn !== 'multiply' && left.fn !== 'divide') || left.args?.length !== 2) return node;
  const unit = left.args[1]!.args?.[1];
  const rate = { type: 'OperatorNode', fn: 'divide', op: '/', args: [left.args[1]!, per] };
  const isRate = unit?.type === 'SymbolNode' && isUnit(`${String(unit.name)}/${String(per.name)}`);
  return isRate ? { type: 'OperatorNode', fn: left.fn, op: left.op, args: [left.args[0]!, rate] } : node;
}
