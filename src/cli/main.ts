/**
 * The command line: which words it takes and which exit code it ends with; nothing else decides either.
 *
 *     analyze ──▶ analyze.ts ──▶ request/          flags and files (or five numbers) to one run, all problems at once
 *     quick ────▶     │       ├─▶ open-input.ts    files and folders of the disks
 *                     │       ├─▶ progress.ts      one line on a terminal
 *                     │       └─▶ outputs.ts       written beside, then renamed
 *                     └─▶ plan ─▶ report
 *     import ───▶ import-files.ts                  the first half alone
 *     inspect ──▶ inspect.ts                       what a file is, and what is in it
 *     fit ──────▶ fit.ts                           how one disk is written to
 *     app ──────▶ app.ts                           the planner as a page
 *     rehearse ─▶ rehearse/    a trace over a real primary and replica, beside what the planner says
 *     report ───▶ report.ts ──▶ read-plan.ts       a plan that was written, validated, as other documents
 *     diff ─────▶ diff.ts ────▶ read-plan.ts       what changed between two plans, and why
 *                               documents.ts       what a plan can be written as
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import type { AnalyzeFlags } from '../request/flags.ts';
import type { QuickFlags } from '../request/quick.ts';
import type { AppFlags } from './app.ts';
import type { DiffFlags } from './diff.ts';
import { DOCUMENTS, type DocumentKind, documentOptions } from './documents.ts';
import type { FitFlags } from './fit.ts';
import {
  ANALYZE_HELP,
  APP_HELP,
  CHECK_HELP,
  DIFF_HELP,
  EXAMPLES,
  FIT_HELP,
  IMPORT_HELP,
  INSPECT_HELP,
  QUICK_HELP,
  REHEARSE_HELP,
  REPLICA_HELP,
  REPLICATE_HELP,
  REPORT_HELP,
  SOLVE_HELP,
  STUDY_HELP,
} from './help-texts.ts';
import type { ImportFlags } from './import-files.ts';
import type { InspectFlags } from './inspect.ts';
import type { CertificatesFlags } from './rehearse/certificates.ts';
import type { RehearseFlags } from './rehearse/rehearse.ts';
import type { ReplicaFlags, TestFailoverFlags } from './rehearse/replica.ts';
import type { ReplicateFlags } from './rehearse/replicate.ts';
import type { ReportFlags } from './report.ts';
import type { CheckFlags } from './study/check.ts';
import type { SolveFlags } from './study/solve.ts';
import type { StudyFlags } from './study/study.ts';
import { CHECK_DOCUMENTS, SOLUTION_DOCUMENTS, STUDY_DOCUMENTS } from './study/study-documents.ts';

/** What the process ends with. */
export const ExitCode = { met: 0, broken: 1, badInput: 2, ownFault: 3 } as const;

/** What runs behind each command: loaded when it is called, so that --help need not wait for the product. */
interface Commands {
  readonly analyze: (files: string[], flags: AnalyzeFlags) => Promise<void>;
  readonly quick: (flags: AnalyzeFlags & QuickFlags) => Promise<void>;
  readonly study: (files: string[], flags: StudyFlags) => Promise<void>;
  readonly solve: (what: string, files: string[], flags: SolveFlags) => Promise<void>;
  readonly check: (objectives: string, files: string[], flags: CheckFlags) => Promise<void>;
  readonly importFiles: (files: string[], flags: ImportFlags) => Promise<void>;
  readonly inspect: (files: string[], flags: InspectFlags) => Promise<void>;
  readonly fit: (trace: string, flags: FitFlags) => Promise<void>;
  readonly app: (flags: AppFlags) => Promise<void>;
  readonly rehearse: (flags: RehearseFlags) => Promise<void>;
  readonly replica: (flags: ReplicaFlags) => Promise<void>;
  readonly replicate: (flags: ReplicateFlags) => Promise<void>;
  readonly testFailover: (relationship: string, flags: TestFailoverFlags) => Promise<void>;
  readonly certificates: (flags: CertificatesFlags) => Promise<void>;
  readonly report: (plan: string, flags: ReportFlags) => Promise<void>;
  readonly diff: (before: string, after: string, flags: DiffFlags) => Promise<void>;
}

