import { expect } from 'chai'
import {
  afterHeartbeat,
  afterSilence,
  Membership,
  type MembershipState,
  rollCallOf,
} from '#src/engine/membership.js'
import { PendingEvictions } from '#src/engine/pending-evictions.js'
import type { Heartbeat } from '#src/stores/store.js'
import { install } from '../../support/fake-time.js'
import { errorOf, settled } from './engine-for-tests.js'
import { SteerableStore } from './steerable-store.js'

const OUTSIDE: MembershipState = { name: 'outside' }
const JOINING: MembershipState = { name: 'joining' }
const MEMBER: MembershipState = { name: 'member' }
const OUT_OF_TOUCH: MembershipState = { name: 'out-of-touch' }
const LEFT: MembershipState = { name: 'left' }
const calling = (number: number, begunAt = 5) => ({ number, begunAt })
const returning = (number: number, begunAt?: number): MembershipState => ({
  name: 'returning',
  rollCall: calling(number, begunAt),
})
const NO_CALL: Heartbeat = {
  now: 9,
  newestCall: 3,
  rollCall: null,
  missing: 0,
  wasKnown: true,
  isWatched: false,
}
const called = (number: number, missing: number): Heartbeat => ({
  ...NO_CALL,
  rollCall: calling(number),
  missing,
})

describe('afterHeartbeat', () => {
  const transitions: [what: string, MembershipState, Heartbeat, MembershipState][] = [
    ['lets one that joins wait for the others', JOINING, called(3, 2), returning(3)],
    ['takes one that joins and has no others in at once', JOINING, called(3, 0), MEMBER],
    ['lets one that was out of touch wait for the others', OUT_OF_TOUCH, called(3, 2), returning(3)],
    ['takes one that was out of touch and has no others back at once', OUT_OF_TOUCH, called(3, 0), MEMBER],
    ['lets one that returns wait on', returning(3), called(3, 1), returning(3)],
    [
      'lets one that returns wait for another call, if its own was lost',
      returning(3),
      called(7, 1),
      returning(7),
    ],
    ['takes one that returns back once all others have answered', returning(3), called(3, 0), MEMBER],
    ['leaves a member one', MEMBER, NO_CALL, MEMBER],
    ['brings nobody back who has left', LEFT, called(3, 0), LEFT],
  ]
  for (const [what, before, heartbeat, after] of transitions) {
    it(what, () => {
      expect(afterHeartbeat(before, heartbeat, false)).to.deep.equal(after)
    })
  }

  it('lets one that was out of touch wait where nobody knows who the others are', () => {
    expect(afterHeartbeat(OUT_OF_TOUCH, called(3, 0), true)).to.deep.equal(returning(3))
  })
})

describe('afterSilence', () => {
  const transitions: [what: string, MembershipState, MembershipState][] = [
    ['leaves one outside that has tried to join', JOINING, OUTSIDE],
    ['lets one that returns call the roll anew', returning(5), OUT_OF_TOUCH],
    ['leaves one out of touch that was', OUT_OF_TOUCH, OUT_OF_TOUCH],
    ['leaves one that has left where it is', LEFT, LEFT],
  ]
  for (const [what, before, after] of transitions) {
    it(what, () => {
      expect(afterSilence(before)).to.deep.equal(after)
    })
  }
})

describe('rollCallOf', () => {
  it('begins one for who joins or is out of touch, goes on with it for who returns, and has none for others', () => {
    for (const state of [JOINING, OUT_OF_TOUCH]) expect(rollCallOf(state)).to.equal('begin')
    expect(rollCallOf(returning(3))).to.deep.equal(calling(3))
    for (const state of [OUTSIDE, MEMBER, LEFT]) expect(rollCallOf(state)).to.equal('none')
  })
})

