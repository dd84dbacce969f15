import type { FollowedDatabase, Position } from '#src/dependencies/followed-database.js'
import { realTime } from '#src/tools/real-time.js'

/** A followed database of which the test says what has been committed, and what of that has been evicted. */
export class FakeFollowedDatabase implements FollowedDatabase {
  /** What it was asked, in order. */
  readonly asked: string[] = []
  /** Whether it says its position. */
  isSpeaking = true
  /** Does what `evictAll` is to do. */
  evicting: () => Promise<void> = async () => {}
  #committed = 0
  #passed = 0
  readonly #waiting = new Set<() => void>()

  constructor(readonly name = 'crm') {}

  /** Commits something; what was committed before stays evicted. */
  commit(): void {
    this.#committed += 1
  }

  /** Has all evicted that was committed so far. */
  catchUp(): void {
    this.#passed = this.#committed
    for (const look of [...this.#waiting]) look()
  }

  async position(withinMs: number): Promise<Position | null> {
    this.asked.push('position')
    return withinMs > 0 && this.isSpeaking ? String(this.#committed) : null
  }

  passed(position: Position, withinMs: number): Promise<boolean> {
    this.asked.push(`passed ${position}`)
    return new Promise((resolve) => {
      const end = (hasPassed: boolean): void => {
        realTime.clearTimeout(timer)
        this.#waiting.delete(look)
        resolve(hasPassed)
      }
      const timer = realTime.setTimeout(() => end(false), withinMs)
      const look = (): void => {
        if (this.#passed >= Number(position)) end(true)
      }
      this.#waiting.add(look)
      look()
    })
  }

  evictAll(): Promise<void> {
    this.asked.push('evictAll')
    return this.evicting()
  }
}
