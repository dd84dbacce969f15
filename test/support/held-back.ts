import type { Cluster } from 'ioredis'
import { gate } from './gate.js'

/** The same client, of which one question to the servers waits until the test lets it go. */
export function heldBack(client: Cluster, { command, nth = 1 }: { command: string; nth?: number }) {
  const [asked, answer] = [gate(), gate()]
  let questions = 0
  const held = new Proxy(client, {
    get(target, name) {
      const member = Reflect.get(target, name)
      if (name !== command) return typeof member === 'function' ? member.bind(target) : member
      return async (...args: unknown[]) => {
        questions += 1
        if (questions === nth) {
          asked.open()
          await answer.wait
        }
        return Reflect.apply(member, target, args)
      }
    },
  })
  return { client: held, asked: asked.wait, open: answer.open }
}
