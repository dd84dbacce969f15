import type { Application } from 'express'
import { createExecutor, getMetadataArgsStorage, type RoutingControllersOptions } from 'routing-controllers'
import type { Cache } from '../cache.js'
import { lookAfter } from '../decorators/unread-methods.js'
import { CachingExpressDriver } from './caching-express-driver.js'

/**
 * Registers controllers like routing-controllers' own `useExpressServer`, with the cache inside: it is looked
 * up after `@UseBefore`, `@Authorized`, body parsing and the validation of arguments, and a hit runs neither
 * the method nor interceptors.
 *
 * @param options - routing-controllers' own.
 * @returns The application it was given.
 * @throws CacheError naming class and method, for any mistake in a decorator.
 * @example
 * registerControllers(app, cache, { controllers: [CustomerController] })
 */
export function registerControllers<App extends Application>(
  app: App,
  cache: Cache,
  options: RoutingControllersOptions = {},
): App {
  lookAfter(isController)
  createExecutor(new CachingExpressDriver(app, cache, interceptorsOf(options)), options)
  return app
}

/** Whether routing-controllers knows a class or one that extends it, of which an application may serve some and not others. */
function isController(classType: object): boolean {
  return getMetadataArgsStorage().controllers.some(
    ({ target }) => target === classType || target.prototype instanceof (classType as new () => object),
  )
}

/** The interceptors that run for all routes: those named; else, as in routing-controllers, all that there are. */
function interceptorsOf({ interceptors = [] }: RoutingControllersOptions): readonly unknown[] {
  const areNamed = interceptors.length > 0 && interceptors.every((one) => typeof one === 'function')
  return areNamed ? interceptors : getMetadataArgsStorage().interceptors.map(({ target }) => target)
}
