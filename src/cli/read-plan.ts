import { readFileSync } from 'node:fs';
import { compileSchema, type SchemaFault, type Validator } from '../formats/json-schema.ts';
import { hasErrors, type Problem, problemOf, shownValue } from '../model/problem.ts';
import type { Plan } from '../plan/plan.ts';
import type { Read } from '../request/opened-file.ts';
import { readWholeText } from './read-text.ts';

/** A plan of 1,000 VMs over 7 days has some ten million; a text cannot have many more than twice as many as this. [chosen] */
export const PLAN_CHARACTERS_MOST = 200e6;
/** More of them say nothing new. [chosen] */
const FAULTS_MOST = 20;
/** A plan has a dozen levels. Deeper ones only cost memory: 50 MB of brackets take gigabytes. [chosen] */
const DEPTH_MOST = 64;
const SCHEMA_NAME = 'asr-plan/plan@1';
/** What `Date` can hold, ECMAScript 21.4.1.1; local times are printed from it. */
const EPOCH_MOST_MS = 8.64e15;

const REMEDY = 'Write the plan again: asr-plan analyze … --json plan.json.';

let compiled: Validator | undefined;

/**
 * Reads a plan that `--json` wrote and holds it against `schemas/plan.schema.json`. What is wrong is told by its path, the first
 * {@link FAULTS_MOST} faults.
 *
 * @param version the product's own; a plan of another one is read where it has the same shape, with a warning
 */
export async function readPlan(path: string, version: string): Promise<Read<Plan>> {
  const { value: text, problems } = await readWholeText(path, PLAN_CHARACTERS_MOST);
  if (text === undefined) return { problems };
  const parsed = parse(path, text);
  if (parsed.problems.length > 0) return { problems: parsed.problems };
  const plan = parsed.value;
  const foreign = otherShape(path, plan);
  if (foreign !== undefined) return { problems: [foreign] };
  const age = otherVersion(path, plan, version);
  compiled ??= compileSchema(
    JSON.parse(readFileSync(new URL('../../schemas/plan.schema.json', import.meta.url), 'utf8')),
    FAULTS_MOST,
  );
  const faults = compiled(plan);
  if (faults.length > 0) return { problems: [...faultProblems(path, faults), ...age] };
  const contradictions = contradictionsOf(plan as Plan).map((fault) => faultProblem(path, fault));
  return hasErrors(contradictions) ? { problems: [...contradictions, ...age] } : { value: plan as Plan, problems: age };
}

function parse(path: string, text: string): Read<unknown> {
  if (isDeeper(text, DEPTH_MOST)) {
    const message = `This is no plan: it is nested deeper than ${DEPTH_MOST} levels.`;
    return {
      problems: [problemOf('error', 'plan-too-deep', path, message, 'Give what asr-plan analyze --json wrote.')],
    };
  }
  try {
    return { value: JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text), problems: [] };
  } catch (error) {
    // JSON.parse tells of wrong text in no other way. Its message quotes the text, which may be long.
    const message = `This is no JSON: ${shownValue((error as Error).message)}`;
    const remedy = 'Give what asr-plan analyze --json wrote; a file that was cut off has to be written again.';
    return { problems: [problemOf('error', 'plan-no-json', path, message, remedy)] };
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/** Whether brackets outside of texts stand deeper in one another, before anything is made of them. */
function isDeeper(text: string, most: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      for (at++; at < text.length && text.charCodeAt(at) !== QUOTE; at++) if (text.charCodeAt(at) === BACKSLASH) at++;
    } else if (OPENING.has(code)) {
      if (++depth > most) return true;
    } else if (CLOSING.has(code)) depth--;
  }
  return false;
}

