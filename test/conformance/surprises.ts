import type { TestDefinition } from './definitions.js'
import type { ExpectedException } from './exceptions.js'
import type { SuiteRun, TestResult } from './run-tests.js'

/** Whether HTTP demands what the test asks for. The others ask whether a cache is optimal, or what it does. */
export function isRequired({ kind = 'required' }: TestDefinition): boolean {
  return kind === 'required'
}

/** Whether the test is about what must not be stored or reused: an answer, or a header of it. */
export function isProhibition(test: TestDefinition): boolean {
  return (
    isRequired(test) &&
    test.requests.some(
      ({ expected_type, expected_response_headers_missing: missing = [] }) =>
        expected_type === 'not_cached' || missing.length > 0,
    )
  )
}

/** Required tests that failed and are not listed. */
export function unexpectedFailures(
  runs: readonly SuiteRun[],
  exceptions: readonly ExpectedException[],
): string[] {
  return requiredResults(runs)
    .filter(({ test, failure }) => failure !== null && !exceptions.some((one) => covers(one, test.id)))
    .map(({ test, failure }) => `${test.id}: ${failure}`)
}

/** What is listed and no exception, because it passed or because there is no such test. */
export function untrueExceptions(
  runs: readonly SuiteRun[],
  exceptions: readonly ExpectedException[],
): string[] {
  const results = requiredResults(runs)
  return exceptions.flatMap(({ tests }) =>
    tests.filter((pattern) => {
      const meant = results.filter(({ test }) => matches(pattern, test.id))
      return meant.length === 0 || meant.some(({ failure }) => failure === null)
    }),
  )
}

function requiredResults(runs: readonly SuiteRun[]): TestResult[] {
  return runs.flatMap(({ results }) => results).filter(({ test }) => isRequired(test))
}

function covers({ tests }: ExpectedException, id: string): boolean {
  return tests.some((pattern) => matches(pattern, id))
}

function matches(pattern: string, id: string): boolean {
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern
}
