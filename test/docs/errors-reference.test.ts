import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { CACHE_ERROR_CODES, CacheError } from '#src/errors.js'
import { PROJECT_ROOT } from '../support/project-root.js'

/** A code that starts a heading or a row of a table; elsewhere it is only mentioned. */
const ENTRY = /^(?:#+ +|\| *)`?(E_CACHE_[A-Z_]+)/gm

describe('docs/reference/errors.md', () => {
  it('explains every code once, and no other', async () => {
    const reference = await readFile(join(PROJECT_ROOT, 'docs/reference/errors.md'), 'utf8')
    const explained = [...reference.matchAll(ENTRY)].map(([, code]) => code)
    expect(explained.toSorted()).to.deep.equal([...CACHE_ERROR_CODES].toSorted())
  })

  it('is where every error says that it is explained, in the repository that package.json names', async () => {
    const { repository } = JSON.parse(await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8'))
    const root = repository.url.replace(/^git\+|\.git$/g, '')
    for (const code of CACHE_ERROR_CODES) {
      const { help } = new CacheError(code, { problem: '', mend: '' })
      expect(help).to.equal(`${root}/blob/main/docs/reference/errors.md#${code.toLowerCase()}`)
    }
  })
})
