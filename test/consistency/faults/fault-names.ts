/** What befalls Redis, the way to it, or a process meanwhile; `faults.ts` says how. */
export const FAULTS = [
  'freeze',
  'death-in-freeze',
  'cut',
  'cut-of-one',
  'alone',
  'death-alone',
  'too-few-replicas',
  'cannot-save',
  'demotion',
  'out-of-memory',
  'restart-without-data',
  'restart-with-data',
  'restart-with-older-data',
] as const

export type FaultName = (typeof FAULTS)[number]

export function isFaultName(name: string): name is FaultName {
  return FAULTS.some((fault) => fault === name)
}
