/** What the server has written into the page about this demo. */
export interface Setup {
  readonly people: readonly {
    readonly email: string
    readonly name: string
    readonly role: 'admin' | 'sales'
  }[]
  /** That of the seeded people; `null` where another one was set, which is not for everybody to know. */
  readonly password: string | null
  /** Where the dashboard of the cache is. */
  readonly dashboard: string
}

export function readSetup(root: HTMLElement): Setup {
  return JSON.parse(root.dataset.setup ?? '') as Setup
}
