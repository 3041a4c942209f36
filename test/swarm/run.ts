/**
 * `npm run swarm -- --seed N [--runs K] [--minutes M] [--stats]`: runs K seeds from N on (one, unless M minutes are given), each a
 * random site with random faults and actions, under every law. Prints each failure with the line that replays it; the exit
 * code is 1 where there was one.
 */
import { parseArgs } from 'node:util';
import { failureText, runSeed } from './swarm.ts';
import { Visits } from './visits.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string' },
    minutes: { type: 'string' },
    stats: { type: 'boolean', default: false },
  },
});

const firstSeed = wholeNumber('seed', values.seed);
const endsAtMs =
  values.minutes === undefined
    ? Number.POSITIVE_INFINITY
    : Date.now() + wholeNumber('minutes', values.minutes) * 60_000;
const runsMost =
  values.runs === undefined
    ? values.minutes === undefined
      ? 1
      : Number.POSITIVE_INFINITY
    : wholeNumber('runs', values.runs);
const visits = new Visits();
let runs = 0;
let failures = 0;
for (; runs < runsMost && Date.now() < endsAtMs; runs++) {
  const failure = runSeed(firstSeed + runs, visits);
  if (failure === null) continue;
  failures++;
  process.stdout.write(`${failureText(failure)}\n`);
}
if (values.stats) process.stdout.write(`${visits.text()}\n`);
process.stdout.write(`${runs} seeds from ${firstSeed} on, ${failures} failed\n`);
process.exitCode = failures === 0 ? 0 : 1;

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  process.stderr.write(`--${name} takes a whole number, not ${text}\n`);
  process.exit(2);
}
