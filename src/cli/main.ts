/**
 * The command line: which words it takes and which exit code it ends with; nothing else decides either.
 *
 *     main.ts ──▶ analyze.ts ──▶ flags.ts        flags to values, all problems at once
 *                     │       ├─▶ open-input.ts  files and folders to inputs
 *                     │       ├─▶ happenings.ts  faults, actions and outages to events
 *                     │       ├─▶ build-site.ts  flags and the site file to one site
 *                     │       ├─▶ progress.ts    one line on a terminal
 *                     │       └─▶ outputs.ts     written beside, then renamed
 *                     └─▶ ingest ─▶ plan ─▶ report
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import type { AnalyzeFlags } from './flags.ts';

/** What the process ends with. */
export const ExitCode = { met: 0, broken: 1, badInput: 2, ownFault: 3 } as const;

const EXAMPLES = `
Examples:
  Which link does this fleet need for an RPO of 15 minutes, and how does a week on it look?
    $ asr-plan analyze vms.csv --churn churn.csv --rpo 15min

  Does it hold on the link that is there, through an outage on the third day?
    $ asr-plan analyze vms.csv --churn churn.csv --site site.json --bandwidth 300Mbps \\
        --fault 'link down at 2d10h for 40min' --out outage.html --json outage.json
`;

const ANALYZE_HELP = `
vms.csv has a row per disk: vm, disk, host, volume, size, used, churn, in any order, with the unit in the
header (size_gib, churn_gib_per_day) or in the cell (40 GiB). A second file may carry measured churn:
time, vm, disk, write_bytes, where time is the start of the interval.
${EXAMPLES}
Exit codes: 0 the objectives are met, 1 an objective is broken, 2 bad input, 3 our own fault.
`;

function program(run: (files: string[], flags: AnalyzeFlags) => Promise<void>): Command {
  const { version, description } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const repeatable = (flag: string, description: string): Option =>
    new Option(flag, description)
      .argParser((value: string, before: readonly string[]) => [...before, value])
      .default([], 'none');
  const asrPlan = new Command('asr-plan')
    .description(description)
    .version(version)
    .addHelpText('after', EXAMPLES)
    .helpOption('-h, --help', 'what the command does, with examples')
    .showHelpAfterError('(asr-plan --help shows how)');
  asrPlan
    .command('analyze')
    .description('bandwidth, RPO, initial replication and disk space for a fleet, from a CSV of its disks')
    .argument('<files...>', 'the disks to protect and what is written to them: files and folders, whatever you have')
    .option('--churn <series.csv>', 'measured churn: time, vm, disk, write_bytes')
    .option('--site <site.json>', 'hosts, volumes, the link, clouds, policies, batches (schemas/site.schema.json)')
    .option('--scenario <name>', 'hyperv-to-azure, vmm-to-azure or vmm-to-vmm')
    .option('--copy-frequency <duration>', 'interval between two cuts of the logs: 30s, 5min, 15min')
    .option('--bandwidth <rate>', 'the link: 100Mbps; without it the one that the RPO needs is used')
    .option('--rpo <duration>', 'recovery point objective (default: 15min)')
    .option('--horizon <duration>', 'how far to look (default: 7d)')
    .option('--start <time>', 'start of the run, ISO 8601; without offset local in the time zone')
    .option('--time-zone <zone>', 'Europe/Berlin, UTC, +02:00; the default is that of the churn file')
    .option('--growth-factor <percent>', 'churn grows by this: 30% (default: 0%)')
    .option('--compression <ratio>', 'bytes on the wire per byte of a log (default: 1)')
    .option('--policy-compression <switch>', "the policy's switch, on or off; between VMM sites only")
    .option('--authentication <kind>', 'of the hosts: kerberos or certificate; between VMM sites only')
    .option('--recovery-points <hours>', 'how long recovery points are kept: 4h')
    .option('--app-consistent <hours>', 'hours between app-consistent snapshots: 1h, or off')
    .option('--initial-replication <how>', "network (default), 'network at 1d18h', 'media 7d', 'existing 30d'")
    .option('--link-efficiency <ratio>', 'share of the link that carries payload (default: 0.95)')
    .option('--rtt <duration>', 'round trip over the link: 35ms; with it, connections have a limit')
    .option('--loss <percent>', 'packets that the link loses: 0.1%')
    .option('--upload-threads <count>', 'UploadThreadsPerVM of the hosts (default: 4); to Azure only')
    .option(
      '--throttle <line>',
      "the agent's limit on every host that has none in the site file, pasted: 'Set-OBMachineSetting …'",
    )
    .option('--background <series.csv>', 'what others use of the link: time, rate (rate_mbps, or 30 Mbps in the cell)')
    .option(
      '--outages <outages.csv>',
      'outages: start, end or duration, link (of the site file; the site’s where empty)',
    )
    .option('--random-outages <mtbf/mttr>', 'outages of the link, drawn from the seed: 30d/2h')
    .option(
      '--replica-write-throughput <rate>',
      "what the replicas' storage writes: '300 MB/s'; between VMM sites only",
    )
    .option('--vhdx-growth <percent>', 'of what is written falls on new blocks of the virtual disks (default: 0%)')
    .option('--max-active-transfers <count>', 'VMs whose transfers leave one host at a time')
    .option('--aligned', 'all VMs cut their logs at the same instants: the worst case')
    .option('--skip-initial-replication', 'the fleet is protected already')
    .addOption(repeatable('--fault <fault>', "'link down at 2d10h for 40min'; may be repeated"))
    .addOption(repeatable('--action <action>', "what an administrator does: 'pause SQL01 at 1d9h'; may be repeated"))
    .option('--seed <number>', 'draws the instants of the cuts and random outages (default: 0)')
    .option('--out <report.html>', 'write the report here')
    .option('--json <plan.json>', 'write the whole result here; - is standard output')
    .addOption(new Option('-q, --quiet', 'print nothing but problems'))
    .addHelpText('after', ANALYZE_HELP)
    .action(run);
  for (const command of [asrPlan, ...asrPlan.commands]) command.exitOverride();
  return asrPlan;
}

async function main(): Promise<number> {
  // A reader that has seen enough (… | head) is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(ExitCode.met);
    throw error;
  });
  let exitCode: number = ExitCode.met;
  try {
    await program(async (files, flags) => {
      // Loaded here, so that --help need not wait for the rest of the product.
      const { analyze } = await import('./analyze.ts');
      exitCode = ExitCode[await analyze(files, flags)];
    }).parseAsync();
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.met : ExitCode.badInput;
    process.stderr.write(
      `asr-plan: this is our own fault, not yours. Please report it with the command and this text.\n${(error as Error).stack ?? error}\n`,
    );
    return ExitCode.ownFault;
  }
}

process.exitCode = await main();
