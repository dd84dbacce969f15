/** Something that waits until the test says go on; races are provoked with it rather than by sleeping. */
export interface Gate {
  readonly wait: Promise<void>
  open(): void
}

/**
 * @example
 * const loading = gate()
 * const app = express().get('/slow', async (_req, res) => { await loading.wait; res.json({}) })
 * loading.open()
 */
export function gate(): Gate {
  let open = () => {}
  const wait = new Promise<void>((resolve) => {
    open = resolve
  })
  return { wait, open }
}
