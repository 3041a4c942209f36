import { type ParsedNode, placeOf } from './parsed-tree.ts';
import type { SafeText, TextFault } from './promise-text.ts';

/** What is wrong with a part of a promise. Thrown while a tree is read, and caught where that began. */
export class Refused extends Error {
  readonly fault: TextFault;
  constructor(fault: TextFault) {
    super(fault.message);
    this.fault = fault;
  }
}

/** Gives up reading: says which part of the text is wrong, and what to do. */
export function refuse(text: SafeText, node: ParsedNode, code: string, message: string, remedy: string): never {
  throw new Refused({ code, ...placeOf(node, text), message, remedy });
}
