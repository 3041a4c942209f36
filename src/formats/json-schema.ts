/**
 * Holds a JSON value against a JSON Schema (draft 2020-12), as far as our own schemas go: a keyword that is not known here is refused when the
 * schema is compiled. Own code rather than Ajv's: told to find all errors, Ajv copies the list of those found at every `$ref`, which takes
 * time with the square of their number; this stops at a number of faults, and names each in words.
 */

/** What is wrong, and where: `vms[3].steadyRpo.maxMs`; '' is the whole. */
export interface SchemaFault {
  readonly path: string;
  /** The value there, for a message; an object is told by its kind. */
  readonly value: string;
  /** A sentence: `It is a text, but has to be a number.` */
  readonly message: string;
}

/** Faults of a value, at most so many as the compiled schema was told; empty where there are none. */
export type Validator = (value: unknown) => SchemaFault[];

type Schema = Readonly<Record<string, unknown>>;
type Check = (value: unknown, path: string, faults: Faults) => void;

/** The list of faults, which is full at some time. */
class Faults {
  readonly list: SchemaFault[] = [];
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  get isFull(): boolean {
    return this.list.length >= this.most;
  }

  add(path: string, value: unknown, message: string): void {
    if (!this.isFull) this.list.push({ path, value: inWords(value), message });
  }
}

/**
 * @param most where so many faults were found, the rest of the value is not looked at
 * @throws where the schema has a keyword or a reference that is not known here: a fault of ours, not of the value
 */
export function compileSchema(schema: Schema, most: number): Validator {
  const compiler = new Compiler(schema);
  const check = compiler.compile(schema);
  return (value) => {
    const faults = new Faults(most);
    check(value, '', faults);
    return faults.list;
  };
}

/** Say nothing about a value. */
const SILENT = new Set([
  '$schema',
  '$id',
  '$defs',
  '$comment',
  'title',
  'description',
  'default',
  'examples',
  'format',
]);

class Compiler {
  private readonly root: Schema;
  private readonly byRef = new Map<string, Check>();

  constructor(root: Schema) {
    this.root = root;
  }

  compile(schema: unknown): Check {
    if (schema === true) return () => {};
    if (schema === false) return (value, path, faults) => faults.add(path, value, 'It is not known here.');
    const { type, ...rest } = schema as Schema;
    const checks: Check[] = [];
    let isObjectDone = false;
    for (const [keyword, argument] of Object.entries(rest)) {
      if (SILENT.has(keyword)) continue;
      if (OBJECT_KEYWORDS.has(keyword)) {
        if (!isObjectDone) checks.push(this.objectCheck(rest));
        isObjectDone = true;
        continue;
      }
      checks.push(this.keywordCheck(keyword, argument));
    }
    if (type === undefined) return all(checks);
    const types = (Array.isArray(type) ? type : [type]) as string[];
    const wanted = types.map((name) => TYPE_WORDS[name] ?? unknown(`type ${name}`)).join(' or ');
    const isOne = all(checks);
    return (value, path, faults) => {
      // Of a value of another type the rest says nothing.
      if (types.some((name) => isOfType(value, name))) isOne(value, path, faults);
      else faults.add(path, value, `It has to be ${wanted}.`);
    };
  }

  private keywordCheck(keyword: string, argument: unknown): Check {
    switch (keyword) {
      case '$ref':
        return this.refCheck(argument as string);
      case 'oneOf':
      case 'anyOf':
        return this.choiceCheck(argument as readonly Schema[], keyword === 'oneOf');
      case 'allOf':
        return all((argument as readonly Schema[]).map((part) => this.compile(part)));
      case 'items':
        return itemCheck(this.compile(argument));
      case 'enum':
      case 'const':
        return enumCheck(keyword === 'const' ? [argument] : (argument as readonly unknown[]));
      default:
        return limitCheck(keyword, argument);
    }
  }

  private refCheck(ref: string): Check {
    const known = this.byRef.get(ref);
    if (known !== undefined) return known;
    const name = /^#\/\$defs\/(\w+)$/.exec(ref)?.[1];
    const target = name === undefined ? undefined : (this.root.$defs as Schema | undefined)?.[name];
    if (target === undefined) unknown(`reference ${ref}`);
    // A definition may refer to itself.
    let compiled: Check | undefined;
    const check: Check = (value, path, faults) => compiled!(value, path, faults);
    this.byRef.set(ref, check);
    compiled = this.compile(target);
    return check;
  }

  private objectCheck(schema: Schema): Check {
    const properties = new Map(
      Object.entries((schema.properties ?? {}) as Schema).map(([key, part]) => [key, this.compile(part)]),
    );
    const required = (schema.required ?? []) as readonly string[];
    const names = schema.propertyNames === undefined ? undefined : this.compile(schema.propertyNames);
    const further = schema.additionalProperties === undefined ? undefined : this.compile(schema.additionalProperties);
    return (value, path, faults) => {
      if (!isOfType(value, 'object')) return;
      const members = value as Record<string, unknown>;
      for (const key of required) {
        if (!Object.hasOwn(members, key)) faults.add(memberPath(path, key), undefined, 'It is missing.');
      }
      for (const key in members) {
        if (faults.isFull) return;
        if (!Object.hasOwn(members, key)) continue;
        names?.(key, memberPath(path, key), faults);
        const check = properties.get(key) ?? further;
        check?.(members[key], memberPath(path, key), faults);
      }
    };
  }

