import type { RunResult } from '../simulate/result.ts';

/**
 * A fingerprint of a whole result, 16 hexadecimal digits: two runs that agree in it agree in every number. It shows that the
 * report's page and the command line computed the same; it is no protection against somebody who forges one.
 */
export function runHash(result: RunResult): string {
  const text = JSON.stringify(result);
  // Two lanes of FNV-1a with different offsets, each stirred by the other's shift: 64 bits without BigInt.
  let low = 0x811c9dc5;
  let high = 0xcbf29ce4;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit ^ (low >>> 15), 0x01000193);
  }
  return hex(high) + hex(low);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
