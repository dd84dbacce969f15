import { get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { forkProcess } from '../fork-process.js'
import { type Curve, curveChart, curvesOf, curveTable, SIZES } from './curves.js'
import { Fleet, type Measured } from './fleet.js'
import type { Part } from './part.js'

interface Row extends Measured {
  readonly members: number
}

const MS = 5_000

/** What a fleet takes that nobody asks for anything, and what it takes while somebody looks at its dashboard. */
export async function measureRest(): Promise<Part> {
  const fleet = await Fleet.start()
  const [rest, watched]: [Row[], Row[]] = [[], []]
  for (const members of SIZES) {
    await fleet.grow(members)
    console.log(`${members} members at rest …`)
    await sleep(500)
    rest.push({ members, ...(await fleet.measure(() => sleep(MS))) })
    const endLook = await look(fleet)
    await sleep(1_500)
    watched.push({ members, ...(await fleet.measure(() => sleep(MS))) })
    await endLook()
  }
  const perSecond = (figure: (row: Row) => number) => (row: Row) => figure(row) / row.seconds
  const figures = {
    'heartbeats a second': perSecond(({ redis }) => redis.heartbeats),
    'ms of CPU a second, Redis': perSecond(({ redis }) => redis.cpuMs),
    'ms of CPU a second, all members': perSecond(({ memberCpuMs }) => memberCpuMs),
    'kB a second that Redis sends': perSecond(({ redis }) => redis.sentBytes / 1_000),
    connections: ({ redis }: Row) => redis.connections,
  }
  const [atRest, whileWatched] = [curvesOf(rest, figures, 1), curvesOf(watched, figures, 1)]
  const named = (curves: readonly Curve[], at: number, name: string) => ({ ...(curves[at] as Curve), name })
  return {
    title: 'A fleet that nobody asks for anything',
    tables: `Nobody looks:\n\n${curveTable(atRest)}\n\nSomebody looks at a dashboard, that of one more process:\n\n${curveTable(whileWatched)}`,
    pictures: [
      curveChart('CPU of Redis at rest', 'ms a second', [
        named(atRest, 1, 'nobody looks'),
        named(whileWatched, 1, 'somebody looks'),
      ]),
    ],
  }
}

/** By a dashboard of the fleet. @returns What ends it. */
async function look({ redis, keyPrefix }: Fleet): Promise<() => Promise<void>> {
  const process = forkProcess(new URL('../looked-at-process.js', import.meta.url), {
    ...{ what: 'The app with the dashboard', args: [redis.url, keyPrefix] },
  })
  const url = await process.hear<string>()
  const request = get(`${url}/admin/cache/api/live`, (response) => response.resume())
  request.on('error', () => {})
  return async () => {
    request.destroy()
    await process.stop()
  }
}
