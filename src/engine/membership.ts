import type { Heartbeat, Store } from '../stores/store.js'
import type { PendingEvictions } from './pending-evictions.js'

/**
 * What this process is to the others that share the store.
 *
 * - `outside`: they do not know of it.
 * - `joining`: its first heartbeat is under way.
 * - `member`: they know of it, and it is in touch with the store. Only now may it serve what others have stored.
 * - `out-of-touch`: for a time it was not. Others may have evictions from that time that they could not deliver.
 * - `returning`: it is again, `since` an instant by the clock of the store, and waits until each of the others has sent
 *   a heartbeat that is not older, or counts as vanished.
 * - `left`: it has said goodbye. It uses the store as before, and serves no value that it holds itself.
 */
export type MembershipState =
  | { readonly name: 'outside' | 'joining' | 'member' | 'out-of-touch' | 'left' }
  | { readonly name: 'returning'; readonly since: number }

/**
 * The state after a heartbeat that the store has acknowledged.
 *
 * A process that joins has stored and evicted nothing yet, so it need not wait for the others: whoever of them is
 * missing is found by its heartbeat, and the store drops what that one may have left behind.
 */
export function afterHeartbeat(state: MembershipState, { now, oldest }: Heartbeat): MembershipState {
  switch (state.name) {
    case 'joining':
      return { name: 'member' }
    case 'out-of-touch':
    case 'returning': {
      const since = state.name === 'returning' ? state.since : now
      return oldest < since ? { name: 'returning', since } : { name: 'member' }
    }
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
      // The time without an answer has to be waited for anew.
      return { name: 'out-of-touch' }
    default:
      return state
  }
}

/**
 * Membership of this process among those that share the store: joining, coming back after a time out of touch, leaving.
 *
 * Every heartbeat says that this process has delivered all its evictions, so each goes behind such a delivery.
 */
export class Membership {
  readonly #store: Pick<Store, 'heartbeat' | 'leave'>
  readonly #pending: PendingEvictions
  #state: MembershipState = { name: 'outside' }
  #attempt: Promise<void> | null = null

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

  /**
   * Makes this process a member: by joining, or by coming back. One attempt at a time, for everyone who waits.
   *
   * @throws Error if the store does not answer, or the others have not all come back yet.
   */
  enter(): Promise<void> {
    if (this.#state.name === 'member' || this.#state.name === 'left') return Promise.resolve()
    if (this.#attempt) return this.#attempt
    const attempt = this.#try().finally(() => {
      if (this.#attempt === attempt) this.#attempt = null
    })
    this.#attempt = attempt
    return attempt
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

  async #try(): Promise<void> {
    if (this.#state.name === 'outside') this.#state = { name: 'joining' }
    const before = this.#state
    let after: MembershipState
    try {
      await this.#pending.deliver()
      after = afterHeartbeat(before, await this.#store.heartbeat(false))
    } catch (error) {
      if (this.#state === before) this.#state = afterSilence(before)
      throw error
    }
    if (this.#state.name === 'left') return
    // The process has lost touch since the heartbeat was sent, so the answer may be from the time before.
    if (this.#state !== before) throw new Error('touch was lost while the heartbeat was under way')
    this.#state = after
    if (after.name !== 'member') throw new Error('other processes have not sent a heartbeat yet')
  }
}
