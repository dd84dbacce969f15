import type { Reading } from '#src/engine/engine.js'
import { type Client, GRACE_MS, randomTtlMs } from './client.js'
import { type CachedRow, decodeRow, encodeRow, keyOf, tagsOf } from './rows.js'

/** An answer and how it came about; `null` where a look found nothing. */
type Answer = {
  readonly how: 'near' | 'hit' | 'stale' | 'joined' | 'loaded' | 'alone'
  readonly row: CachedRow
}

/** Reads one row after the other. */
export async function keepReading(client: Client): Promise<void> {
  while (!client.isStopping()) {
    await client.rested()
    await readOnce(client)
  }
}

/** Reads some row under one of its keys, and judges the answer by what was acknowledged before. */
export async function readOnce(client: Client): Promise<void> {
  const { promises, rows, random, pause, count, judge } = client
  const row = random.oneOf(rows)
  const key = keyOf(row, random)
  const promised = await promises.of(row)
  await pause()
  const answer = random.chance(0.9) ? await readThrough(client, row, key) : await look(client, key)
  count(answer?.how ?? 'nothing')
  if (answer) judge({ row, key, ...promised, answer: answer.row, how: answer.how })
}

/** As a route with `@Cacheable` does. */
async function readThrough(client: Client, row: string, key: string): Promise<Answer> {
  const near = client.engine.hit(key, GRACE_MS)
  if (near) return { how: 'near', row: decodeRow(near.value) }
  const reading = await client.engine.read(key, { graceMs: GRACE_MS, staleWhileRevalidateMs: GRACE_MS })
  switch (reading.kind) {
    case 'hit':
    case 'stale':
      return { how: reading.kind, row: decodeRow(reading.value) }
    case 'loaded':
      return { how: 'joined', row: decodeRow(reading.value) }
    case 'pass-through':
      return { how: 'alone', row: await load(client, row, key) }
    case 'load':
      return lead(client, row, key, reading)
  }
}

/** Loads for itself and for others; now and then for itself alone, or not to the end. */
async function lead(
  client: Client,
  row: string,
  key: string,
  { load: led, stale }: Extract<Reading, { kind: 'load' }>,
): Promise<Answer> {
  const { random, count } = client
  const loaded = await load(client, row, key)
  const luck = random.next()
  if (luck < 0.03) {
    count('abandoned')
    if (luck < 0.015) led.cancel()
    else led.finishUnshareable()
    // A failed reload is answered with what was there before.
    if (stale) return { how: 'stale', row: decodeRow(stale.value) }
  } else {
    // Not waited for: the answer leaves before it is stored.
    void led.complete(encodeRow(loaded), randomTtlMs(random), tagsOf(row))
  }
  return { how: 'loaded', row: loaded }
}

async function load({ database, pause }: Client, row: string, key: string): Promise<CachedRow> {
  await pause()
  const version = await database.versionOf(row)
  await pause()
  return { key, version }
}

/** As `cache.get` and HEAD do. */
async function look({ engine }: Client, key: string): Promise<Answer | null> {
  const found = await engine.peek(key, GRACE_MS)
  return found && { how: 'hit', row: decodeRow(found.value) }
}
