/**
 * What a plan can be written as: one line each, shared by every command that writes one. What renders a document is loaded when it is asked
 * for, so that --help and a run without it need not wait.
 */
import { join } from 'node:path';
import type { Problem } from '../model/problem.ts';
import type { PlanRequest } from '../plan/make-plan.ts';
import type { Plan } from '../plan/plan.ts';
import type { DocumentFlags } from '../request/flags.ts';
import type { Output } from './outputs.ts';
import { checkRunbookPath, renderRunbook } from './runbook-output.ts';

/** What stands in a file. */
export type Content = Output['content'];

/** One kind of document of what was made: a plan, a study. */
export interface DocumentKind<Made> {
  /** The flag that names it, in camel case. */
  readonly name: string;
  /** As in the help. */
  readonly argument: string;
  readonly description: string;
  /** The files that it will write, known before there is a plan: into the path itself where it is absent. */
  readonly files?: () => Promise<readonly string[]>;
  /** What is wrong with a path, where not every one will do. */
  readonly check?: (path: string) => Problem[];
  /** The contents, as many as there are files. */
  readonly render: (made: Made, path: string) => Promise<Contents>;
}

/** A plan; `request` where it has just been made. */
export interface MadePlan {
  readonly plan: Plan;
  readonly request?: PlanRequest;
}

/** The contents of a document's files; `undefined` where there is none of a file that might have been. The remark is for the terminal. */
export type Contents =
  | readonly Content[]
  | { readonly contents: readonly (Content | undefined)[]; readonly remark: string };

export const DOCUMENTS: readonly DocumentKind<MadePlan>[] = [
  {
    name: 'out',
    argument: '<report.html>',
    description: 'write the report here',
    render: async ({ plan, request }) => [(await import('../report/html.ts')).renderHtml(plan, request)],
  },
  {
    name: 'json',
    argument: '<plan.json>',
    description: 'write the whole result here; - is standard output',
    render: async ({ plan }) => [(await import('../report/json.ts')).renderJson(plan)],
  },
  {
    name: 'xlsx',
    argument: '<plan.xlsx>',
    description: 'write a workbook here, a sheet per table',
    render: async ({ plan }) => {
      const [{ renderXlsx }, { tablesOf }] = await Promise.all([
        import('../report/xlsx.ts'),
        import('../report/tables/registry.ts'),
      ]);
      return [renderXlsx(tablesOf(plan))];
    },
  },
  {
    name: 'csv',
    argument: '<folder>',
    description: 'write a CSV per table into this folder',
    files: async () => {
      const { TABLES } = await import('../report/tables/registry.ts');
      return TABLES.map(({ id }) => `${id}.csv`);
    },
    render: async ({ plan }) => {
      const [{ renderCsv }, { tablesOf }] = await Promise.all([
        import('../report/csv.ts'),
        import('../report/tables/registry.ts'),
      ]);
      const { clock, tables } = tablesOf(plan);
      return tables.map((table) => renderCsv(table, clock));
    },
  },
  {
    name: 'charts',
    argument: '<folder>',
    description: 'write every chart into this folder, an SVG and a PNG each',
    files: async () => (await import('../report/images/chart-files.ts')).chartFileNames(),
    render: async ({ plan }) => (await import('../report/images/chart-files.ts')).chartFiles(plan),
  },
  {
    name: 'markdown',
    argument: '<summary.md>',
    description: 'write a summary in Markdown here; - is standard output',
    render: async ({ plan }) => [(await import('../report/markdown.ts')).renderMarkdown(plan)],
  },
  {
    name: 'runbook',
    argument: '<file>',
    description: 'write the set-up tasks here (.md) or their commands (.ps1); may be repeated',
    check: checkRunbookPath,
    render: async ({ plan }, path) => [await renderRunbook(plan, path)],
  },
  {
    name: 'batchesOut',
    argument: '<batches.csv>',
    description: 'write the batches of initial replication here, as --batches reads them',
    render: async ({ plan }) => [(await import('../report/batches-csv.ts')).renderBatchesCsv(plan)],
  },
];

const STANDARD_OUTPUT = '-';

/** A document that was asked for. */
export interface Target<Made> {
  readonly flag: string;
  readonly path: string;
  /** What will be written, each with the flag that asked for it; none for standard output. */
  readonly files: readonly { readonly flag: string; readonly path: string }[];
  /** A folder to be made where it is not there. */
  readonly folder: string | undefined;
  readonly isStandardOutput: boolean;
  readonly problems: readonly Problem[];
  readonly render: (made: Made) => Promise<Contents>;
}

/** `--out <report.html>` and its like, for whoever describes the command line. */
export function documentOptions<Made>(kinds: readonly DocumentKind<Made>[]): {
  readonly flags: string;
  readonly description: string;
  readonly isList: boolean;
}[] {
  return kinds.map(({ name, argument, description }) => ({
    ...{ flags: `${flagOf(name)} ${argument}`, description },
    isList: name === 'runbook',
  }));
}

/** Only what is named is written; `otherwise` is the path of the report where nothing is. */
export async function documentTargets<Made>(
  kinds: readonly DocumentKind<Made>[],
  flags: DocumentFlags,
  otherwise?: string,
): Promise<Target<Made>[]> {
  const pathsOf = (from: DocumentFlags, name: string): readonly string[] =>
    [from[name as keyof DocumentFlags] ?? []].flat();
  const named = kinds.some(({ name }) => pathsOf(flags, name).length > 0);
  const wanted: DocumentFlags = named || otherwise === undefined ? flags : { out: otherwise };
  const targets: Target<Made>[] = [];
  for (const kind of kinds) {
    for (const path of pathsOf(wanted, kind.name)) targets.push(await targetOf(kind, path));
  }
  return targets;
}

/** `--batches-out` of `batchesOut`. */
function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`;
}

async function targetOf<Made>({ name, files, check, render }: DocumentKind<Made>, path: string): Promise<Target<Made>> {
  const flag = flagOf(name);
  const isStandardOutput = path === STANDARD_OUTPUT && files === undefined;
  const inside = files === undefined ? undefined : await files();
  const paths = inside?.map((file) => join(path, file)) ?? (isStandardOutput ? [] : [path]);
  return {
    flag,
    path,
    files: paths.map((written) => ({ flag, path: written })),
    folder: inside === undefined ? undefined : path,
    isStandardOutput,
    problems: check?.(path) ?? [],
    render: (made) => render(made, path),
  };
}
