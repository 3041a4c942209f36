/**
 * The made fleet: which machines there are, where they lie, how big their disks are and what is written to them. Only a
 * description; `make.ts` turns it into files.
 */

/** A cause of writes. Sizes are GiB as a rule; the noise of `make.ts` moves each of them. */
export type Load =
  /** Round the clock, every day. */
  | { readonly kind: 'steady'; readonly gibPerDay: number }
  /** Monday to Friday 8 to 18 with a dip at lunch; a twentieth of it in the same hours of a weekend. */
  | { readonly kind: 'office'; readonly gibPerDay: number }
  /** Monday to Friday 7:45 to 8:30, when people sign in. */
  | { readonly kind: 'logon'; readonly gibPerDay: number }
  /** A window of every night, from a local time on. */
  | { readonly kind: 'nightly'; readonly gibPerNight: number; readonly from: string; readonly minutes: number }
  /** One run at a local date and time. */
  | { readonly kind: 'once'; readonly gib: number; readonly at: string; readonly minutes: number };

export interface MadeDisk {
  readonly name: string;
  readonly volume: string;
  readonly sizeGib: number;
  /** Before the noise. */
  readonly usedGib: number;
  readonly meanWrite: string;
  readonly loads: readonly Load[];
}

export interface MadeVm {
  readonly name: string;
  readonly host: string;
  readonly disks: readonly MadeDisk[];
}

/** HV01 to HV04 are a failover cluster with three shared volumes; HV05 and HV06 stand alone with volumes of their own. */
const CSV1 = 'C:\\ClusterStorage\\Volume1';
const CSV2 = 'C:\\ClusterStorage\\Volume2';
const CSV3 = 'C:\\ClusterStorage\\Volume3';

export const HOSTS: readonly string[] = ['HV01', 'HV02', 'HV03', 'HV04', 'HV05', 'HV06'];

/** Capacity in GiB; a volume without a host is shared. */
export const VOLUMES: readonly { readonly name: string; readonly host?: string; readonly capacityGib: number }[] = [
  { name: CSV1, capacityGib: 5120 },
  { name: CSV2, capacityGib: 4096 },
  { name: CSV3, capacityGib: 3072 },
  { name: 'D:', host: 'HV05', capacityGib: 1024 },
  { name: 'E:', host: 'HV05', capacityGib: 1024 },
  { name: 'D:', host: 'HV06', capacityGib: 1536 },
  { name: 'E:', host: 'HV06', capacityGib: 512 },
];

const steady = (gibPerDay: number): Load => ({ kind: 'steady', gibPerDay });
const office = (gibPerDay: number): Load => ({ kind: 'office', gibPerDay });
const logon = (gibPerDay: number): Load => ({ kind: 'logon', gibPerDay });
const nightly = (gibPerNight: number, from: string, minutes: number): Load => ({
  kind: 'nightly',
  gibPerNight,
  from,
  minutes,
});
const once = (gib: number, at: string, minutes: number): Load => ({ kind: 'once', gib, at, minutes });

function disk(
  name: string,
  volume: string,
  sizeGib: number,
  usedGib: number,
  meanWrite: string,
  ...loads: readonly Load[]
): MadeDisk {
  return { name, volume, sizeGib, usedGib, meanWrite, loads };
}

/** A system disk: event logs and temporary files all day, the backup agent's metadata at night. */
function system(volume: string, usedGib: number, backupFrom: string, ...loads: readonly Load[]): MadeDisk {
  return disk('os', volume, 80, usedGib, '12 KiB', steady(0.35), nightly(0.15, backupFrom, 20), ...loads);
}

function numbered(prefix: string, count: number, make: (name: string, index: number) => MadeVm): MadeVm[] {
  return Array.from({ length: count }, (_, index) => make(`${prefix}${String(index + 1).padStart(2, '0')}`, index));
}

const CLUSTER_NODES = ['HV01', 'HV02', 'HV03', 'HV04'] as const;
const nodeOf = (index: number): string => CLUSTER_NODES[index % CLUSTER_NODES.length]!;

const domainControllers = numbered('DC', 2, (name, index) => ({
  name,
  host: index === 0 ? 'HV01' : 'HV05',
  disks: [disk('os', index === 0 ? CSV1 : 'D:', 80, 34, '8 KiB', steady(0.5), logon(0.1), nightly(0.4, '01:30', 20))],
}));

