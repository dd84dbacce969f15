import { ExpiringTokens } from './expiring-tokens.js'

const FENCE_MS = 3_600_000

/** The fence of each group. It falls with the group, and with all groups. */
export class Fences {
  /** By group; null: of all groups. */
  readonly #tokens = new ExpiringTokens<string | null>()
  #count = 0

  /** The group's fence, which stands for another while from now on. */
  raise(group: string, now: number): string {
    return `${this.#extend(group, now)}.${this.#extend(null, now)}`
  }

  standing(group: string, now: number): string | null {
    const [own, all] = [this.#tokens.get(group, now), this.#tokens.get(null, now)]
    return own === undefined || all === undefined ? null : `${own}.${all}`
  }

  /** @param group - null: all groups. */
  drop(group: string | null): void {
    this.#tokens.delete(group)
  }

  clear(): void {
    this.#tokens.clear()
  }

  #extend(group: string | null, now: number): string {
    const token = this.#tokens.get(group, now) ?? this.#newToken()
    this.#tokens.set(group, token, now + FENCE_MS, now)
    return token
  }

  #newToken(): string {
    this.#count += 1
    return String(this.#count)
  }
}