/** Whether it is something else than a plan of this shape. */
function otherShape(path: string, plan: unknown): Problem | undefined {
  const name = typeof plan === 'object' && plan !== null && 'schema' in plan ? plan.schema : undefined;
  if (name === SCHEMA_NAME) return undefined;
  const wrong = (message: string, remedy: string): Problem => ({
    ...problemOf('error', 'plan-other-schema', path, message, remedy),
    column: 'schema',
    ...(typeof name === 'string' ? { value: shownValue(name) } : {}),
  });
  if (typeof name === 'string' && /^asr-plan\/plan@\d+$/.test(name)) {
    return wrong(`The plan has a shape that this version does not know; it knows "${SCHEMA_NAME}".`, REMEDY);
  }
  return wrong(`This is no plan: it has no "schema": "${SCHEMA_NAME}".`, 'Give what asr-plan analyze --json wrote.');
}

/** A plan of another version may mean something else by the same words. */
function otherVersion(path: string, plan: unknown, version: string): Problem[] {
  const own = (plan as { readonly version?: unknown }).version;
  if (typeof own !== 'string' || own === version) return [];
  const message = `The plan was made by asr-plan ${shownValue(own)}; this is ${version}. Its numbers are as that version found them.`;
  return [{ ...problemOf('warning', 'plan-other-version', path, message, REMEDY), column: 'version' }];
}

function faultProblems(path: string, faults: readonly SchemaFault[]): Problem[] {
  const problems = faults.map((fault) => faultProblem(path, fault));
  if (faults.length < FAULTS_MOST) return problems;
  const message = `The first ${FAULTS_MOST} faults are named; there may be more.`;
  return [...problems, problemOf('error', 'plan-more-faults', path, message, REMEDY)];
}

function faultProblem(path: string, { path: column, value, message }: SchemaFault): Problem {
  return {
    ...problemOf('error', 'plan-invalid', path, message, `${REMEDY} Its shape is schemas/plan.schema.json.`),
    ...(column === '' ? {} : { column }),
    value: shownValue(value),
  };
}

/** What a schema cannot say: series that belong to something else than what the plan lists, instants that no calendar has. */
function contradictionsOf({ series, volumes, furtherLinks, hosts, clock, horizonMs, failures }: Plan): SchemaFault[] {
  const faults: SchemaFault[] = [];
  const same = (path: string, list: readonly unknown[], length: number, of: string): void => {
    if (list.length !== length) {
      faults.push({
        path,
        value: `a list of ${list.length}`,
        message: `It has to have as many items as ${of}: ${length}.`,
      });
    }
  };
  same('series.volumeHrlBytes', series.volumeHrlBytes, volumes.length, 'volumes');
  same('series.volumeSnapshotBytes', series.volumeSnapshotBytes, volumes.length, 'volumes');
  same('series.volumeGrowthBytes', series.volumeGrowthBytes, volumes.length, 'volumes');
  same('series.furtherLinkBytes', series.furtherLinkBytes, furtherLinks.length, 'furtherLinks');
  same('series.hostBytes', series.hostBytes, hosts.length, 'hosts');
  const { initial, delta, resync, capacity, clipped } = series.traffic;
  for (const [name, list] of Object.entries({ delta, resync, capacity, clipped })) {
    same(`series.traffic.${name}`, list, initial.length, 'series.traffic.initial');
  }
  const calendar = (path: string, value: number): void => {
    if (Math.abs(value) > EPOCH_MOST_MS) {
      faults.push({ path, value: String(value), message: 'No calendar reaches there.' });
    }
  };
  calendar('clock.startEpochMs', clock.startEpochMs);
  calendar('horizonMs', horizonMs);
  for (const [index, { startMs, safeMs, breakingMs }] of failures.starts.entries()) {
    const path = `failures.starts[${index}]`;
    if (startMs >= horizonMs)
      faults.push({ path, value: String(startMs), message: 'It has to begin before horizonMs.' });
    if (safeMs !== null && breakingMs !== null && breakingMs <= safeMs) {
      faults.push({ path, value: String(breakingMs), message: 'breakingMs has to be more than safeMs.' });
    }
  }
  for (const [index, { offsetMs }] of clock.offsets.entries()) calendar(`clock.offsets[${index}].offsetMs`, offsetMs);
  return faults;
}
