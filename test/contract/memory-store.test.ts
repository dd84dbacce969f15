import { MemoryStore } from '#src/stores/memory/memory-store.js'
import { describeStoreContract } from './store-contract.js'

describeStoreContract('MemoryStore', async () => {
  let now = 1_700_000_000_000
  const store = new MemoryStore({ now: () => now })
  return {
    store,
    notifiesWaiters: true,
    async eventually(what, condition) {
      for (let step = 0; step < 1_000; step += 1) {
        if (await condition()) return
        now += 10
      }
      throw new Error(`10 s have passed, still waiting for ${what}`)
    },
    end: () => store.close(),
  }
})
