import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileStemKey, pathKey, stemKey, vmOfPath, volumeOfPath } from '../../src/ingest/disk-path.ts';
import { type Ingested, type Input, ingest } from '../../src/ingest/ingest.ts';
import type { JoinedDisk } from '../../src/ingest/join-rows.ts';
import { withVmRows } from '../../src/ingest/vm-rows.ts';
import { confidenceOf } from '../../src/model/workload.ts';
import { DAY_MS, GIB } from '../../src/units.ts';
import { codes, lines, textInput } from './text-sources.ts';

const DRIVES = lines(
  'VMName,ControllerType,ControllerNumber,ControllerLocation,Path,DiskNumber,PoolName,SupportPersistentReservations,ComputerName',
  'SQL01,SCSI,0,0,C:\\ClusterStorage\\Volume1\\SQL01\\os.vhdx,,Primordial,False,HV1',
  'SQL01,SCSI,0,1,C:\\ClusterStorage\\Volume1\\SQL01\\data.vhdx,,Primordial,False,HV1',
  'WEB01,SCSI,0,0,D:\\VMs\\WEB01\\Virtual Hard Disks\\os.vhdx,,Primordial,False,HV2',
);
const VHDS = lines(
  'ComputerName,Path,VhdFormat,VhdType,FileSize,Size,MinimumSize,LogicalSectorSize,PhysicalSectorSize,BlockSize,ParentPath,DiskIdentifier',
  `HV1,c:\\clusterstorage\\volume1\\SQL01\\os.vhdx,VHDX,Dynamic,${20 * GIB},${60 * GIB},,512,4096,33554432,,A`,
  `HV1,C:\\ClusterStorage\\Volume1\\SQL01\\data_0A1B2C3D-0000-1111-2222-333344445555.avhdx,VHDX,Dynamic,${90 * GIB},${200 * GIB},,512,4096,33554432,,B`,
  `HV2,D:\\VMs\\WEB01\\Virtual Hard Disks\\os.vhdx,VHDX,Dynamic,${15 * GIB},${40 * GIB},,512,4096,33554432,,C`,
);
const VMS = lines(
  'Name,State,Generation,ProcessorCount,MemoryAssigned,Path,ComputerName,ReplicationState',
  'SQL01,Running,2,8,17179869184,C:\\ClusterStorage\\Volume1\\SQL01,HV1,Disabled',
  'WEB01,Running,2,2,4294967296,D:\\VMs\\WEB01,HV2,Disabled',
);

function join(...inputs: readonly Input[]): Promise<Ingested> {
  return ingest(inputs, { horizonMs: DAY_MS });
}

/** VM / disk: host, volume, GiB, used GiB. */
function disksOf({ workload, problems }: Ingested): string[] {
  if (workload === undefined) throw new Error(JSON.stringify(problems, undefined, 1));
  return workload.vms.flatMap((vm) =>
    vm.disks.map(
      (disk) => `${vm.name}/${disk.name}: ${vm.host} ${disk.volume} ${disk.sizeBytes / GIB} ${disk.usedBytes / GIB}`,
    ),
  );
}

const JOINED = [
  'SQL01/os.vhdx: HV1 C:\\ClusterStorage\\Volume1 60 20',
  'SQL01/data.vhdx: HV1 C:\\ClusterStorage\\Volume1 200 90',
  'WEB01/os.vhdx: HV2 D: 40 15',
];

