/**
 * Makes it one and the same instant in this process until the clock is released.
 *
 * Who has kept `Date.now` meanwhile, as the in-process store does, reads the real time from then on. With a fake
 * clock that is simply taken away, time would stand still for them, and no entry would ever expire.
 *
 * @param instant - Epoch milliseconds.
 * @returns Releases the clock.
 */
export function pinClock(instant: number): () => void {
  const RealDate = Date
  let isPinned = true
  const now = () => (isPinned ? instant : RealDate.now())
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length > 0 ? args : [now()], newTarget),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  })
  return () => {
    isPinned = false
    globalThis.Date = RealDate
  }
}
