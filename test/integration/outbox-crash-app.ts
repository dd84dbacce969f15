// A process that registers users and is killed: its bus takes two events and then answers no more.
import { openDatabase } from '#demo/database/open-database.js'
import { silentLogger } from '#demo/logger.js'
import { Outbox } from '#demo/outbox/outbox.js'
import { Relay } from '#demo/outbox/relay.js'
import { recordingBus } from '../support/recording-bus.js'

const [url, count] = process.argv.slice(2)
const { prisma } = await openDatabase(url)
let taken = 0
const bus = recordingBus(async (event) => {
  if (taken === 2) await new Promise(() => {})
  taken += 1
  console.log(`published ${event.eventId}`)
})
const relay = new Relay({ prisma, bus, services: ['auth'], logger: silentLogger })
const outbox = new Outbox(prisma, 'auth', relay)
relay.start()
for (let number = 1; number <= Number(count); number += 1) {
  const [email, name] = [`crash-${number}@crm.example`, `User ${number}`]
  await outbox.transaction(async (tx, publish) => {
    const { id: userId } = await tx.user.create({ data: { email, name, passwordHash: 'none' } })
    await publish('user.events', 'USER_CREATED', { userId, email, name })
  })
}
console.log('committed')
