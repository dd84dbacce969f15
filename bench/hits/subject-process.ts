// One subject in a process of its own. It ends when the channel to the bench closes.
import { CommandError } from '#demo/command-error.js'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { listen } from '#demo/http/listen.js'
import { rowsOf } from './items.js'
import { SUBJECTS } from './parts.js'
import type { Usage } from './running-subject.js'

const [name, redisUrl] = process.argv.slice(2) as [string, string]
let loads = 0

// A Ctrl-C reaches the bench too, which then closes the channel.
process.on('SIGINT', () => {})
process.once('disconnect', () => process.exit())
// The bench sends only one thing: the question for what has been used.
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  tell({ cpuMs: (user + system) / 1_000, loads })
})

const subject = SUBJECTS.find((subject) => subject.name === name)
if (!subject) throw new CommandError(`There is no subject '${name}'.`)
const listener = await subject.start({
  redisUrl,
  load(size) {
    loads += 1
    return rowsOf(size)
  },
})
const { port } = await listen(listener, { host: DEFAULT_CONFIG.host, port: 0 })
tell(`http://${DEFAULT_CONFIG.host}:${port}`)

function tell(message: string | Usage): void {
  // The bench may have ended meanwhile.
  process.send?.(message, undefined, undefined, () => {})
}
