/** Something that happens once, and can be waited for before and after. */
export interface Signal {
  readonly given: Promise<void>
  give(): void
}

export function signal(): Signal {
  let give = () => {}
  const given = new Promise<void>((resolve) => {
    give = resolve
  })
  return { given, give }
}
