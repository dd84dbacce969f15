import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { redisForTests } from '../support/redis.js'
import { MODES, NEAR_MODES } from './modes.js'
import { SHAPES } from './shapes/index.js'
import { isTried } from './try-shape.js'
import { tryShapes } from './try-shapes.js'

/** Of one mode. They are tried one after the other, since each takes a core. */
const LONGEST_MS = 180_000

/** What is tried here of `npm run transparency`, which tries all. */
const TRIED: Readonly<Record<string, readonly string[]>> = {
  'Express 5': [
    ...NEAR_MODES.map(({ name }) => name),
    'record, Redis',
    'record, Redis away',
    'front, process tier',
    'hold, Redis 20 ms away',
  ],
  'Express 4': ['record', 'hold'],
}

describe('behind the cache a response behaves as without it', () => {
  before(async function () {
    process.env.REDIS_URL ??= await redisForTests(this)
  })

  for (const { name: version } of EXPRESS_VERSIONS) {
    for (const mode of MODES.filter(({ name }) => TRIED[version]?.includes(name))) {
      describe(`${version}, ${mode.name}`, () => {
        let differences = new Map<string, string>()
        before(async function () {
          this.timeout(LONGEST_MS)
          differences = await tryShapes({ version, modes: [mode.name] })
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
