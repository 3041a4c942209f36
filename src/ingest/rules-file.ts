import type { Problem } from '../model/problem.ts';
import {
  COMPARISONS,
  type Comparison,
  type Demand,
  DISK_TYPES,
  type Dimension,
  type DiskTier,
  EFFECTS,
  type FieldId,
  type Limit,
  type LimitValue,
  RULE_FIELDS,
  RULE_UNITS,
  RULES_SCHEMA,
  type RuleFile,
  type Sourced,
  type VmSize,
} from '../model/rules.ts';
import { SCENARIO_IDS } from '../model/scenario.ts';
import { isObject } from './json-object.ts';
import { ProblemList } from './problem-list.ts';
import { RuleReader } from './rule-reader.ts';

/** The shipped files have 30,000 characters at most; a file so much longer is another. [chosen] */
const MAX_CHARACTERS = 4e6;
const MOST_LIMITS = 500;
const MOST_TIERS = 500;
const MOST_SIZES = 2000;
const MOST_CONDITIONS = 10;
const MOST_WORDS = 100;

const FILE_KEYS = ['$schema', 'schema', 'title', 'limits', 'diskTiers', 'vmSizes'];
const DEMAND_KEYS = ['field', 'comparison', 'limit', 'unit'];
const SOURCE_KEYS = ['source', 'sourceDate', 'note'];
const LIMIT_KEYS = ['id', 'title', 'scenarios', ...DEMAND_KEYS, 'when', 'effect', 'action', 'collect', ...SOURCE_KEYS];
const TIER_KEYS = ['id', 'type', 'sizeGib', 'iops', 'megabytesPerSec', ...SOURCE_KEYS];
const SIZE_KEYS = ['id', 'cores', 'memoryGib', 'dataDiskCount', 'nicCount', 'iops', ...SOURCE_KEYS];

/**
 * Reads a file of rules (`schemas/rules.schema.json`). Every rule needs its source and that source's date. Problems carry the path inside the
 * file, all at once; with an error there are no rules.
 */
export function parseRules(file: string, text: string): { rules?: RuleFile; problems: Problem[] } {
  const problems = new ProblemList(file);
  const value = jsonOf(text, problems);
  if (value === undefined) return { problems: problems.all() };
  const reader = new RuleReader(value, '', problems);
  reader.onlyKeys(FILE_KEYS);
  if (reader.value('schema') !== RULES_SCHEMA) {
    reader.refuse(
      'schema',
      `This is no file of rules: "schema" must be "${RULES_SCHEMA}".`,
      'Copy the head of a shipped file (rules/*.json).',
    );
  }
  const title = reader.text('title', 200);
  const limits = uniqueOf(reader.children('limits', MOST_LIMITS), LIMIT_KEYS, limitOf);
  const diskTiers = uniqueOf(reader.children('diskTiers', MOST_TIERS), TIER_KEYS, tierOf);
  const vmSizes = uniqueOf(reader.children('vmSizes', MOST_SIZES), SIZE_KEYS, sizeOf);
  if (problems.errorCount === 0 && limits.length + diskTiers.length + vmSizes.length === 0) {
    problems.warning(
      'rules-none',
      {},
      'There is no rule in the file.',
      'Add "limits", "diskTiers" or "vmSizes", or leave the file out.',
    );
  }
  if (problems.errorCount > 0 || title === undefined) return { problems: problems.all() };
  return { rules: { schema: RULES_SCHEMA, title, limits, diskTiers, vmSizes }, problems: problems.all() };
}

function jsonOf(text: string, problems: ProblemList): object | undefined {
  if (text.length > MAX_CHARACTERS) {
    problems.error(
      'rules-too-large',
      {},
      `The file is longer than ${MAX_CHARACTERS / 1e6} million characters.`,
      'Check that it is the right file.',
    );
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (isObject(value)) return value;
    problems.error('rules-wrong-type', {}, 'The file holds no object.', 'Write it in braces: { … }.');
  } catch (error) {
    // JSON.parse tells of wrong text in no other way; it knows neither NaN nor Infinity.
    if (!(error instanceof SyntaxError)) throw error;
    problems.error(
      'rules-not-json',
      {},
      `This is no whole JSON: ${error.message.slice(0, 200)}.`,
      'Check it in an editor that knows JSON.',
    );
  }
  return undefined;
}

/** The rules of one kind; an id that comes again is refused, since nothing says which of the two is meant. */
function uniqueOf<T extends Sourced>(
  items: readonly RuleReader[],
  keys: readonly string[],
  read: (item: RuleReader) => T | undefined,
): T[] {
  const seen = new Set<string>();
  return items.flatMap((item) => {
    item.onlyKeys(keys);
    const rule = read(item);
    const id = item.value('id');
    if (typeof id === 'string' && seen.has(id)) {
      item.refuse(
        'id',
        'Another rule of this file has the id already.',
        'Delete one of the two, or give it an id of its own.',
      );
    } else if (typeof id === 'string') seen.add(id);
    return rule ?? [];
  });
}

