import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { Refusal } from './refusal.js'

/** As they are built; nothing else of the folder is served. */
const FILES: ReadonlyMap<string, string> = new Map([
  ['/', 'index.html'],
  ...['index.html', 'app.js', 'app.css', 'icon.svg', 'licenses.txt'].map(
    (file) => [`/${file}`, file] as const,
  ),
])

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
}

interface PageFile {
  readonly body: Buffer
  readonly etag: string
}

const READ = new Map<string, Promise<PageFile>>()

/** Sends a file of the page; @returns whether there is one. @throws Refusal where the package was not built. */
export async function sendPageFile(
  req: IncomingMessage,
  res: ServerResponse,
  path: string,
): Promise<boolean> {
  const name = FILES.get(path)
  if (name === undefined) return false
  const { body, etag } = await fileNamed(name)
  // A new version of the package has new files under the same names.
  res.setHeader('Cache-Control', 'no-cache')
  res.setHeader('ETag', etag)
  if (req.headers['if-none-match'] === etag) {
    res.writeHead(304).end()
    return true
  }
  res.writeHead(200, { 'Content-Type': TYPES[extname(name)] ?? '', 'Content-Length': body.length })
  res.end(req.method === 'HEAD' ? undefined : body)
  return true
}

async function fileNamed(name: string): Promise<PageFile> {
  const known = READ.get(name) ?? read(name)
  READ.set(name, known)
  try {
    return await known
  } catch {
    READ.delete(name)
    throw new Refusal(
      503,
      'the files of the page are not there',
      'A bundler has left them out: install express-cacheable beside the bundle, as an external package.',
    )
  }
}

async function read(name: string): Promise<PageFile> {
  const body = await readFile(join(__dirname, 'pages', name))
  return { body, etag: `"${createHash('sha1').update(body).digest('base64url')}"` }
}
