const told = new Set<string>()

/**
 * Makes a suite pending that cannot run on this machine, and says why in one line, once. Under `CI=true` it fails
 * instead: there nothing is skipped.
 */
export function pendingOutsideCi(context: Mocha.Context, reason: string, cause?: unknown): never {
  if (process.env.CI === 'true') throw new Error(`${reason} (under CI nothing is skipped)`, { cause })
  if (!told.has(reason)) console.log(`\nSuites are pending. ${reason}\n`)
  told.add(reason)
  return context.skip()
}
