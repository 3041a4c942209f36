export interface Job { readonly kind: string; readonly startMs: number; readonly endMs: number|null; readonly state: string; readonly reason: string }
export class JobLog { constructor(vmCount: number, rules: unknown) {} observe(...a: unknown[]): void {} jobsOf(vm: number): Job[] { return []; } isTruncated(vm: number): boolean { return false; } }