function program(commands: Commands): Command {
  const { version, description } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const asrPlan = new Command('asr-plan')
    .description(description)
    .version(version)
    .addHelpText('after', EXAMPLES)
    .helpOption('-h, --help', 'what the command does, with examples')
    .showHelpAfterError('(asr-plan --help shows how)');
  const analyze = asrPlan
    .command('analyze')
    .description('bandwidth, RPO, initial replication and disk space for a fleet, from the files that you have');
  withDocumentOptions(withFleet(analyze), DOCUMENTS).addHelpText('after', ANALYZE_HELP).action(commands.analyze);
  const quick = asrPlan
    .command('quick')
    .description('the same without any file, from five numbers')
    .option('--vms <count>', 'how many VMs')
    .option('--disks-per-vm <count>', 'disks of each (default: 1)')
    .option('--disk <size>', 'size of a disk: 200GiB')
    .option('--used <percent>', 'of it is used (default: 100%)')
    .option('--churn <rate>', 'written to each disk: 3%/day of what is used, or 50 kB/s');
  withInstants(quick);
  withDocumentOptions(withRunOptions(quick), DOCUMENTS).addHelpText('after', QUICK_HELP).action(commands.quick);
  const study = asrPlan
    .command('study')
    .description('whether a promise holds over a space of scenarios, and the smallest thing that breaks it');
  withSearchOptions(withFleet(study))
    .addOption(repeatable('--require <promise>', "'rpo.p95 <= 15 min' (docs/promises.md); may be repeated"))
    .addOption(repeatable('--vary <what>', "'outage.length in 0 h .. 8 h' (docs/scenarios.md); may be repeated"))
    .addOption(repeatable('--correlate <pair>', "of drawn scenarios: 'churn, growth: 0.6'; may be repeated"))
    .option('--monte-carlo [draws]', 'draw scenarios too, and say in how many every promise holds (default: 2000)')
    .option('--within <percent>', 'draw until half of the interval is no wider (default: 2%)')
    .option('--compare <values>', "draw the same for each of these: 'bandwidth in 50 Mbps, 100 Mbps'");
  withDocumentOptions(study, STUDY_DOCUMENTS).addHelpText('after', STUDY_HELP).action(commands.study);
  const solve = asrPlan
    .command('solve')
    .description('how small a link, how much churn, how long an outage will do for a promise')
    .argument('<what>', "what to solve for: 'bandwidth', 'churn', 'outage.length', or a range of it");
  withSearchOptions(withFleet(solve))
    .addOption(repeatable('--for <promise>', "'rpo.p99 <= 15 min' (docs/promises.md); may be repeated"))
    .addOption(
      repeatable('--under <what>', "'outage 2 h any time', 'patch-tuesday' (docs/scenarios.md); may be repeated"),
    );
  withDocumentOptions(solve, SOLUTION_DOCUMENTS).addHelpText('after', SOLVE_HELP).action(commands.solve);
  const check = asrPlan
    .command('check')
    .description('whether a fleet keeps the promises of a file, for CI')
    .argument('<objectives.yaml>', 'what is promised, and under what');
  withSearchOptions(withFleet(check));
  withDocumentOptions(check, CHECK_DOCUMENTS).addHelpText('after', CHECK_HELP).action(commands.check);
  const imported = asrPlan
    .command('import')
    .description('reads files as analyze does, and writes the workload for later')
    .argument('<files...>', 'files and folders')
    .requiredOption('-o, --out <workload.json>', 'write the workload here')
    .option('--churn <series.csv>', 'measured churn: time, vm, disk, write_bytes');
  withInputOptions(imported)
    .addOption(new Option('-q, --quiet', 'print nothing but problems'))
    .addHelpText('after', IMPORT_HELP)
    .action(commands.importFiles);
  asrPlan
    .command('inspect')
    .description('says what a file is and what is in it')
    .argument('<files...>', 'files and folders')
    .option('--entries', 'list every entry of a replication log')
    .option('--json', 'as JSON, a line for each file')
    .addHelpText('after', INSPECT_HELP)
    .action(commands.inspect);
  asrPlan
    .command('fit')
    .description('how one disk is written to, from a block trace or a replication log: overwriting, churn, sizes')
    .argument('<trace>', 'time, op, offset, length as CSV, or an HRL file')
    .option('--into <workload.json>', 'put it into this workload …')
    .option('--disk <vm/disk>', "… as this disk: 'SQL01/data' …")
    .option('-o, --out <workload.json>', '… and write that here')
    .option('--json', 'as JSON')
    .addHelpText('after', FIT_HELP)
    .action(commands.fit);
  asrPlan
    .command('app')
    .description('the planner as a page that works offline, for machines on which nothing can be installed')
    .requiredOption('--out <planner.html>', 'write the page here')
    .addOption(new Option('-q, --quiet', 'print nothing but problems'))
    .addHelpText('after', APP_HELP)
    .action(commands.app);
  const rehearse = asrPlan
    .command('rehearse')
    .description(
      'replays a trace over a real primary and replica on this machine: the prediction beside what is measured',
    )
    .option('--trace <requests.csv>', 'what the guest writes: time, op, offset, length')
    .option('--load <rate>', "or a made-up load: '2 MB/s' in writes of 8 KiB …")
    .option('--hot <size>', '… on so much of the disk (default: 64MiB)')
    .option('--disk <image>', 'the disk that it writes to, which is copied; without it an empty one')
    .option('--speed <factor>', 'times as fast as the trace, or stepped: waiting takes no time (default: 1)')
    .option('--compress', 'the transport compresses')
    .option('--compressible <share>', 'what compression leaves of the made-up data, 0 to 1 (default: 1)')
    .option('--folder <folder>', 'where the disks and logs lie meanwhile (default: that for temporary files)')
    .option('--json <rehearsal.json>', 'write all figures here')
    .option('--calibrate <calibration.json>', 'write here what analyze --calibration takes');
  withRunOptions(withInstants(rehearse))
    .addOption(new Option('-q, --quiet', 'print nothing but problems'))
    .addHelpText('after', REHEARSE_HELP)
    .action(commands.rehearse);
  const replica = asrPlan
    .command('replica')
    .description("the replica's end of a rehearsal between two machines; no backup product")
    .requiredOption('--folder <folder>', 'where the replicas lie')
    .option('--port <port>', 'port (default: 8084)')
    .option('--address <address>', 'address (default: all; without certificates the loopback)');
  withCertificates(replica).addHelpText('after', REPLICA_HELP).action(commands.replica);
  const replicate = asrPlan
    .command('replicate')
    .description("the primary's end of a rehearsal between two machines; no backup product")
    .requiredOption('--disk <image>', 'the raw image of the disk, which is used in place')
    .requiredOption('--to <host:port>', 'the replica')
    .requiredOption('--folder <folder>', 'for its state and logs')
    .option('--name <vm>', 'name of the VM (default: rehearsal)')
    .option('--trace <requests.csv>', 'what the guest writes: time, op, offset, length; it is written to the disk')
    .option('--compress', 'the transport compresses')
    .option('--replica-name <name>', "the name in the replica's certificate (default: the host)");
  withCertificates(withRunOptions(withInstants(replicate)))
    .addOption(new Option('-q, --quiet', 'print nothing but problems'))
    .addHelpText('after', REPLICATE_HELP)
    .action(commands.replicate);
  asrPlan
    .command('test-failover')
    .description('raw images of the disks of a replica as of a recovery point')
    .argument('<relationship>', "the replica's folder within --folder")
    .requiredOption('--folder <folder>', 'where the replicas lie; no replica may be running on it')
    .requiredOption('--out <folder>', 'write the images here')
    .option('--at <time>', 'the newest recovery point that is not after it, ISO 8601 (default: the latest)')
    .action(commands.testFailover);
  asrPlan
    .command('certificates')
    .description('makes an authority for one rehearsal and a certificate for each end')
    .requiredOption('--out <folder>', 'a new folder')
    .option('--primary <name>', "the primary's host name or address (default: localhost)")
    .option('--replica <name>', "the replica's host name or address (default: localhost)")
    .action(commands.certificates);
  const report = asrPlan
    .command('report')
    .description('writes a plan that was written as JSON as other documents')
    .argument('<plan.json>', 'what analyze --json wrote');
  withDocumentOptions(report, DOCUMENTS).addHelpText('after', REPORT_HELP).action(commands.report);
  asrPlan
    .command('diff')
    .description('what changed between two plans, and which inputs differ')
    .argument('<before.json>', 'what analyze --json wrote')
    .argument('<after.json>', 'and wrote later')
    .option('--json <diff.json>', 'write the whole comparison here; - is standard output')
    .addOption(new Option('-q, --quiet', 'print nothing but problems'))
    .addHelpText('after', DIFF_HELP)
    .action(commands.diff);
  for (const command of [asrPlan, ...asrPlan.commands]) command.exitOverride();
  return asrPlan;
}

