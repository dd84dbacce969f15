import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Listening, listen } from '../support/http.js'

type Handle = (segments: string[], request: IncomingMessage, response: ServerResponse) => void

/** The origin server of `http-cache-tests`, on a random loopback port rather than its fixed one. */
export async function startOrigin(directory: string): Promise<Listening> {
  const handles: Readonly<Record<string, Handle>> = {
    config: await handleIn(directory, 'handle-config.mjs'),
    test: await handleIn(directory, 'handle-test.mjs'),
    state: await handleIn(directory, 'handle-state.mjs'),
  }
  return listen((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://origin')
    const [, route = '', ...segments] = pathname.split('/')
    const handle = handles[route]
    if (handle) handle(segments, request, response)
    else response.writeHead(404).end()
  })
}

async function handleIn(directory: string, file: string): Promise<Handle> {
  const module = await import(pathToFileURL(join(directory, 'server', file)).href)
  return module.default
}
