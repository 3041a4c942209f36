import { readBytes } from '../formats/random-access.ts';
import { readWorkbook } from '../formats/xlsx.ts';
import type { Input } from './input.ts';
import type { InventoryFile } from './inventory-file.ts';
import { inventorySheets } from './inventory-formats.ts';
import { fewNames, ProblemList } from './problem-list.ts';

/** A larger one is no inventory. [chosen] */
const MAX_WORKBOOK_BYTES = 256e6;

/** The sheets of a workbook that known tools wrote (RVTools, Live Optics). Where there is none, or it cannot be read, a file with that problem alone. */
export async function readWorkbookFiles(input: Input): Promise<InventoryFile[]> {
  const problems = new ProblemList(input.name);
  const bytes = await input.withBytes?.(async (file) =>
    file.sizeBytes > MAX_WORKBOOK_BYTES ? undefined : await readBytes(file, 0, file.sizeBytes),
  );
  if (bytes === undefined) {
    const message = `A workbook is read from a file of at most ${MAX_WORKBOOK_BYTES / 1e6} MB.`;
    problems.error('workbook-too-large', {}, message, 'Save the sheets that matter as CSV, and give these.');
    return [nothing(problems)];
  }
  const workbook = await readWorkbook(bytes);
  if ('fault' in workbook) {
    const { kind, text } = workbook.fault;
    problems.error(
      `workbook-${kind}`,
      {},
      `The workbook cannot be read: ${text}`,
      'Open it in Excel and save it again, or save its sheets as CSV.',
    );
    return [nothing(problems)];
  }
  const known = inventorySheets(input.name, workbook.sheets);
  if (known.length === 0) {
    const message = `No sheet of this workbook is known. There are: ${fewNames(workbook.sheets.map(({ name }) => name))}.`;
    problems.error(
      'workbook-no-sheet',
      {},
      message,
      'Save the sheet with the disks as CSV, and name its columns with --map.',
    );
    return [nothing(problems)];
  }
  const files: InventoryFile[] = [];
  for (const { format, source } of known) files.push(await format.read(source));
  return files;
}

function nothing(problems: ProblemList): InventoryFile {
  return {
    ...{ format: 'workbook', rows: [], vms: [], excluded: [], hasDiskColumn: true, problems },
    ...{ headerOf: (key) => key, dropped: new Map(), rowCount: 0 },
  };
}
