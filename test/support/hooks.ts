// Required by .mocharc.json.
import { releaseRedis } from './redis.js'

export const mochaGlobalTeardown = releaseRedis
