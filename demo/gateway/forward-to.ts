import { Agent } from 'node:http'
import type { Request, RequestHandler, Response } from 'express'
import type { Logger } from 'express-cacheable'
import { createProxyMiddleware } from 'http-proxy-middleware'
import type { ServiceName } from '../service-names.js'
import type { GatewayConfig } from './gateway-config.js'

/** Hands a request on to a service, and its answer back, both as they are. */
export function forwardTo(
  service: ServiceName,
  { urls, silenceTimeoutMs }: GatewayConfig,
  logger: Logger,
): RequestHandler {
  const proxy = createProxyMiddleware<Request, Response>({
    target: urls[service],
    // The whole target, byte for byte: Express has cut off what the gateway is mounted at.
    pathRewrite: (_path, req) => req.originalUrl,
    toProxy: true,
    prependPath: false,
    preserveHeaderKeyCase: true,
    xfwd: true,
    // The agent's timeout also covers connecting. Each request has a connection of its own: on one that was kept,
    // a service that has been restarted would look as if it were not there.
    agent: new Agent({ timeout: silenceTimeoutMs }),
    proxyTimeout: silenceTimeoutMs,
    headers: { connection: 'close' },
    on: {
      proxyRes(fromService, _req, res) {
        // About the connection to the service, and so not for the client.
        delete fromService.headers.connection
        // Without the rest of its answer the client would wait for ever.
        fromService.once('close', () => {
          if (!fromService.complete) res.destroy()
        })
      },
      error(error, req, res) {
        if (!('status' in res) || res.headersSent) return void res.destroy()
        const problem = `The ${service} service does not answer`
        logger.error(`${req.method} ${req.path}: ${problem} (${codeOf(error)})`)
        res.status(503).set('Cache-Control', 'no-store').json({ error: problem })
      },
    },
  })

  return (req, res, next) => {
    if (wouldLoseItsLength(req)) {
      res.status(411).json({ error: `A body of ${req.method} must come with Content-Length` })
      return
    }
    void proxy(req, res, next)
  }
}

/** The proxy declares such a body to be empty, and what follows would be read as a request of its own. */
function wouldLoseItsLength({ method, headers }: Request): boolean {
  return (method === 'DELETE' || method === 'OPTIONS') && headers['transfer-encoding'] !== undefined
}

function codeOf(error: NodeJS.ErrnoException): string {
  return error.code ?? error.message
}
