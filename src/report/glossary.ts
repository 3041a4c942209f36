/** Words of the trade that the report uses, each in a sentence or two. */
export const GLOSSARY: readonly (readonly [term: string, meaning: string])[] = [
  [
    'RPO',
    'Recovery point objective: how old the newest recovery point may be. The report measures the age of the recovery point all the time; it grows while a change set is collected and sent, and drops when the set arrives.',
  ],
  ['Recovery point', 'A state of the VM at the target that it can be brought back to.'],
  [
    'Initial replication',
    'The first full copy of a VM’s disks, one disk after another, while the VM goes on running from a snapshot.',
  ],
  ['Churn', 'Bytes that a guest writes to its disks. Overwriting the same place counts every time.'],
  [
    'HRL',
    'Hyper-V Replica Log: the file beside a virtual disk in which its changes are collected until they are sent. It needs room on the same volume.',
  ],
  ['Cut', 'The moment at which a log is closed and sent while a new one is opened; it comes once in a copy interval.'],
  ['Delta', 'The logs of one cut on their way to the target.'],
  [
    'Resynchronization',
    'Comparing source and replica chunk by chunk and sending what differs. It is forced when the logs of a disk reach half of its size; meanwhile there is no new recovery point.',
  ],
  ['Cycle', 'One copy interval of one VM; it is missed when the set before it is still on its way.'],
  [
    'Snapshot',
    'The file that takes the guest’s writes during initial replication and is merged back afterwards. It needs room on the volume.',
  ],
  ['Full link', 'Somebody waits for the link: it cannot carry all that is to be sent at that time.'],
];
