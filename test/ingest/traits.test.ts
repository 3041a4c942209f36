import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parseExclusions } from '../../src/ingest/exclusions.ts';
import { ingest } from '../../src/ingest/ingest.ts';
import { parseWorkload, renderWorkload } from '../../src/ingest/workload-file.ts';
import type { Vm } from '../../src/model/workload.ts';
import { GIB } from '../../src/units.ts';
import { codes, ingestText, lines, textInput } from './text-sources.ts';

const FOLDER = resolve(import.meta.dirname, '../../datasets/inventories');
const schema = JSON.parse(readFileSync(resolve(FOLDER, '../../schemas/workload.schema.json'), 'utf8'));
const validate = new Ajv2020({ strict: true, strictTypes: false }).compile(schema);

async function read(...names: readonly string[]): Promise<readonly Vm[]> {
  const inputs = names.map((name) => textInput(`${name}.csv`, readFileSync(resolve(FOLDER, `${name}.csv`), 'utf8')));
  // The sample's shared disk is in no list of sizes.
  const { exclusions } = parseExclusions(['disk:*quorum*']);
  const { workload, problems } = await ingest(inputs, { horizonMs: 3_600_000, assumedChurnPerDay: 0.05, exclusions });
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(validate(JSON.parse(JSON.stringify(workload))) ? [] : validate.errors).toEqual([]);
  return workload!.vms;
}

const traitsOf = (vms: readonly Vm[], name: string) => vms.find((vm) => vm.name.startsWith(name))!.traits;
const diskTraits = (vms: readonly Vm[], name: string) =>
  vms.find((vm) => vm.name.startsWith(name))!.disks.map(({ traits }) => traits);

describe('what the samples of inventories tell besides sizes', () => {
  it('Get-VM, Get-VMHardDiskDrive and Get-VHD together', async () => {
    const vms = await read('get-vm', 'get-vmharddiskdrive', 'get-vhd');
    expect(traitsOf(vms, 'erp-db')).toEqual({ generation: 2, cores: 8, memoryBytes: 64 * GIB });
    // Off: the memory that it has now is nothing, not known.
    expect(traitsOf(vms, 'erp-app')).toEqual({ generation: 2, cores: 4 });
    expect(diskTraits(vms, 'erp-db')[0]).toEqual({
      ...{ format: 'VHDX', kind: 'dynamic', logicalSectorBytes: 512, physicalSectorBytes: 4096, isShared: false },
    });
  });

  it('RVTools', async () => {
    const vms = await read('rvtools-vdisk', 'rvtools-vinfo');
    expect(traitsOf(vms, 'erp-db')).toEqual({ cores: 8, memoryBytes: 64 * GIB });
    expect(diskTraits(vms, 'erp-db')[0]).toMatchObject({ kind: 'dynamic', isShared: false });
  });

  it('Live Optics', async () => {
    const vms = await read('live-optics-vms');
    expect(traitsOf(vms, 'erp-db')).toEqual({
      ...{ cores: 8, memoryBytes: 64 * GIB, nicCount: 1, operatingSystem: 'Windows Server' },
    });
    expect(diskTraits(vms, 'erp-db')).toEqual([{ isWholeVm: true }]);
  });

  it('Azure Migrate', async () => {
    const imported = await read('azure-migrate-import');
    expect(traitsOf(imported, 'erp-db')).toEqual({
      ...{ cores: 8, memoryBytes: 64 * GIB, nicCount: 1, firmware: 'UEFI' },
      ...{ operatingSystem: 'Windows Server 2019', architecture: '64-bit' },
    });
    expect(diskTraits(imported, 'erp-db')).toEqual([
      { ioPerSec: 130, writesPerSec: 90, isWriteSizeKnown: true },
      { ioPerSec: 460, writesPerSec: 160, isWriteSizeKnown: true },
    ]);
    const assessed = await read('azure-migrate-assessment');
    expect(traitsOf(assessed, 'erp-db')).toEqual({
      ...{ cores: 8, memoryBytes: 64 * GIB, nicCount: 1, firmware: 'UEFI', ioPerSec: 590, writesPerSec: 250 },
      operatingSystem: 'Microsoft Windows Server 2019 Standard',
    });
  });

  it('the deployment planner’s sheet, its growth taken off', async () => {
    const vms = await read('asr-planner');
    expect(traitsOf(vms, 'erp-db')).toEqual({
      ...{ cores: 8, memoryBytes: 64 * GIB, nicCount: 1, firmware: 'UEFI', ioPerSec: expect.closeTo(700, 9) },
    });
    expect(diskTraits(vms, 'erp-db')[0]).toMatchObject({ ioPerSec: expect.closeTo(100, 9), format: 'VHDX' });
  });

  it('IDE 0:0 is a generation 1 VM’s first disk; of SCSI nothing is told', async () => {
    const drive = 'VMName,ControllerType,ControllerNumber,ControllerLocation,Path';
    const rows = ['a,IDE,0,0,D:\\a\\x.vhd', 'a,IDE,0,1,D:\\a\\y.vhd', 'a,SCSI,0,0,D:\\a\\z.vhdx'];
    const sizes = [
      'Path,VhdType,Size',
      ...['x.vhd', 'y.vhd', 'z.vhdx'].map((name) => `D:\\a\\${name},Fixed,42949672960`),
    ];
    const inputs = [textInput('d.csv', lines(drive, ...rows)), textInput('v.csv', lines(...sizes))];
    const { workload } = await ingest(inputs, { horizonMs: 3_600_000, assumedChurnPerDay: 0.05 });
    expect(diskTraits(workload!.vms, 'a')).toEqual([
      { isOsDisk: true, kind: 'fixed', format: 'VHD' },
      { kind: 'fixed', format: 'VHD' },
      { kind: 'fixed', format: 'VHDX' },
    ]);
  });
});

