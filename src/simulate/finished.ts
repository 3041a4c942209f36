import type { Run } from '../model/run.ts';
import type { ReplicationCore } from '../replication/columns.ts';
import type { Millis } from '../units.ts';
import type { ChurnIntegral, RatedWrites } from './churn-integral.ts';
import type { ConstraintRecorder } from './constraint-recorder.ts';
import type { OrderedFleet } from './fleet.ts';
import type { Recorder } from './recorder.ts';
import type { EventResult } from './result.ts';
import type { Topology } from './topology.ts';
import type { TrafficMeter } from './traffic-meter.ts';
import type { Transfers } from './transfers.ts';

/** Everything that a simulation has left behind; VMs and disks in the ordered fleet's numbers. */
export interface Finished {
  readonly run: Run;
  readonly fleet: OrderedFleet;
  readonly core: ReplicationCore;
  /** What the sources say is written, and what the guests have written: they differ where guests were off. */
  readonly churn: ChurnIntegral;
  readonly writes: RatedWrites;
  readonly recorder: Recorder;
  readonly topology: Topology;
  readonly transfers: Transfers;
  /** Absent without detail, as the next. */
  readonly traffic: TrafficMeter | undefined;
  readonly constraints: ConstraintRecorder | undefined;
  readonly events: readonly EventResult[];
  /** Of each volume; empty where none was watched. */
  readonly shortages: readonly { readonly lowAtMs: Millis; readonly fullAtMs: Millis }[];
  readonly monitoringFromMs: Millis;
  readonly eventCount: number;
}
