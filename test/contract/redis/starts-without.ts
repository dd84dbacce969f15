// Starts where no server listens, in a process of its own that nothing else keeps. Arguments: the kind of client, the
// set-up, and a free port.
import { createCache } from 'express-cacheable'
import { recordingLogger } from '../../support/recording-logger.js'
import { LOOPBACK } from '../../support/redis-admin.js'
import { clientKind, type TestedClient } from '../../support/redis-clients.js'

const [name, setUp, port] = process.argv.slice(2) as [string, string, string]
const kind = clientKind(name)
const tested: TestedClient =
  setUp === 'a cluster'
    ? kind.openCluster([{ host: LOOPBACK, port: Number(port) }])
    : kind[setUp === 'a lazy client' ? 'openLazily' : 'open'](`redis://${LOOPBACK}:${port}`)
const cache = createCache({ redis: tested.client, logger: recordingLogger() })
await cache.ready()
console.log(String(await cache.get('user:1')))
await cache.close()
tested.end()
