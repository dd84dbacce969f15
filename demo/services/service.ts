import type { Router } from 'express'
import type { Cache } from 'express-cacheable'
import type { Evictions } from '../config.js'
import type { Authentication } from '../http/authentication.js'
import type { Outbox } from '../outbox/outbox.js'
import type { PrismaClient } from '../prisma/generated/client.js'

/** What every service is given. Services know each other only by events. */
export interface ServiceParts {
  readonly prisma: PrismaClient
  readonly cache: Cache
  readonly evictions: Evictions
  readonly outbox: Outbox
  readonly authentication: Authentication
}

/** What a service adds to the application. */
export interface Service {
  /** Instances of routing-controllers classes. */
  readonly controllers?: readonly object[]
  /** Plain Express routes, below /api. */
  readonly router?: Router
  /** Instances with `@OnEvent` methods. */
  readonly eventHandlers?: readonly object[]
  /** Fills the cache before the first request. */
  readonly warm?: () => Promise<unknown>
}

export type CreateService = (parts: ServiceParts) => Service
