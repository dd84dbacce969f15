import type { Express } from 'express'
import { type Cache, type CacheOptions, createCache } from 'express-cacheable'
import { EXPRESS_VERSIONS, type ExpressVersion } from '../../support/express-versions.js'
import { type Listening, listen } from '../../support/http.js'
import { type RecordingLogger, recordingLogger } from '../../support/recording-logger.js'

/** An application with a cache, for one test. */
export interface Served {
  readonly app: Express
  readonly cache: Cache
  readonly logger: RecordingLogger
  /** Once all is mounted. @param isVerified - Whether `ready` is asked first. */
  start(isVerified?: boolean): Promise<string>
}

/** Defines tests for each Express; what they open is closed after each. */
export function onEachExpress(
  title: string,
  define: (serve: (options?: CacheOptions) => Served) => void,
): void {
  for (const version of EXPRESS_VERSIONS)
    describe(`${title} (${version.name})`, () => define(serverOf(version)))
}

function serverOf({ createApp }: ExpressVersion): (options?: CacheOptions) => Served {
  const open: { close(): Promise<void> }[] = []
  afterEach(async () => {
    for (const each of open.splice(0)) await each.close()
  })
  return (options = {}) => {
    const logger = recordingLogger()
    const cache = createCache({ logger, ...options })
    const app = createApp()
    open.push(cache)
    return {
      app,
      cache,
      logger,
      async start(isVerified = true) {
        if (isVerified) await cache.ready(app)
        const server: Listening = await listen(app)
        open.unshift(server)
        return server.url
      },
    }
  }
}