describe('files of one fleet', () => {
  it('are joined by the paths of the disks, whatever their order, a checkpoint with its disk', async () => {
    const files = [
      ['drives', DRIVES],
      ['vhds', VHDS],
      ['vms', VMS],
    ] as const;
    const orders = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ];
    for (const order of orders) {
      const read = await join(...order.map((at) => textInput(files[at]![0], files[at]![1])));
      expect(disksOf(read).toSorted()).toEqual(JOINED.toSorted());
      expect(read.receipts.map(({ format }) => format)).toEqual(
        order.map((at) => ['Get-VMHardDiskDrive', 'Get-VHD', 'Get-VM'][at]),
      );
    }
  });

  it('fill what the first leaves open, and the first is believed where they differ', async () => {
    const ours = lines('vm,disk,size_gib,churn_gib_per_day', 'sql01,DATA.vhdx,100,2');
    const theirs = lines('vm,disk,host,volume,size_gib,used_gib', 'SQL01,data.vhdx,HV9,E:,120,50');
    const read = await join(textInput('a', ours), textInput('b', theirs));
    expect(disksOf(read)).toEqual(['sql01/DATA.vhdx: HV9 E: 100 50']);
    expect(codes(read)).toEqual(['~join-sizes-differ@2']);
  });

  it('name VMs after the folders of their disks where nothing else does', async () => {
    const read = await join(textInput('vhds', VHDS.replaceAll('.avhdx', '.vhdx')));
    expect(disksOf(read).map((disk) => disk.split(':')[0])).toEqual([
      'SQL01/os.vhdx',
      'SQL01/data_0A1B2C3D-0000-1111-2222-333344445555.vhdx',
      'WEB01/os.vhdx',
    ]);
  });

  it('assume the churn that nobody tells, and say so', async () => {
    const read = await join(textInput('drives', DRIVES), textInput('vhds', VHDS));
    const [disk] = read.workload!.vms[0]!.disks;
    expect(confidenceOf(disk!)).toBe('assumed');
    // 5 % of 20 GiB in a day.
    expect(disk!.churn).toEqual({ kind: 'constant', bytesPerSec: (0.05 * 20 * GIB) / 86_400 });
    expect(read.assumptions).toContainEqual(
      expect.objectContaining({ name: 'assumedChurnPerDay', value: '5 % of the used bytes', origin: 'default' }),
    );
    const given = await ingest([textInput('drives', DRIVES), textInput('vhds', VHDS)], {
      ...{ horizonMs: DAY_MS, assumedChurnPerDay: 0.1 },
    });
    expect(given.workload!.vms[0]!.disks[0]!.churn).toEqual({
      ...{ kind: 'constant', bytesPerSec: (0.1 * 20 * GIB) / 86_400 },
    });
  });

  it('assume the median of the disks whose churn is known', async () => {
    const ours = lines('vm,disk,size_gib,used_gib,churn_gib_per_day', 'a,d,10,10,1', 'b,d,10,10,2', 'c,d,10,10,3');
    const read = await join(textInput('ours', ours), textInput('drives', DRIVES), textInput('vhds', VHDS));
    const sql = read.workload!.vms.find(({ name }) => name === 'SQL01')!;
    expect(sql.disks[0]!.churn).toMatchObject({ bytesPerSec: (0.2 * 20 * GIB) / 86_400 });
  });

  it('are not joined where two VMs have files of one name', async () => {
    const header = 'VMName,ControllerType,Path,DiskNumber,ComputerName';
    const one = textInput('one', lines(header, 'A,SCSI,D:\\A\\data.vhdx,,HV1'));
    const two = textInput('two', lines(header, 'B,SCSI,E:\\store\\data.vhdx,,HV2'));
    const { workload, problems } = await join(
      one,
      two,
      textInput(
        'vhds',
        lines(
          'Path,Size,FileSize,VhdType,VhdFormat',
          `D:\\A\\data.vhdx,${GIB},0,Dynamic,VHDX`,
          `E:\\store\\data.vhdx,${2 * GIB},0,Dynamic,VHDX`,
        ),
      ),
    );
    expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(workload!.vms.map(({ name, disks }) => [name, disks.map(({ sizeBytes }) => sizeBytes / GIB)])).toEqual([
      ['A', [1]],
      ['B', [2]],
    ]);
  });

  it('spread what is told of a whole VM over the disks of which nothing is told', () => {
    const file = {
      vms: [{ row: 2, vm: 'a', host: 'HV1', usedBytes: 100, churn: { perSec: 30, isShare: false } }],
    } as never;
    const disk = (name: string, sizeBytes: number, usedBytes?: number): JoinedDisk => ({
      ...{ vm: 'A', name, file },
      row: {
        row: 2,
        vm: 'A',
        disk: name,
        host: '',
        volume: '',
        sizeBytes,
        ...(usedBytes === undefined ? {} : { usedBytes }),
      },
    });
    const rows = withVmRows([disk('x', 50, 40), disk('y', 100), disk('z', 200)], [file], 'disk0').map(({ row }) => row);
    expect(rows.map(({ usedBytes }) => usedBytes)).toEqual([40, 20, 40]);
    expect(rows.map(({ churn }) => churn!.perSec * 350)).toEqual([1500, 3000, 6000]);
    expect(rows.every(({ host }) => host === 'HV1')).toBe(true);
  });

  it('say which disks have no size anywhere', async () => {
    const read = await join(textInput('drives', DRIVES), textInput('vhds', VHDS.split('\n').slice(0, 2).join('\n')));
    expect(codes(read)).toEqual(['join-no-size@3', 'join-no-size@4']);
  });

  it('may be left out by patterns, with a word for those that fit nothing', async () => {
    const { parseExclusions } = await import('../../src/ingest/exclusions.ts');
    const { exclusions, problems } = parseExclusions(['disk:*DATA*', 'vm:nobody']);
    expect(problems).toEqual([]);
    const inputs = [textInput('drives', DRIVES), textInput('vhds', VHDS)];
    const read = await ingest(inputs, { horizonMs: DAY_MS, exclusions });
    expect(disksOf(read)).toEqual([JOINED[0], JOINED[2]]);
    expect(codes(read)).toEqual(['~exclude-disks', '~exclude-nothing']);
    const all = await ingest(inputs, { horizonMs: DAY_MS, exclusions: parseExclusions(['vm:*']).exclusions });
    expect(codes(all)).toContain('input-no-disks');
  });
});

