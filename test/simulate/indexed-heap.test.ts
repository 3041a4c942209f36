import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IndexedHeap, noPositions } from '../../src/simulate/indexed-heap.ts';

test('the heap is a sorted list of (key, rank, id) under any placing, moving and removing', () => {
  const count = 40;
  const command = fc.record({
    id: fc.integer({ min: 0, max: count - 1 }),
    key: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(Number.POSITIVE_INFINITY)),
    rank: fc.integer({ min: 0, max: 3 }),
    remove: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 300 }), (commands) => {
      const keys = new Float64Array(count);
      const ranks = new Uint8Array(count);
      const heap = new IndexedHeap(keys, ranks, noPositions(count));
      const inside = new Set<number>();
      for (const { id, key, rank, remove } of commands) {
        if (remove) {
          heap.remove(id);
          inside.delete(id);
        } else {
          keys[id] = key;
          ranks[id] = rank;
          heap.place(id);
          inside.add(id);
        }
        const sorted = [...inside].sort((a, b) => {
          if (keys[a] !== keys[b]) return keys[a]! < keys[b]! ? -1 : 1;
          return ranks[a]! - ranks[b]! || a - b;
        });
        expect(heap.size).toBe(inside.size);
        expect(heap.first).toBe(sorted[0] ?? -1);
      }
    }),
  );
});
