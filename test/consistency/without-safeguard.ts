import type { Heartbeat, HeartbeatRequest, Store } from '#src/stores/store.js'
import type { Safeguard } from './options.js'

/**
 * The same store without what keeps old values out of it, as most caches are: a race on it has to find
 * violations, or it proves nothing.
 *
 * - `lease`: a loaded value is stored whether its lease stands or not.
 * - `fence`: so is a value that was put behind a fence.
 * - `tags`: a loaded value is stored without its tags.
 * - `roll-call`: whoever was out of touch serves again without waiting for what others owe.
 * - `word`: copies in a process stay when another evicts; see `open-store.ts`.
 */
export function withoutSafeguard(store: Store, safeguard: Safeguard): Store {
  return new Proxy(store, {
    get(target, name) {
      if (safeguard === 'lease' && name === 'fill') return fillAlways
      if (safeguard === 'tags' && name === 'fill') return fillWithoutTags
      if (safeguard === 'fence' && name === 'put') return putAlways
      if (safeguard === 'roll-call' && name === 'heartbeat') return heartbeatOfLoner
      const member = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })

  async function fillAlways(...[key, lease, value, ttlMs]: Parameters<Store['fill']>): Promise<boolean> {
    if (!(await store.fill(key, lease, value, ttlMs))) await store.set(key, value, ttlMs)
    return true
  }

  function fillWithoutTags(...[key, lease, value, ttlMs]: Parameters<Store['fill']>): Promise<boolean> {
    return store.fill(key, lease, value, ttlMs)
  }

  async function putAlways(
    ...[key, fence, value, ttlMs, mode, tags]: Parameters<Store['put']>
  ): ReturnType<Store['put']> {
    const outcome = await store.put(key, fence, value, ttlMs, mode, tags)
    if (outcome !== 'refused') return outcome
    await store.set(key, value, ttlMs)
    return 'stored'
  }

  async function heartbeatOfLoner(request: HeartbeatRequest): Promise<Heartbeat> {
    return { ...(await store.heartbeat(request)), missing: 0 }
  }
}
