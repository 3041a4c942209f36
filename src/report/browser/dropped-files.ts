import { sniffEncoding } from '../../formats/text-encoding.ts';
import type { Input } from '../../ingest/input.ts';
import type { Problem } from '../../model/problem.ts';
import { type Files, inputOf, type OpenedFile, problemOf } from '../../request/opened-file.ts';

const HEAD_BYTES = 256 * 1024;

/** A file that a user gave to the page, by the name under which the page speaks of it. */
export interface Dropped {
  readonly name: string;
  readonly blob: Blob;
  /** From a folder: that it is none of ours says nothing then. */
  readonly isFound: boolean;
}

/** Files that were given to the page. They stay where they are: only what is needed is read. */
export function droppedFiles(dropped: readonly Dropped[]): Files {
  const byName = new Map(dropped.map((file) => [file.name, file]));
  const open: Files['open'] = async (name) => {
    const file = byName.get(name);
    if (file === undefined)
      return { problems: [problemOf(name, 'text-missing', 'There is no such file.', 'Choose it again.')] };
    try {
      return { value: await opened(file), problems: [] };
    } catch (error) {
      return { problems: [unreadable(name, error)] };
    }
  };
  return {
    open,
    async inputs(named) {
      const inputs: Input[] = [];
      const problems: Problem[] = [];
      for (const { path, role } of named) {
        const { value, problems: found } = await open(path);
        problems.push(...found);
        if (value === undefined) continue;
        const input = inputOf(value, byName.get(path)!.isFound);
        inputs.push(role === undefined ? input : { ...input, role });
      }
      return { inputs, problems };
    },
  };
}

async function opened({ name, blob }: Dropped): Promise<OpenedFile> {
  const head = new Uint8Array(await blob.slice(0, HEAD_BYTES).arrayBuffer());
  return {
    ...{ name, head, sniffed: sniffEncoding(head), sizeBytes: blob.size },
    bytes: () => bytesOf(blob),
    withBytes: (use) =>
      use({
        sizeBytes: blob.size,
        async read(into, offset) {
          const piece = new Uint8Array(await blob.slice(offset, offset + into.length).arrayBuffer());
          into.set(piece);
          return piece.length;
        },
      }),
    unreadable: (error) => unreadable(name, error),
  };
}

async function* bytesOf(blob: Blob): AsyncGenerator<Uint8Array> {
  const reader = blob.stream().getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}

/** A browser says little: the file was moved, changed or locked since it was chosen. */
function unreadable(name: string, error: unknown): Problem {
  if (!(error instanceof DOMException)) throw error;
  const message = `The file cannot be read: ${error.message}`;
  return problemOf(
    name,
    'text-unreadable',
    message,
    'Check that it is still there and that no program holds it, and choose it again.',
  );
}
