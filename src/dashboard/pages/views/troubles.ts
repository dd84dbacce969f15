import type { Overview, ProcessSummary } from '../../dashboard-api.js'
import { counted, duration, percent } from '../format.js'
import type { PageId } from '../route.js'

/** What somebody ought to do something about. */
export interface Trouble {
  readonly isBad: boolean
  readonly text: string
  readonly mend: string
  readonly page?: {
    readonly id: PageId
    readonly params: Readonly<Record<string, string>>
    readonly title: string
  }
}

/** Reports come each second. */
const SILENT_MS = 10_000
const FULL = 0.9

/** What is wrong now, the worst first. */
export function troublesOf(overview: Overview): readonly Trouble[] {
  const { processes, totals, redis, at } = overview
  return [
    ...unavailable(processes),
    ...owing(processes),
    ...(totals.forgotten > 0
      ? [
          {
            isBad: true,
            text: `Writes have left ${counted(totals.forgotten, 'entry', 'entries')} that were made from what the writes changed.`,
            mend: 'The event says which write, which key and which tag: add that pattern or tag to the write.',
            page: {
              id: 'events',
              params: { text: 'forgotten' },
              title: 'See which',
            } as const,
          },
        ]
      : []),
    ...silent(processes, at),
    ...full(redis),
    ...versions(processes),
  ]
}

function unavailable(processes: readonly ProcessSummary[]): Trouble[] {
  const without = processes.filter(({ store }) => !store.available || store.circuit !== 'closed')
  if (without.length === 0) return []
  return [
    {
      isBad: true,
      text: `The store does not answer ${namesOf(without, processes)}.`,
      mend: 'Requests go past the cache, to their handlers, until it answers again; the processes try by themselves. Look whether Redis runs and can be reached.',
    },
  ]
}

function owing(processes: readonly ProcessSummary[]): Trouble[] {
  const owed = processes.reduce((sum, { store }) => sum + store.owedEvictions, 0)
  if (owed === 0) return []
  const who = processes.filter(({ store }) => store.owedEvictions > 0)
  return [
    {
      isBad: true,
      text: `${counted(owed, 'eviction is', 'evictions are')} owed: the store has not acknowledged what writes removed.`,
      mend: `Until it has, ${namesOf(who, processes)} serves no hit, so that nobody reads what is old. It is tried again by itself.`,
    },
  ]
}

function silent(processes: readonly ProcessSummary[], now: number): Trouble[] {
  return processes
    .filter(({ at }) => now - at > SILENT_MS)
    .map((process) => ({
      isBad: false,
      text: `${process.name} (${process.pid}) has said nothing for ${duration(now - process.at)}.`,
      mend: 'Its figures are those of its last report. It has stopped, is busy, or has lost Redis.',
    }))
}

function full(redis: Overview['redis']): Trouble[] {
  if (!redis?.usedMemoryBytes || !redis.maxMemoryBytes) return []
  if (redis.usedMemoryBytes < redis.maxMemoryBytes * FULL) return []
  const share = percent(redis.usedMemoryBytes, redis.maxMemoryBytes)
  const policy = redis.maxMemoryPolicy ?? 'unknown'
  return [
    {
      isBad: false,
      text: `Redis uses ${share} of the memory that it may use.`,
      mend:
        policy === 'noeviction'
          ? 'Its policy is noeviction: soon it will refuse to store. Give it more, or shorten the TTLs of what is large: see Rules.'
          : `Its policy is ${policy}: it drops entries by itself, which costs hits. Give it more, or shorten the TTLs of what is large: see Rules.`,
      page: { id: 'rules', params: {}, title: 'See what is large' },
    },
  ]
}

function versions(processes: readonly ProcessSummary[]): Trouble[] {
  const all = [...new Set(processes.map(({ version }) => version))].sort()
  if (all.length < 2) return []
  return [
    {
      isBad: false,
      text: `Processes run versions ${all.join(' and ')} of express-cacheable.`,
      mend: 'While a deployment rolls that is so. If it stays, a process was left behind: see Processes.',
    },
  ]
}

function namesOf(some: readonly ProcessSummary[], all: readonly ProcessSummary[]): string {
  if (all.length === 1) return 'this process'
  if (some.length === all.length) return 'any process'
  return some.map(({ name, pid }) => `${name} (${pid})`).join(', ')
}
