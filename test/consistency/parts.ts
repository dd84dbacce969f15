import type { Engine, ReadOptions } from '#src/engine/engine.js'
import { groupOf, type Selector } from '#src/stores/store.js'
import { type Bookkeeping, decoded, encoded, KEY, PAGE, type Story, TAG } from './story.js'

/** What an actor does. Each ends with its last step, so that nothing of it goes on unseen. */
export type Part = (actor: { name: string; engine: Engine; story: Story }) => Promise<void>

export const TTL_MS = 600_000
/** With this little to live, a value is stale to those who read with grace. */
export const STALE_TTL_MS = 60_000
const NO_GRACE: ReadOptions = { graceMs: 0, staleWhileRevalidateMs: 0 }
const GRACE: ReadOptions = { graceMs: 120_000, staleWhileRevalidateMs: 120_000 }

/** As a cached route does: its handler reads the database on a miss. */
export const reads = reading(NO_GRACE)
export const readsWithGrace = reading(GRACE)
/** The same, with a tag that its handler finds out. */
export const readsTagged = reading(NO_GRACE, [TAG])
export const readsTaggedWithGrace = reading(GRACE, [TAG])

/** The same, with a tag of its own for each version. */
export const readsRetagged = reading(NO_GRACE, (version) => [tagOf(version)])
export const readsRetaggedWithGrace = reading(GRACE, (version) => [tagOf(version)])

type TagsOfVersion = readonly string[] | ((version: number) => readonly string[])

function reading(options: ReadOptions, tags?: TagsOfVersion): Part {
  return async ({ name, engine, story }) => {
    const found = await engine.read(KEY, options)
    if (found.kind !== 'load' && found.kind !== 'pass-through')
      return story.answer(name, decoded(found.value))
    const version = await story.selectRow()
    story.answer(name, version)
    const carried = typeof tags === 'function' ? tags(version) : tags
    if (found.kind === 'load') await found.load.complete(encoded(version), TTL_MS, carried)
  }
}

/** What a version carries to those who read with a tag for each. */
export function tagOf(version: number): string {
  return `version:${version}`
}

/** As a cached route does that is made of another cached value, and so carries its tags. */
export const composes: Part = async ({ name, engine, story }) => {
  const outer = await engine.read(PAGE, NO_GRACE)
  if (outer.kind !== 'load' && outer.kind !== 'pass-through') {
    return story.answer(name, decoded(outer.value))
  }
  const { version, tags } = await readRow(engine, story)
  story.answer(name, version)
  if (outer.kind === 'load') await outer.load.complete(encoded(version), TTL_MS, tags)
}

async function readRow(engine: Engine, story: Story) {
  const found = await engine.read(KEY, { ...NO_GRACE, needsTags: true })
  if (found.kind !== 'load' && found.kind !== 'pass-through') {
    return { version: decoded(found.value), tags: found.tags ?? [] }
  }
  const version = await story.selectRow()
  const tags = [tagOf(version)]
  if (found.kind === 'load') await found.load.complete(encoded(version), TTL_MS, tags)
  return { version, tags }
}

/** A cached route whose client goes away while the handler runs. */
export const abandons: Part = async ({ engine, story }) => {
  const found = await engine.read(KEY, NO_GRACE)
  if (found.kind !== 'load') return
  await story.selectRow()
  found.load.cancel()
}

/** As a route with `@CacheEvict` does. */
export function evicts(selector: Selector): Part {
  return async ({ engine, story }) => {
    const version = await story.updateRow()
    await engine.evict([selector])
    story.acknowledge(version)
  }
}

/** The same with `crashSafe`. */
export function evictsCrashSafe(selector: Selector): Part {
  return async ({ engine, story }) => {
    const intent = await engine.intend([selector])
    const version = await story.updateRow()
    await engine.evict([selector], intent)
    story.acknowledge(version)
  }
}

/** The same, if its process dies right after its commit. */
export function commitsCrashSafe(selector: Selector): Part {
  return async ({ engine, story }) => {
    await engine.intend([selector])
    story.acknowledge(await story.updateRow())
  }
}

/** As a route with `@CachePut` does: what it answers becomes the entry. */
export const puts = putting()
export const putsTagged = putting([TAG])

function putting(tags?: readonly string[]): Part {
  return async ({ engine, story }) => {
    const fence = await engine.fence(groupOf(KEY))
    const version = await story.updateRow()
    await engine.put(KEY, fence, encoded(version), TTL_MS, tags)
    story.acknowledge(version)
  }
}

/** As `cache.warm` does. */
export const warms: Part = async ({ engine, story }) => {
  const fence = await engine.fence(groupOf(KEY))
  const version = await story.selectRow()
  if (fence !== null) await engine.putIfAbsent(KEY, fence, encoded(version), TTL_MS)
}

/** As Redis does when its memory is full. */
export function loses(what: Bookkeeping): Part {
  return ({ story }) => story.lose(what)
}
