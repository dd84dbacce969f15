import { type Curve, curveChart, curvesOf, curveTable, SIZES } from './curves.js'
import { Fleet, type Measured } from './fleet.js'
import type { Part } from './part.js'

interface Row {
  readonly members: number
  readonly pair: Measured
  readonly all: Measured
}

const KEYS_OF_PAIRS = 100
const KEYS_OF_ALL = 5

/** What it takes that members wait for a load of another: two at each of many keys, and all at each of a few. */
export async function measureLeases(): Promise<Part> {
  const fleet = await Fleet.start()
  const rows: Row[] = []
  for (const members of SIZES) {
    await fleet.grow(members)
    console.log(`${members} members that wait for a load …`)
    rows.push({
      members,
      // Each of the two processes asks for each key, by one member.
      pair: await fleet.measure(() => loadBy(fleet, 'pair', KEYS_OF_PAIRS, 1)),
      all: await fleet.measure(() => loadBy(fleet, 'all', KEYS_OF_ALL, members)),
    })
  }
  const messages = curvesOf(
    rows,
    {
      'two ask for it': ({ pair }) => pair.messages.leases / KEYS_OF_PAIRS,
      'all ask for it': ({ all }) => all.messages.leases / KEYS_OF_ALL,
    },
    2,
  )
  const cpu = curvesOf(rows, {
    'two ask for it': ({ pair }) => (pair.redis.cpuMs * 1_000) / KEYS_OF_PAIRS,
    'all ask for it': ({ all }) => (all.redis.cpuMs * 1_000) / KEYS_OF_ALL,
    'all ask for it, for each who asks': ({ members, all }) =>
      (all.redis.cpuMs * 1_000) / KEYS_OF_ALL / members,
  })
  return {
    title: 'Members that wait for the load of another',
    tables: `Messages that members receive for a key that is loaded:\n\n${curveTable(messages)}\n\nµs of CPU of Redis for it, its lookups and its fill included:\n\n${curveTable(cpu)}`,
    pictures: [curveChart('Messages for a load that others wait for', 'messages', messages as Curve[])],
  }
}

function loadBy(fleet: Fleet, name: string, count: number, askers: number): Promise<void> {
  const keys = Array.from({ length: count }, (_, nth) => `thing:${name}-${fleet.size}-${nth}`)
  return fleet.order({ do: 'load', keys, askers })
}
