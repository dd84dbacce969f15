/** Something that happens once, and can be waited for before and after. */
export interface Signal {
  readonly given: Promise<void>
  readonly isGiven: boolean
  give(): void
}

export function signal(): Signal {
  let isGiven = false
  let resolve = () => {}
  const given = new Promise<void>((done) => {
    resolve = done
  })
  return {
    given,
    get isGiven() {
      return isGiven
    },
    give() {
      isGiven = true
      resolve()
    },
  }
}
