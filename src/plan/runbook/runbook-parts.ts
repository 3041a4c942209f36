import type { ScenarioId } from '../../model/scenario.ts';
import type { Millis } from '../../units.ts';

/**
 * What an administrator does so that the run's plan comes true: the set-up tasks as Microsoft Learn numbers them ("On-premises Hyper-V
 * Replication to a secondary on-premises Hyper-V site (with VMM)", tasks 1 to 5), with this fleet's own names, ports, values and dates.
 * Nothing in it was run. Texts are plain; names of strangers stand as they are in `values` and `vms`, and quoted in scripts.
 */
export interface Runbook {
  readonly scenario: ScenarioId;
  /** What nobody told: each stands open, as `<name>`, once, at the head of the commands. */
  readonly openPlaces: readonly OpenPlace[];
  /** PowerShell, ASCII only: the values that the commands share, and their helpers. Does not parse before every open place is filled. */
  readonly preamble: string;
  /** VMs that are enabled together, by their start. */
  readonly batches: readonly RunbookBatch[];
  readonly tasks: readonly RunbookTask[];
}

export interface OpenPlace {
  /** As it stands between `<` and `>`. */
  readonly name: string;
  /** The PowerShell variable that it is asked for, with its `$`. */
  readonly variable: string;
  /** What belongs there. */
  readonly asks: string;
}

/** VMs whose protection is enabled together. */
export interface RunbookBatch {
  readonly name: string;
  /** On the run's clock. */
  readonly startMs: Millis;
  readonly vms: readonly string[];
}

export interface RunbookTask {
  /** 1 to 5, as the source numbers them. */
  readonly number: number;
  /** The source's own. */
  readonly title: string;
  readonly steps: readonly RunbookStep[];
  readonly source: string;
}

export interface RunbookStep {
  /** Unique in the runbook, in small letters and hyphens. */
  readonly id: string;
  readonly title: string;
  /** The machine or the site that it is done on. */
  readonly where: string;
  /** What to do, a sentence or a few each. */
  readonly doing: readonly string[];
  /** This fleet's own values for it. */
  readonly facts: readonly RunbookFact[];
  readonly commands: readonly RunbookCommand[];
  /** What must be seen afterwards. */
  readonly checks: readonly string[];
  readonly source: string;
}

export interface RunbookFact {
  readonly label: string;
  /** Names of strangers among them: escape them where they are written. */
  readonly values: readonly string[];
}

/** PowerShell that was not run. */
export interface RunbookCommand {
  /** Unique in the runbook: the name by which the script file calls it. */
  readonly id: string;
  /** Where it is to be typed. */
  readonly where: string;
  /** ASCII, lines by `\n`, none at the end; needs the runbook's preamble. */
  readonly script: string;
  /** What no documentation was found for, or where the documentation leaves something open; empty = cmdlets and parameters are documented. */
  readonly notVerified: readonly string[];
}
