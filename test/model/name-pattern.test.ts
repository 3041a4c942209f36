import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLike } from '../../src/model/name-pattern.ts';

test('a pattern fits as a regular expression of the same meaning does, without its bad cases', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 12 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '-'), maxLength: 8 });
  fc.assert(
    fc.property(text, pattern, (name, like) => {
      const twin = new RegExp(`^${like.replaceAll('*', '[^]*').replaceAll('?', '[^]')}$`);
      expect(isLike(name, like)).toBe(twin.test(name));
    }),
    { numRuns: 2000 },
  );
  expect(isLike('a'.repeat(100_000), `${'*a'.repeat(50)}*b`)).toBe(false);
});
