// A client that waits for Redis as a request would, in a process of its own: GETs of one key, one after the other,
// until the channel to the bench closes.
import { Redis } from 'ioredis'

const [url, key] = process.argv.slice(2) as [string, string]
const redis = new Redis(url, { retryStrategy: () => null })
let latencies: number[] = []
let isAsked = false

redis.on('error', () => {})
// A Ctrl-C reaches the bench too, which then closes the channel.
process.on('SIGINT', () => {})
process.once('disconnect', () => process.exit())
process.on('message', () => {
  isAsked = true
})

for (;;) {
  const sentAt = performance.now()
  // A Redis that is gone is for the bench to tell of.
  await redis.get(key).catch(() => process.exit(1))
  latencies.push(performance.now() - sentAt)
  // Only now, as the GET that was under way belongs to what was asked about.
  if (isAsked) {
    process.send?.(latencies)
    latencies = []
    isAsked = false
  }
}
