import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { postgresForTests } from '../../support/postgres.js'
import { differenceText, type TwinResult } from '../twin/result.js'
import { runTwin, type TwinOptions } from '../twin/run-twin.js'
import { type ArticlesDatabase, openArticles } from './database.js'
import { WRITES } from './evictions.js'
import { type ArticlesChoice, openTwinArticles } from './twin-subject.js'

type Run = (choice: ArticlesChoice, options: Pick<TwinOptions, 'steps' | 'atOnce'>) => Promise<TwinResult>

/** `npm run twin` takes as many steps as it is told. */
onEach('articles, read with a cache and without', (run) => {
  it('are the same with nothing declared, where what is read and written is followed', async () => {
    const result = await run({ declare: 'nothing', isTracked: true }, { steps: 1_400 })
    expect(told(result)).to.equal('')
    expect(result.hits).to.be.above(100)
  })
})

// PGlite has one connection, on which no two statements meet.
on('PostgreSQL', 'articles, read with a cache and without', 1, postgresForTests, (run) => {
  it('are the same after writes with reads beside them', async () => {
    for (const choice of [
      { declare: 'all', isTracked: false },
      { declare: 'nothing', isTracked: true },
    ] as const) {
      expect(told(await run(choice, { steps: 600, atOnce: 6 }))).to.equal('')
    }
  })
})

// Which database they stand on makes no difference to evictions that are declared.
on(
  'PostgreSQL',
  'articles that declare their evictions, read with a cache and without',
  1,
  postgresForTests,
  (run) => {
    it('are the same with all evictions declared by hand', async () => {
      const result = await run({ declare: 'all', isTracked: false }, { steps: 1_400 })
      expect(told(result)).to.equal('')
      expect(result.hits).to.be.above(100)
      // The rarest may not have come in so few steps.
      const written = WRITES.filter((write) => (result.writes[write]?.succeeded ?? 0) > 0)
      expect(written).to.have.lengthOf.above(20)
    })

    it('differ where writes evict the thing and its list, as people do', async () => {
      const result = await run({ declare: 'thing and list', isTracked: false }, { steps: 1_000 })
      expect(result.differences).to.be.above(50)
    })

    it('differ more where nothing is evicted', async () => {
      const result = await run({ declare: 'nothing', isTracked: false }, { steps: 1_000 })
      expect(result.differences).to.be.above(50)
    })
  },
)

/** What differed, as a story. */
function told({ examples }: TwinResult): string {
  return examples.map(differenceText).join('\n')
}

function onEach(title: string, define: (run: Run) => void): void {
  for (const [name, share, findUrl] of [
    // A statement takes it several times as long.
    ['PGlite', 0.75, async () => undefined],
    ['PostgreSQL', 1, postgresForTests],
  ] as const) {
    on(name, title, share, findUrl, define)
  }
}

function on(
  name: string,
  title: string,
  share: number,
  findUrl: (context: Mocha.Context) => Promise<string | undefined>,
  define: (run: Run) => void,
): void {
  describe(`${title} (${name})`, function () {
    // It is all work, and takes a multiple of its time where others work beside it.
    this.timeout(300_000)
    defineOn(findUrl, (run) =>
      define((choice, options) => run(choice, { ...options, steps: options.steps * share })),
    )
  })
}

function defineOn(
  findUrl: (context: Mocha.Context) => Promise<string | undefined>,
  define: (run: Run) => void,
): void {
  let database: ArticlesDatabase
  before(async function () {
    const url = await findUrl(this)
    this.timeout(60_000)
    database = await openArticles(url)
  })
  after(() => database?.close())

  define(async (choice, options) => {
    const seed = randomInt(2 ** 32)
    const subject = await openTwinArticles(database, choice)
    try {
      return await runTwin(subject, { ...options, seed })
    } finally {
      await subject.close()
    }
  })
}