function repeatable(flag: string, description: string): Option {
  return new Option(flag, description)
    .argParser((value: string, before: readonly string[]) => [...before, value])
    .default([], 'none');
}

function withInstants(command: Command): Command {
  return command
    .option('--start <time>', 'start of the run, ISO 8601; without offset local in the time zone')
    .option('--time-zone <zone>', 'Europe/Berlin, UTC, +02:00; the default is that of the churn files');
}

/** The fleet, and how it is replicated. */
function withFleet(command: Command): Command {
  command
    .argument('<files...>', 'the disks to protect and what is written to them: files and folders')
    .option('--churn <series.csv>', 'measured churn: time, vm, disk, write_bytes');
  return withRunOptions(withInputOptions(command));
}

/** How files are read. */
function withInputOptions(command: Command): Command {
  return withInstants(command)
    .option('--map <columns>', "what columns of another tool's table are called: 'vm=VMName,size=VHDSize(GB)'")
    .option('--assume-churn <share>', 'for disks of which no file tells it: 3%/day of what is used')
    .addOption(repeatable('--exclude <pattern>', "leave disks out: 'disk:*tempdb*', 'vm:TEST-*'; may be repeated"));
}

/** How the run goes, and where its documents are written. */
function withRunOptions(command: Command): Command {
  command
    .option('--site <site.json>', 'hosts, volumes, the link, clouds, policies, batches (schemas/site.schema.json)')
    .option('--scenario <name>', 'hyperv-to-azure, vmm-to-azure or vmm-to-vmm')
    .option('--copy-frequency <duration>', 'interval between two cuts of the logs: 30s, 5min, 15min')
    .option('--bandwidth <rate>', 'the link: 100Mbps; without it the one that the RPO needs is used')
    .option('--rpo <duration>', 'recovery point objective (default: 15min)')
    .option('--horizon <duration>', 'how far to look (default: 7d)')
    .option('--ir-within <duration>', 'which bandwidth has initial replication through in that time: 3d')
    .option('--growth-factor <percent>', 'churn grows by this: 30% (default: 0%)')
    .option('--compression <ratio>', 'bytes on the wire per byte of a log (default: 1)')
    .option('--policy-compression <switch>', "the policy's switch, on or off; between VMM sites only")
    .option('--authentication <kind>', 'of the hosts: kerberos or certificate; between VMM sites only')
    .option('--recovery-points <hours>', 'how long recovery points are kept: 4h')
    .option('--app-consistent <hours>', 'hours between app-consistent snapshots: 1h, or off')
    .option('--initial-replication <how>', "network (default), 'network at 1d18h', 'media 7d', 'existing 30d'")
    .option('--link-efficiency <ratio>', 'share of the link that carries payload (default: 0.95)')
    .option('--calibration <calibration.json>', 'compression and link efficiency as rehearse measured them')
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
    .option('--batches <batches.csv>', 'who is enabled when: vm, at (2d10h or an ISO time); as --batches-out writes it')
    .option('--random-outages <mtbf/mttr>', 'outages of the link, drawn from the seed: 30d/2h')
    .option(
      '--replica-write-throughput <rate>',
      "what the replicas' storage writes: '300 MB/s'; between VMM sites only",
    )
    .option('--vhdx-growth <percent>', 'of what is written falls on new blocks of the virtual disks (default: 0%)')
    .option('--max-active-transfers <count>', 'VMs whose transfers leave one host at a time')
    .option('--aligned', 'all VMs cut their logs at the same instants: the worst case')
    .option('--skip-initial-replication', 'the fleet is protected already')
    .addOption(
      repeatable('--rules <rules.json>', 'limits, disk tiers, VM sizes: overrides by id or adds; may be repeated'),
    )
    .addOption(repeatable('--fault <fault>', "'link down at 2d10h for 40min'; may be repeated"))
    .addOption(repeatable('--action <action>', "what an administrator does: 'pause SQL01 at 1d9h'; may be repeated"))
    .addOption(
      repeatable(
        '--prices <prices.json>',
        'price file, or a saved answer of the Azure Retail Prices API; may be repeated',
      ),
    )
    .addOption(
      repeatable(
        '--with <setting>',
        "a scenario: 'outage 2 h at Tue 11:00', 'churn x 2', 'patch-tuesday'; may be repeated",
      ),
    )
    .option('--seed <number>', 'draws the instants of the cuts and random outages (default: 0)')
    .option('--anonymize', 'others than your own names in all documents, so that they can be shown around')
    .option('--names-key <names.csv>', 'write here what stands for what, with --anonymize; for you alone');
  return command;
}

