import type { RedisClient } from '#src/clients/redis-client.js'
import type { ScriptCommand } from '#src/clients/store-client.js'
import { gate } from './gate.js'
import { interceptedClient } from './intercepted-client.js'

/** The same client, of which one run of a script waits until the test lets it go. */
export function heldBack(client: RedisClient, script: ScriptCommand, nth = 1) {
  const [asked, answer] = [gate(), gate()]
  let questions = 0
  const held = interceptedClient(client, script, async (send) => {
    questions += 1
    if (questions === nth) {
      asked.open()
      await answer.wait
    }
    return send()
  })
  return { client: held, asked: asked.wait, open: answer.open }
}
