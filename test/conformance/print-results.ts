// Runs http-cache-tests by itself: each test with its result, then the table of docs/reference/http.md.
import { createCache } from 'express-cacheable'
import { recordingLogger } from '../support/recording-logger.js'
import { EXPECTED_EXCEPTIONS } from './exceptions.js'
import { resultTable } from './result-table.js'
import { runTests } from './run-tests.js'
import { unexpectedFailures, untrueExceptions } from './surprises.js'
import { withHttpCacheTests } from './tarball.js'

const { REDIS_URL: redis } = process.env
const store = redis ? { redis, keyPrefix: `http-cache-tests-${process.pid}:`, deadlineMs: 5_000 } : {}
const cache = createCache({ ...store, logger: recordingLogger() })
const runs = await withHttpCacheTests((directory) => runTests(directory, cache))
await cache.deletePattern('*')
await cache.close()

for (const { test, failure } of runs.flatMap(({ results }) => results)) {
  const { id, kind = 'required' } = test
  console.log(failure === null ? `pass  ${id} (${kind})` : `fail  ${id} (${kind}): ${failure}`)
}
console.log(`\n${resultTable(runs)}\n`)

const surprises = [
  ...unexpectedFailures(runs, EXPECTED_EXCEPTIONS).map((failure) => `not listed: ${failure}`),
  ...untrueExceptions(runs, EXPECTED_EXCEPTIONS).map((pattern) => `listed, and no exception: ${pattern}`),
]
for (const surprise of surprises) console.log(surprise)
process.exitCode = surprises.length === 0 ? 0 : 1