const fileServers: MadeVm[] = [
  {
    name: 'FS01',
    host: 'HV01',
    disks: [
      system(CSV1, 36, '02:00'),
      disk('projects', CSV1, 1280, 690, '64 KiB', office(5.5), nightly(0.6, '02:00', 90)),
      disk('archive', CSV1, 768, 410, '64 KiB', office(0.8), nightly(2.2, '03:00', 60)),
    ],
  },
  {
    name: 'FS02',
    host: 'HV02',
    disks: [
      system(CSV2, 33, '02:10'),
      disk('homes', CSV2, 1024, 500, '32 KiB', office(5), logon(0.3), nightly(0.5, '02:10', 60)),
    ],
  },
  {
    name: 'FS03',
    host: 'HV05',
    disks: [system('D:', 33, '02:20'), disk('scans', 'D:', 640, 360, '128 KiB', office(4), nightly(0.4, '02:20', 45))],
  },
  {
    name: 'FS04',
    host: 'HV06',
    disks: [
      system('D:', 31, '02:30'),
      disk('media', 'D:', 800, 410, '256 KiB', office(2.2), once(24, '01-27 19:30', 150)),
    ],
  },
];

const webServers = numbered('WEB', 8, (name, index) => ({
  name,
  host: nodeOf(index),
  disks: [
    system(CSV3, 26, '01:10', steady(0.2)),
    ...(index < 4 ? [disk('logs', CSV3, 64, 22, '16 KiB', steady(0.3), office(0.7), nightly(0.3, '00:05', 15))] : []),
  ],
}));

const applicationServers = numbered('APP', 8, (name, index) => ({
  name,
  host: nodeOf(index + 2),
  disks: [
    system(index % 2 === 0 ? CSV1 : CSV2, 34, '01:40'),
    disk(
      'data',
      index % 2 === 0 ? CSV1 : CSV2,
      160,
      58,
      '24 KiB',
      steady(0.3),
      office(0.9),
      // The ERP's batch server writes its spool in the night of the month's end.
      ...(index === 0 ? [once(14, '01-31 22:00', 480)] : []),
    ),
  ],
}));

const sqlServers: MadeVm[] = [
  {
    // The ERP: index rebuild on Sunday night, month-end closing in the night of 31 January, reports on 2 February.
    name: 'SQL01',
    host: 'HV01',
    disks: [
      system(CSV1, 41, '03:30'),
      disk(
        'data',
        CSV1,
        512,
        290,
        '48 KiB',
        steady(1),
        office(6.5),
        once(33, '01-25 22:00', 40),
        once(33, '02-01 22:00', 40),
        once(22, '01-31 22:00', 480),
        once(6, '02-02 09:00', 420),
      ),
      disk(
        'log',
        CSV2,
        160,
        64,
        '32 KiB',
        steady(1.2),
        office(7),
        once(27, '01-25 22:00', 40),
        once(27, '02-01 22:00', 40),
        once(18, '01-31 22:00', 480),
      ),
      disk('tempdb', CSV1, 96, 44, '64 KiB', steady(0.4), office(3), once(9, '01-31 22:00', 480)),
    ],
  },
  {
    name: 'SQL02',
    host: 'HV02',
    disks: [
      system(CSV2, 38, '03:30'),
      disk('data', CSV2, 320, 160, '48 KiB', steady(0.6), office(2.8)),
      disk('log', CSV1, 100, 38, '24 KiB', steady(0.8), office(3.2)),
      disk('tempdb', CSV2, 64, 26, '64 KiB', office(1.6)),
    ],
  },
  {
    // The data warehouse: loaded every night, and in bulk on Wednesday evening.
    name: 'SQL03',
    host: 'HV06',
    disks: [
      system('E:', 38, '05:00'),
      disk('data', 'D:', 640, 360, '128 KiB', nightly(4, '04:00', 75), once(36, '01-28 20:00', 100)),
      disk('log', 'E:', 200, 70, '48 KiB', nightly(3.5, '04:00', 75), once(30, '01-28 20:00', 100)),
      disk('staging', 'E:', 256, 96, '128 KiB', nightly(3, '03:15', 45), once(18, '01-28 19:30', 60)),
      disk('tempdb', 'E:', 128, 52, '64 KiB', nightly(2.5, '04:00', 75), office(0.8)),
    ],
  },
  {
    // SharePoint's databases; the dump that its backup writes lies on a disk of its own.
    name: 'SQL04',
    host: 'HV03',
    disks: [
      system(CSV2, 36, '03:40'),
      disk('data', CSV2, 240, 120, '48 KiB', steady(0.3), office(1.5)),
      disk('log', CSV2, 64, 24, '24 KiB', steady(0.3), office(1.6)),
      disk('backup', CSV3, 192, 95, '512 KiB', nightly(7, '21:00', 50)),
    ],
  },
];

