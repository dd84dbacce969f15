import { type Cache, type CacheEvent, type CacheOptions, createCache } from 'express-cacheable'
import { KEEP_ALIVE_MS, type Listening, listen } from './http.js'
import { type LightAnswer, LightClient } from './light-client.js'
import { quietExpress } from './quiet-express.js'
import { type RecordingLogger, recordingLogger } from './recording-logger.js'
import { raise, type VersionHistory, type Versions } from './versions.js'

/** What a write of any row evicts beside the row. */
const LISTS = 'rows:list:*'

interface Write {
  versions: Versions
  /** What became of its eviction was told. */
  isEvicted: boolean
}

/** A bound against hanging, not a measure. */
const SOON_MS = 5_000
/**
 * An application with its own cache over a database that it shares with others, as another process would. Every
 * answer is checked against what the database had, and what this and other caches said of their evictions.
 */
export class WatchedApp {
  readonly cache: Cache
  /** Of trouble alone: a line for each request would grow with them, and a leak would hide behind it. */
  readonly logger: RecordingLogger = { ...recordingLogger(), debug() {}, info() {} }
  reads = 0
  readonly #history: VersionHistory
  /** One at a time for each row, so that an event tells whose it is. */
  readonly #writing = new Map<string, Write>()
  /** The newest versions whose evictions the cache said it kept. */
  readonly #kept = new Map<string, number>()
  /** What was kept and not delivered since. */
  readonly #owed = new Set<string>()
  readonly #client = new LightClient(SOON_MS)
  #server: Listening | undefined

  constructor(history: VersionHistory, options: CacheOptions) {
    this.#history = history
    this.cache = createCache({ logger: this.logger, ...options })
    this.cache.observe((event) => this.#hear(event))
  }

  async start(): Promise<void> {
    const app = quietExpress()
    app.get('/rows/:id', this.cache.cacheable('row:{id}', 60), async (req, res) => {
      res.json({ of: req.params.id, version: await this.#load(`row:${req.params.id}`) })
    })
    app.get('/rows', this.cache.cacheable('rows:list:{query.page|=1}', 60), async (req, res) => {
      res.json({ of: req.query.page, version: await this.#load(LISTS) })
    })
    app.put('/rows/:id', this.cache.evict(['row:{id}', LISTS]), (req, res) => {
      const row = `row:${req.params.id}`
      const write = this.#writing.get(row)
      if (write) write.versions = this.#history.write([row, LISTS])
      res.json({ of: req.params.id })
    })
    await this.cache.ready(app)
    this.#server = await listen(app, KEEP_ALIVE_MS)
  }

  async close(): Promise<void> {
    this.#client.close()
    await this.#server?.close()
    await this.cache.close()
  }

  /** Some time between the question and the answer, in which a write may come. */
  async #load(target: string): Promise<number> {
    const version = this.#history.current(target)
    for (let tick = 0; tick < 3; tick++) await new Promise((resolve) => setImmediate(resolve))
    return version
  }

  readRow(id: string): Promise<string> {
    return this.#read(`/rows/${id}`, `row:${id}`, id)
  }

  readList(page: string): Promise<string> {
    return this.#read(`/rows?page=${page}`, LISTS, page)
  }

  /** @returns What `X-Cache` says. @throws Error for an answer that nobody may get. */
  async #read(path: string, target: string, of: string): Promise<string> {
    const kept: Versions = new Map(this.#kept)
    const oldest = Math.max(this.#history.oldest(target), kept.get(target) ?? 0)
    this.reads += 1
    const { status, xCache, text } = await this.#ask('GET', path)
    const answer = JSON.parse(text)
    const newest = this.#history.current(target)
    const isRight = status === 200 && answer.of === of && answer.version >= oldest && answer.version <= newest
    if (!isRight) {
      throw new Error(
        `GET ${path} gave ${status} ${xCache} ${text}, with versions ${oldest} to ${newest} right`,
      )
    }
    // What was kept is delivered before anything comes through the cache again.
    if (xCache !== 'BYPASS') this.#history.acknowledge(kept)
    return xCache
  }

  isWriting(id: string): boolean {
    return this.#writing.has(`row:${id}`)
  }

  async writeRow(id: string): Promise<void> {
    const row = `row:${id}`
    const write: Write = { versions: new Map(), isEvicted: false }
    this.#writing.set(row, write)
    const { status, text } = await this.#ask('PUT', `/rows/${id}`)
    this.#writing.delete(row)
    if (status !== 200) throw new Error(`PUT /rows/${id} gave ${status} ${text}`)
    if (!write.isEvicted) throw new Error(`PUT /rows/${id} was answered before its eviction ended`)
  }

  #ask(method: string, path: string): Promise<LightAnswer> {
    return this.#client.ask(method, `${this.#server?.url}${path}`)
  }

  #hear(event: CacheEvent): void {
    if (event.type === 'evict-kept') for (const target of event.targets) this.#owed.add(target)
    if (event.type === 'evict-delivered') for (const target of event.targets) this.#owed.delete(target)
    if (event.type !== 'evict' && event.type !== 'evict-kept') return
    const [row = '', ...others] = event.targets
    const write = this.#writing.get(row)
    // Foreign bytes under a key are evicted by a read, and no write waits for that.
    if (!write || others.length === 0) return
    write.isEvicted = true
    if (event.type === 'evict') this.#history.acknowledge(write.versions)
    else raise(this.#kept, write.versions)
  }

  owed(): string[] {
    return [...this.#owed]
  }
}
