import express, { type Application, type RequestHandler } from 'express'
import type { Logger } from 'express-cacheable'
import { DEFAULT_CONFIG, publicPassword } from '../config.js'
import { answerNotFound, createErrorHandler } from '../http/error-handler.js'
import { listen } from '../http/listen.js'
import { silentLogger } from '../logger.js'
import { SERVICE_NAMES } from '../service-names.js'
import { SERVICE_PATHS } from '../services/service-paths.js'
import { webRouter } from '../web/web-router.js'
import { forwardTo } from './forward-to.js'
import type { GatewayConfig } from './gateway-config.js'
import { gatewayOperationsRouter } from './gateway-operations.js'

/** A gateway that listens. */
export interface RunningGateway {
  readonly url: string
  readonly port: number
  /** Stops listening and lets running requests end. */
  close(): Promise<void>
}

/**
 * Starts one door to all services: the routes that the CRM in one process has, each handed on to the service whose
 * it is. The services need not be there yet.
 *
 * @throws {CommandError} When the port cannot be had.
 */
export async function startGateway(
  config: GatewayConfig,
  logger: Logger = silentLogger,
): Promise<RunningGateway> {
  const { url, port, stop } = await listen(createGateway(config, logger), config)
  return { url, port, close: stop }
}

function createGateway(config: GatewayConfig, logger: Logger): Application {
  const app = express()
  app.disable('x-powered-by')
  app.use(gatewayOperationsRouter(config.urls))
  app.use(refuseEmptySegments)
  app.use(webRouter(publicPassword(config.password ?? DEFAULT_CONFIG.password)))
  for (const service of SERVICE_NAMES) {
    app.use([...SERVICE_PATHS[service]], forwardTo(service, config, logger))
  }
  app.use(answerNotFound)
  app.use(createErrorHandler(logger))
  return app
}

/** No route has an empty segment, and the proxy would leave it out: another path would then be asked for. */
const refuseEmptySegments: RequestHandler = (req, res, next) => {
  if (req.path.includes('//')) answerNotFound(req, res, next)
  else next()
}
