import { describe, expect, it } from 'vitest';
import { walkBack } from '../../src/formats/hrl-chain.ts';
import { readHrl } from '../../src/formats/hrl-read.ts';
import { inMemory } from '../../src/formats/random-access.ts';
import { KIB, MIB } from '../../src/units.ts';
import {
  block,
  isPartOf,
  numbersOf,
  range,
  readAnything,
  SIX,
  SIX_BLOCKS,
  SIX_OPEN,
  sealHead,
  view,
  without,
} from './hrl-laws.ts';
import { CREATED_SEC, join, logOf, read, type Step, type Told, toldOf } from './hrl-samples.ts';

describe('looking for blocks', () => {
  const plain = (data: Uint8Array, n: number, isFlushed = true): Step => {
    return { byteOffset: n * MIB, data, timestampSec2000: CREATED_SEC + n, isFlushed };
  };

  it('does not fall for a log among the data, be it whole or in the torn end', async () => {
    const inner = logOf(SIX);
    const steps = [plain(inner, 0), plain(inner, 1), plain(inner, 2, false), plain(inner, 3), plain(inner, 4, false)];
    const seen = await readAnything(logOf({ ...SIX_OPEN, steps }));
    expect(numbersOf(seen)).toEqual([0, 1, 2, 3]);
    expect(seen.problems).toMatchObject([{ code: 'hrl-not-closed' }, { code: 'hrl-torn-end' }]);
    expect([seen.lostBytes, seen.loggedBytes]).toEqual([inner.length, 4 * inner.length]);
  });

  it('finds blocks beyond several pieces, at any place', async () => {
    const lengths = [5 * MIB, 3 * MIB + 4096 - 512, 2 * MIB - 32, 7, 0, 2 * MIB - 4096 + 3, 1];
    for (const isInSectors of [true, false]) {
      const steps = lengths.map((length, n) => {
        return plain(new Uint8Array(isInSectors ? Math.ceil(length / 512) * 512 : length).fill(255), n);
      });
      for (const verifyData of [true, false]) {
        const plan = { ...SIX_OPEN, steps };
        const seen = await readAnything(logOf(plan), verifyData);
        expect(seen.told).toEqual(toldOf(plan));
        expect(seen.codes).toEqual(['hrl-not-closed']);
        const timesRead = seen.readBytes / logOf(plan).length;
        expect(timesRead).toBeLessThan(1.01 + (verifyData ? 1 : 0) + (isInSectors ? 0 : 1));
      }
    }
  });

  it('goes through a file of heads that lead nowhere once or twice, not once for each', async () => {
    const bytes = logOf({ ...SIX_OPEN, steps: [], options: { createdSec2000: 0, metadataBlockBytes: MIB } });
    const file = join([bytes, new Uint8Array(6 * MIB)]);
    for (let at = 4096 + MIB; at < file.length; at += 512) {
      view(file).setBigUint64(at, BigInt(at - 4096), true);
      view(file).setUint32(at + 8, 32_767, true);
      sealHead(file, at);
    }
    const seen = await readAnything(file);
    expect(seen.codes).toEqual(['hrl-not-closed', 'hrl-torn-end']);
  });

  it('makes up for places that are not kept: a log of many blocks is read all the same', async () => {
    const whole = await read(logOf(SIX));
    for (const mostBlocks of range(0, 8)) {
      const seen = await read(logOf(SIX), { mostBlocks });
      expect(seen.told).toEqual(whole.told);
      expect(seen.codes).toEqual([]);
      expect(seen.isRecovered).toBe(mostBlocks < SIX_BLOCKS.length);
    }
  });

  it('a block whose neighbour was not found says how much is missing before it', async () => {
    const bytes = logOf(SIX);
    bytes.fill(0, block(2), block(2) + 4096);
    const seen = await read(bytes, { mostBlocks: 3 });
    expect(seen.codes).toEqual(['hrl-lost', 'hrl-entries-total']);
    expect([numbersOf(seen), seen.lostBytes]).toEqual([without(...range(3, 9)), block(3) - block(1)]);
  });

  it('a file that has become shorter is read as far as it goes', async () => {
    const bytes = logOf(SIX);
    for (const sizeBytes of [0, 100, 4096, 5000, block(3), block(5) + 100]) {
      const file = inMemory(bytes.subarray(0, sizeBytes));
      const told: Told[] = [];
      const sink = { entry: (each: Told) => told.push(each) };
      const { problems } = await readHrl({ ...file, sizeBytes: bytes.length }, sink);
      expect(problems).not.toEqual([]);
      expect(isPartOf(told, toldOf(SIX))).toBe(true);
    }
  });

  it('the way back keeps no more places than it may', async () => {
    const { blocksAt, brokenAtBytes } = await walkBack(inMemory(logOf(SIX)), block(6), 4 * KIB, 3);
    expect(blocksAt).toEqual([block(6), block(5)]);
    expect(brokenAtBytes).toBe(block(4));
  });
});
