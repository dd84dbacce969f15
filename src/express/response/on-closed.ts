import type { ServerResponse } from 'node:http'

/**
 * Tells when the connection of a response has closed. A response that waits for its turn on a pipelined connection is
 * told nothing by Node 20 and 22. The listener may be told twice.
 */
export function onClosed(res: ServerResponse, listener: () => void): void {
  res.once('close', listener)
  const socket = res.req?.socket
  if (!socket || res.socket) return
  socket.once('close', listener)
  res.once('socket', () => socket.off('close', listener))
}
