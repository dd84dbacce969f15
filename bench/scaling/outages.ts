import { setTimeout as sleep } from 'node:timers/promises'
import { connectPlain } from '../redis.js'
import { curveChart, curvesOf, curveTable, SIZES } from './curves.js'
import { beyondRest, Fleet, type Measured } from './fleet.js'
import type { Part } from './part.js'

interface Event extends Measured {
  /** Until each member had a hit again. */
  readonly backAfterMs: number
}

interface Row {
  readonly members: number
  /** Beyond what a fleet takes at rest. */
  readonly events: ReadonlyMap<string, Event>
}

/** Longer than the deadline of the members, so that each notices. */
const FROZEN_MS = 2_500
const SETTLED_MS = 1_000
const LOST_MS = 50
const EVENTS: Readonly<Record<string, (fleet: Fleet) => Promise<void>>> = {
  'one joins': async (fleet) => {
    const alone = await fleet.addAlone()
    await alone.ask({ do: 'close', count: 1 })
    await alone.stop()
  },
  'one crashes': async (fleet) => {
    await (await fleet.addAlone()).kill()
    await sleep(5_000)
  },
  'all connections are cut': async ({ redis }) => {
    const admin = connectPlain(redis.url)
    await Promise.all(
      ['PUBSUB', 'NORMAL'].map((type) => admin.call('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes')),
    )
    admin.disconnect()
  },
  'Redis stands still': async ({ redis }) => {
    redis.freeze()
    await sleep(FROZEN_MS)
    redis.thaw()
  },
  'Redis is restarted': (fleet) => fleet.restartRedis(),
}

/** What it takes that members come, go and come back. */
export async function measureOutages(): Promise<Part> {
  const fleet = await Fleet.start()
  const rows: Row[] = []
  for (const members of SIZES) {
    await fleet.grow(members)
    await sleep(SETTLED_MS)
    const rest = await fleet.measure(() => sleep(SETTLED_MS))
    const events = new Map<string, Event>()
    for (const [name, happen] of Object.entries(EVENTS)) {
      console.log(`${members} members, and ${name} …`)
      const event = await watch(fleet, happen)
      events.set(name, { ...event, ...beyondRest(event, rest) })
    }
    rows.push({ members, events })
  }
  const curves = (figure: (event: Event) => number) => {
    const names = Object.keys(EVENTS)
    return curvesOf(
      rows,
      Object.fromEntries(
        names.map((name) => [name, ({ events }: Row) => Math.max(0, figure(events.get(name) as Event))]),
      ),
    )
  }
  const messages = curves((event) => event.messages['roll-calls'])
  const heartbeats = curves(({ redis }) => redis.heartbeats)
  const cpu = curves(({ redis }) => redis.cpuMs)
  const back = curves(({ backAfterMs }) => backAfterMs)
  return {
    title: 'Members that come, go and come back',
    tables: [
      `Messages of roll calls that members receive:\n\n${curveTable(messages)}`,
      `Heartbeats beyond those of a fleet at rest:\n\n${curveTable(heartbeats)}`,
      `ms of CPU of Redis beyond those:\n\n${curveTable(cpu)}`,
      `ms until each member has had a hit again:\n\n${curveTable(back)}`,
    ].join('\n\n'),
    pictures: [
      curveChart('Messages of roll calls', 'messages', messages),
      curveChart('CPU of Redis beyond that of a fleet at rest', 'ms', cpu),
    ],
  }
}

async function watch(fleet: Fleet, happen: (fleet: Fleet) => Promise<void>): Promise<Event> {
  let backAfterMs = 0
  const measured = await fleet.measure(async () => {
    await happen(fleet)
    const startedAt = performance.now()
    // A member notices a lost connection a moment later.
    await sleep(LOST_MS)
    await fleet.order({ do: 'hit' })
    backAfterMs = performance.now() - startedAt
    await sleep(SETTLED_MS)
  })
  return { ...measured, backAfterMs }
}
