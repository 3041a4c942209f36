import { resolveProtection } from '../ingest/protection.ts';
import { checkSite, type SiteFile } from '../ingest/site.ts';
import type { VmmCloud } from '../model/cloud.ts';
import type { VmOverride } from '../model/policy.ts';
import type { Problem } from '../model/problem.ts';
import type { VmNetwork } from '../model/site.ts';
import type { Workload } from '../model/workload.ts';
import type { Settings } from './flags.ts';

/** Who is replicated otherwise than the run, which VMs each cloud has, and what VMs have of their own on the network. */
export interface Protection {
  readonly overrides: readonly VmOverride[];
  readonly clouds: readonly VmmCloud[];
  readonly network: readonly VmNetwork[];
}

const NOTHING_OF_THEIR_OWN: Protection = { overrides: [], clouds: [], network: [] };

/** What the site file says of the inventory's VMs: whether it names things that are there, and what it protects otherwise. */
export function readProtection(
  siteFile: SiteFile | undefined,
  workload: Workload | undefined,
  settings: Settings,
  problems: Problem[],
): Protection {
  if (siteFile === undefined || workload === undefined) return NOTHING_OF_THEIR_OWN;
  problems.push(...checkSite(siteFile, workload));
  if (!settings.isScenarioKnown) return NOTHING_OF_THEIR_OWN;
  const resolved = resolveProtection(siteFile, workload, settings.policy);
  problems.push(...resolved.problems);
  if (settings.options.skipInitialReplication && siteFile.batches.length > 0) {
    problems.push({
      severity: 'warning',
      code: 'site-batches-unused',
      file: siteFile.file,
      column: 'batches',
      message: 'With --skip-initial-replication every VM is protected from the start, and batches mean nothing.',
      remedy: 'Delete "batches", or leave the flag out.',
    });
  }
  return resolved;
}