describe('paths of virtual disks', () => {
  it.each([
    ['\\\\?\\C:\\ClusterStorage\\Volume1\\vm01\\disk0.vhdx', '--?-C:-ClusterStorage-Volume1-vm01-disk0.vhdx'],
    ['D:\\VMs\\vm01.vhdx', 'd:-vms-vm01.VHDX'],
    ['D:/VMs//vm01.vhdx', 'D:-VMs-vm01.vhdx'],
  ])('%s is what a counter calls %s', (path, instance) => {
    expect(pathKey(path)).toBe(pathKey(instance));
  });

  it('know the disk of a checkpoint', () => {
    const checkpoint = 'D:-VMs-vm01_0A1B2C3D-0000-1111-2222-333344445555.avhdx';
    expect(stemKey(checkpoint)).toBe(stemKey('D:\\VMs\\vm01.vhdx'));
    expect(fileStemKey('D:\\x\\a.vhdx')).toBe('a');
  });

  it.each([
    ['D:\\VMs\\WEB01\\Virtual Hard Disks\\os.vhdx', 'WEB01', 'D:'],
    ['C:\\ClusterStorage\\Volume1\\SQL01\\data.vhdx', 'SQL01', 'C:\\ClusterStorage\\Volume1'],
    ['\\\\files\\vms\\APP\\a.vhd', 'APP', '\\\\files\\vms'],
    ['E:\\single.vhdx', 'single', 'E:'],
  ])('%s is a disk of %s on %s', (path, vm, volume) => {
    expect([vmOfPath(path), volumeOfPath(path)]).toEqual([vm, volume]);
  });

  it('are one key for all spellings', () => {
    const part = fc.stringMatching(/^[a-z0-9 _.]{1,8}$/);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const path = `D:\\${parts.join('\\')}.vhdx`;
        const spellings = [
          path,
          path.toUpperCase(),
          path.replaceAll('\\', '/'),
          `\\\\?\\${path}`,
          path.replaceAll('\\', '-'),
        ];
        expect(new Set(spellings.map(pathKey)).size).toBe(1);
        expect(stemKey(`${path.slice(0, -5)}_0a1b2c3d-0000-1111-2222-333344445555.avhdx`)).toBe(stemKey(path));
      }),
    );
  });
});
