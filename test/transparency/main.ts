// Tries shapes and prints what differs: `--shape <part of a name>`, `--mode <name>`, `--express 4`.
import { parseArgs } from 'node:util'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { type RedisServer, startRedis } from '../support/redis.js'
import { MODES_TOGETHER, tryShapes } from './try-shapes.js'

const { values } = parseArgs({
  options: { shape: { type: 'string' }, mode: { type: 'string' }, express: { type: 'string' } },
})
const groups = MODES_TOGETHER.map((group) => group.filter((name) => [undefined, name].includes(values.mode)))
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
await Promise.all(
  versions.flatMap(({ name: version }) =>
    groups.map(async (modes) => {
      if (modes.length === 0) return
      for (const [trial, difference] of await tryShapes({ version, modes, ...filter })) {
        tried += 1
        if (difference === '') continue
        differing += 1
        console.log(`\n# ${version}, ${trial}\n${difference}`)
      }
    }),
  ),
)
console.log(`\n${tried} tried, ${differing} differ`)
await server?.stop()
process.exitCode = differing > 0 ? 1 : 0
