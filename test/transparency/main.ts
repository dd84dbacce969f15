// Tries shapes and prints what differs: `--shape <part of a name>`, `--mode <name>`, `--express 4`.
import { parseArgs } from 'node:util'
import { eachOf } from '../support/each-of.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { type RedisServer, startRedis } from '../support/redis.js'
import { MODES_TOGETHER, tryShapes } from './try-shapes.js'

const { values } = parseArgs({
  options: { shape: { type: 'string' }, mode: { type: 'string' }, express: { type: 'string' } },
})
const groups = MODES_TOGETHER.map((group) =>
  group.filter((name) => [undefined, name].includes(values.mode)),
).filter((modes) => modes.length > 0)
const versions = EXPRESS_VERSIONS.filter(
  ({ name }) => values.express === undefined || name.endsWith(values.express),
)

let server: RedisServer | undefined
if (!process.env.REDIS_URL) {
  server = await startRedis()
  process.env.REDIS_URL = server.url
}
const filter = values.shape === undefined ? {} : { shape: values.shape }
let [tried, differing] = [0, 0]
const trials = groups.flatMap((modes) => versions.map(({ name: version }) => ({ version, modes, ...filter })))
await eachOf(trials, async (trial) => {
  for (const [name, difference] of await tryShapes(trial)) {
    tried += 1
    if (difference === '') continue
    differing += 1
    console.log(`\n# ${trial.version}, ${name}\n${difference}`)
  }
})
console.log(`\n${tried} tried, ${differing} differ`)
await server?.stop()
process.exitCode = differing > 0 ? 1 : 0
