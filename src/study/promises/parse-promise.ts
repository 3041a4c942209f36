import { type Problem, shownValue } from '../../model/problem.ts';
import type { Run } from '../../model/run.ts';
import type { RunResult } from '../../simulate/result.ts';
import type { Millis } from '../../units.ts';
import { FIGURES } from './figures.ts';
import { singleComparison, speaksOfPlan } from './judge.ts';
import { nodeCount, type ParsedNode } from './parsed-tree.ts';
import type { Expression, QuantityDimension, Requirement } from './promise.ts';
import { type SafeText, safeText, type TextFault } from './promise-text.ts';
import { readCondition } from './read-expression.ts';
import type { KnownNames } from './read-name.ts';

export type { KnownNames } from './read-name.ts';

export interface ParsedPromise {
  /** Absent where there are problems. */
  readonly requirement?: Requirement;
  readonly problems: readonly Problem[];
}

/** Parts of the tree that a promise may have. [chosen] */
const MAX_NODES = 200;

/**
 * Reads a promise: a condition over the plan's figures, with units. Only the parser of mathjs is used; its tree is read by a list of what is
 * allowed and never evaluated. A text that is too long, too deep or has characters that mean nothing here does not reach the parser.
 *
 * @param file where the text comes from: a flag, or a file of objectives
 */
export async function parsePromise(text: string, known: KnownNames, file = '--require'): Promise<ParsedPromise> {
  const refused = (fault: TextFault): ParsedPromise => refusal(text, fault, file);
  const safe = safeText(text);
  if (!('source' in safe)) return refused(safe);
  const tree = await parsed(safe);
  if (!('type' in tree)) return refused(tree);
  if (nodeCount(tree, MAX_NODES) > MAX_NODES) {
    return refused(
      whole(text, 'promise-too-long', `has more than ${MAX_NODES} parts`, 'Split it into several promises.'),
    );
  }
  const expression = readCondition(tree, safe, known);
  if (!('kind' in expression)) return refused(expression);
  if (!speaksOfPlan(expression)) {
    return refused(
      whole(
        text,
        'promise-constant',
        'says nothing of the plan: it is the same in every scenario',
        'Name a figure, such as `rpo.p95`.',
      ),
    );
  }
  return {
    requirement: {
      text: text.trim(),
      expression,
      unit: unitOf(expression),
      needsDetail: figuresOf(expression).some(
        ({ name, of, each }) =>
          FIGURES[of?.scope ?? each ?? 'fleet'].figures.find((figure) => figure.name === name)?.needsDetail === true,
      ),
      withinMs: agesOf(expression),
    },
    problems: [],
  };
}

/** The names that promises may use, of a run and a result of it with detail: the result knows the volumes and the hosts. */
export function namesOf(run: Run, result: RunResult): KnownNames {
  return {
    vms: run.workload.vms.map(({ name }) => name),
    volumes: result.volumes.map(({ name }) => name),
    hosts: result.hosts.map(({ name }) => name),
    links: (run.site.furtherLinks ?? []).map(({ name }) => name),
  };
}

type Parse = (text: string) => ParsedNode;
let parser: Promise<Parse> | undefined;

/** Only the parser, and only when the first promise is read. */
async function loadParser(): Promise<Parse> {
  const { create, parseDependencies } = await import('mathjs/number');
  const { parse } = create(parseDependencies, {});
  return (text) => parse(text) as unknown as ParsedNode;
}

async function parsed(safe: SafeText): Promise<ParsedNode | TextFault> {
  parser ??= loadParser();
  const parse = await parser;
  try {
    return parse(safe.source);
  } catch (error) {
    // The parser counts characters from 1, and says the place of what it did not expect.
    const char = error instanceof Error && 'char' in error && typeof error.char === 'number' ? error.char : 1;
    const at = Math.min(Math.max(0, char - 1), Math.max(0, safe.original.length - 1));
    const rest = safe.original.slice(at).trim();
    return {
      code: 'promise-syntax',
      part: rest === '' ? safe.original.trim() : rest,
      at,
      message: rest === '' ? 'ends too early' : 'was not expected here',
      remedy: 'Write a condition such as `rpo.p95 <= 15 min and resyncs == 0`.',
    };
  }
}

function whole(text: string, code: string, message: string, remedy: string): TextFault {
  return { code, part: text.trim(), at: 0, message, remedy };
}

function refusal(text: string, { code, part, at, message, remedy }: TextFault, file: string): ParsedPromise {
  const isPart = part.length < text.length && part.trim() !== text.trim();
  const place = isPart && at >= 0 ? ` (character ${at + 1})` : '';
  const problem: Problem = {
    severity: 'error',
    code,
    file,
    value: shownValue(text.slice(0, 200)),
    message: isPart ? `“${shownValue(part)}”${place} ${message}` : `the promise ${message}`,
    remedy,
  };
  return { problems: [problem] };
}

function figuresOf(expression: Expression): Extract<Expression, { kind: 'figure' }>[] {
  switch (expression.kind) {
    case 'quantity':
      return [];
    case 'figure':
      return [expression];
    case 'over':
      return figuresOf(expression.inner);
    case 'comparison':
      return [...figuresOf(expression.left), ...figuresOf(expression.right)];
    default:
      return expression.parts.flatMap(figuresOf);
  }
}

function agesOf(expression: Expression): Millis[] {
  const ages = figuresOf(expression).flatMap(({ argument }) => argument ?? []);
  return [...new Set(ages)].sort((a, b) => a - b);
}

/** Of what the whole promise compares. */
function unitOf(expression: Expression): QuantityDimension {
  const single = singleComparison(expression);
  if (single === undefined) return 'truth';
  return measureOf(single.left) ?? measureOf(single.right) ?? 'number';
}

/** What an expression measures; `undefined` for a product or a quotient, of which the other side of a comparison tells it. */
function measureOf(expression: Expression): QuantityDimension | undefined {
  switch (expression.kind) {
    case 'quantity':
      return expression.dimension;
    case 'figure': {
      const { figures } = FIGURES[expression.of?.scope ?? expression.each ?? 'fleet'];
      return figures.find(({ name }) => name === expression.name)?.dimension;
    }
    case 'over':
      return expression.by === 'count' ? 'number' : measureOf(expression.inner);
    case 'arithmetic':
      return expression.operator === '+' || expression.operator === '-' ? measureOf(expression.parts[0]!) : undefined;
    default:
      return 'truth';
  }
}
