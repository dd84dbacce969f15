import { execFile } from 'node:child_process'
import { cp, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { PROJECT_ROOT } from '../support/project-root.js'
import { removeDirectory, STRANGERS_ENV, temporaryDirectory } from './stranger.js'

const run = promisify(execFile)

/** What a build of the package is made from; nothing that a build has made. */
const CHECKED_OUT = [
  'package.json',
  'README.md',
  'CHANGELOG.md',
  'LICENSE',
  'tsconfig.base.json',
  'scripts',
  'src',
]
const GENERATED = 'scripts.generated.ts'

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

describe('a fresh checkout', function () {
  this.timeout(300_000)

  let directory: string
  let packed: Packed

  before(async () => {
    directory = await temporaryDirectory()
    for (const name of CHECKED_OUT) {
      await cp(join(PROJECT_ROOT, name), join(directory, name), {
        recursive: true,
        filter: (path) => !path.endsWith(GENERATED),
      })
    }
    await symlink(join(PROJECT_ROOT, 'node_modules'), join(directory, 'node_modules'))
    const { stdout } = await run('npm', ['pack', '--json', '--silent'], {
      cwd: directory,
      env: STRANGERS_ENV,
    })
    // The build speaks before npm does.
    packed = JSON.parse(stdout.slice(stdout.indexOf('[')))[0]
  })

  after(() => directory && removeDirectory(directory))

  it('packs what its entries name, without having been built', async () => {
    const paths = packed.files.map(({ path }) => path)
    const { exports, main, types } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'))
    const named = [main, types, ...targetsOf(exports)].map((target) => target.replace('./', ''))
    expect(named).to.include('dist/index.mjs')
    expect(paths).to.include.members(named)
    expect(paths).to.include.members(['README.md', 'CHANGELOG.md', 'LICENSE'])
    const pages = ['index.html', 'app.js', 'app.css', 'icon.svg', 'licenses.txt']
    expect(paths).to.include.members(pages.map((name) => `dist/dashboard/pages/${name}`))
  })

  it('packs neither sources nor source maps, nor names them', async () => {
    const paths = packed.files.map(({ path }) => path)
    expect(paths.filter((path) => /\.map$|^src\/|tsbuildinfo/.test(path))).to.deep.equal([])
    const { stdout } = await run(
      'tar',
      ['-xzOf', packed.filename, 'package/dist/index.js', 'package/dist/index.d.ts'],
      {
        cwd: directory,
      },
    )
    expect(stdout).to.include('createCache').and.not.to.include('sourceMappingURL')
  })

  it('is left with source maps, for who goes on to work in it', async () => {
    const built = await readFile(join(directory, 'dist/index.js'), 'utf8')
    expect(built.trimEnd()).to.match(/\n\/\/# sourceMappingURL=index\.js\.map$/)
  })
})

function targetsOf(exports: unknown): string[] {
  return typeof exports === 'string' ? [exports] : Object.values(exports as object).flatMap(targetsOf)
}
