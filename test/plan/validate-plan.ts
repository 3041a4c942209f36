import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

export const PLAN_SCHEMA_URL: URL = new URL('../../schemas/plan.schema.json', import.meta.url);

let compiled: ValidateFunction | undefined;

/** Compiles the shipped schema; Ajv's strict mode throws where the schema itself is loose or wrong. */
export function compilePlanSchema(): ValidateFunction {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  return ajv.compile(JSON.parse(readFileSync(PLAN_SCHEMA_URL, 'utf8')));
}

/** What is wrong with a plan by the shipped schema, `path: message` each; empty where nothing is. */
export function validatePlan(plan: unknown): string[] {
  compiled ??= compilePlanSchema();
  if (compiled(plan)) return [];
  return (compiled.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || '/'}: ${message} ${JSON.stringify(params)}`,
  );
}