/** How the two ends of a rehearsal know each other. */
function withCertificates(command: Command): Command {
  command
    .option('--certificate <file.pem>', "this end's certificate")
    .option('--key <file.key>', 'its private key, readable by its owner alone')
    .option('--authority <file.pem>', "the authority of both ends' certificates");
  // Of the commands that take the options of analyze, too, it says something else there.
  return command.options.some(({ long }) => long === '--authentication')
    ? command
    : command.option('--authentication <kind>', 'certificate (default), or none: plain HTTP on the loopback');
}

/** How scenarios are run. */
function withSearchOptions(command: Command): Command {
  return command
    .option('--scenarios <count>', 'most scenarios that are run (default: 2000)')
    .option('--workers <count>', 'threads (default: as many as there are cores); the answer is the same')
    .option('--answers <answers.jsonl>', 'keep answers here while it runs (default: study.answers.jsonl)')
    .option('--resume', 'go on where it was interrupted');
}

/** Where documents are written. */
function withDocumentOptions<Made>(command: Command, kinds: readonly DocumentKind<Made>[]): Command {
  for (const { flags, description, isList } of documentOptions(kinds)) {
    command.addOption(isList ? repeatable(flags, description) : new Option(flags, description));
  }
  return command.addOption(new Option('-q, --quiet', 'print nothing but problems'));
}

