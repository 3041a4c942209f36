import { LineCounter, parseDocument } from 'yaml';
import { type Problem, shownValue } from '../../model/problem.ts';

/** One line of the file: a promise and where it must hold. */
export interface Objective {
  readonly name: string;
  readonly require: readonly string[];
  /** What is the case, and at any of what: `outage 2 h any time`, `link-halved`. */
  readonly under: readonly string[];
  /** What varies. Where both are empty it is about the base case alone. */
  readonly vary: readonly string[];
  /** Its place in the file, for what is wrong with it. */
  readonly path: string;
}

const SCHEMA = 'asr-plan/objectives@1';
const TEXT_MOST = 1 << 20;
const OBJECTIVES_MOST = 500;
const KEYS = ['name', 'require', 'under', 'vary'];
const EXAMPLE =
  'schema: asr-plan/objectives@1, then objectives: with name, require and, where it is not the base case alone, under';

/**
 * `objectives.yaml`: YAML without tags, anchors or merges, so that a small file cannot become a large one. All that is wrong is said at once,
 * with its line or its path.
 */
export function readObjectives(
  file: string,
  text: string,
): { readonly objectives: readonly Objective[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const report = (message: string, remedy: string, where: Partial<Problem> = {}): void =>
    void problems.push({ severity: 'error', code: 'objectives', file, ...where, message, remedy });
  if (text.length > TEXT_MOST) {
    report(`The file has ${text.length} characters; ${TEXT_MOST} are the most.`, 'Split it.');
    return { objectives: [], problems };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: 'core',
    merge: false,
    stringKeys: true,
    logLevel: 'silent',
  });
  for (const { message, pos } of document.errors) {
    report(message.split('\n')[0]!.replace(/ at line .*$/, '.'), 'Mend the YAML.', { row: lines.linePos(pos[0]).line });
  }
  if (problems.length > 0) return { objectives: [], problems };
  let root: unknown;
  try {
    root = document.toJS({ maxAliasCount: 0 });
  } catch {
    report('It has anchors and aliases.', 'Write out what they stand for.');
    return { objectives: [], problems };
  }
  if (!isRecord(root) || root.schema !== SCHEMA) {
    report(`It is no file of objectives: its schema is not ${SCHEMA}.`, `Begin it with ${EXAMPLE}.`, {
      column: 'schema',
    });
    return { objectives: [], problems };
  }
  const listed = root.objectives;
  if (!Array.isArray(listed) || listed.length === 0 || listed.length > OBJECTIVES_MOST) {
    report(`It has no list of 1 to ${OBJECTIVES_MOST} objectives.`, `Write ${EXAMPLE}.`, { column: 'objectives' });
    return { objectives: [], problems };
  }
  const objectives = listed.map((entry: unknown, index) => readObjective(entry, `objectives[${index}]`, report));
  const names = new Set<string>();
  for (const objective of objectives) {
    if (objective === undefined) continue;
    if (names.has(objective.name))
      report('Two objectives have this name.', 'Name them apart.', {
        column: `${objective.path}.name`,
        value: shownValue(objective.name),
      });
    names.add(objective.name);
  }
  return { objectives: objectives.filter((objective) => objective !== undefined), problems };
}

type Report = (message: string, remedy: string, where?: Partial<Problem>) => void;

function readObjective(entry: unknown, path: string, report: Report): Objective | undefined {
  if (!isRecord(entry)) {
    report('This is no objective.', `Write ${EXAMPLE}.`, { column: path });
    return undefined;
  }
  for (const key of Object.keys(entry)) {
    if (!KEYS.includes(key))
      report(`There is no key '${shownValue(key)}'.`, `There are ${KEYS.join(', ')}.`, {
        column: `${path}.${shownValue(key)}`,
      });
  }
  const textsOf = (key: string): string[] => {
    const value = entry[key];
    if (value === undefined || value === null) return [];
    const texts = [value].flat();
    if (texts.every((text) => typeof text === 'string')) return texts;
    report('This is neither a text nor a list of texts.', "Put it into quotes: 'rpo.p95 <= 15 min'.", {
      column: `${path}.${key}`,
    });
    return [];
  };
  const require = textsOf('require');
  if (require.length === 0)
    report('It has no promise.', "Write require: 'rpo.p95 <= 15 min'.", { column: `${path}.require` });
  const name = typeof entry.name === 'string' && entry.name.trim() !== '' ? entry.name.trim() : require.join(' and ');
  return { name, require, under: textsOf('under'), vary: textsOf('vary'), path };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
