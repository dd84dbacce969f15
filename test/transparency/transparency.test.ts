import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { redisForTests } from '../support/redis.js'
import { MODES } from './modes.js'
import { SHAPES } from './shapes/index.js'
import { isTried } from './try-shape.js'
import { MODES_TOGETHER, tryShapes } from './try-shapes.js'

const LONGEST_MS = 120_000

describe('behind the cache a response behaves as without it', () => {
  /** All begin at once, since some of them wait most of the time. */
  const running = new Map<string, Promise<Map<string, string>>>()

  before(async function () {
    process.env.REDIS_URL ??= await redisForTests(this)
    for (const { name: version } of EXPRESS_VERSIONS) {
      for (const modes of MODES_TOGETHER) {
        const trial = tryShapes({ version, modes })
        for (const mode of modes) running.set(`${version}, ${mode}`, trial)
      }
    }
  })

  for (const { name: version } of EXPRESS_VERSIONS) {
    for (const mode of MODES) {
      const title = `${version}, ${mode.name}`
      describe(title, () => {
        let differences = new Map<string, string>()
        before(async function () {
          this.timeout(LONGEST_MS)
          differences = (await running.get(title)) ?? differences
        })

        for (const shape of SHAPES.filter((each) => isTried(each, mode))) {
          it(shape.name, () => {
            const difference = differences.get(`${mode.name}: ${shape.name}`) ?? 'it was not tried'
            if (difference !== '')
              throw new Error(`differs from a bare one (-: bare, +: ours)\n${difference}`)
          })
        }
      })
    }
  }
})
