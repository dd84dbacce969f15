import { monitorEventLoopDelay } from 'node:perf_hooks'

export interface TurnWatch {
  /** How long the longest turn of the event loop has been, in milliseconds. */
  longestMs(): number
  end(): void
}

/** Watches this process, which then must do nothing else of length. */
export function watchTurns(): TurnWatch {
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  return {
    // What is measured has the interval in it.
    longestMs: () => Math.max(0, delay.max / 1e6 - 10),
    end: () => {
      delay.disable()
    },
  }
}
