import { readFileSync } from 'node:fs';

/** Most memory that this process has had. Linux counts what the parent had at the fork into its child's maxRSS, but not into VmHWM. */
export function peakBytes(): number {
  try {
    const kib = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (kib !== undefined) return Number(kib) * 1024;
  } catch {
    // No Linux: the coarser figure has to do.
  }
  return process.resourceUsage().maxRSS * 1024;
}
