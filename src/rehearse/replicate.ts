import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Input } from '../replication/lifecycle.ts';
import { readIfThere, replaceFile } from './durable.ts';
import { Primary, type PrimaryOptions } from './primary/primary.ts';

/** What a primary must know after whatever was killed. */
interface PrimaryState {
  readonly relationshipId: string;
  readonly vmName: string;
}

const STATE_FILE = 'primary.json';
const SCHEMA = 'asr-plan/primary-state@1';
const LOG_FOLDER = 'logs';

export type ReplicateOptions = Omit<PrimaryOptions, 'folder' | 'relationshipId'> & {
  /** Of this VM's primary, its own: a state, and the logs. Made where it is not there. */
  readonly folder: string;
};

/** A folder has the state of another VM. */
export class OtherVmError extends Error {
  override readonly name = 'OtherVmError';
}

/**
 * Starts a primary in a folder: the first time with initial replication; after that, whatever ended the last run, with a resynchronization,
 * since the open logs of that run were not closed ([MS-HRL] 2.2 EOLLocation; facts 4). What its guest was told is written is on the disk itself.
 *
 * @throws OtherVmError; what the file system throws
 */
export async function replicate(options: ReplicateOptions): Promise<Primary> {
  const { folder, workload, policy } = options;
  const logFolder = join(folder, LOG_FOLDER);
  await mkdir(logFolder, { recursive: true, mode: 0o700 });
  const [vm] = workload.vms;
  const known = await readState(folder);
  const state: PrimaryState = known ?? {
    relationshipId: randomUUID(),
    vmName: vm!.name,
  };
  if (state.vmName !== vm!.name) {
    throw new OtherVmError(`${folder} is of the VM "${state.vmName}", not of "${vm!.name}".`);
  }
  if (known === undefined) {
    await replaceFile(join(folder, STATE_FILE), `${JSON.stringify({ schema: SCHEMA, ...state }, null, 2)}\n`);
  }
  for (const name of await readdir(logFolder)) await rm(join(logFolder, name), { recursive: true });
  const initialReplication = {
    ...policy.initialReplication,
    mode: known === undefined ? 'network' : 'existing',
  } as const;
  const primary = new Primary({
    ...options,
    folder: logFolder,
    relationshipId: state.relationshipId,
    policy: { ...policy, initialReplication },
  });
  primary.strike(Input.enabled);
  return primary;
}

async function readState(folder: string): Promise<PrimaryState | undefined> {
  const text = await readIfThere(join(folder, STATE_FILE));
  if (text === undefined) return undefined;
  const { schema, ...state } = JSON.parse(text) as PrimaryState & { readonly schema: string };
  if (schema !== SCHEMA) throw new Error(`${join(folder, STATE_FILE)} is not of ${SCHEMA}.`);
  return state;
}
