import type { Heartbeat, HeartbeatRequest, RollCall, Store } from '../stores/store.js'
import { realTime, sleep } from '../tools/real-time.js'
import type { PendingEvictions } from './pending-evictions.js'

/**
 * What this process is to the others that share the store.
 *
 * - `outside`: they do not know of it.
 * - `joining`: its first heartbeat is under way, and calls the roll.
 * - `member`: they know of it, and it is in touch with the store. Only now may it serve what others have stored.
 * - `out-of-touch`: for a time it was not, however short. Others may have evictions from that time that they could not
 *   deliver.
 * - `returning`: it is again, or for the first time, and has called the roll: it waits until each of the others has
 *   said, after it heard of the call, that it has no pending evictions, or counts as vanished.
 * - `left`: it has said goodbye. It uses the store as before, and serves no value that it holds itself.
 */
export type MembershipState =
  | { readonly name: 'outside' | 'joining' | 'member' | 'out-of-touch' | 'left' }
  | { readonly name: 'returning'; readonly rollCall: RollCall }

/**
 * The state after a heartbeat that the store has acknowledged.
 *
 * A process that joins was never in touch: others may have evictions that they could not deliver before it came, such as
 * those of a connection that has just been cut. So it waits for their answers as one that returns.
 *
 * @param mayMissOthers - Whether the store has forgotten who the others are, so that it cannot count who is missing.
 */
export function afterHeartbeat(
  state: MembershipState,
  { rollCall, missing }: Heartbeat,
  mayMissOthers: boolean,
): MembershipState {
  switch (state.name) {
    case 'joining':
    case 'out-of-touch':
    case 'returning':
      return rollCall !== null && (missing > 0 || mayMissOthers)
        ? { name: 'returning', rollCall }
        : { name: 'member' }
    default:
      return state
  }
}

/** The state after a heartbeat that the store has not acknowledged. */
export function afterSilence(state: MembershipState): MembershipState {
  switch (state.name) {
    case 'joining':
      return { name: 'outside' }
    case 'returning':
      // What others have answered, they have answered before this silence.
      return { name: 'out-of-touch' }
    default:
      return state
  }
}

/** Which roll call a heartbeat of this process belongs to. */
export function rollCallOf(state: MembershipState): HeartbeatRequest['rollCall'] {
  switch (state.name) {
    case 'joining':
    case 'out-of-touch':
      return 'begin'
    case 'returning':
      return state.rollCall
    default:
      return 'none'
  }
}

/** By then all who could not reach the store have connected again, and sent a heartbeat: they try twice a second. */
const COME_BACK_MS = 2_000
/** Where messages come, others answer a roll call within milliseconds. */
const FIRST_LOOKS_AFTER_MS = [1, 2, 4, 8, 15]

/**
 * Membership of this process among those that share the store: joining, coming back after a time out of touch, leaving.
 *
 * Every heartbeat says that this process has delivered all its evictions, so each goes behind such a delivery.
 */
export class Membership {
  readonly #store: Pick<Store, 'heartbeat' | 'leave'>
  readonly #pending: PendingEvictions
  #state: MembershipState = { name: 'outside' }
  #attempt: Promise<boolean> | null = null
  /** The newest roll call that this process has heard of. */
  #heard = 0
  #answered = 0
  #isWatched = false
  /** Until when others may come back that the store has forgotten, in monotonic milliseconds. */
  #othersUntil = 0

  constructor(store: Pick<Store, 'heartbeat' | 'leave'>, pending: PendingEvictions) {
    this.#store = store
    this.#pending = pending
  }

  get state(): MembershipState {
    return this.#state
  }

  get isMember(): boolean {
    return this.#state.name === 'member'
  }

  /** Whether what the store gives may be believed: by one that has left too, which has no others any more. */
  get isTrusting(): boolean {
    return this.#state.name === 'member' || this.#state.name === 'left'
  }

  /** Whether this process has heard of a roll call that it has not answered. */
  get owesAnswer(): boolean {
    return this.#heard > this.#answered
  }

  /** Whether somebody looks at the processes, as the last heartbeat has it. */
  get isWatched(): boolean {
    return this.#isWatched
  }

  /** Takes note of a roll call. */
  hear(number: number): void {
    this.#heard = Math.max(this.#heard, number)
  }

  /**
   * Makes this process a member: by joining, or by coming back. One attempt at a time, for everyone who waits.
   *
   * @returns Whether it is one; if not, others have not answered its roll call yet.
   * @throws Error if the store does not answer.
   */
  enter(): Promise<boolean> {
    if (this.isTrusting) return Promise.resolve(true)
    if (this.#attempt) return this.#attempt
    const attempt = this.#enter().finally(() => {
      if (this.#attempt === attempt) this.#attempt = null
    })
    this.#attempt = attempt
    return attempt
  }

  /** Says again that this process has no pending evictions. @throws Error if the store does not answer. */
  async confirm(): Promise<void> {
    try {
      await this.#say('none')
    } catch (error) {
      // Whatever the refusal is for: the others do not hear of this process any more.
      this.loseTouch()
      throw error
    }
  }

  /** Whatever this process has been told, and has not, may be wrong from now on, until it has come back. */
  loseTouch(): void {
    if (this.#state.name === 'left') return
    this.#state = { name: 'out-of-touch' }
    // What an earlier attempt brings is from the time before.
    this.#attempt = null
  }

  /** The end. @returns What says goodbye to the others, if they may know of this process. */
  leave(): (() => Promise<void>) | null {
    const isKnown = this.#state.name !== 'outside' && this.#state.name !== 'left'
    const attempt = this.#attempt
    this.#state = { name: 'left' }
    if (!isKnown) return null
    return async () => {
      // A goodbye ahead of the heartbeat that says hello would be none.
      await attempt?.catch(() => {})
      await this.#store.leave()
    }
  }

  /** The first request of a process waits for the answers too, as long as a request may. */
  async #enter(): Promise<boolean> {
    const looksAfterMs = this.#state.name === 'outside' ? FIRST_LOOKS_AFTER_MS : []
    let isMember = await this.#try()
    for (const afterMs of looksAfterMs) {
      if (isMember) break
      await sleep(afterMs)
      isMember = await this.#try()
    }
    return isMember
  }

  async #try(): Promise<boolean> {
    if (this.#state.name === 'outside') this.#state = { name: 'joining' }
    const before = this.#state
    let after: MembershipState
    try {
      const heartbeat = await this.#say(rollCallOf(before))
      if (before.name === 'out-of-touch' && !heartbeat.wasKnown)
        this.#othersUntil = realTime.now() + COME_BACK_MS
      after = afterHeartbeat(before, heartbeat, realTime.now() < this.#othersUntil)
    } catch (error) {
      if (this.#state === before) this.#state = afterSilence(before)
      throw error
    }
    if (this.#state.name === 'left') return true
    // The process has lost touch since the heartbeat was sent, so the answer may be from the time before.
    if (this.#state !== before) throw new Error('touch was lost while the heartbeat was under way')
    this.#state = after
    return after.name === 'member'
  }

  async #say(rollCall: HeartbeatRequest['rollCall']): Promise<Heartbeat> {
    await this.#pending.deliver()
    const heard = this.#heard
    const heartbeat = await this.#store.heartbeat({ heard, rollCall })
    const { newestCall } = heartbeat
    this.#isWatched = heartbeat.isWatched
    const hasLostCount = newestCall < heard
    this.#answered = hasLostCount ? 0 : heard
    this.#heard = hasLostCount ? newestCall : Math.max(newestCall, this.#heard)
    return heartbeat
  }
}
