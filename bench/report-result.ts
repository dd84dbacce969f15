import { type BenchResult, writeResult } from './pictures/write-result.js'

/**
 * Prints what a bench has shown, and writes it into `bench/results`.
 *
 * @param isLess - Where the run is less than what is told there: why. Then nothing is written.
 */
export async function reportResult(
  name: string,
  result: BenchResult,
  isLess?: string | false,
): Promise<void> {
  const { title, machine, tables } = result
  console.log(`\n${machine}\n\n${title}\n\n${tables.trim()}\n`)
  if (isLess) console.log(`Nothing is written into bench/results: ${isLess}.`)
  else await writeResult(name, result)
}
