// Before any decorated class is loaded: routing-controllers reads the types of parameters through it.
import 'reflect-metadata'
import express, { type Application } from 'express'
import { type Cache, createCache, type EventBus, type Logger } from 'express-cacheable'
import { cacheDashboard } from 'express-cacheable/dashboard'
import { trackPrisma } from 'express-cacheable/prisma'
import { registerControllers } from 'express-cacheable/routing-controllers'
import { openBus } from './bus.js'
import { type DemoConfig, isOneOfSeveral, publicPassword } from './config.js'
import { followChanges } from './database/follow-changes.js'
import type { Database } from './database/open-database.js'
import { createAuthentication } from './http/authentication.js'
import { provideControllers } from './http/container.js'
import { answerNotFound, createErrorHandler } from './http/error-handler.js'
import { limitSignIns, SIGN_IN_PATHS } from './http/limit-sign-ins.js'
import { listen } from './http/listen.js'
import { operationsRouter } from './http/operations.js'
import { checkId, parseBody } from './http/parse-input.js'
import { endOldTokens, TokenEvents } from './http/token-events.js'
import { createTokens, type Tokens } from './http/tokens.js'
import { silentLogger } from './logger.js'
import { Outbox } from './outbox/outbox.js'
import { Relay } from './outbox/relay.js'
import { prepareDatabase } from './prepare-database.js'
import type { PrismaClient } from './prisma/generated/client.js'
import { loadService } from './services/index.js'
import type { Service, ServiceParts } from './services/service.js'
import { adminRouter } from './web/admin.js'
import { webRouter } from './web/web-router.js'

/** What the library calls them. */
const DEPENDENCIES = { declared: undefined, derived: 'instead', check: 'check' } as const

/** A demo that listens. Several can run in one process, each with its own parts. */
export interface RunningDemo {
  readonly url: string
  readonly port: number
  readonly cache: Cache
  readonly prisma: PrismaClient
  readonly bus: EventBus
  readonly tokens: Tokens
  /** For people: which database is in use. */
  readonly database: string
  /** How many SQL statements the database has been sent. */
  queries(): number
  /** Stops listening, lets running requests end, and closes every part. */
  close(): Promise<void>
}

/**
 * Starts the CRM: opens the parts, brings the database up to date, mounts the services and listens.
 *
 * @param database - One that is open, and stays so; without it the one of the config.
 * @throws {CommandError} When the database cannot be used or the port is taken; nothing is left open then.
 */
export async function startDemo(
  config: DemoConfig,
  logger: Logger = silentLogger,
  database?: Database,
): Promise<RunningDemo> {
  const closers: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const { redisUrl: redis, keyPrefix = '', cache: isCached, deadlineMs, auditSample: sample } = config
    if (isOneOfSeveral(config) && config.kafkaBrokers && !redis) {
      logger.warn('REDIS_URL is not set, so another process of this service would keep a cache of its own.')
    }
    // Another process of the demo may have its cache on.
    const enabled = isCached || 'evictions'
    const name = isOneOfSeveral(config) ? config.services.join() : 'crm'
    // Where all is declared, nobody looks at the queries; unless others write too, when answers must say what they were made from.
    const isFollowed = config.follow !== 'off'
    const dependencies = DEPENDENCIES[config.evictions] ?? (isFollowed ? 'evict' : undefined)
    // When a report was made is for people to see, and tells nothing of whether it is old.
    const audit = sample === undefined ? undefined : { sample, ignore: ['generatedAt'] }
    const cache = createCache({ name, redis, keyPrefix, enabled, deadlineMs, dependencies, audit, logger })
    closers.push(() => cache.close())
    const tracker = dependencies && trackPrisma(cache)
    const own = database ? undefined : await prepareDatabase(config, logger, tracker)
    if (own) closers.push(() => own.close())
    if (isFollowed) await followChanges(cache, config)
    const bus = openBus(config, logger)
    closers.push(() => bus.close())

    const { prisma, description, queries } = (database ?? own) as Database
    const tokens = createTokens(config.jwtSecret)
    const authentication = createAuthentication(tokens)
    const relay = new Relay({ prisma, bus, services: config.services, logger })
    const parts = { prisma, cache, evictions: config.evictions, authentication }
    const services: Service[] = []
    for (const name of config.services) {
      const createService = await loadService(name)
      services.push(createService({ ...parts, outbox: new Outbox(prisma, name, relay) }))
    }

    const app = createApp(parts, services, logger, config)
    await cache.subscribe(bus, [
      new TokenEvents(tokens),
      ...services.flatMap(({ eventHandlers = [] }) => eventHandlers),
    ])
    await endOldTokens(tokens, prisma)
    await cache.ready(app)
    // Only now: the memory bus would lose what is published before its handlers have subscribed. Whose database it is sees
    // to its events.
    if (own) relay.start()
    closers.push(() => relay.close())
    if (config.warm && config.cache) {
      for (const service of services) await service.warm?.()
    }

    const { url, port, stop } = await listen(app, config)
    closers.push(stop)
    return {
      url,
      port,
      cache,
      prisma,
      bus,
      tokens,
      database: description,
      queries,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function createApp(
  parts: Omit<ServiceParts, 'outbox'>,
  services: readonly Service[],
  logger: Logger,
  config: DemoConfig,
): Application {
  const controllers = services.flatMap(({ controllers = [] }) => controllers)
  const app = express()
  app.disable('x-powered-by')
  app.use(operationsRouter(parts.cache, parts.prisma))
  // Behind the gateway the address of whoever asks is in X-Forwarded-For.
  app.set('trust proxy', 'loopback, uniquelocal')
  app.use(SIGN_IN_PATHS, limitSignIns(config.signInsPerMinute))
  // A page needs all services; where they are in several processes, the gateway has it.
  if (!isOneOfSeveral(config)) app.use(webRouter(publicPassword(config.password)))
  if (config.services.includes('auth')) {
    const dashboard = cacheDashboard(parts.cache, { values: true, removal: true })
    app.use('/admin', adminRouter(parts.authentication.tokens, dashboard))
  }
  app.use('/api', parseBody)
  for (const { router } of services) {
    if (router) app.use('/api', router)
  }
  app.param('id', checkId)
  // Given none, routing-controllers would mount every controller there is.
  if (controllers.length > 0) mountControllers(app, parts, controllers)
  app.use(answerNotFound)
  app.use(createErrorHandler(logger))
  return app
}

function mountControllers(
  app: Application,
  { cache, authentication }: Pick<ServiceParts, 'cache' | 'authentication'>,
  controllers: readonly object[],
): void {
  provideControllers(app, controllers)
  registerControllers(app, cache, {
    routePrefix: '/api',
    controllers: controllers.map((controller) => controller.constructor),
    authorizationChecker: authentication.authorizationChecker,
    currentUserChecker: authentication.currentUserChecker,
    // What a body or query has beyond its class is dropped.
    validation: { whitelist: true },
    // Errors go on to ours.
    defaultErrorHandler: false,
  })
}
