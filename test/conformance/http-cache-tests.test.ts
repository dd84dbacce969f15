import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { onEachStore } from '../support/on-each-store.js'
import { pendingOutsideCi } from '../support/pending-outside-ci.js'
import { PROJECT_ROOT } from '../support/project-root.js'
import { EXPECTED_EXCEPTIONS } from './exceptions.js'
import { runTests, type SuiteRun } from './run-tests.js'
import { unexpectedFailures, untrueExceptions } from './surprises.js'
import { PACKAGE, TarballNotFetched, withHttpCacheTests } from './tarball.js'

onEachStore('http-cache-tests', (makeCache) => {
  let runs: readonly SuiteRun[]

  before(async function () {
    this.timeout(120_000)
    try {
      runs = await withHttpCacheTests((directory) => runTests(directory, makeCache().cache))
    } catch (error) {
      if (!(error instanceof TarballNotFetched)) throw error
      pendingOutsideCi(this, `${PACKAGE} could not be fetched from the npm registry.`, error)
    }
  })

  it('passes each required test that is not listed as an exception', () => {
    expect(unexpectedFailures(runs, EXPECTED_EXCEPTIONS)).to.deep.equal([])
  })

  it('lists no exception that is none', () => {
    expect(untrueExceptions(runs, EXPECTED_EXCEPTIONS)).to.deep.equal([])
  })
})

describe('docs/reference/http.md', () => {
  it('lists the expected exceptions, and no others', async () => {
    const reference = await readFile(join(PROJECT_ROOT, 'docs/reference/http.md'), 'utf8')
    const [, table = ''] = reference.split('### Expected exceptions')
    const rows = [...table.matchAll(/^\| (`.+?) \|/gm)].map(([, cell = '']) => cell.replaceAll('`', ''))
    expect(rows.toSorted()).to.deep.equal(EXPECTED_EXCEPTIONS.map(({ tests }) => tests.join(', ')).toSorted())
  })
})
