import type { Bytes } from '../units.ts';
import { blockHead, HRL_BLOCK_HEAD_BYTES, HRL_HEADER_BYTES, isBlockHeadWhole } from './hrl-layout.ts';
import { FileWindow } from './hrl-window.ts';
import type { RandomAccess } from './random-access.ts';

/** Read at once before a block: where little is written between flushes, several blocks' heads. */
const BACK_BYTES = 16 * 1024;

/** Metadata blocks as they are linked from the end of the log. */
export interface BackChain {
  /** Their places, the last one first. */
  readonly blocksAt: readonly Bytes[];
  /** Where the block before them must stand, whose head is damaged or leads nowhere; `undefined` = the chain is whole. */
  readonly brokenAtBytes: Bytes | undefined;
}

/**
 * The first pass ([MS-HRL] 2.5): from the last metadata block back to the first one, reading no more than their heads.
 * Each step goes back by a block's size at least, so that no chain loops; it goes on for `mostBlocks` at most.
 */
export async function walkBack(
  file: RandomAccess,
  lastBlockAt: Bytes,
  metadataBlockBytes: Bytes,
  mostBlocks: number,
): Promise<BackChain> {
  const window = new FileWindow(file, BACK_BYTES);
  const blocksAt: Bytes[] = [];
  for (let at = lastBlockAt; blocksAt.length < mostBlocks; ) {
    if (at === HRL_HEADER_BYTES) {
      blocksAt.push(at);
      return { blocksAt, brokenAtBytes: undefined };
    }
    const endBytes = at + HRL_BLOCK_HEAD_BYTES;
    if (!window.holds(at, HRL_BLOCK_HEAD_BYTES)) await window.moveTo(Math.max(0, endBytes - BACK_BYTES), endBytes);
    if (!window.holds(at, HRL_BLOCK_HEAD_BYTES)) return { blocksAt, brokenAtBytes: at };
    const inWindow = at - window.startBytes;
    const { distanceBytes } = blockHead(window.bytes, inWindow);
    const isLinked = linkOf(at, distanceBytes, metadataBlockBytes) === 'linked';
    if (!isLinked || !isBlockHeadWhole(window.bytes, inWindow)) return { blocksAt, brokenAtBytes: at };
    blocksAt.push(at);
    at -= distanceBytes ?? 0;
  }
  const lowest = blocksAt.pop();
  return { blocksAt, brokenAtBytes: lowest ?? lastBlockAt };
}

/** Whether a block's distance leads back to where another block may end before it. The first block's distance is 0. */
export function linkOf(
  at: Bytes,
  distanceBytes: Bytes | undefined,
  metadataBlockBytes: Bytes,
): 'linked' | 'hrl-chain-loops' | 'hrl-chain-outside' {
  if (at === HRL_HEADER_BYTES) return distanceBytes === 0 ? 'linked' : 'hrl-chain-outside';
  if (distanceBytes === undefined) return 'hrl-chain-outside';
  if (distanceBytes < metadataBlockBytes) return 'hrl-chain-loops';
  const previousAt = at - distanceBytes;
  const isInside = previousAt === HRL_HEADER_BYTES || previousAt >= HRL_HEADER_BYTES + metadataBlockBytes;
  return isInside ? 'linked' : 'hrl-chain-outside';
}
