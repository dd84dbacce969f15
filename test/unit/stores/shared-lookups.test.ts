import { expect } from 'chai'
import type { LookupReply } from '#src/stores/redis/lookup-reply.js'
import type { LookupRequest } from '#src/stores/redis/redis-scripts.js'
import { type PendingLookup, SharedLookups } from '#src/stores/redis/shared-lookups.js'

describe('SharedLookups', () => {
  let sent: PendingLookup<LookupReply>[][]
  let endTurn: () => void
  /** Answers all that has been sent. */
  let answered: () => void
  let shared: SharedLookups<LookupReply>

  beforeEach(() => {
    sent = []
    shared = new SharedLookups(
      (act) => {
        endTurn = act
      },
      (pending) => {
        sent.push([...pending])
        return new Promise<void>((resolve) => {
          answered = resolve
        })
      },
    )
  })

  it('asks for what is equal once, and gives each an answer', async () => {
    const asked = ['a', 'b', 'a', 'a'].map((key, nth) => shared.ask(request({ key, token: `${nth}` })))
    endTurn()
    expect(tokens()).to.deep.equal([['0', '1']])
    for (const { request, resolve } of sent.flat()) {
      resolve({ kind: 'hit', value: Buffer.from(request.key), remainingMs: 1 })
    }
    const found = await Promise.all(asked)
    expect(found.map((one) => one.kind === 'hit' && String(one.value))).to.deep.equal(['a', 'b', 'a', 'a'])
  })

  it('gives the one lease to who asked first, and asks again for the others, once', async () => {
    const asked = ['0', '1', '2'].map((token) => shared.ask(request({ token })))
    endTurn()
    const lease = { kind: 'lease', lease: '0', stale: null } as const
    sent[0]?.[0]?.resolve(lease)
    answered()
    expect(await asked[0]).to.deep.equal(lease)
    expect(sent).to.have.length(1)
    endTurn()
    expect(tokens()).to.deep.equal([['0'], ['1']])
    const busy = { kind: 'busy', lease: '0', stale: null } as const
    sent[1]?.[0]?.resolve(busy)
    expect(await Promise.all(asked)).to.deep.equal([lease, busy, busy])
  })

  it('gives nobody an answer that was asked for in an earlier turn', () => {
    void shared.ask(request({ token: '0' }))
    endTurn()
    void shared.ask(request({ token: '1' }))
    endTurn()
    endTurn()
    expect(tokens()).to.deep.equal([['0'], ['1']])
  })

  it('lets more join while an answer is on its way, as long as each turn brings another', async () => {
    void shared.ask(request({ key: 'first', token: '0' }))
    endTurn()
    for (const key of ['a', 'b', 'a']) {
      void shared.ask(request({ key, token: key }))
      endTurn()
    }
    expect(tokens()).to.deep.equal([['0']])
    endTurn()
    expect(tokens()).to.deep.equal([['0'], ['a', 'b']])
  })

  it('lets nobody wait for longer than some turns', () => {
    const BUSY_TURNS = 30
    for (let nth = 0; nth <= BUSY_TURNS; nth++) {
      void shared.ask(request({ key: String(nth), token: String(nth) }))
      endTurn()
    }
    expect(tokens().map((one) => one.length)).to.deep.equal([1, 9, 9, 9])
  })

  it('lets nobody wait for more once nothing is on its way', async () => {
    void shared.ask(request({ token: '0' }))
    endTurn()
    answered()
    await Promise.resolve()
    void shared.ask(request({ token: '1' }))
    endTurn()
    expect(tokens()).to.deep.equal([['0'], ['1']])
  })

  const others: readonly Partial<LookupRequest>[] = [
    { token: '' },
    { graceMs: 1 },
    { leaseMs: 1 },
    { needsTags: true },
    { keyLimit: { prefix: 'a', maxKeys: 1 } },
  ]
  for (const other of others) {
    it(`tells lookups apart that differ in ${Object.keys(other)}`, () => {
      void shared.ask(request({}))
      void shared.ask(request(other))
      endTurn()
      expect(sent[0]).to.have.length(2)
    })
  }

  const tokens = () => sent.map((pending) => pending.map(({ request }) => request.token))
})

function request(part: Partial<LookupRequest>): LookupRequest {
  return { key: 'a', token: 't', leaseMs: 60_000, graceMs: 0, keyLimit: undefined, needsTags: false, ...part }
}
