import type { ServerResponse } from 'node:http'
import { setMethod } from '../../tools/set-method.js'
import { type BodyCopy, bodyArguments } from '../response/body-copy.js'

/**
 * Keeps the end of an answer back, where a runtime's responses cannot be held as Node's can: what was written before
 * leaves, and the answer is not whole before `settle` has resolved.
 */
export function holdEnd(
  res: ServerResponse,
  settle: (body: Buffer | null) => Promise<unknown> | undefined,
  copy: BodyCopy | undefined,
): void {
  const { end } = res
  let isEnded = false
  setMethod(res, 'end', function holdEnd(this: ServerResponse, ...args: unknown[]) {
    if (isEnded) return this
    isEnded = true
    const { chunk, encoding } = bodyArguments(args)
    copy?.add(chunk, encoding)
    const settled = settle(copy && !copy.isTooLarge ? copy.take() : null)
    if (!settled) return Reflect.apply(end, this, args)
    void settled.then(() => {
      // Whoever asked meanwhile whether there is an answer was told that there is.
      for (const name of SAYS_SENT) Reflect.deleteProperty(res, name)
      Reflect.apply(end, res, args)
    })
    for (const name of SAYS_SENT) Object.defineProperty(res, name, { value: true, configurable: true })
    return this
  } as typeof res.end)
}

const SAYS_SENT = ['headersSent', 'writableEnded'] as const
