import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Bytes, BytesPerSec, Millis } from '../../units.ts';
import type { Clock } from '../clock.ts';
import { Pacer } from '../pacer.ts';

export interface FaultProxyOptions {
  readonly targetPort: number;
  /** Default: this machine. */
  readonly targetHost?: string;
  /** Of delays and slowness. A stepped clock does not go on while a call is under way: it waits for the proxy, and the proxy for it. */
  readonly clock: Clock;
  /** Every piece waits so long, either way: the most that goes through is a piece of 64 KiB in that time. */
  readonly delayMs?: Millis;
  /** Towards the replica; default: as fast as it takes them. */
  readonly slowBytesPerSec?: BytesPerSec;
}

/**
 * A bad network on demand: stands between a primary and its replica, on the loopback, and passes on what it gets but for the faults that
 * it was told to make. Each of {@link cutAfter} and {@link flipAfter} happens once; bytes are counted towards the replica, TLS included.
 */
export class FaultProxy {
  readonly #options: FaultProxyOptions;
  readonly #server: Server;
  readonly #pacer: Pacer;
  readonly #sockets = new Set<Socket>();
  #passedBytes: Bytes = 0;
  #cutAtByte: Bytes = Number.POSITIVE_INFINITY;
  #flipAtByte: Bytes = Number.POSITIVE_INFINITY;
  #over = new AbortController();

  private constructor(options: FaultProxyOptions) {
    this.#options = options;
    this.#pacer = new Pacer(options.clock, (options.slowBytesPerSec ?? Number.POSITIVE_INFINITY) * 8);
    this.#server = createServer((client) => this.#connected(client));
  }

  /** @throws what `listen` throws */
  static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** To which the primary is to connect. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends every connection there is; the next one goes through. */
  cutNow(): void {
    this.#over.abort();
    this.#over = new AbortController();
    for (const socket of this.#sockets) socket.destroy();
  }

  /** So many more bytes go through, and then every connection ends. */
  cutAfter(bytes: Bytes): void {
    this.#cutAtByte = this.#passedBytes + bytes;
  }

  /** The byte that comes after so many more has one bit changed. */
  flipAfter(bytes: Bytes): void {
    this.#flipAtByte = this.#passedBytes + bytes;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cutNow();
    await closed;
  }

  #connected(client: Socket): void {
    const { targetPort, targetHost = '127.0.0.1' } = this.#options;
    const replica = connect({ port: targetPort, host: targetHost, noDelay: true });
    client.setNoDelay(true);
    const { signal } = this.#over;
    void this.#pass(client, replica, true, signal);
    void this.#pass(replica, client, false, signal);
  }

  /** One way of a connection. Where it breaks, the other way breaks, too: a cut link leaves nothing half open. */
  async #pass(from: Socket, to: Socket, isToReplica: boolean, signal: AbortSignal): Promise<void> {
    this.#sockets.add(from);
    from.once('close', () => {
      this.#sockets.delete(from);
      // What is left to be sent is sent, unless it was cut.
      to.destroySoon();
    });
    from.on('error', () => to.destroy());
    try {
      for await (const piece of from as AsyncIterable<Buffer>) {
        await this.#wait(piece.length, isToReplica, signal);
        if (signal.aborted) break;
        const { passed, isCut } = isToReplica ? this.#faulty(piece) : { passed: piece, isCut: false };
        const isRoom = to.write(passed);
        if (isCut) {
          // What was to go through is on its way before the sockets go.
          await new Promise((resolve) => to.write('', resolve));
          this.cutNow();
          break;
        }
        if (!isRoom) await once(to, 'drain', { signal });
      }
      to.end();
    } catch {
      to.destroy();
      from.destroy();
    }
  }

  #wait(bytes: Bytes, isToReplica: boolean, signal: AbortSignal): Promise<void> {
    const { clock, delayMs = 0 } = this.#options;
    return clock.run(async () => {
      if (delayMs > 0) await clock.until(clock.nowMs() + delayMs, signal);
      if (isToReplica) await this.#pacer.take(bytes, signal);
    });
  }

  /** What of a piece goes on: with a bit changed, or cut short where the connection is to end. */
  #faulty(piece: Buffer): { readonly passed: Buffer; readonly isCut: boolean } {
    const startByte = this.#passedBytes;
    const flipAt = this.#flipAtByte - startByte;
    if (flipAt < piece.length) {
      piece[flipAt]! ^= 1;
      this.#flipAtByte = Number.POSITIVE_INFINITY;
    }
    const cutAt = this.#cutAtByte - startByte;
    // Cut with the last byte, not with the one behind it: an answer to a request that has arrived whole is lost.
    const isCut = cutAt <= piece.length;
    if (isCut) this.#cutAtByte = Number.POSITIVE_INFINITY;
    const passed = isCut ? piece.subarray(0, cutAt) : piece;
    this.#passedBytes += passed.length;
    return { passed, isCut };
  }
}
