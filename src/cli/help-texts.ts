/** Examples and exit codes, behind the options of each command’s --help. */

export const EXAMPLES: string = `
Examples:
  Which link does this fleet need for an RPO of 15 minutes, and how does a week on it look?
    $ asr-plan analyze vms.csv --churn churn.csv --rpo 15min

  Does it hold on the link that is there, through an outage on the third day?
    $ asr-plan analyze vms.csv --churn churn.csv --site site.json --bandwidth 300Mbps \\
        --fault 'link down at 2d10h for 40min' --out outage.html --json outage.json
`;

export const ANALYZE_HELP: string = `
Give whatever you have; each file is recognised by its content, and what belongs together is joined:
  inventories  our CSV, a row per disk: vm, disk, host, volume, size, used, churn, in any order, with the unit in
               the header (size_gib, churn_gib_per_day) or in the cell (40 GiB); RVTools, Azure Migrate, Live Optics,
               Get-VHD and Get-VMHardDiskDrive as CSV; a folder of VHDX or VHD files; asr-plan import's own file
  churn        PerfMon's CSV (relog), Prometheus ranges, Get-Counter, Parquet, or time, vm, disk, write_bytes
  logs         Hyper-V Replica logs (HRL) beside the disks
${EXAMPLES}
Exit codes: 0 the objectives are met, 1 an objective is broken, 2 bad input, 3 our own fault.
`;

export const QUICK_HELP: string = `
Examples:
  Forty VMs with a disk each, of which 3 % change in a day, on 100 Mbit/s:
    $ asr-plan quick --vms 40 --disk 200GiB --churn 3%/day --bandwidth 100Mbps --rpo 15min

  Which link would they need, if 60 % of the disks are used?
    $ asr-plan quick --vms 40 --disk 200GiB --used 60% --churn 3%/day --rpo 15min --out quick.html
`;

export const STUDY_HELP: string = `
Examples:
  Does an RPO of an hour hold through an outage of any length up to 8 hours, at every hour of the week?
    $ asr-plan study vms.csv --churn churn.csv --bandwidth 300Mbps --require 'rpo.max <= 1 h' \\
        --vary 'outage.length in 0 h .. 8 h' --vary 'outage.start in week'

  How likely does it hold, if growth is not known and the link may be bought larger?
    $ asr-plan study vms.csv --require 'rpo.p95 <= 15 min' --vary 'churn ~ lognormal(1, 0.3)' \\
        --monte-carlo --compare 'bandwidth in 100 Mbps, 200 Mbps'

Exit codes: 0 every promise holds, 1 one is broken, 2 bad input, 3 our own fault.
`;

export const SOLVE_HELP: string = `
Examples:
  The smallest link on which the RPO holds although an outage of two hours may come at any hour of the week:
    $ asr-plan solve bandwidth vms.csv --churn churn.csv --for 'rpo.p99 <= 15 min' --under 'outage 2 h any time'

  How much more may be written before the link is too small?
    $ asr-plan solve churn vms.csv --bandwidth 100Mbps --for 'rpo.max <= 15 min'

Exit codes: 0 there is such a value, 1 there is none in the range, 2 bad input, 3 our own fault.
`;

export const CHECK_HELP: string = `
The file:
  schema: asr-plan/objectives@1
  objectives:
    - name: RPO in a usual week
      require: rpo.p95 <= 15 min
    - name: an outage of two hours at any hour
      require: [rpo.max <= 4 h, resyncs == 0]
      under: outage 2 h any time

Example:
    $ asr-plan check objectives.yaml vms.csv --churn churn.csv --bandwidth 300Mbps --junit results.xml

Exit codes: 0 all hold, 1 one is broken, 2 bad input, 3 our own fault.
`;

export const IMPORT_HELP: string = `
Examples:
  Read everything once, and plan as often as you like:
    $ asr-plan import inventory.csv perfmon/*.csv -o workload.json
    $ asr-plan analyze workload.json --bandwidth 200Mbps

  Leave out what need not be replicated:
    $ asr-plan import D:/VMs --exclude 'disk:*pagefile*' -o workload.json
`;

export const INSPECT_HELP: string = `
Examples:
  What is this file?
    $ asr-plan inspect SQL01.vhdx

  Every entry of a replication log:
    $ asr-plan inspect SQL01.hrl --entries
`;

export const FIT_HELP: string = `
Examples:
  How much of what is written falls on the same places, and how well does the model say it?
    $ asr-plan fit trace.csv

  Put that into a workload:
    $ asr-plan fit SQL01-data.hrl --into workload.json --disk SQL01/data.vhdx -o fitted.json
`;

export const APP_HELP: string = `
Examples:
  Carry the planner to a machine that has nothing but a browser:
    $ asr-plan app --out planner.html
`;

export const REHEARSE_HELP: string = `
It is a rehearsal and no backup: what it copies is thrown away, and the disk's image is only read.

Examples:
  A trace in real time onto an empty disk, over HTTPS with certificates on the loopback:
    $ asr-plan rehearse --trace requests.csv --bandwidth 50Mbps

  A disk of yours, sixty times as fast, with an outage and a resynchronization:
    $ asr-plan rehearse --trace requests.csv --disk disk.raw --bandwidth 50Mbps --speed 60 \\
        --fault 'link down at 20min for 7min' --action 'resynchronize all at 40min'

Exit codes: 0 within the bounds, 1 not, 2 bad input.
`;

export const REPLICA_HELP: string = `
It is a rehearsal and NO backup product. Only who has a certificate of --authority is let in.

Example:
    $ asr-plan certificates --out certificates --primary host1.example --replica host2.example
    $ asr-plan replica --folder replicas --certificate certificates/replica.pem \\
        --key certificates/replica.key --authority certificates/authority.pem
`;

export const REPLICATE_HELP: string = `
It is a rehearsal and NO backup product. The disk is used in place; with --trace it is written to.

Example:
    $ asr-plan replicate --disk disk.raw --to host2.example --folder primary --bandwidth 50Mbps \\
        --certificate certificates/primary.pem --key certificates/primary.key --authority certificates/authority.pem

Interrupted or killed, it goes on with a resynchronization when it is started again.
`;

export const REPORT_HELP: string = `
Only what is named is written; the plan is what "asr-plan analyze --json" wrote.

Examples:
  A workbook and a summary for the ticket, of a plan that was made before:
    $ asr-plan report plan.json --xlsx plan.xlsx --markdown summary.md

  A CSV per table, for Power BI or a database:
    $ asr-plan report plan.json --csv tables

Exit codes: 0 written, 2 bad input, 3 our own fault.
`;

export const DIFF_HELP: string = `
Examples:
  What did the new measurements change, and why?
    $ asr-plan diff january.json february.json

  As JSON (schemas/diff.schema.json):
    $ asr-plan diff january.json february.json --json -

Exit codes: 0 the same, 1 they differ, 2 bad input, 3 our own fault.
`;
