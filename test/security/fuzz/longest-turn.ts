/** How long the event loop has been kept from its next turn at most, in milliseconds. */
export interface LongestTurn {
  /** By the clock: also while the machine ran something else. */
  readonly passedMs: number
  /** Of one turn, what this process has worked in it, by the clock of its processor time. */
  readonly workedMs: number
}

export interface TurnWatch {
  longest(): LongestTurn
  end(): void
}

const EVERY_MS = 10

/**
 * Watches this process, which then must do nothing else of length. On a machine that has much else to do a turn takes
 * long without having worked long: others block it, not this process. What its other threads do counts as its work, so
 * that it may have worked less, never more.
 */
export function watchTurns(): TurnWatch {
  let longest: LongestTurn = { passedMs: 0, workedMs: 0 }
  let at = performance.now()
  let cpu = process.cpuUsage()
  const timer = setInterval(() => {
    const [now, used] = [performance.now(), process.cpuUsage(cpu)]
    const passedMs = Math.max(0, now - at - EVERY_MS)
    const workedMs = Math.min(passedMs, (used.user + used.system) / 1_000)
    longest = {
      passedMs: Math.max(longest.passedMs, passedMs),
      workedMs: Math.max(longest.workedMs, workedMs),
    }
    at = now
    cpu = process.cpuUsage()
  }, EVERY_MS)
  timer.unref()
  return { longest: () => longest, end: () => clearInterval(timer) }
}
