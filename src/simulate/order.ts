import { Input } from '../replication/lifecycle.ts';

/** The order of two things at one instant (semantics 13; decision 0002, 1; decision 0005, 22). */
export const Order = {
  completion: 0,
  linkDown: 1,
  capacity: 2,
  fault: 3,
  action: 4,
  retry: 5,
  cut: 6,
  logHalf: 7,
  volume: 8,
} as const;

/** Where each input stands in that order. */
export const ORDER_OF_WAKE: Readonly<Record<Input, number>> = {
  [Input.enableDone]: Order.completion,
  [Input.startDue]: Order.completion,
  [Input.exportDone]: Order.completion,
  [Input.mediaImported]: Order.completion,
  [Input.transferDone]: Order.completion,
  [Input.mergeDone]: Order.completion,
  [Input.finalizeDone]: Order.completion,
  [Input.transferFailed]: Order.linkDown,
  [Input.fatalError]: Order.fault,
  [Input.resyncRequired]: Order.fault,
  [Input.enabled]: Order.action,
  [Input.adopted]: Order.action,
  [Input.disabled]: Order.action,
  [Input.paused]: Order.action,
  [Input.resumed]: Order.action,
  [Input.fixed]: Order.action,
  [Input.resyncRequested]: Order.action,
  [Input.testFailoverStarted]: Order.action,
  [Input.testFailoverCleanedUp]: Order.action,
  [Input.plannedFailover]: Order.action,
  [Input.unplannedFailover]: Order.action,
  [Input.failoverCancelled]: Order.action,
  [Input.failoverCommitted]: Order.action,
  [Input.reversed]: Order.action,
  [Input.reversedInFull]: Order.action,
  [Input.retryDue]: Order.retry,
  [Input.windowOpened]: Order.retry,
  [Input.intervalElapsed]: Order.cut,
  [Input.logHalfDue]: Order.logHalf,
};
