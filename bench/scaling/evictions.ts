import { setTimeout as sleep } from 'node:timers/promises'
import { curveChart, curvesOf, curveTable, SIZES } from './curves.js'
import { beyondRest, Fleet, type Measured } from './fleet.js'
import type { EvictedBy } from './orders.js'
import type { Part } from './part.js'

interface Row {
  readonly members: number
  readonly runs: ReadonlyMap<string, Run>
}

interface Run {
  readonly evictions: number
  readonly measured: Measured
}

const MS = 1_000
const RUNS: readonly (readonly [by: EvictedBy, perSecond: number])[] = [
  ['key', 10],
  ['key', 100],
  ['key', 1_000],
  ['pattern', 100],
  ['tag', 100],
]

/** What an eviction takes that each member is told of, since each has copies in its process. */
export async function measureEvictions(): Promise<Part> {
  const fleet = await Fleet.start()
  const rows: Row[] = []
  for (const members of SIZES) {
    await fleet.grow(members)
    console.log(`${members} members, and evictions …`)
    const rest = await fleet.measure(() => sleep(MS))
    const runs = new Map<string, Run>()
    for (const [by, perSecond] of RUNS) {
      const { evictions, measured } = await run(fleet, by, perSecond)
      runs.set(nameOf(by, perSecond), { evictions, measured: beyondRest(measured, rest) })
    }
    rows.push({ members, runs })
  }
  const figuresOf = (figure: (run: Run) => number) => {
    return Object.fromEntries(
      RUNS.map(([by, perSecond]) => {
        const name = nameOf(by, perSecond)
        return [name, ({ runs }: Row) => figure(runs.get(name) as Run)]
      }),
    )
  }
  const perEviction = (figure: (measured: Measured) => number) =>
    figuresOf(({ evictions, measured }) => figure(measured) / evictions)
  const cpu = curvesOf(
    rows,
    perEviction(({ redis }) => redis.cpuMs * 1_000),
  )
  const messages = curvesOf(
    rows,
    perEviction(({ messages }) => messages.evictions),
    1,
  )
  const bytes = curvesOf(
    rows,
    perEviction(({ redis }) => redis.sentBytes),
  )
  const memberCpu = curvesOf(
    rows,
    figuresOf(({ measured }) => (measured.memberCpuMs * 1_000) / measured.messages.evictions),
    1,
  )
  const took = curvesOf(
    rows,
    figuresOf(({ measured }) => measured.seconds),
    2,
  )
  return {
    title: 'Evictions, of which every member is told',
    tables: [
      `µs of CPU of Redis for an eviction that removes one entry, beyond those of a fleet at rest:\n\n${curveTable(cpu)}`,
      `Messages that members receive for an eviction:\n\n${curveTable(messages)}`,
      `Bytes that Redis sends for an eviction:\n\n${curveTable(bytes)}`,
      `µs of CPU of all members for a message, evicting included:\n\n${curveTable(memberCpu)}`,
      `Seconds that the evictions of a second took:\n\n${curveTable(took)}`,
    ].join('\n\n'),
    pictures: [
      curveChart('CPU of Redis for an eviction', 'µs', cpu),
      curveChart('Messages for an eviction', 'messages', messages.slice(1, 2)),
    ],
  }
}

function nameOf(by: EvictedBy, perSecond: number): string {
  return `by ${by}, ${perSecond} a second`
}

async function run(fleet: Fleet, by: EvictedBy, perSecond: number): Promise<Run> {
  const evictions = (perSecond * MS) / 1_000
  await fleet.order({ do: 'store', by, count: evictions })
  return {
    evictions,
    measured: await fleet.measure(() => fleet.order({ do: 'evict', by, perSecond, ms: MS })),
  }
}
