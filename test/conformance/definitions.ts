import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** What is read here of a test of `http-cache-tests`. */
export interface TestDefinition {
  readonly id: string
  readonly name: string
  /** `required` if not given. `check` only asks how a cache behaves. */
  readonly kind?: 'required' | 'optimal' | 'check'
  readonly browser_only?: boolean
  /** Tests without whose behaviour this one shows nothing. */
  readonly depends_on?: readonly string[]
  readonly requests: readonly {
    readonly expected_type?: 'cached' | 'not_cached' | 'etag_validated' | 'lm_validated'
    readonly expected_response_headers_missing?: readonly unknown[]
  }[]
}

export interface SuiteDefinition {
  readonly id: string
  readonly name: string
  readonly tests: readonly TestDefinition[]
}

/** All suites, as its command line runs them against a cache on a server. */
export async function loadDefinitions(directory: string): Promise<readonly SuiteDefinition[]> {
  const files = ['index.mjs', 'surrogate-control.mjs']
  const modules = await Promise.all(
    files.map((file) => import(pathToFileURL(join(directory, 'tests', file)).href)),
  )
  const suites: readonly SuiteDefinition[] = modules.flatMap((module) => module.default)
  return suites.map((suite) => ({
    ...suite,
    tests: suite.tests.filter((test) => test.browser_only !== true),
  }))
}
