import { expect } from 'chai'
import { type PaperProject, paperProject, runCheck } from './run-check.js'

const ENGLISH = [
  '# Options',
  'What there is.',
  '## createCache',
  '| option | default | meaning |',
  '|---|---|---|',
  '| `redis` | none | A URL. |',
  '| `deadlineMs` | 50 | How long it waits. |',
  '',
  '```ts',
  'createCache({ deadlineMs: 100 })',
  '```',
  '## Durations',
  'A number is seconds.',
].join('\n')

const JAPANESE = [
  '# オプション',
  '一覧です。',
  '## createCache',
  '| オプション | 既定値 | 意味 |',
  '|---|---|---|',
  '| `redis` | なし | URL。 |',
  '| `deadlineMs` | 50 | 待つ時間。 |',
  '',
  '```ts',
  'createCache({ deadlineMs: 100 })',
  '```',
  '## 時間の指定',
  '数値は秒です。',
].join('\n')

describe('the check of translations', () => {
  let project: PaperProject
  beforeEach(() => {
    project = paperProject({ 'docs/options.md': ENGLISH, 'docs/ja/options.md': JAPANESE })
  })
  afterEach(() => project.remove())

  const check = () => runCheck('check-translations.mjs', ['--root', project.root])
  const confirm = (page = 'docs/ja/options.md') =>
    runCheck('check-translations.mjs', ['--root', project.root, '--confirm', page])

  it('finds the Japanese pages of this project in step', () => {
    expect(runCheck('check-translations.mjs')).to.deep.include({ status: 0 })
  })

  it('accepts what was confirmed, and nothing that was not', () => {
    expect(check().status).to.equal(1)
    expect(confirm().status).to.equal(0)
    expect(check()).to.deep.equal({ status: 0, lines: ['Translations: 1 pages in step.'] })
  })

  it('names the option that has changed, and how to confirm the page anew', () => {
    confirm()
    project.write({ 'docs/options.md': ENGLISH.replace('How long it waits.', 'How long one step waits.') })
    const { status, lines } = check()
    expect(status).to.equal(1)
    expect(lines).to.deep.equal([
      'docs/ja/options.md: docs/options.md is not what it was when this translation was confirmed:',
      '  changed: #createcache `deadlineMs`',
      '  "git log -p docs/options.md" shows how. Bring the Japanese page in step, then confirm it:',
      '  node scripts/check-translations.mjs --confirm docs/ja/options.md',
    ])
    expect(confirm()).to.deep.equal({
      status: 0,
      lines: ['docs/ja/options.md: confirmed', '  changed: #createcache `deadlineMs`'],
    })
    expect(check().status).to.equal(0)
  })

  it('names sections that are new, and those that are gone', () => {
    confirm()
    project.write({ 'docs/options.md': ENGLISH.replace('## Durations', '## Times') })
    expect(check().lines).to.include.members(['  new: #times', '  gone: #durations'])
  })

  it('confirms no page that lacks an option', () => {
    project.write({ 'docs/ja/options.md': JAPANESE.replace(/\| `redis`.*\n/, '') })
    const { status, lines } = confirm()
    expect(status).to.equal(1)
    expect(lines[0]).to.equal(
      'docs/ja/options.md: has another row of a table in line 6 than the source in line 6',
    )
    expect(check().status).to.equal(1)
  })

  it('confirms no page whose code is another', () => {
    project.write({ 'docs/ja/options.md': JAPANESE.replace('100', '200') })
    expect(confirm().lines[0]).to.equal(
      'docs/ja/options.md: has another block of code in line 9 than the source in line 9',
    )
  })

  it('confirms no page that lacks a section', () => {
    project.write({ 'docs/ja/options.md': JAPANESE.slice(0, JAPANESE.indexOf('## 時間')) })
    expect(confirm().lines[0]).to.equal('docs/ja/options.md: lacks a heading: line 12 of the source')
  })

  it('wants a source for each page, and a page for each entry', () => {
    confirm()
    project.write({ 'docs/ja/own.md': '# 独自\n' })
    expect(check().lines).to.deep.equal(['docs/ja/own.md: translates docs/own.md, which there is not'])
    expect(confirm('docs/ja/none.md')).to.deep.equal({
      status: 1,
      lines: ['docs/ja/none.md: there is no such page in docs/ja'],
    })
  })
})
