/** One line on a terminal that says what is being done, for whatever takes longer than a second. */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  readonly #enabled: boolean;
  readonly #startedAtMs = performance.now();
  #shownAtMs = 0;
  #shown = false;

  constructor(stream: NodeJS.WriteStream, enabled: boolean) {
    this.#stream = stream;
    this.#enabled = enabled && stream.isTTY === true;
  }

  /** Shows a text, at most ten times a second and not in the first one. */
  show(text: string): void {
    if (!this.#enabled) return;
    const nowMs = performance.now();
    if (nowMs - this.#startedAtMs < 1000 || nowMs - this.#shownAtMs < 100) return;
    this.#shownAtMs = nowMs;
    this.#shown = true;
    const seconds = Math.floor((nowMs - this.#startedAtMs) / 1000);
    const width = Math.max(20, this.#stream.columns || 80) - 1;
    this.#stream.write(`\r\u001b[2K${`${text} (${seconds} s)`.slice(0, width)}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#shown) this.#stream.write('\r\u001b[2K');
    this.#shown = false;
  }
}
