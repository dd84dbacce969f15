// A process that follows a database for all that share a Redis, and says what it has become.
import { createCache } from 'express-cacheable'
import { followDatabase } from 'express-cacheable/postgres'

const [redis, keyPrefix, connectionString = ''] = process.argv.slice(2)
const cache = createCache({ ...{ redis, keyPrefix, deadlineMs: 5_000 } })
await cache.ready()
const follower = await followDatabase(cache, { connectionString })
console.log(follower.status().role)
// Until it is killed.
setInterval(() => {}, 1_000)