describe('Membership', () => {
  function membershipForTests() {
    const clock = { now: 1_000 }
    const store = new SteerableStore(() => clock.now)
    const pending = new PendingEvictions(store, () => {})
    return { clock, store, pending, membership: new Membership(store, pending) }
  }

  /** That has joined, and has lost touch since. */
  async function outOfTouch() {
    const test = membershipForTests()
    await test.membership.enter()
    test.membership.loseTouch()
    return test
  }

  it('joins by one heartbeat for all who wait, and by none after it', async () => {
    const { membership, store } = membershipForTests()
    expect(membership.state).to.deep.equal(OUTSIDE)
    const entering = [membership.enter(), membership.enter()]
    expect(membership.state).to.deep.equal(JOINING)
    await Promise.all(entering)
    expect(membership.isMember).to.equal(true)
    await membership.enter()
    expect(store.asked('heartbeat')).to.equal(1)
  })

  it('joins once the others have answered, and looks for that without being asked again', async () => {
    const { membership, store } = membershipForTests()
    store.missing = 1
    const [first, second] = [store.hold('heartbeat'), store.hold('heartbeat')]
    const entering = membership.enter()
    first.open()
    await second.asked
    store.missing = 0
    second.open()
    expect(await entering).to.equal(true)
    const rollCall = { number: 1, begunAt: 1_000 }
    expect(store.requests.map((request) => request.rollCall)).to.deep.equal(['begin', rollCall])
  })

  it('makes no request wait for others who do not answer', async () => {
    const { membership, store } = membershipForTests()
    store.missing = 1
    expect(await membership.enter()).to.equal(false)
    expect(membership.state).to.deep.equal(returning(1, 1_000))
    store.missing = 0
    expect(await membership.enter()).to.equal(true)
  })

  it('stays outside where the store does not answer, and can try again', async () => {
    const { membership, store } = membershipForTests()
    store.trouble = new Error('silence')
    expect(await errorOf(membership.enter())).to.equal(store.trouble)
    expect(membership.state).to.deep.equal(OUTSIDE)
    store.trouble = null
    await membership.enter()
    expect(membership.isMember).to.equal(true)
  })

  it('sends no heartbeat before its evictions are delivered', async () => {
    const { membership, store, pending } = membershipForTests()
    pending.add([{ kind: 'key', key: 'user:1' }])
    const delivery = store.hold('evict')
    const entering = membership.enter()
    await delivery.asked
    await settled()
    expect(store.asked('heartbeat')).to.equal(0)
    delivery.open()
    await entering
    expect(store.asked('heartbeat')).to.equal(1)

    membership.loseTouch()
    pending.add([{ kind: 'key', key: 'user:1' }])
    store.hold('evict').fail()
    expect(await errorOf(membership.enter())).to.be.instanceOf(Error)
    expect(store.asked('heartbeat')).to.equal(1)
    expect(membership.state).to.deep.equal(OUT_OF_TOUCH)
  })

  it('is back only once the others have answered its roll call', async () => {
    const { membership, store, clock } = await outOfTouch()
    expect(membership.isMember).to.equal(false)
    store.missing = 1
    const rollCall = { number: 2, begunAt: clock.now }
    expect(await membership.enter()).to.equal(false)
    expect(membership.state).to.deep.equal({ name: 'returning', rollCall })
    clock.now += 500
    expect(await membership.enter()).to.equal(false)
    store.missing = 0
    expect(await membership.enter()).to.equal(true)
    expect(membership.isMember).to.equal(true)
    expect(store.requests.map((request) => request.rollCall)).to.deep.equal([
      'begin',
      'begin',
      rollCall,
      rollCall,
    ])
  })

  it('calls the roll anew if touch is lost while it waits', async () => {
    const { membership, store } = await outOfTouch()
    store.missing = 1
    await membership.enter()
    membership.loseTouch()
    await membership.enter()
    expect(store.requests.map(({ rollCall }) => rollCall)).to.deep.equal(['begin', 'begin', 'begin'])
  })

  it('waits for others that the store has forgotten, and no longer than they have to come back', async () => {
    const clock = install({ toFake: ['performance'] })
    try {
      const { membership, store } = await outOfTouch()
      store.knows = false
      expect(await membership.enter()).to.equal(false)
      store.knows = true
      clock.tick(1_999)
      expect(await membership.enter()).to.equal(false)
      clock.tick(1)
      expect(await membership.enter()).to.equal(true)
    } finally {
      clock.uninstall()
    }
  })

  it('does not wait so when it is new itself', async () => {
    const { membership, store } = membershipForTests()
    store.knows = false
    expect(await membership.enter()).to.equal(true)
  })

  it('answers a roll call with what it had heard when nothing was pending', async () => {
    const { membership, store, pending } = membershipForTests()
    await membership.enter()
    store.calls = 7
    membership.hear(7)
    expect(membership.owesAnswer).to.equal(true)
    pending.add([{ kind: 'key', key: 'user:1' }])
    store.hold('evict').fail()
    expect(await errorOf(membership.confirm())).to.be.instanceOf(Error)
    expect([store.asked('heartbeat'), membership.owesAnswer]).to.deep.equal([1, true])
    await membership.confirm()
    expect(store.requests.at(-1)).to.deep.equal({ heard: 7, rollCall: 'none' })
    expect(membership.owesAnswer).to.equal(false)
  })

  it('hears of a roll call also by its heartbeat, and owes an answer to one that came meanwhile', async () => {
    const { membership, store } = membershipForTests()
    await membership.enter()
    store.calls = 7
    await membership.confirm()
    expect(membership.owesAnswer).to.equal(true)
    const held = store.hold('heartbeat')
    const confirming = membership.confirm()
    await held.asked
    membership.hear(8)
    held.open()
    await confirming
    expect(store.requests.at(-1)?.heard).to.equal(7)
    expect(membership.owesAnswer).to.equal(true)
  })

  it('counts as the store does where that has lost count', async () => {
    const { membership, store } = membershipForTests()
    membership.hear(9)
    store.calls = 2
    await membership.enter()
    expect(membership.owesAnswer).to.equal(true)
    await membership.confirm()
    expect(store.requests.map(({ heard }) => heard)).to.deep.equal([9, 3])
  })

  it('does not take an answer for its way back that was on its way when touch was lost', async () => {
    const { membership, store } = await outOfTouch()
    const early = store.hold('heartbeat')
    const entering = membership.enter()
    await early.asked
    membership.loseTouch()
    early.open()
    expect(await errorOf(entering)).to.be.instanceOf(Error)
    expect(membership.state).to.deep.equal(OUT_OF_TOUCH)
  })

  it('does not let an attempt from before the loss of touch stand for a new one', async () => {
    const { membership, store } = membershipForTests()
    const [early, late] = [store.hold('heartbeat'), store.hold('heartbeat')]
    const joining = errorOf(membership.enter())
    await early.asked
    membership.loseTouch()
    const returns = [membership.enter()]
    await late.asked
    early.fail()
    expect(await joining).to.be.instanceOf(Error)
    returns.push(membership.enter())
    late.open()
    await Promise.all(returns)
    expect(membership.isMember).to.equal(true)
    expect(store.asked('heartbeat')).to.equal(2)
  })

  describe('at its end', () => {
    it('has nobody to say goodbye to if it never joined', async () => {
      const { membership } = membershipForTests()
      expect(membership.leave()).to.equal(null)
      expect(membership.state).to.deep.equal(LEFT)
    })

    it('says goodbye behind its first heartbeat, if that is still under way', async () => {
      const { membership, store } = membershipForTests()
      const first = store.hold('heartbeat')
      const entering = membership.enter()
      await first.asked
      const goodbye = membership.leave()?.()
      await settled()
      expect(store.asked('leave')).to.equal(0)
      first.open()
      await Promise.all([entering, goodbye])
      expect(store.asked('leave')).to.equal(1)
      expect(membership.state).to.deep.equal(LEFT)
    })

    it('says goodbye once, and enters no more', async () => {
      const { membership, store } = membershipForTests()
      await membership.enter()
      await membership.leave()?.()
      expect(membership.leave()).to.equal(null)
      membership.loseTouch()
      await membership.enter()
      expect(membership.state).to.deep.equal(LEFT)
      expect(store.asked('heartbeat')).to.equal(1)
      expect(store.asked('leave')).to.equal(1)
    })
  })
})
