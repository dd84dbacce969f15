import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { PROJECT_ROOT } from '../../support/project-root.js'

const run = promisify(execFile)
const read = (file: string) => readFile(join(PROJECT_ROOT, file), 'utf8')

/** Its packages are in its bundle. */
const PAGE = ':!demo/web/page'

describe('the image of the demo, and what compose.yml makes of it,', () => {
  it('has every package that the demo imports, and pins its base', async () => {
    const { stdout } = await run('git', ['grep', '-hoE', "from '[^.#'][^']*'", '--', 'demo', PAGE], {
      cwd: PROJECT_ROOT,
    })
    const specifiers = [...stdout.matchAll(/from '([^']+)'/g)].map(([, name]) => name as string)
    const names = specifiers
      .filter((name) => !name.startsWith('node:') && !name.startsWith('express-cacheable'))
      .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))
    const script = await read('scripts/keep-demo-packages.mjs')
    const { dependencies } = JSON.parse(await read('package.json'))
    // Starts the processes of `npm run demo:services`, which the image does not run.
    const needed = new Set(names.filter((name) => name !== 'concurrently'))
    for (const name of needed) {
      expect(script.includes(`'${name}'`) || name in dependencies, `${name} in the image`).to.equal(true)
    }
    expect(await read('Dockerfile')).to.match(/^FROM node:\d+\.\d+\.\d+-\w+-slim AS build$/m)
  })

  it('have no secret and no image without a version', async () => {
    const compose = await read('compose.yml')
    for (const [, image] of compose.matchAll(/image: (\S+)/g)) expect(image).to.match(/:\d+\.\d+/)
    for (const name of ['POSTGRES_PASSWORD', 'REDIS_PASSWORD', 'JWT_SECRET']) {
      expect(compose).to.contain(`\${${name}:?Run node scripts/make-secrets.mjs}`)
    }
  })

  it('get secrets of their own, which stay once they are there and are for their owner to read', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'express-cacheable-secrets-'))
    try {
      const make = () =>
        run(process.execPath, [join(PROJECT_ROOT, 'scripts/make-secrets.mjs')], { cwd: directory })
      await make()
      const file = join(directory, '.env')
      const secrets = await readFile(file, 'utf8')
      expect(secrets).to.match(
        /^POSTGRES_PASSWORD=[0-9a-f]{64}\nREDIS_PASSWORD=[0-9a-f]{64}\nJWT_SECRET=[0-9a-f]{64}\n$/,
      )
      expect((await stat(file)).mode & 0o777).to.equal(0o600)
      await make()
      expect(await readFile(file, 'utf8')).to.equal(secrets)
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
})