const exchange = numbered('EXCH', 2, (name, index) => ({
  name,
  host: index === 0 ? 'HV03' : 'HV04',
  disks: [
    system(CSV2, 47, '02:40'),
    disk('db1', CSV2, 400, 240, '32 KiB', steady(0.8), office(2.4), nightly(0.8, '01:00', 180)),
    disk('db2', CSV1, 320, 190, '32 KiB', steady(0.6), office(2), nightly(0.7, '01:00', 180)),
    disk('log', CSV2, 128, 45, '64 KiB', steady(1.1), office(3.6)),
  ],
}));

const desktops = numbered('VDI', 16, (name, index) => ({
  name,
  host: nodeOf(index),
  disks: [disk('os', CSV3, 80, 35, '20 KiB', steady(0.15), logon(0.25), office(0.75))],
}));

const remoteDesktops = numbered('RDS', 3, (name, index) => ({
  name,
  host: index === 2 ? 'HV06' : 'HV05',
  disks: [
    disk('os', index === 2 ? 'D:' : 'E:', 120, 58, '12 KiB', steady(0.3), office(0.5)),
    disk('profiles', index === 2 ? 'D:' : 'E:', 240, 95, '24 KiB', logon(0.5), office(1.2)),
    // Nothing but the page file: a candidate for exclusion.
    disk('pagefile', index === 2 ? 'D:' : 'E:', 32, 24, '64 KiB', steady(0.1), office(1.6)),
  ],
}));

const backup: MadeVm[] = [
  {
    name: 'BKP01',
    host: 'HV05',
    disks: [
      system('E:', 39, '04:30'),
      disk('catalog', 'E:', 160, 80, '16 KiB', nightly(3.2, '02:00', 150)),
      disk('temp', 'E:', 256, 60, '256 KiB', nightly(8, '02:00', 120)),
    ],
  },
];

const services: MadeVm[] = [
  { name: 'PRT01', host: 'HV02', disks: [system(CSV3, 31, '01:20', office(0.9))] },
  {
    name: 'WSUS01',
    host: 'HV05',
    disks: [system('E:', 32, '01:20'), disk('content', 'D:', 300, 160, '512 KiB', nightly(1.8, '03:00', 40))],
  },
  {
    name: 'MON01',
    host: 'HV03',
    disks: [system(CSV3, 32, '01:20'), disk('metrics', CSV3, 200, 105, '16 KiB', steady(4.2))],
  },
  {
    name: 'CFG01',
    host: 'HV06',
    disks: [
      system('D:', 38, '01:20'),
      disk('packages', 'D:', 320, 170, '256 KiB', office(1), nightly(0.6, '22:30', 45)),
    ],
  },
  { name: 'CA01', host: 'HV04', disks: [disk('os', CSV3, 60, 27, '8 KiB', steady(0.2))] },
  {
    name: 'GIT01',
    host: 'HV04',
    disks: [system(CSV3, 31, '01:20'), disk('repositories', CSV3, 240, 110, '32 KiB', steady(0.3), office(1.5))],
  },
  ...numbered('BLD', 3, (name, index) => ({
    name,
    host: nodeOf(index + 1),
    disks: [system(CSV3, 39, '01:20'), disk('work', CSV3, 200, 85, '64 KiB', office(2.8), nightly(1.2, '00:30', 60))],
  })),
  ...numbered('SPS', 2, (name, index) => ({
    name,
    host: nodeOf(index + 2),
    disks: [system(CSV3, 43, '01:50'), disk('index', CSV3, 200, 80, '32 KiB', office(0.9), nightly(0.8, '23:00', 90))],
  })),
  { name: 'LIC01', host: 'HV06', disks: [disk('os', 'D:', 60, 25, '8 KiB', steady(0.15))] },
];

export const FLEET: readonly MadeVm[] = [
  ...domainControllers,
  ...fileServers,
  ...webServers,
  ...applicationServers,
  ...sqlServers,
  ...exchange,
  ...desktops,
  ...remoteDesktops,
  ...backup,
  ...services,
];
