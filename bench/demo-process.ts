// One demo in a process of its own, so that load generator and server share no event loop. It is steered by
// messages, and ends when the channel to the bench closes: however the bench ends, no demo is left behind.
import { once } from 'node:events'
import { type RunningDemo, startDemo } from '#demo/app.js'
import { CommandError } from '#demo/command-error.js'
import type { Counts, Person, StartedMessage, StartMessage } from './messages.js'
import { pinClock } from './pin-clock.js'

let demo: RunningDemo | undefined

// A Ctrl-C reaches the bench too, which then closes the channel.
process.on('SIGINT', () => {})
process.once('disconnect', stop)

try {
  const [message] = (await once(process, 'message')) as [StartMessage]
  demo = await start(message)
  // The bench sends only one thing from now on: the question for the counts.
  process.on('message', () => tell(countsOf(demo as RunningDemo)))
  tell(await describe(demo))
} catch (error) {
  console.error(error instanceof CommandError ? error.message : error)
  process.exit(1)
}

async function start({ config, seededAt }: StartMessage): Promise<RunningDemo> {
  const release = pinClock(seededAt)
  try {
    return await startDemo(config)
  } finally {
    release()
  }
}

async function describe({ port, database, cache, prisma, tokens }: RunningDemo): Promise<StartedMessage> {
  const users = await prisma.user.findMany({
    select: { id: true, role: true, tokenVersion: true },
    orderBy: [{ role: 'asc' }, { id: 'asc' }],
    take: 3,
  })
  const people = users.map(async (user): Promise<Person> => ({ ...user, token: await tokens.sign(user) }))
  return {
    // Not by name: which address "localhost" stands for would be looked up for every connection.
    url: `http://127.0.0.1:${port}`,
    database,
    isStoreAvailable: cache.status().available,
    people: await Promise.all(people),
  }
}

function countsOf({ queries, cache }: RunningDemo): Counts {
  const { hits, misses } = cache.stats()
  return { queries: queries(), hits, misses }
}

function tell(message: StartedMessage | Counts): void {
  process.send?.(message)
}

async function stop(): Promise<void> {
  // In a Redis that is not ours, nothing of the bench should stay.
  await demo?.cache.deletePattern('*')
  await demo?.close()
  process.exit()
}
