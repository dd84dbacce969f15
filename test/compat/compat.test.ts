import { ownRedisForTests, type RedisServer } from '../support/redis.js'
import { readCells } from './cells.js'
import { packTarball, removeDirectory, temporaryDirectory } from './stranger.js'
import { tryCell } from './try-cell.js'

const cells = (await readCells()).filter(({ ci }) => ci)

describe('the packed tarball, in a set-up that people have', function () {
  // Installing from the registry may be slow.
  this.timeout(300_000)

  let directory: string
  let tarball: string
  let redis: RedisServer

  before(async function () {
    redis = await ownRedisForTests(this)
    directory = await temporaryDirectory()
    tarball = await packTarball(directory)
  })

  after(async () => {
    await redis?.stop()
    await removeDirectory(directory)
  })

  for (const cell of cells) {
    it(`${cell.area}: ${cell.title}`, async () => {
      await tryCell(cell, { tarball, redisUrl: redis.url })
    })
  }
})