function sourcedOf(item: RuleReader): Sourced | undefined {
  const id = item.id();
  const source = item.text('source', 500);
  const sourceDate = item.date('sourceDate');
  const note = item.value('note') === undefined ? undefined : item.text('note', 1000);
  if (id === undefined || source === undefined || sourceDate === undefined) return undefined;
  return { id, source, sourceDate, ...(note === undefined ? {} : { note }) };
}

function limitOf(item: RuleReader): Limit | undefined {
  const sourced = sourcedOf(item);
  const title = item.text('title', 200);
  const scenarios = item.choices('scenarios', SCENARIO_IDS);
  const demand = demandOf(item);
  const when = item.children('when', MOST_CONDITIONS).map((condition) => {
    condition.onlyKeys(DEMAND_KEYS);
    const read = demandOf(condition);
    if (read?.field.startsWith('disk.') && demand?.field.startsWith('vm.')) {
      condition.refuse(
        'field',
        'A limit of the VM cannot hang on one of its disks.',
        'Compare a field vm.… here, or a field disk.… in the limit.',
      );
    }
    return read;
  });
  const effect = item.choice('effect', EFFECTS);
  const action = item.text('action', 500);
  const collect = item.text('collect', 500);
  if (sourced === undefined || title === undefined || scenarios === undefined || demand === undefined) return undefined;
  if (effect === undefined || action === undefined || collect === undefined || when.includes(undefined))
    return undefined;
  const { id, ...from } = sourced;
  const conditions = when.length === 0 ? {} : { when: when as Demand[] };
  return { id, title, scenarios, ...demand, ...conditions, effect, action, collect, ...from };
}

function demandOf(item: RuleReader): Demand | undefined {
  const field = item.choice('field', Object.keys(RULE_FIELDS) as FieldId[]);
  const comparison = item.choice('comparison', COMPARISONS);
  const unit = item.choice('unit', Object.keys(RULE_UNITS));
  if (field === undefined) return undefined;
  const dimension = RULE_FIELDS[field];
  if (unit !== undefined && RULE_UNITS[unit]!.dimension !== dimension) {
    const units = Object.keys(RULE_UNITS).filter((name) => RULE_UNITS[name]!.dimension === dimension);
    item.refuse('unit', `"${field}" has no such unit.`, `Write one of ${units.join(', ')}.`);
    return undefined;
  }
  const limit = comparison === undefined ? undefined : limitValue(item, dimension, comparison);
  if (comparison === undefined || unit === undefined || limit === undefined) return undefined;
  return { field, comparison, limit, unit };
}

/** The limit that a comparison of such values takes. */
function limitValue(item: RuleReader, dimension: Dimension, comparison: Comparison): LimitValue | undefined {
  if (dimension === 'word') {
    if (comparison === 'one-of') return item.texts('limit', MOST_WORDS, 200);
    if (comparison === 'equals') return item.text('limit', 200);
    item.refuse('comparison', 'Words are compared by "equals" or "one-of".', 'Write one of these.');
    return undefined;
  }
  if (dimension === 'yesNo') {
    if (comparison === 'equals') return item.flag('limit');
    item.refuse('comparison', 'Yes or no is compared by "equals".', 'Write "equals".');
    return undefined;
  }
  if (comparison !== 'one-of') return item.number('limit', 0);
  item.refuse(
    'comparison',
    'Numbers are not compared with a list.',
    'Write "at-most", "less-than", "at-least" or "equals".',
  );
  return undefined;
}

function tierOf(item: RuleReader): DiskTier | undefined {
  const sourced = sourcedOf(item);
  const type = item.choice('type', DISK_TYPES);
  const sizeGib = item.positive('sizeGib');
  const iops = item.positive('iops');
  const megabytesPerSec = item.positive('megabytesPerSec');
  if (sourced === undefined || type === undefined || sizeGib === undefined) return undefined;
  if (iops === undefined || megabytesPerSec === undefined) return undefined;
  const { id, ...from } = sourced;
  return { id, type, sizeGib, iops, megabytesPerSec, ...from };
}

function sizeOf(item: RuleReader): VmSize | undefined {
  const sourced = sourcedOf(item);
  const cores = item.positive('cores');
  const memoryGib = item.positive('memoryGib');
  const dataDiskCount = item.whole('dataDiskCount');
  const nicCount = item.whole('nicCount');
  const iops = item.positive('iops');
  if (sourced === undefined || cores === undefined || memoryGib === undefined) return undefined;
  if (dataDiskCount === undefined || nicCount === undefined || iops === undefined) return undefined;
  const { id, ...from } = sourced;
  return { id, cores, memoryGib, dataDiskCount, nicCount, iops, ...from };
}
