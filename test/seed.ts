import fc from 'fast-check';

// `npm test` gives every random test one seed; vitest alone, or ASR_PLAN_SEED=any, draws anew each time.
const seed = Number.parseInt(process.env.ASR_PLAN_SEED ?? '', 10);
if (Number.isSafeInteger(seed)) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
