import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { PROJECT_ROOT } from '../support/project-root.js'

/** The target of a link, seen from docs/. */
const LINKED = /\]\((?!https?:)([^)#]+)/g

describe('docs/security.md', () => {
  let linked: string[]
  before(async () => {
    const page = await readFile(join(PROJECT_ROOT, 'docs/security.md'), 'utf8')
    linked = [...page.matchAll(LINKED)].map(([, target = '']) => join('docs', target))
  })

  it('links to files that exist', () => {
    expect(linked).to.have.length.greaterThan(20)
    expect(linked.filter((path) => !existsSync(join(PROJECT_ROOT, path)))).to.deep.equal([])
  })

  it('links to every suite of test/security', async () => {
    const suites = (await readdir(join(PROJECT_ROOT, 'test/security'))).filter((name) =>
      name.endsWith('.test.ts'),
    )
    expect(suites.filter((name) => !linked.includes(`test/security/${name}`))).to.deep.equal([])
  })
})
