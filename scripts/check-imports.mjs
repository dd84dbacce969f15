// Checks that imports run one way, in src and in demo, and that no files import each other in a circle, not even their
// types. The lists are the design; what follows them turns them into rules for Biome, which reads the imports. (Its own
// configuration would have to repeat the order in each room.)
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The rooms of each tree, from the bottom to the top. A room is a file or a folder, and a file belongs to the longest
 * name that fits it. It imports from its own room and from those of the lines above its own. Rooms of one line do not
 * know each other. `only`: of the lines above, the room uses these alone.
 */
const ORDER = {
  src: [
    // What goes wrong, and where log lines go.
    { rooms: ['errors.ts', 'logger.ts'] },
    // Small functions that know nothing of caching.
    { rooms: ['tools'] },
    // The channels by which other parts of a process hear of the cache. Knows nothing of it.
    { rooms: ['diagnostics'], only: [] },
    // Templates and patterns: parsed, escaped, rendered, compared.
    { rooms: ['keys'] },
    // What a load depends on.
    { rooms: ['dependencies'], only: ['errors.ts', 'tools', 'keys'] },
    // SQL: what statements read and write, and the catalogue of a database. Knows no cache.
    { rooms: ['sql'], only: ['errors.ts', 'tools'] },
    // The tags of what statements read and write.
    { rooms: ['tracking'], only: ['errors.ts', 'tools', 'keys', 'dependencies', 'sql'] },
    // What the stores need of a client of Redis, and the clients that give it.
    { rooms: ['clients'], only: ['errors.ts', 'tools'] },
    // The store interface and what stores share; then each of them.
    { rooms: ['stores'] },
    { rooms: ['stores/memory'] },
    { rooms: ['stores/tiered'] },
    { rooms: ['stores/redis'] },
    { rooms: ['stores/cluster'] },
    // Lookup, lease, single flight, eviction, circuit, statistics. Knows no rule, no HTTP and no Express.
    { rooms: ['engine'], only: ['errors.ts', 'logger.ts', 'tools', 'diagnostics', 'keys', 'stores'] },
    // What HTTP says. Knows neither stores nor Express.
    { rooms: ['http'], only: ['errors.ts', 'tools', 'keys'] },
    // What decorators and calls declare, resolved and verified.
    { rooms: ['rules'] },
    // Record what stands on a class, and read it.
    { rooms: ['decorators'] },
    // What follows from commits that a tracker or a follower tells of.
    { rooms: ['checking'] },
    // A share of hits asked again, and compared with what is stored.
    {
      rooms: ['auditing'],
      only: ['errors.ts', 'logger.ts', 'tools', 'stores', 'engine', 'http', 'rules'],
    },
    // Functions whose values are cached.
    { rooms: ['functions'] },
    // The bus interface, the bus of one process, subscriptions.
    { rooms: ['events'] },
    // Requests and responses: Node's response watched, what reads and writes share, reads, writes, hits ahead of the
    // application, and what mounts them.
    {
      rooms: [
        'express/parameter-names.ts',
        'express/response',
        'express/route-visit.ts',
        'express/signed-in.ts',
      ],
    },
    {
      rooms: [
        'express/asks-who.ts',
        'express/bound-names.ts',
        'express/cache-status.ts',
        'express/context.ts',
        'express/evaluate-option.ts',
        'express/request-values.ts',
        'express/tag-maker.ts',
        'express/user-warning.ts',
        'express/watched-request.ts',
      ],
    },
    { rooms: ['express/read'] },
    { rooms: ['express/write'] },
    { rooms: ['express/front'] },
    { rooms: ['express'] },
    // Options resolved, the parts connected, the public calls.
    { rooms: ['options.ts'] },
    { rooms: ['open-store.ts', 'shared-redis.ts', 'json-value.ts', 'cache-listeners.ts', 'known-caches.ts'] },
    // What a cache has done and declares, and what it would do, for whoever looks.
    { rooms: ['monitoring'] },
    { rooms: ['warm.ts', 'forget.ts', 'cache-parts.ts'] },
    { rooms: ['cache.ts'] },
    { rooms: ['index.ts'] },
    // Sub-paths of the package, for those who want them.
    { rooms: ['routing-controllers', 'nest'] },
    { rooms: ['kafka'], only: ['errors.ts', 'logger.ts', 'tools', 'events'] },
    { rooms: ['redis-helpers.ts'], only: ['cache.ts'] },
    // The page that shows what a cache does, and what that asks for.
    { rooms: ['dashboard'] },
    // What runs in the browser. It knows the others' types alone.
    { rooms: ['dashboard/pages'], only: ['monitoring', 'dashboard'] },
    // What is measured of a cache, and who is given it.
    { rooms: ['telemetry'] },
    { rooms: ['prometheus', 'opentelemetry'] },
    // Follows the statements of database clients.
    { rooms: ['tracker'] },
    { rooms: ['prisma', 'pg'] },
    // Follows what a database has committed.
    { rooms: ['postgres'] },
    // The command line.
    { rooms: ['cli'] },
  ],
  demo: [
    // What all may know.
    { rooms: ['command-error.ts', 'logger.ts', 'people.ts', 'service-names.ts', 'prisma'] },
    { rooms: ['config.ts', 'events.ts'] },
    // What requests and answers have in common.
    { rooms: ['http'] },
    { rooms: ['database'] },
    // A change and its events in one transaction, and the relay that publishes them.
    { rooms: ['outbox'] },
    // What a service is; then each, which hears of the others by events alone; then the list of them.
    { rooms: ['services/service.ts', 'services/service-paths.ts'] },
    {
      rooms: [
        'services/auth',
        'services/customer',
        'services/sales-activity',
        'services/opportunity',
        'services/analytics',
      ],
    },
    { rooms: ['services'] },
    // The first rows, what to try first, the bus.
    { rooms: ['seed.ts', 'tour.ts', 'bus.ts'] },
    { rooms: ['prepare-database.ts'] },
    // The page that people see, which knows the server by its API alone; and what serves it, and lets the admin in.
    { rooms: ['web/page'], only: [] },
    { rooms: ['web'], only: ['people.ts', 'http'] },
    // A process with one service or all.
    { rooms: ['app.ts'] },
    { rooms: ['banner.ts'] },
    // All services as processes, behind a gateway.
    { rooms: ['gateway'] },
    { rooms: ['processes'] },
    { rooms: ['main.ts'] },
  ],
}

