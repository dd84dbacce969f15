import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { PROJECT_ROOT } from '../support/project-root.js'

/** A path from the root of the repository, in backticks. */
const NAMED = /`((?:src|test|demo|bench|docs|scripts)\/[\w./-]*)`/g
/** The target of a link, seen from docs/. */
const LINKED = /\]\((?!https?:)([^)#]+)/g

describe('docs/architecture.md', () => {
  let page: string
  before(async () => {
    page = await readFile(join(PROJECT_ROOT, 'docs/architecture.md'), 'utf8')
  })

  const pathsIn = (pattern: RegExp) => [...page.matchAll(pattern)].map(([, path = '']) => path)

  it('names files that exist', () => {
    const named = [...pathsIn(NAMED), ...pathsIn(LINKED).map((target) => join('docs', target))]
    expect(named).to.have.length.greaterThan(50)
    expect(named.filter((path) => !existsSync(join(PROJECT_ROOT, path)))).to.deep.equal([])
  })

  it('names every folder of src', async () => {
    const entries = await readdir(join(PROJECT_ROOT, 'src'), { recursive: true, withFileTypes: true })
    const folders = entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => `${join(entry.parentPath, entry.name).slice(PROJECT_ROOT.length)}/`)
    const named = new Set(pathsIn(NAMED))
    expect(folders.filter((folder) => !named.has(folder))).to.deep.equal([])
  })
})
