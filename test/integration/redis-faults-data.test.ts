import { type FaultCase, type FaultyRedis, onFaults } from '../support/on-faults.js'

const KEYS = [
  ...Array.from({ length: 12 }, (_, id) => `row:${id}`),
  ...Array.from({ length: 3 }, (_, page) => `rows:list:${page + 1}`),
]

const TIMES = 10

const faults: FaultCase[] = [
  {
    name: 'scripts that are forgotten',
    times: TIMES,
    break: ({ admin }) => admin.script('FLUSH'),
  },
  {
    name: 'FLUSHALL by somebody else',
    times: TIMES,
    break: ({ admin }) => admin.flushall(),
  },
  {
    name: 'lists in the place of values',
    times: TIMES,
    break: (redis) => putLists(redis, KEYS),
    // They are somebody's, and nothing is cached there before they are gone.
    heal: ({ admin }) => admin.del(...KEYS),
  },
  {
    name: 'lists in the place of leases',
    times: TIMES,
    break: (redis) =>
      putLists(
        redis,
        KEYS.map((key) => `#lease:${key}`),
      ),
  },
  {
    name: 'a list in the place of the index',
    times: TIMES,
    break: (redis) => putLists(redis, ['#index']),
  },
  {
    name: 'lists in the place of what is known of fences and of the server',
    times: TIMES,
    break: (redis) => putLists(redis, ['#fences', '#server']),
  },
  {
    name: 'values that are cut short',
    times: TIMES,
    break: (redis) => rewrite(redis, `string.sub(value, 1, math.floor(#value / 2))`),
  },
  {
    name: 'foreign bytes in the place of values',
    times: TIMES,
    break: (redis) => rewrite(redis, `'\\255\\0\\254'`),
  },
  {
    name: 'empty values',
    times: TIMES,
    break: (redis) => rewrite(redis, `''`),
  },
]

async function putLists({ admin }: FaultyRedis, names: readonly string[]): Promise<void> {
  const both = admin.multi()
  for (const name of names) both.del(name).rpush(name, 'not', 'ours')
  await both.exec()
}

/** @param lua - What a value becomes. */
async function rewrite({ admin }: FaultyRedis, lua: string): Promise<void> {
  const script = `
    for _, name in ipairs(KEYS) do
      local value = redis.call('GET', name)
      if value then redis.call('SET', name, ${lua}, 'KEEPTTL') end
    end`
  await admin.eval(script, KEYS.length, ...KEYS)
}

onFaults('strange data in Redis', faults)
