import type { HeartbeatRequest, Store } from '#src/stores/store.js'

/** The same store; tells of each heartbeat that was acknowledged when it was sent, by `Date.now()`. */
export function notingHeartbeats(store: Store, onHeard: (sentAt: number) => void): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'heartbeat') return heartbeat
      const member = Reflect.get(target, name)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })

  async function heartbeat(request: HeartbeatRequest): ReturnType<Store['heartbeat']> {
    const sentAt = Date.now()
    const heard = await store.heartbeat(request)
    onHeard(sentAt)
    return heard
  }
}
