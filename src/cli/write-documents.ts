import type { Problem } from '../model/problem.ts';
import type { Content, Target } from './documents.ts';
import { checkOutputs, type Output, writeOutputs } from './outputs.ts';

/** A document of whatever, once it is rendered or before. */
type AnyTarget = Omit<Target<never>, 'render'>;

/** Whether every document has a place of its own, where no input is. */
export function checkTargets(targets: readonly AnyTarget[], inputs: readonly string[]): Problem[] {
  return [
    ...targets.flatMap(({ problems }) => problems),
    ...checkStandardOutput(targets),
    ...checkOutputs(
      targets.flatMap(({ files }) => files),
      inputs,
    ),
  ];
}

/** All files or none, then standard output. @returns what could not be written */
export function writeDocuments(documents: readonly Rendered[]): Problem[] {
  const folders = documents.flatMap(({ target: { flag, folder } }) =>
    folder === undefined ? [] : [{ flag, path: folder }],
  );
  const notWritten = writeOutputs(
    documents.flatMap(({ outputs }) => outputs),
    folders,
  );
  for (const { target, content } of documents) {
    if (!target.isStandardOutput || content === undefined) continue;
    for (const piece of typeof content === 'string' || content instanceof Uint8Array ? [content] : content) {
      process.stdout.write(piece);
    }
  }
  return notWritten;
}

/** `Written: report.html`, a line each. */
export function writtenLines(documents: readonly Rendered[]): string {
  return documents
    .map(({ target: { path }, remark }) => `Written: ${path}${remark === undefined ? '' : ` (${remark})`}\n`)
    .join('');
}

/** Two documents cannot both go to standard output. */
function checkStandardOutput(targets: readonly AnyTarget[]): Problem[] {
  return targets
    .filter(({ isStandardOutput }) => isStandardOutput)
    .slice(1)
    .map(({ flag, path }) => ({
      severity: 'error',
      code: 'output-taken',
      file: flag,
      value: path,
      message: 'Another document goes to standard output already.',
      remedy: 'Name a file.',
    }));
}

/** A document that is ready to be written. */
export interface Rendered {
  readonly target: AnyTarget;
  readonly outputs: readonly Output[];
  /** For standard output. */
  readonly content: Content | undefined;
  readonly remark: string | undefined;
}

/** Renders all before any is written. */
export async function renderDocuments<Made>(targets: readonly Target<Made>[], made: Made): Promise<Rendered[]> {
  const rendered: Rendered[] = [];
  for (const target of targets) {
    const written = await target.render(made);
    const { contents, remark } = 'contents' in written ? written : { contents: written, remark: undefined };
    const outputs = target.files.flatMap((file, index) => {
      const content = contents[index];
      return content === undefined ? [] : [{ ...file, content }];
    });
    rendered.push({ target, outputs, content: contents[0], remark });
  }
  return rendered;
}
