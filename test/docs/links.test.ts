import { expect } from 'chai'
import { type PaperProject, paperProject, runCheck } from './run-check.js'

describe('the check of links', () => {
  let project: PaperProject | undefined
  afterEach(() => project?.remove())

  const check = (files: Readonly<Record<string, string>>) => {
    project = paperProject({ 'docs/keys.md': '# Keys\n', ...files })
    return runCheck('check-links.mjs', [project.root])
  }

  it('finds nothing wrong with this project', () => {
    expect(runCheck('check-links.mjs')).to.deep.include({ status: 0 })
  })

  it('names the page and line of a link to a file that is not there', () => {
    const { status, lines } = check({ 'README.md': '# Read me\n\nSee [keys](docs/kyes.md).\n' })
    expect(status).to.equal(1)
    expect(lines).to.deep.equal(['README.md:3: docs/kyes.md: there is no docs/kyes.md'])
  })

  it('knows the anchors that GitHub makes of headings, in any language', () => {
    const { status, lines } = check({
      'docs/anchors.md': [
        '# Anchors',
        '## `cacheStats(cache)`',
        '## 4 つの無効化の方法',
        '## A [linked](keys.md) one, twice',
        '## A linked one, twice',
        '[1](#cachestatscache) [2](#4-つの無効化の方法) [3](#a-linked-one-twice) [4](#a-linked-one-twice-1)',
        '[5](keys.md#keys) [6](#cachestats-cache) [7](keys.md#locks)',
      ].join('\n\n'),
    })
    expect(status).to.equal(1)
    expect(lines).to.deep.equal([
      'docs/anchors.md:13: #cachestats-cache: docs/anchors.md has no such heading',
      'docs/anchors.md:13: keys.md#locks: docs/keys.md has no such heading',
    ])
  })

  it('takes code for code', () => {
    const block = ['```ts', '# not a heading', 'handlers[0](request.md)', '```'].join('\n')
    const { status } = check({
      'docs/code.md': `# Code\n\n${block}\n\nNor is \`handlers[0](request.md)\`.\n`,
    })
    expect(status).to.equal(0)
  })

  it('refuses a link out of the project', () => {
    const { lines } = check({ 'docs/out.md': '# Out\n\n[up](../../elsewhere.md)\n' })
    expect(lines).to.deep.equal(['docs/out.md:3: ../../elsewhere.md: leads out of the project'])
  })
})
