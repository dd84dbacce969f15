import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { PROJECT_ROOT } from '../support/project-root.js'

const TREE = join(PROJECT_ROOT, 'build/with-routing-controllers-0-10')
const SUITES = [
  'build/test/integration/routing-controllers.test.js',
  'build/test/transparency/routing-controllers.test.js',
]

describe('with routing-controllers 0.10', function () {
  this.timeout(120_000)

  before(async () => {
    await rm(TREE, { recursive: true, force: true })
    // What is built is copied, since Node looks for packages from where a file really is; all others are those of the project.
    for (const part of ['package.json', 'dist', 'build/test/support', ...SUITES]) {
      await mkdir(dirname(join(TREE, part)), { recursive: true })
      await cp(join(PROJECT_ROOT, part), join(TREE, part), { recursive: true })
    }
    await mkdir(join(TREE, 'node_modules'))
    const other = join(PROJECT_ROOT, 'node_modules/routing-controllers-0-10')
    await symlink(other, join(TREE, 'node_modules/routing-controllers'), 'dir')
    await writeFile(join(TREE, 'which.mjs'), `console.log(import.meta.resolve('routing-controllers'))`)
  })

  after(() => rm(TREE, { recursive: true, force: true }))

  it('passes the suites of routing-controllers', async () => {
    const { version } = JSON.parse(
      await readFile(join(TREE, 'node_modules/routing-controllers/package.json'), 'utf8'),
    )
    expect(version).to.match(/^0\.10\./)
    expect(await run(['which.mjs'])).to.contain('routing-controllers-0-10')
    const mocha = join(PROJECT_ROOT, 'node_modules/mocha/bin/mocha.js')
    const only = '\\(in-process store\\)|^behind routing-controllers'
    const output = await run([mocha, '--no-config', '--timeout', '20000', '--grep', only, ...SUITES])
    expect(output).to.match(/\d{2} passing/)
  })
})

/** What a program prints that succeeds; what it has printed is in the error otherwise. */
async function run(args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: TREE })
    return stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`it fails:\n${stdout}${stderr}`)
  }
}
