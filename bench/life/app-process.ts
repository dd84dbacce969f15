// One of a set-up's processes. It ends when the channel to the bench closes.
import { CommandError } from '#demo/command-error.js'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { listen } from '#demo/http/listen.js'
import { Database } from './database.js'
import { SUBJECTS } from './subjects.js'
import { valueFor } from './things.js'

const [name, redisUrl, databasePort] = process.argv.slice(2) as [string, string, string]

// A Ctrl-C reaches the bench too, which then closes the channel.
process.on('SIGINT', () => {})
process.once('disconnect', () => process.exit())
// The bench sends only one thing: the question for the CPU time used, in milliseconds.
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.((user + system) / 1_000)
})

const subject = SUBJECTS.find((subject) => subject.name === name)
if (!subject) throw new CommandError(`There is no subject '${name}'.`)
const database = new Database(Number(databasePort))
const listener = await subject.start({
  redisUrl,
  load: async (key) => valueFor(key, (await database.read(key)).version),
  write: (thing) => database.write(thing),
})
const { port } = await listen(listener, { host: DEFAULT_CONFIG.host, port: 0 })
process.send?.(`http://${DEFAULT_CONFIG.host}:${port}`)
