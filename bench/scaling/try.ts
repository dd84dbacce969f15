import { setTimeout as sleep } from 'node:timers/promises'
import { connectPlain, startOwnRedis } from '../redis.js'
import { runBench } from '../run-bench.js'
import { Fleet } from './fleet.js'
import { callsOf } from './redis-load.js'
import { measureRest } from './rest.js'

await runBench(main)
async function main() {
  const { url } = await startOwnRedis()
  const redis = connectPlain(url)
  const fleet = new Fleet(redis, url, 'fleet:')
  await fleet.start(4)
  for (const size of (process.argv[2] ?? '5,25,100').split(',').map(Number)) {
    const grow = await fleet.measure(() => fleet.grow(size))
    console.log(
      'grow to',
      size,
      'publish',
      callsOf(grow.redis, 'publish'),
      'calls',
      grow.messages,
      'hb',
      callsOf(grow.redis, 'zadd'),
      'hget',
      callsOf(grow.redis, 'hget'),
      'cpu',
      grow.redis.cpuMs,
    )
    await sleep(1500)
    console.log(await measureRest(fleet))
    const one = await fleet.measure(() =>
      fleet.addAlone().then(async (p) => {
        await sleep(300)
        return p.ask({ do: 'close', count: 1 })
      }),
    )
    console.log(
      'one joins',
      'publish',
      callsOf(one.redis, 'publish'),
      one.messages,
      'hb',
      callsOf(one.redis, 'zadd'),
      'hget',
      callsOf(one.redis, 'hget'),
      'cpu',
      one.redis.cpuMs,
    )
    for (const per of [10, 100, 1000]) {
      const e = await fleet.measure(() => fleet.order({ do: 'evict', by: 'key', perSecond: per, ms: 2000 }))
      const n = callsOf(e.redis, 'publish')
      console.log(
        'evict',
        per,
        's',
        e.seconds,
        'n',
        n,
        e.messages,
        'cpu',
        e.redis.cpuMs,
        'member',
        e.memberCpuMs,
        'bytes',
        e.redis.sentBytes,
      )
    }
    const keys = Array.from({ length: 25 }, (_, i) => `thing:l${size}-${i}`)
    const l = await fleet.measure(() => fleet.order({ do: 'load', keys, askers: 2, loadMs: 30 }))
    console.log('load', l.messages, callsOf(l.redis, 'publish'), l.redis.cpuMs)
    const cut = await fleet.measure(async () => {
      await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
      const t = performance.now()
      await sleep(100)
      await fleet.order({ do: 'hit', key: 'thing:1' })
      console.log('back after', performance.now() - t)
      await sleep(2000)
    })
    console.log(
      'cut',
      cut.messages,
      'publish',
      callsOf(cut.redis, 'publish'),
      'hb',
      callsOf(cut.redis, 'zadd'),
      'hget',
      callsOf(cut.redis, 'hget'),
      'cpu',
      cut.redis.cpuMs,
    )
  }
}