/** Another name for a file would get past the check. */
const BY_ALIAS = { group: ['#src/**', '#demo/**'], message: 'Import by a relative path.' }

/** Made by Prisma, which has an order of its own. Not there yet where nothing was built. */
const GENERATED = 'prisma/generated/'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const CONFIG_FILE = join(root, 'build/imports.biome.json')
const problems = []
const overrides = Object.entries(ORDER).flatMap(([tree, lines]) => rulesOf(tree, lines))
for (const problem of problems) console.error(`scripts/check-imports.mjs: ${problem}`)
process.exit(lint(overrides) || problems.length > 0 ? 1 : 0)

/** For each file of a tree: the specifiers by which it would import what it must not. */
function rulesOf(tree, lines) {
  const files = readdirSync(join(root, tree), { recursive: true })
    .map((file) => file.split('\\').join('/'))
    .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.d.ts'))
  const places = lines.flatMap(({ rooms, only }, height) => rooms.map((room) => ({ room, height, only })))
  const placeOf = new Map(files.map((file) => [file, placeIn(places, file)]))
  const lived = new Set(placeOf.values())
  for (const { room } of places.filter(
    (place) => !lived.has(place) && !GENERATED.startsWith(`${place.room}/`),
  )) {
    problems.push(`${tree}/${room} stands in the order, and there is no such file or folder`)
  }
  return files
    .filter((file) => !file.startsWith(GENERATED))
    .flatMap((file) => {
      const own = placeOf.get(file)
      if (!own) {
        problems.push(`${tree}/${file} has no place in the order`)
        return []
      }
      const forbidden = files.filter((other) => placeOf.get(other) && !mayImport(own, placeOf.get(other)))
      const paths = forbidden.map((other) => [
        specifierOf(file, other),
        `${tree}/${own.room} stands where it may not import from ${tree}/${placeOf.get(other).room}: see the order in scripts/check-imports.mjs.`,
      ])
      return [ruleFor(`**/${tree}/${file}`, Object.fromEntries(paths))]
    })
}

function placeIn(places, file) {
  const fitting = places.filter(({ room }) => file === room || file.startsWith(`${room}/`))
  return fitting.sort((one, other) => other.room.length - one.room.length)[0]
}

function mayImport(from, to) {
  return from === to || (to.height < from.height && (!from.only || from.only.includes(to.room)))
}

function specifierOf(file, other) {
  const path = posix.relative(posix.dirname(file), other).replace(/\.tsx?$/, '.js')
  return path.startsWith('.') ? path : `./${path}`
}

/** An override says anew all that is not Biome's default. */
function ruleFor(file, paths) {
  const noImportCycles = { level: 'error', options: { ignoreTypes: false } }
  const noRestrictedImports = { level: 'error', options: { paths, patterns: [BY_ALIAS] } }
  return {
    includes: [file],
    javascript: { parser: { unsafeParameterDecoratorsEnabled: true } },
    linter: { rules: { preset: 'none', suspicious: { noImportCycles }, style: { noRestrictedImports } } },
  }
}

/** @returns Whether Biome found anything. */
function lint(overrides) {
  const trees = Object.keys(ORDER)
  const config = {
    // Biome would read all that there is, to know what imports what.
    files: {
      includes: [...trees.map((tree) => `**/${tree}/**`), '!!**/node_modules', '!!**/dist', '!!**/build'],
    },
    linter: { rules: { preset: 'none' } },
    overrides,
  }
  // Biome knows what imports what only below its configuration. A second file named biome.json would be one too many.
  mkdirSync(dirname(CONFIG_FILE), { recursive: true })
  writeFileSync(CONFIG_FILE, JSON.stringify(config))
  const biome = createRequire(import.meta.url).resolve('@biomejs/biome/bin/biome')
  // Files may hold exceptions to rules of the other configuration, which this one would warn of.
  const options = [
    '--colors=off',
    '--diagnostic-level=error',
    '--max-diagnostics=none',
    `--config-path=${CONFIG_FILE}`,
  ]
  const { status, error } = spawnSync(process.execPath, [biome, 'lint', ...options, ...trees], {
    cwd: root,
    stdio: 'inherit',
  })
  if (error) throw error
  return status !== 0
}
