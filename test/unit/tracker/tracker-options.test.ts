import { expect } from 'chai'
import { createCache } from 'express-cacheable'
import { trackPg } from 'express-cacheable/pg'
import { trackPrisma } from 'express-cacheable/prisma'

const WRONG: readonly (readonly [options: unknown, problem: string])[] = [
  [7, '7 stands for the options'],
  [{ database: '' }, `"" is no value for the option 'database'`],
  [{ triggers: ['books'] }, `["books"] is no value for the option 'triggers'`],
  [{ triggers: { books: 'audit' } }, `{"books":"audit"} is no value for the option 'triggers'`],
  [{ functions: { newest: { read: [] } } }, `{"newest":{"read":[]}} is no value for the option 'functions'`],
  [{ tables: [] }, `there is no option 'tables'`],
]

for (const [name, track] of Object.entries({ trackPg, trackPrisma })) {
  describe(name, () => {
    for (const [options, problem] of WRONG) {
      it(`says at once: ${problem}`, () => {
        expect(() => track(createCache(), options as object)).to.throw(
          `[E_CACHE_OPTION] ${name}(): ${problem}`,
        )
      })
    }
  })
}

describe('the adapter of a Prisma tracker', () => {
  const { adapter } = trackPrisma(createCache())

  it('is refused for another database than PostgreSQL, and for what is none', () => {
    const mysql = { provider: 'mysql', connect: async () => ({}) }
    expect(() => adapter(mysql)).to.throw(
      '[E_CACHE_OPTION] tracker.adapter(): the driver adapter is of mysql',
    )
    expect(() => adapter({} as typeof mysql)).to.throw('it was given no driver adapter')
  })
})
