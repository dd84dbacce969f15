import type { Kind } from './allowed-differences.js'

/** Lines that handler and middleware saw, of the bare run and of ours. */
type Logs = readonly [bare: readonly string[], ours: readonly string[]]

/** A difference in what handler and middleware see that is no fault. `docs/reference/http.md` lists the same ones. */
interface AllowedBehaviour {
  readonly what: string
  readonly why: string
  readonly on: readonly Kind[]
  /** Both, made the same in this and in nothing else. */
  readonly forgive: (...logs: Logs) => Logs
}

const DRAIN = 'event drain'
const ERROR = /^error handler /
/** What is told once an answer has left, and what is seen then. */
const OF_THE_END = /^(event (prefinish|finish|close)$|(prefinish|finish|close) = )/

export const ALLOWED_BEHAVIOUR: readonly AllowedBehaviour[] = [
  {
    what: 'fewer drain',
    why: 'write says true up to maxBodyBytes, so nobody waits: a copy for many does not wait for one client.',
    on: ['miss', 'held'],
    forgive: (bare, ours) => {
      const surplus = countOf(bare, DRAIN) - countOf(ours, DRAIN)
      let removed = 0
      return [bare.filter((line) => line !== DRAIN || ++removed > surplus), ours]
    },
  },
  {
    what: 'finish and close after an error that comes by a promise',
    why: 'The handler runs once the lookup is done, and so in a microtask; Node tells of the end of an answer in a tick, before which all other microtasks run.',
    on: ['miss'],
    forgive: (bare, ours) => {
      const isAfterAll = bare.findIndex((line) => ERROR.test(line)) === bare.length - 1
      return isAfterAll && bare.length > 0 ? [bare, withLast(ours, ERROR)] : [bare, ours]
    },
  },
  {
    what: 'prefinish, finish and close after what the handler does behind its answer',
    why: 'The answer leaves when the eviction is acknowledged.',
    on: ['held'],
    forgive: (bare, ours) =>
      isLater(bare, ours)
        ? [unfinished(withLast(bare, OF_THE_END), ours), withLast(ours, OF_THE_END)]
        : [bare, ours],
  },
]

function countOf(lines: readonly string[], wanted: string): number {
  return lines.filter((line) => line === wanted).length
}

function withLast(lines: readonly string[], last: RegExp): string[] {
  return [...lines.filter((line) => !last.test(line)), ...lines.filter((line) => last.test(line))]
}

/** Whether the end of our answer comes nowhere earlier than that of the bare one. */
function isLater(bare: readonly string[], ours: readonly string[]): boolean {
  const [before, after] = [otherLinesAhead(bare), otherLinesAhead(ours)]
  return before.length === after.length && before.every((count, at) => count <= (after[at] as number))
}

/** Of each line of the end, how many others are ahead of it. */
function otherLinesAhead(lines: readonly string[]): number[] {
  let others = 0
  return lines.flatMap((line) => {
    if (OF_THE_END.test(line)) return [others]
    others += 1
    return []
  })
}

/** What is seen ahead of the end of ours is not finished. */
function unfinished(bare: readonly string[], ours: readonly string[]): string[] {
  return bare.map((line) => {
    const early = line.replace('"writableFinished":true', '"writableFinished":false')
    return !OF_THE_END.test(line) && ours.includes(early) ? early : line
  })
}
