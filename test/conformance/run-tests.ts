import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import type { Cache } from 'express-cacheable'
import { listen } from '../support/http.js'
import { appUnderTest } from './app-under-test.js'
import { loadDefinitions, type SuiteDefinition, type TestDefinition } from './definitions.js'
import { startOrigin } from './origin.js'
import { plainFetch } from './plain-fetch.js'

export interface SuiteRun {
  readonly suite: SuiteDefinition
  readonly results: readonly TestResult[]
}

export interface TestResult {
  readonly test: TestDefinition
  /** What went wrong; `null` if nothing did. */
  readonly failure: string | null
}

/** A test is mostly a pause of three seconds, so all can run together, if they do not begin together. */
const BEGIN_EVERY_MS = 20

/** Runs all of `http-cache-tests`, unpacked in `directory`, against an app that uses `cache`. */
export async function runTests(directory: string, cache: Cache): Promise<readonly SuiteRun[]> {
  const suites = await loadDefinitions(directory)
  const origin = await startOrigin(directory)
  const app = await listen(appUnderTest(cache, origin.url))
  try {
    const client = await startClient(directory, app.url)
    const tests = suites.flatMap((suite) => suite.tests)
    const running = tests.map(async (test, index) => {
      await sleep(index * BEGIN_EVERY_MS)
      await client.run(test)
    })
    await Promise.all(running)
    return suites.map((suite) => ({
      suite,
      results: suite.tests.map((test) => ({ test, failure: client.failureOf(test.id) })),
    }))
  } finally {
    await app.close()
    await origin.close()
  }
}

interface Client {
  readonly run: (test: TestDefinition) => Promise<void>
  readonly failureOf: (id: string) => string | null
}

/** Its own client, which sends a test's requests and judges the answers. */
async function startClient(directory: string, baseUrl: string): Promise<Client> {
  const moduleIn = (file: string) => import(pathToFileURL(join(directory, 'client', file)).href)
  const config = await moduleIn('config.mjs')
  config.setFetch(plainFetch)
  config.setBaseUrl(baseUrl)
  config.setUseBrowserCache(false)
  const { makeCacheTest, testResults } = await moduleIn('test.mjs')
  return {
    run: makeCacheTest,
    failureOf: (id) => (testResults[id] === true ? null : [testResults[id]].flat().join(': ')),
  }
}
