import type { CheckResult } from '../../study/check.ts';
import type { Solution } from '../../study/solve-for.ts';
import type { Study } from '../../study/study.ts';
import type { DocumentKind } from '../documents.ts';

/** What a study can be written as. */
export const STUDY_DOCUMENTS: readonly DocumentKind<Study>[] = [
  {
    name: 'out',
    argument: '<study.html>',
    description: 'write the study as a page here',
    render: async (study) => [(await import('../../report/html.ts')).renderStudyHtml(study)],
  },
  {
    name: 'json',
    argument: '<study.json>',
    description: 'write the whole result here (schemas/study.schema.json); - is standard output',
    render: async (study) => [(await import('../../report/json.ts')).renderJson(study)],
  },
  {
    name: 'csv',
    argument: '<folder>',
    description: 'write answer, frontier, sensitivity and drawn scenarios as CSV into this folder',
    files: async () => (await import('../../report/study/study-csv.ts')).studyCsvNames(),
    render: async (study) => (await import('../../report/study/study-csv.ts')).studyCsvFiles(study),
  },
  {
    name: 'markdown',
    argument: '<study.md>',
    description: 'write a summary in Markdown here; - is standard output',
    render: async (study) => [(await import('../../report/study/study-markdown.ts')).renderStudyMarkdown(study)],
  },
];

/** What a solution can be written as. */
export const SOLUTION_DOCUMENTS: readonly DocumentKind<Solution>[] = [
  {
    name: 'json',
    argument: '<solution.json>',
    description: 'write the answer here; - is standard output',
    render: async (solution) => [`${JSON.stringify(solution, null, 2)}\n`],
  },
];

/** What a check can be written as. */
export const CHECK_DOCUMENTS: readonly DocumentKind<CheckResult>[] = [
  {
    name: 'junit',
    argument: '<results.xml>',
    description: "write JUnit's XML here, a test case for each objective; - is standard output",
    render: async (result) => [(await import('../../report/study/junit.ts')).renderJunit(result)],
  },
  {
    name: 'json',
    argument: '<check.json>',
    description: 'write the whole result here; - is standard output',
    render: async (result) => [`${JSON.stringify(result, null, 2)}\n`],
  },
];
