import { execFile } from 'node:child_process'
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packTarball, removeDirectory, STRANGERS_ENV, temporaryDirectory } from '../compat/stranger.js'
import { PROJECT_ROOT } from '../support/project-root.js'

const run = promisify(execFile)

/** Each is a project of a user's, which the guide shows: docs/guides/testing.md. */
const PROJECTS = ['jest', 'vitest', 'mocha', 'node-test']

describe('the tests of a user, with the packed tarball,', function () {
  // Installing from the registry may be slow.
  this.timeout(300_000)

  let directory: string

  before(async () => {
    directory = await temporaryDirectory()
    const tarball = await packTarball(directory)
    await Promise.all(PROJECTS.map((project) => copyProject(project, tarball)))
    // One install for all.
    await writeFile(join(directory, 'package.json'), JSON.stringify({ private: true, workspaces: PROJECTS }))
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], {
      cwd: directory,
      env: STRANGERS_ENV,
    })
  })

  after(() => directory && removeDirectory(directory))

  async function copyProject(project: string, tarball: string): Promise<void> {
    const target = join(directory, project)
    await cp(join(PROJECT_ROOT, 'test/users', project), target, { recursive: true })
    const manifest = JSON.parse(await readFile(join(target, 'package.json'), 'utf8'))
    manifest.dependencies['express-cacheable'] = `file:${tarball}`
    await writeFile(join(target, 'package.json'), JSON.stringify(manifest))
  }

  for (const project of PROJECTS) {
    it(`pass in ${project}, which ends by itself`, async () => {
      const options = { cwd: join(directory, project), env: STRANGERS_ENV, timeout: 120_000 }
      await run('npm', ['test'], options).catch(({ stdout, stderr }) => {
        throw new Error(`${stdout}${stderr}`)
      })
    })
  }

  it('are all tried', async () => {
    const entries = await readdir(join(PROJECT_ROOT, 'test/users'), { withFileTypes: true })
    const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
    if (folders.toSorted().join() !== PROJECTS.toSorted().join()) throw new Error(`there are ${folders}`)
  })
})
