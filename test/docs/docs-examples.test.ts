import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { PROJECT_ROOT } from '../support/project-root.js'
import { compileExamples, type DecoratorMode } from './compile-examples.js'
import { type MarkdownExample, markdownExamples } from './markdown-examples.js'

/** Code is written as ```ts, so that it is compiled; in another spelling it would escape. */
const OTHER_NAMES_OF_CODE = /^(typescript|tsx|javascript|js|jsx|mjs|cjs|mts|cts)\b/i
const NEEDS_LEGACY_DECORATORS =
  /from '(express-cacheable\/)?routing-controllers'|from 'class-validator'|from '@nestjs\/common'/

/** In which modes a block must compile: `ts` in both, `ts legacy` those of routing-controllers and Nest in one. */
function modesOf({ info, code }: MarkdownExample): DecoratorMode[] {
  if (info === 'ts legacy') return ['legacy']
  if (info !== 'ts') return []
  return NEEDS_LEGACY_DECORATORS.test(code) ? ['legacy'] : ['legacy', 'tc39']
}

/** A block that looks like code and that nothing would compile, such as ```js or ```ts ignore. */
function escapes(example: MarkdownExample): boolean {
  return (
    OTHER_NAMES_OF_CODE.test(example.info) || (/^ts\b/.test(example.info) && modesOf(example).length === 0)
  )
}

async function documentation(): Promise<MarkdownExample[]> {
  const docs = await readdir(join(PROJECT_ROOT, 'docs'), { recursive: true })
  const files = ['README.md', ...docs.filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`)]
  const examples = await Promise.all(
    files.map(async (file) => markdownExamples(file, await readFile(join(PROJECT_ROOT, file), 'utf8'))),
  )
  return examples.flat()
}

describe('the examples in README.md and docs/', function () {
  this.timeout(60_000)

  let examples: MarkdownExample[]

  before(async () => {
    examples = await documentation()
  })

  it('are found, in the README too', () => {
    expect(examples.filter(({ file, info }) => file === 'README.md' && info === 'ts')).not.to.deep.equal([])
  })

  it('are written as ```ts, or ```ts legacy', () => {
    expect(
      examples.filter(escapes).map(({ file, line, info }) => `${file}:${line} is \`\`\`${info}`),
    ).to.deep.equal([])
  })

  for (const mode of ['legacy', 'tc39'] as const) {
    it(`compile with ${mode} decorators`, async () => {
      const inMode = examples.filter((example) => modesOf(example).includes(mode))
      expect(await compileExamples('docs-examples', mode, inMode)).to.deep.equal([])
    })
  }
})

describe('the check of examples', function () {
  this.timeout(60_000)

  const markdown = [
    '# Keys',
    '',
    '- In a list:',
    '',
    '  ```ts',
    "  import { createCache } from 'express-cacheable'",
    '',
    '  createCache({ keyPrefix: 1 })',
    '  ```',
    '',
    '```ts ignore',
    'nonsense',
    '```',
  ].join('\n')

  it('names the markdown file and line of what does not compile', async () => {
    const [broken] = markdownExamples('docs/guide/keys.md', markdown)
    const messages = await compileExamples('docs-examples-broken', 'tc39', [broken as MarkdownExample])
    expect(messages).to.have.lengthOf(1)
    expect(messages[0]).to.match(/^docs\/guide\/keys\.md:8:15 TS2322: /)
  })

  it('lets no block escape', () => {
    expect(markdownExamples('keys.md', markdown).filter(escapes)).to.have.lengthOf(1)
  })
})
