import { expect } from 'chai'
import { afterHeartbeat, afterSilence, Membership, type MembershipState } from '#src/engine/membership.js'
import { PendingEvictions } from '#src/engine/pending-evictions.js'
import { errorOf, settled } from './engine-for-tests.js'
import { SteerableStore } from './steerable-store.js'

const OUTSIDE: MembershipState = { name: 'outside' }
const JOINING: MembershipState = { name: 'joining' }
const MEMBER: MembershipState = { name: 'member' }
const OUT_OF_TOUCH: MembershipState = { name: 'out-of-touch' }
const LEFT: MembershipState = { name: 'left' }
const returning = (since: number): MembershipState => ({ name: 'returning', since })

describe('afterHeartbeat', () => {
  const transitions: [what: string, MembershipState, { now: number; oldest: number }, MembershipState][] = [
    ['lets one that joins in, however long others are silent', JOINING, { now: 9, oldest: 1 }, MEMBER],
    ['lets one that was out of touch wait for the others', OUT_OF_TOUCH, { now: 9, oldest: 8 }, returning(9)],
    [
      'takes one that was out of touch and has no others back at once',
      OUT_OF_TOUCH,
      { now: 9, oldest: 9 },
      MEMBER,
    ],
    [
      'lets one that returns wait on, since the same instant',
      returning(5),
      { now: 9, oldest: 4 },
      returning(5),
    ],
    [
      'takes one that returns back once all others have been heard since',
      returning(5),
      { now: 9, oldest: 5 },
      MEMBER,
    ],
    ['leaves a member one', MEMBER, { now: 9, oldest: 1 }, MEMBER],
    ['brings nobody back who has left', LEFT, { now: 9, oldest: 9 }, LEFT],
  ]
  for (const [what, before, heartbeat, after] of transitions) {
    it(what, () => {
      expect(afterHeartbeat(before, heartbeat)).to.deep.equal(after)
    })
  }
})

describe('afterSilence', () => {
  const transitions: [what: string, MembershipState, MembershipState][] = [
    ['leaves one outside that has tried to join', JOINING, OUTSIDE],
    ['lets one that returns begin anew', returning(5), OUT_OF_TOUCH],
    ['leaves one out of touch that was', OUT_OF_TOUCH, OUT_OF_TOUCH],
    ['leaves one that has left where it is', LEFT, LEFT],
  ]
  for (const [what, before, after] of transitions) {
    it(what, () => {
      expect(afterSilence(before)).to.deep.equal(after)
    })
  }
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
    expect(store.count('heartbeat')).to.equal(1)
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
    expect(store.count('heartbeat')).to.equal(0)
    delivery.open()
    await entering
    expect(store.count('heartbeat')).to.equal(1)

    membership.loseTouch()
    pending.add([{ kind: 'key', key: 'user:1' }])
    store.hold('evict').fail()
    expect(await errorOf(membership.enter())).to.be.instanceOf(Error)
    expect(store.count('heartbeat')).to.equal(1)
    expect(membership.state).to.deep.equal(OUT_OF_TOUCH)
  })

  it('is back only once the others have sent a heartbeat since then', async () => {
    const { membership, store, clock } = await outOfTouch()
    expect(membership.isMember).to.equal(false)
    store.othersHeartbeat = clock.now - 1
    expect(await errorOf(membership.enter())).to.be.instanceOf(Error)
    expect(membership.state).to.deep.equal(returning(clock.now))
    store.othersHeartbeat = clock.now
    clock.now += 500
    await membership.enter()
    expect(membership.isMember).to.equal(true)
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
    expect(store.count('heartbeat')).to.equal(2)
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
      expect(store.count('leave')).to.equal(0)
      first.open()
      await Promise.all([entering, goodbye])
      expect(store.count('leave')).to.equal(1)
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
      expect(store.count('heartbeat')).to.equal(1)
      expect(store.count('leave')).to.equal(1)
    })
  })
})
