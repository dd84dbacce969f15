import { goOn } from './rows.js'
import type { Player } from './stage.js'

/** What one reader got. Instants are of `performance.now()`. */
interface Seen {
  readonly by: string
  readonly begunAt: number
  readonly version: number
  readonly isHit: boolean
}

export interface Verdict {
  /** Answers whose requests began after the write had been answered. */
  readonly judged: number
  readonly hits: number
  /** Those of them that are older than the write. */
  readonly old: number
  /** From the write's answer to the last question that got an old one. */
  readonly oldForMs: number
}

/** Reads a row through processes all the time, and judges afterwards. */
export class Watch {
  readonly #row: string
  readonly #seen: Seen[] = []
  readonly #loops: Promise<void>[] = []
  #isOver = false

  constructor(row: string) {
    this.#row = row
  }

  /** Whether there has been a hit to a question asked after `since`. */
  hasHitSince(since: number): boolean {
    return this.#seen.some(({ begunAt, isHit }) => isHit && begunAt > since)
  }

  /** @param pauseMs - Between two questions. */
  begin(player: Pick<Player, 'name' | 'read'>, pauseMs: number): void {
    this.#loops.push(this.#loop(player, pauseMs))
  }

  async end(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#loops)
  }

  /** Nobody may get less than `version` to a question asked after `since`. */
  judge(version: number, since: number): Verdict {
    const judged = this.#seen.filter(({ begunAt }) => begunAt > since)
    const old = judged.filter((seen) => seen.version < version)
    return {
      judged: judged.length,
      hits: judged.filter(({ isHit }) => isHit).length,
      old: old.length,
      oldForMs: Math.round(Math.max(0, ...old.map(({ begunAt }) => begunAt - since))),
    }
  }

  /** What was seen from `since` on, for whoever wants to know how it came to an old answer. */
  story(since: number): string {
    return this.#seen
      .filter(({ begunAt }) => begunAt > since - 100)
      .map(({ by, begunAt, version, isHit }) => {
        return `${Math.round(begunAt - since)} ms: ${by} ${isHit ? 'hit' : 'no hit'} ${version}`
      })
      .join('\n')
  }

  async #loop(player: Pick<Player, 'name' | 'read'>, pauseMs: number): Promise<void> {
    while (!this.#isOver) {
      const begunAt = performance.now()
      const { version, xCache } = await player.read(this.#row)
      this.#seen.push({ by: player.name, begunAt, version, isHit: xCache === 'HIT' })
      await goOn(pauseMs)
    }
  }
}
