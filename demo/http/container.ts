import type { Application } from 'express'
import { useContainer } from 'routing-controllers'

const CONTROLLERS = 'controllers'

/**
 * Gives an application the controller instances that its requests are to reach.
 *
 * routing-controllers asks one container for the whole process. It passes the request along, so each application
 * can keep its own instances, and two demos in one process do not share their databases.
 */
export function provideControllers(app: Application, controllers: readonly object[]): void {
  app.locals[CONTROLLERS] = new Map(controllers.map((controller) => [controller.constructor, controller]))
}

useContainer(
  { get: (type, action) => action?.request.app.locals[CONTROLLERS]?.get(type) },
  // Any other application in the process keeps the default container.
  { fallback: true },
)
