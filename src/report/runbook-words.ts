/** What stands at the head of every form of the runbook. */
export const NOT_RUN =
  'Nothing of this was run here: not a command, not a step. Read each one before you use it, and try it on one VM that nobody misses.';
