import type { ServerResponse } from 'node:http'
import { setMethod } from '../../tools/set-method.js'
import { BodyCopy, bodyArguments } from '../response/body-copy.js'

const SENT = new WeakMap<ServerResponse, BodyCopy>()

/** Notes what Node is given of the body of an answer, when all middleware has done with it what it does. */
export function watchBody(res: ServerResponse, maxBytes: number): void {
  const { write, end } = res
  const sent = new BodyCopy(maxBytes)
  SENT.set(res, sent)
  const note = (args: readonly unknown[]): void => {
    const { chunk, encoding } = bodyArguments(args)
    sent.add(chunk, encoding)
  }
  setMethod(res, 'write', function watchedWrite(this: ServerResponse, ...args: unknown[]) {
    note(args)
    return Reflect.apply(write, this, args)
  } as typeof write)
  setMethod(res, 'end', function watchedEnd(this: ServerResponse, ...args: unknown[]) {
    note(args)
    return Reflect.apply(end, this, args)
  } as typeof end)
}

/** Whether the body of a watched answer has left as it is here. */
export function hasSent(res: ServerResponse, body: Buffer): boolean {
  return SENT.get(res)?.take().equals(body) === true
}
