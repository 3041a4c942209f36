import { createCore, type ReplicationCore } from '../../../src/replication/columns.ts';
import { restoreCore, saveCore } from '../../../src/replication/save.ts';
import { broken, type Law, type Watched } from './law.ts';

const NAME = 'a saved core is the same core, to the bit';

/** Saves after so many steps: often early, when most differs from a fresh core, then seldom. */
const FACTOR = 3;

export function savingKeepsAll(watched: Watched): Law {
  let steps = 0;
  let nextSave = 5;
  return {
    name: NAME,
    stepped({ vm, nowMs }) {
      steps++;
      if (steps < nextSave) return;
      nextSave *= FACTOR;
      const fresh = freshCore(watched);
      restoreCore(fresh, saveCore(watched.core));
      const column = differingColumn(watched.core, fresh);
      if (column !== null) broken(watched, NAME, vm, nowMs, `${column} differs`);
    },
  };
}

function freshCore({ run, core, vms }: Watched): ReplicationCore {
  return createCore({ ...run.workload, vms }, run.policy, {
    writes: core.writes,
    resyncSpans: core.resyncSpans,
    cutPhaseMs: vms.map(() => 0),
  });
}

/** The name of a column whose bytes differ, `null` where none does. */
function differingColumn(one: ReplicationCore, other: ReplicationCore): string | null {
  for (const [name, column] of Object.entries(one)) {
    if (!ArrayBuffer.isView(column)) continue;
    const twin = other[name as keyof ReplicationCore] as unknown as ArrayBufferView;
    const bytes = (view: ArrayBufferView): Buffer => Buffer.from(view.buffer, view.byteOffset, view.byteLength);
    if (!bytes(column).equals(bytes(twin))) return name;
  }
  return null;
}
