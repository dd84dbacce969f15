export type { AuditFinding } from './auditing/audit-findings.js'
export type { AuditOptions } from './auditing/audit-options.js'
export { type Cache, createCache } from './cache.js'
export type { ForgottenEviction } from './checking/forgotten-evictions.js'
export type { UnneededEviction } from './checking/unneeded-evictions.js'
export type { RedisClient } from './clients/redis-client.js'
export { CacheConfig } from './decorators/cache-config.js'
export { CacheEvict } from './decorators/cache-evict.js'
export { CachePut } from './decorators/cache-put.js'
export { Cacheable } from './decorators/cacheable.js'
export type { UniversalClassDecorator, UniversalMethodDecorator } from './decorators/metadata.js'
export { OnEvent } from './decorators/on-event.js'
export type { EvictionMessage, LoadMessage, ObservedCache } from './diagnostics/channels.js'
export type { AuditAccounts, AuditStatistics } from './engine/audit-counts.js'
export type { CacheEvent, CacheListener, RuleLabel } from './engine/cache-event.js'
export type { EventMessage } from './engine/publish-events.js'
export type { Accounts, CacheStatistics } from './engine/statistics.js'
export { CacheError, type CacheErrorCode, type CacheErrorDetails } from './errors.js'
export type {
  BusEvent,
  BusHandler,
  EventBus,
  PublishOptions,
  SubscribeOptions,
  Subscription,
} from './events/bus.js'
export type { EventCatalogue } from './events/event-catalogue.js'
export { createMemoryBus, type MemoryBusOptions } from './events/memory-bus.js'
export { cacheStats } from './express/cache-stats.js'
export type { FrontHit, FrontOptions } from './express/front/front-lane.js'
export type { Handlers } from './express/handlers.js'
export type { CacheMiddleware } from './express/middleware.js'
export type { ForgetOptions, ForgetReceipt, ForgetSubject } from './forget.js'
export type { Methods } from './functions/cached-methods.js'
export type { Serializer } from './functions/serializer.js'
export type { WrapOptions } from './functions/wrap.js'
export type { Logger } from './logger.js'
export type {
  EntryReport,
  ExplainedStep,
  ExplainQuestion,
  Explanation,
} from './monitoring/reports.js'
export type { CacheDependencies, CacheOptions, MemoryOptions } from './options.js'
export type {
  CacheableOptions,
  CacheConfigOptions,
  CacheEvictOptions,
  CachePutOptions,
  Delivery,
  Dependencies,
  OnEventOptions,
  Visibility,
} from './rules/declaration.js'
export type { Duration } from './rules/duration.js'
export type { KeyFunction } from './rules/key-function.js'
export type { CacheableRule, EvictRule, PutRule, Rule } from './rules/rule.js'
export type { StandardSchema } from './rules/standard-schema.js'
export type { WarmOptions } from './warm.js'