  /** One of several forms. Where none fits, the faults are those of the form that the constant members tell. */
  private choiceCheck(forms: readonly Schema[], onlyOne: boolean): Check {
    const checks = forms.map((form) => this.compile(form));
    const isMeant = forms.map((form) => this.constantsCheck(form));
    return (value, path, faults) => {
      const found = checks.map((check) => {
        const own = new Faults(FORM_FAULTS_MOST);
        check(value, path, own);
        return own.list;
      });
      const fitting = found.filter(({ length }) => length === 0).length;
      if (fitting === 1 || (fitting > 1 && !onlyOne)) return;
      if (fitting > 1) {
        faults.add(path, value, `It fits ${fitting} forms of which it may have one.`);
        return;
      }
      const meant = found.filter((_, index) => isMeant[index]!(value));
      if (meant.length !== 1) faults.add(path, value, `It has none of the ${forms.length} forms that are known here.`);
      else for (const fault of meant[0]!) faults.add(fault.path, new Shown(fault.value), fault.message);
    };
  }

  /** Whether a value has the members that a form fixes, such as its kind. */
  private constantsCheck(form: Schema): (value: unknown) => boolean {
    const fixed = Object.entries((form.properties ?? {}) as Readonly<Record<string, Schema>>).filter(
      ([, part]) => part.const !== undefined || part.enum !== undefined,
    );
    const checks = fixed.map(([key, part]) => ({ key, check: this.compile(part) }));
    return (value) => {
      if (checks.length === 0 || !isOfType(value, 'object')) return false;
      return checks.every(({ key, check }) => {
        const own = new Faults(1);
        check(Object.hasOwn(value as object, key) ? (value as Record<string, unknown>)[key] : undefined, '', own);
        return own.list.length === 0;
      });
    };
  }
}

const FORM_FAULTS_MOST = 5;
const OBJECT_KEYWORDS = new Set(['properties', 'required', 'additionalProperties', 'propertyNames']);

const TYPE_WORDS: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'null',
};

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'array':
      return Array.isArray(value);
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number' && Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

function all(checks: readonly Check[]): Check {
  if (checks.length === 1) return checks[0]!;
  return (value, path, faults) => {
    for (const check of checks) check(value, path, faults);
  };
}

function itemCheck(check: Check): Check {
  return (value, path, faults) => {
    if (!Array.isArray(value)) return;
    for (let index = 0; index < value.length && !faults.isFull; index++)
      check(value[index], `${path}[${index}]`, faults);
  };
}

function enumCheck(known: readonly unknown[]): Check {
  if (known.some((item) => item !== null && typeof item === 'object')) unknown('constant that is no plain value');
  const words = known.map((item) => JSON.stringify(item)).join(', ');
  const message = `It has to be ${known.length === 1 ? '' : 'one of '}${words}.`;
  return (value, path, faults) => {
    if (!known.includes(value)) faults.add(path, value, message);
  };
}

/** Limits of numbers, texts and lists. */
function limitCheck(keyword: string, limit: unknown): Check {
  const most = limit as number;
  const numeric = (holds: (value: number) => boolean, words: string): Check => {
    return (value, path, faults) => {
      if (typeof value === 'number' && !holds(value)) faults.add(path, value, `It has to be ${words} ${limit}.`);
    };
  };
  const sized = (
    isOne: (value: unknown) => number | undefined,
    holds: (size: number) => boolean,
    words: string,
  ): Check => {
    return (value, path, faults) => {
      const size = isOne(value);
      if (size !== undefined && !holds(size)) faults.add(path, value, `It has to have ${words}.`);
    };
  };
  const characters = (value: unknown): number | undefined =>
    typeof value === 'string' ? (value.length > 1 ? [...value].length : value.length) : undefined;
  const items = (value: unknown): number | undefined => (Array.isArray(value) ? value.length : undefined);
  switch (keyword) {
    case 'minimum':
      return numeric((value) => value >= most, 'at least');
    case 'maximum':
      return numeric((value) => value <= most, 'at most');
    case 'exclusiveMinimum':
      return numeric((value) => value > most, 'more than');
    case 'exclusiveMaximum':
      return numeric((value) => value < most, 'less than');
    case 'minLength':
      return sized(characters, (size) => size >= most, most === 1 ? 'a character' : `${most} characters`);
    case 'maxLength':
      return sized(characters, (size) => size <= most, `at most ${most} characters`);
    case 'minItems':
      return sized(items, (size) => size >= most, `at least ${most} items`);
    case 'maxItems':
      return sized(items, (size) => size <= most, `at most ${most} items`);
    case 'uniqueItems':
      return (value, path, faults) => {
        if (
          limit === true &&
          Array.isArray(value) &&
          new Set(value.map((item) => JSON.stringify(item))).size < value.length
        )
          faults.add(path, value, 'No two of its items may be the same.');
      };
    case 'pattern': {
      const pattern = new RegExp(limit as string, 'u');
      return (value, path, faults) => {
        if (typeof value === 'string' && !pattern.test(value))
          faults.add(path, value, `It has to match ${pattern.source}.`);
      };
    }
    default:
      return unknown(`keyword ${keyword}`);
  }
}

function unknown(what: string): never {
  throw new Error(`the schema has a ${what}, which is not known here`);
}

const SHOWN_CHARACTERS_MOST = 80;

/** `vms[0].name`; a key that is no plain word stands in brackets, cut short. */
function memberPath(path: string, key: string): string {
  if (/^[A-Za-z_]\w{0,59}$/.test(key)) return path === '' ? key : `${path}.${key}`;
  return `${path}[${JSON.stringify(cut(key))}]`;
}

/** A value that is in words already. */
class Shown {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Never the inside of an object: it may be deep or long. */
function inWords(value: unknown): string {
  if (value instanceof Shown) return value.text;
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'string') return JSON.stringify(cut(value));
  return value !== null && typeof value === 'object' ? 'an object' : String(value);
}

function cut(text: string): string {
  return text.length <= SHOWN_CHARACTERS_MOST ? text : `${text.slice(0, SHOWN_CHARACTERS_MOST)}…`;
}
