import { connect, type Socket } from 'node:net'
import { isAnswered } from './http-stream.js'
import type { Shape } from './shape.js'

/** Asked for beside a shape, and answered by the server itself: `first` once a shape's request has come in. */
export const FIRST = '/first'
export const LAST = '/last'
export const SHAPE = '/shape'

/**
 * How a shape's request comes.
 *
 * - `kept`: alone, and the next one on the same connection once it is answered.
 * - `pipelined`: between two others in one packet, so that its response has to wait for its socket.
 */
export type Wire = 'kept' | 'pipelined'

/** What a client got. */
export interface Received {
  readonly bytes: Buffer
  /** `hung`: no end came. */
  readonly end: 'closed' | 'left' | 'hung'
}

const HUNG_AFTER_MS = 1_000

/** One connection with a shape's request on it. */
export class RawClient {
  readonly #socket: Socket
  readonly #shape: Shape
  readonly #method: string
  #isLeft = false

  constructor(port: number, shape: Shape, method: string) {
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true })
    this.#shape = shape
    this.#method = method
  }

  /** Goes away, in the middle of whatever it is. */
  leave(): void {
    this.#isLeft = true
    this.#socket.destroy()
  }

  exchange(wire: Wire): Promise<Received> {
    const socket = this.#socket
    const { leaveAfter } = this.#shape
    let bytes = Buffer.alloc(0)
    let isLastAsked = wire === 'pipelined'
    let isHung = false
    return new Promise((resolve) => {
      const deadline = setTimeout(() => {
        isHung = true
        socket.destroy()
      }, HUNG_AFTER_MS)
      // Being cut off is an answer too; what has arrived tells.
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk])
        const end = leaveAfter === undefined ? -1 : bytes.indexOf(leaveAfter)
        if (leaveAfter !== undefined && end !== -1) {
          bytes = bytes.subarray(0, end + leaveAfter.length)
          this.leave()
        } else if (!isLastAsked && isAnswered(bytes, this.#method) === 'yes') {
          isLastAsked = true
          socket.write(requestText('GET', LAST, { Connection: 'close' }))
        }
      })
      socket.once('close', () => {
        clearTimeout(deadline)
        resolve({ bytes, end: isHung ? 'hung' : this.#isLeft ? 'left' : 'closed' })
      })
      const own = requestText(this.#method, SHAPE, this.#shape.headers, this.#shape.version)
      const others = [requestText('GET', FIRST), requestText('GET', LAST, { Connection: 'close' })]
      socket.write(wire === 'kept' ? own : [others[0], own, others[1]].join(''))
    })
  }
}

function requestText(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  version = '1.1',
): string {
  const length = method === 'PUT' ? { 'Content-Length': '0' } : {}
  const lines = Object.entries({ Host: 'shape.test', ...length, ...headers })
  return [`${method} ${target} HTTP/${version}`, ...lines.map((line) => line.join(': ')), '', ''].join('\r\n')
}