describe('our own CSV', () => {
  const HEADER =
    'vm,disk,size_gib,churn_gib_per_day,generation,cores,memory_gib,nics,os,firmware,architecture,bitlocker,fibre_channel,clustered,replica_broker,os_disk,format,disk_type,logical_sector,physical_sector,shared,partitions,read_iops,write_iops,mean_write_kib';

  it('reads every column, those of the VM from any of its rows', async () => {
    const { workload, problems } = await ingestText(
      lines(
        HEADER,
        'a,os,40,1,2,4,16,2,Windows Server 2022,UEFI,x64,no,no,yes,yes,yes,vhdx,Dynamic,512,4096,no,3,30,10,8',
        'a,data,40,1,,,,,,,,,,,,no,VHD,fixed,,,,,,,',
      ),
    );
    expect(problems).toEqual([]);
    const [vm] = workload!.vms;
    expect(vm!.traits).toEqual({
      ...{ generation: 2, cores: 4, memoryBytes: 16 * GIB, nicCount: 2, operatingSystem: 'Windows Server 2022' },
      ...{ firmware: 'UEFI', architecture: '64-bit', isEncrypted: false, hasFibreChannel: false },
      ...{ isClustered: true, hasReplicaBroker: true },
    });
    expect(vm!.disks.map(({ traits }) => traits)).toEqual([
      {
        ...{ isOsDisk: true, format: 'VHDX', kind: 'dynamic', logicalSectorBytes: 512, physicalSectorBytes: 4096 },
        ...{ isShared: false, partitionCount: 3, ioPerSec: 40, writesPerSec: 10, isWriteSizeKnown: true },
      },
      { isOsDisk: false, format: 'VHD', kind: 'fixed' },
    ]);
  });

  it('leaves out what is not told', async () => {
    const { workload } = await ingestText(lines('vm,size_gib,churn_gib_per_day,generation,os', 'a,40,1,,'));
    expect(Object.keys(workload!.vms[0]!)).not.toContain('traits');
    expect(Object.keys(workload!.vms[0]!.disks[0]!)).not.toContain('traits');
  });

  it('refuses cells that say none of it, all at once', async () => {
    const ingested = await ingestText(
      lines('vm,size_gib,churn_gib_per_day,generation,cores,bitlocker,os_disk,memory_gib', 'a,40,1,3,0,perhaps,2,-1'),
    );
    expect(codes(ingested).sort()).toEqual([...Array(4).fill('vms-wrong-trait@2'), 'vms-wrong-memory@2'].sort());
  });
});

describe('a workload file', () => {
  it('keeps the traits, and refuses wrong ones with their paths', async () => {
    const { workload } = await ingestText(
      lines('vm,size_gib,churn_gib_per_day,generation,cores,format', 'a,40,1,1,2,VHD'),
    );
    const text = [...renderWorkload({ workload: workload!, assumptions: [], receipts: [] })].join('');
    expect(parseWorkload('w.json', text).value!.workload).toEqual(workload);
    const spoilt = text
      .replace('"generation":1', '"generation":3,"__proto__":1,"memoryBytes":"x"')
      .replace('"format":"VHD"', '"format":7');
    expect(
      parseWorkload('w.json', spoilt)
        .problems.all()
        .map(({ column }) => column),
    ).toEqual([
      'vms[0].traits.generation',
      'vms[0].traits.__proto__',
      'vms[0].traits.memoryBytes',
      'vms[0].disks[0].traits.format',
    ]);
  });
});

it('every sample is read with traits that fit the schema', async () => {
  const whole = ['asr-planner', 'azure-migrate-import', 'azure-migrate-assessment', 'live-optics-vms', 'rvtools-vdisk'];
  for (const name of whole) await read(name);
  expect(readdirSync(FOLDER)).toEqual(expect.arrayContaining(whole.map((name) => `${name}.csv`)));
});
