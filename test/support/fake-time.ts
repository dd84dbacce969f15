import { type Clock, install as installForAll } from '@sinonjs/fake-timers'
import { type RealTime, realTime } from '#src/tools/real-time.js'

/** Asks the global, which the clock has changed, each time. */
const FOLLOWING: RealTime = {
  setTimeout: (act, ms) => globalThis.setTimeout(act, ms),
  clearTimeout: (timer) => globalThis.clearTimeout(timer),
  setInterval: (act, ms) => globalThis.setInterval(act, ms),
  clearInterval: (timer) => globalThis.clearInterval(timer),
  setImmediate: (act) => void globalThis.setImmediate(act),
  nextTick: (act) => process.nextTick(act),
  queueMicrotask: (act) => globalThis.queueMicrotask(act),
  now: () => globalThis.performance.now(),
}

/** Fakes time as fake-timers does, and for the package itself too, which goes by real time where a user's test fakes it. */
export function install(options: Parameters<typeof installForAll>[0]): Clock {
  const clock = installForAll(options)
  const before = { ...realTime }
  const { uninstall } = clock
  Object.assign(realTime, FOLLOWING)
  clock.uninstall = () => {
    Object.assign(realTime, before)
    return uninstall.call(clock)
  }
  return clock
}
