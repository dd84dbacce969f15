import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { PROJECT_ROOT } from '../support/project-root.js'

const TARGET = /\]\(([^)\s]+)\)/g

describe('README.md, which npm shows as well,', () => {
  let page: string
  let targets: string[]
  before(async () => {
    page = await readFile(join(PROJECT_ROOT, 'README.md'), 'utf8')
    targets = [...page.matchAll(TARGET)].map(([, target = '']) => target)
  })

  it('has links that work anywhere', () => {
    expect(targets).to.have.length.greaterThan(20)
    expect(targets.filter((target) => !/^(https:\/\/|#)/.test(target))).to.deep.equal([])
  })

  it('links to files and headings that exist', async () => {
    const { repository } = JSON.parse(await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8'))
    const root = repository.url.replace(/^git\+|\.git$/g, '')
    const raw = root.replace('//github.com/', '//raw.githubusercontent.com/')
    const paths = targets.flatMap((target) => {
      const base = [`${root}/blob/main/`, `${root}/tree/main/`, `${raw}/main/`].find((each) =>
        target.startsWith(each),
      )
      return base ? [target.slice(base.length).replace(/#.*/, '')] : []
    })
    expect(paths).to.have.length.greaterThan(20)
    expect(paths.filter((path) => !existsSync(join(PROJECT_ROOT, path)))).to.deep.equal([])
    const headings = [...page.matchAll(/^#+ (.+)$/gm)].map(
      ([, words = '']) => `#${words.toLowerCase().replaceAll(' ', '-')}`,
    )
    expect(targets.filter((target) => target.startsWith('#') && !headings.includes(target))).to.deep.equal([])
  })

  it('keeps the commands that start the demo and the tests', () => {
    for (const command of ['npm ci && npm run demo', 'npm ci && npm test']) {
      expect(page).to.include(`\`\`\`sh\n${command}\n\`\`\``)
    }
  })
})
