import type { Socket } from 'node:net'

const WAYS = ['destroy', 'destroySoon', 'end'] as const

/**
 * Keeps whoever means to close a connection waiting, and tells of each. `isAtOnce`: what has not been handed to the
 * system is lost.
 *
 * @returns A function that lets them, in their order.
 */
export function deferHangUp(socket: Socket, hangingUp: (isAtOnce: boolean) => void): () => void {
  const waiting: (() => void)[] = []
  const own = WAYS.map((way) => Object.getOwnPropertyDescriptor(socket, way))
  for (const way of WAYS) {
    Object.defineProperty(socket, way, {
      configurable: true,
      writable: true,
      value: function deferred(...args: unknown[]) {
        waiting.push(() => Reflect.apply(socket[way], socket, args))
        hangingUp(way === 'destroy')
        return socket
      },
    })
  }
  return () => {
    WAYS.forEach((way, index) => {
      const descriptor = own[index]
      if (descriptor) Object.defineProperty(socket, way, descriptor)
      else Reflect.deleteProperty(socket, way)
    })
    for (const hangUp of waiting) hangUp()
  }
}
