/** Longest text of a scenario. */
export const TEXT_LENGTH_MOST = 2000;

/** Why a text is no scenario; whoever reads it makes a problem of it. */
export class Wrong extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}
