import type { DashboardEvent } from '../../dashboard-api.js'

export type EventType = DashboardEvent['type']

/** Kinds of events that people look for. */
export const EVENT_GROUPS = [
  { id: 'answers', title: 'Answers', types: ['hit', 'stale', 'miss', 'reload', 'bypass'] },
  { id: 'stored', title: 'Stored', types: ['fill', 'put', 'warm'] },
  {
    id: 'refused',
    title: 'Not stored',
    types: ['fill-refused', 'not-stored', 'write-failed', 'discard', 'foreign'],
  },
  { id: 'removed', title: 'Removed', types: ['evict', 'intent', 'evict-delivered', 'barrier'] },
  {
    id: 'trouble',
    title: 'Trouble',
    types: [
      'intent-missed',
      'evict-kept',
      'forgotten',
      'audit',
      'option-failed',
      'warm-stopped',
      'circuit',
      'store-down',
      'store-up',
    ],
  },
] as const satisfies readonly { id: string; title: string; types: readonly EventType[] }[]

export type EventGroupId = (typeof EVENT_GROUPS)[number]['id']

const BY_TYPE = new Map<EventType, EventGroupId>(
  EVENT_GROUPS.flatMap(({ id, types }) => types.map((type) => [type, id] as const)),
)

export function groupOf(type: EventType): EventGroupId {
  return BY_TYPE.get(type) ?? 'trouble'
}

/** A class that sets a colour. */
export function colourOf(type: EventType): string {
  switch (type) {
    case 'hit':
      return 'c-hit'
    case 'stale':
      return 'c-stale'
    case 'miss':
    case 'reload':
      return 'c-miss'
    case 'bypass':
      return 'c-bypass'
    case 'store-up':
      return 'c-good'
    default:
      return {
        answers: 'c-hit',
        stored: 'c-good',
        refused: 'c-miss',
        removed: 'c-evict',
        trouble: 'c-error',
      }[groupOf(type)]
  }
}
