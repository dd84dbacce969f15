import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { commandOfOtherCopy } from '#src/cli/check/other-copy.js'
import { PROJECT_ROOT } from '../../support/project-root.js'

describe('commandOfOtherCopy', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'other-copy-'))
  })
  after(() => rm(folder, { recursive: true, force: true }))

  /** An application with a package under our name in its `node_modules`. */
  async function application(name: string, description: object): Promise<string> {
    const installed = join(folder, name, 'node_modules/express-cacheable')
    await mkdir(installed, { recursive: true })
    await writeFile(join(installed, 'package.json'), JSON.stringify(description))
    await writeFile(join(installed, 'main.js'), '')
    return join(folder, name, 'app.js')
  }

  it('is that of the copy which the application has installed', async () => {
    const bin = { 'express-cacheable': './main.js' }
    const file = await application('other', { bin })
    expect(commandOfOtherCopy(file)).to.match(/other\/node_modules\/express-cacheable\/main\.js$/)
  })

  it('is none where there is no other copy, by whatever link, or one without a command', async () => {
    const linked = join(folder, 'linked/node_modules')
    await mkdir(linked, { recursive: true })
    await symlink(PROJECT_ROOT, join(linked, 'express-cacheable'))
    expect(commandOfOtherCopy(join(folder, 'linked/app.js'))).to.equal(null)
    expect(commandOfOtherCopy(join(PROJECT_ROOT, 'test/app.js'))).to.equal(null)
    expect(commandOfOtherCopy(await application('older', {}))).to.equal(null)
    expect(commandOfOtherCopy(join(folder, 'nothing/app.js'))).to.equal(null)
  })
})
