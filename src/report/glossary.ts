/** Words of the trade that the report uses, each in a sentence or two. */
export const GLOSSARY: readonly (readonly [term: string, meaning: string])[] = [
  [
    'RPO',
    'Recovery point objective: how old the newest recovery point may be. The report measures the age of the recovery point all the time; it grows while a change set is collected and sent, and drops when the set arrives.',
  ],
  [
    'Recovery point',
    'A state of the VM at the target that it can be brought back to. Beside the latest, older ones can be kept; an app-consistent one was taken with the guest’s applications at rest.',
  ],
  [
    'RTO',
    'Recovery time objective: how long an application may be down. The report adds up how long it is: from the disaster until the last group of a recovery plan serves.',
  ],
  [
    'Recovery plan',
    'Which machines start at the target in which groups, one group after another, and what is done in between.',
  ],
  [
    'Failover',
    'The guest starts from its replica. An unplanned one loses what is newer than the recovery point; a planned one stops the guest and sends its last changes first, so that nothing is lost.',
  ],
  [
    'Critical',
    'The VM cannot send, or has to be resynchronized. After a non-recoverable error it stays so until an administrator has removed the cause.',
  ],
  ['Job', 'The record that every workflow leaves: start, end, state and reason. Delta replication leaves none.'],
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
  [
    'Full line',
    'Somebody waits for the line: it cannot carry all that is to be sent at that time, so that its traffic is clipped.',
  ],
  ['VM-time', 'Time added up over VMs: two VMs in three hours are six hours of it.'],
];
