import fc from 'fast-check';

// `npm test` draws every random test from the seed of what is committed; vitest alone, or ASR_PLAN_SEED=, draws anew each time.
const seed = Number.parseInt(process.env.ASR_PLAN_SEED ?? '', 10);
if (Number.isSafeInteger(seed)) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
