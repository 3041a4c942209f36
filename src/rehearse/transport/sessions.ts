import { randomUUID } from 'node:crypto';

/** So many primaries talk to a replica at a time; the one that was silent longest makes room. */
const SESSIONS_MOST = 256;

/**
 * What a replica knows of those who talk to it: who was given which session, and the number of its last request. A request that is sent
 * again as it was has an old number, and one from before the replica was started an unknown session: neither is taken.
 */
export class Sessions {
  readonly #lastNumbers = new Map<string, { readonly owner: string; lastNumber: number }>();

  /** @param owner the fingerprint of the primary's certificate */
  begin(owner: string): string {
    const [oldest] = this.#lastNumbers.keys();
    if (this.#lastNumbers.size >= SESSIONS_MOST && oldest !== undefined) this.#lastNumbers.delete(oldest);
    const id = randomUUID();
    this.#lastNumbers.set(id, { owner, lastNumber: 0 });
    return id;
  }

  /** Takes a request's number. @returns why it is refused; `undefined` = it is not */
  refusal(owner: string, id: string | undefined, number: string | undefined): 'session' | 'replayed' | undefined {
    const session = id === undefined ? undefined : this.#lastNumbers.get(id);
    if (session?.owner !== owner) return 'session';
    const value = /^[1-9][0-9]{0,14}$/.test(number ?? '') ? Number(number) : 0;
    if (value <= session.lastNumber) return 'replayed';
    session.lastNumber = value;
    // The one that talked last is the last to go.
    this.#lastNumbers.delete(id!);
    this.#lastNumbers.set(id!, session);
    return undefined;
  }
}