async function main(): Promise<number> {
  // A reader that has seen enough (… | head) is no fault.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(ExitCode.met);
    throw error;
  });
  let exitCode: number = ExitCode.met;
  try {
    await program({
      async analyze(files, flags) {
        const { analyze } = await import('./analyze.ts');
        exitCode = ExitCode[await analyze(files, flags)];
      },
      async quick({ churn, ...flags }) {
        // Its --churn is a number, no file.
        const { quick } = await import('./analyze.ts');
        exitCode = ExitCode[await quick(churn === undefined ? flags : { ...flags, churn }, { ...flags, exclude: [] })];
      },
      async study(files, flags) {
        const { study } = await import('./study/study.ts');
        exitCode = ExitCode[await study(files, flags)];
      },
      async solve(what, files, flags) {
        const { solve } = await import('./study/solve.ts');
        exitCode = ExitCode[await solve(what, files, flags)];
      },
      async check(objectives, files, flags) {
        const { check } = await import('./study/check.ts');
        exitCode = ExitCode[await check(objectives, files, flags)];
      },
      async importFiles(files, flags) {
        const { importFiles } = await import('./import-files.ts');
        exitCode = ExitCode[await importFiles(files, flags)];
      },
      async inspect(files, flags) {
        const { inspect } = await import('./inspect.ts');
        exitCode = ExitCode[await inspect(files, flags)];
      },
      async app(flags) {
        const { writeApp } = await import('./app.ts');
        exitCode = ExitCode[writeApp(flags)];
      },
      async fit(trace, flags) {
        const { fitTrace } = await import('./fit.ts');
        exitCode = ExitCode[await fitTrace(trace, flags)];
      },
      async rehearse(flags) {
        const { rehearse } = await import('./rehearse/rehearse.ts');
        exitCode = ExitCode[await rehearse({ ...flags, exclude: [] })];
      },
      async replica(flags) {
        const { replica } = await import('./rehearse/replica.ts');
        exitCode = ExitCode[await replica(flags)];
      },
      async replicate(flags) {
        const { replicate } = await import('./rehearse/replicate.ts');
        exitCode = ExitCode[await replicate({ ...flags, exclude: [] })];
      },
      async testFailover(relationship, flags) {
        const { failOver } = await import('./rehearse/replica.ts');
        exitCode = ExitCode[await failOver(relationship, flags)];
      },
      async certificates(flags) {
        const { certificates } = await import('./rehearse/certificates.ts');
        exitCode = ExitCode[await certificates(flags)];
      },
      async report(plan, flags) {
        const { report } = await import('./report.ts');
        exitCode = ExitCode[await report(plan, flags)];
      },
      async diff(before, after, flags) {
        const { diff } = await import('./diff.ts');
        exitCode = ExitCode[await diff(before, after, flags)];
      },
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
