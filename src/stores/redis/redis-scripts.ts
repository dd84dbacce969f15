import { CHECK_IN, FENCE, LEASES, MATCHING, SORTED_SETS, TEXT_AT } from './lua-pieces.js'
import { IS_LISTED, PAGED_INDEX, PAGED_SAMPLES } from './paged-index.js'

/**
 * What the Redis store does on the server, one round trip each.
 *
 * Beside a value under exactly `<prefix><key>` there are, each with an expiry and each with a character in
 * its name that no rendered key contains:
 *
 * - `{<prefix><key>}#lease`: the token of the one reader that may fill the key.
 * - `<prefix>#index` and its pages: all keys that have a value or a lease, sorted, so that those with a common prefix
 *   are found. Evictions by pattern see a key only through it; see `paged-index.ts`.
 * - `<prefix>#fences`: a hash of the tokens of groups.
 * - `<prefix>#server`: the run id of the Redis process that all this was written to.
 * - `<prefix>#members`: the processes that use all this, and when they last said that they owe no eviction.
 *
 * Redis may drop any of them at any time (`allkeys-lru`, somebody's FLUSHALL), and others may write what
 * they like under our names. Two rules keep that from ever making a later hit stale:
 *
 * - A value or a lease whose key the index does not list is not trusted, as if it were not there: an
 *   eviction could not have found it. When the key is listed anew, what was there before is removed.
 * - A token that is missing matches nothing.
 */

/**
 * Lookups of several keys. KEYS: index. ARGV: the store's prefix; then for each: key, token, lease in ms, grace in ms,
 * and the cap's prefix and number. Empty: the token of one that wants no lease, and a cap that there is not.
 *
 * Returns two things for each: a fresh value, or nothing, or a list of a word, its token or text, and a stale value;
 * and what the value has left to live.
 */
const LOOKUP_HITS = `
local index, prefix = KEYS[1], ARGV[1]
local FIELDS = 6
local found, missed = {}, {}
for nth = 1, (#ARGV - 1) / FIELDS do
  local at = 2 + (nth - 1) * FIELDS
  local key, token, graceMs = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 3])
  local value, remainingMs = false, 0
  if isListed(index, key) then value, remainingMs = textAt(prefix .. key) end
  found[2 * nth - 1], found[2 * nth] = value, remainingMs
  if token ~= '' and (not value or remainingMs <= graceMs) then missed[#missed + 1] = nth end
end
if #missed == 0 then return found end
`

/** Goes on where `LOOKUP_HITS` found none. One that is refused leaves the others as they are. */
const LOOKUP_MISSES = `
local function isFull(capPrefix, maxKeys)
  local entries = entriesFrom(index, capPrefix, '', maxKeys + 1)
  if #entries * MOST_KEYS < maxKeys or countUpTo(maxKeys, index, entries, capPrefix) < maxKeys then return false end
  seedRandom()
  local first, left = math.random(#entries), 20
  for nth = first, first + #entries - 1 do
    local entry = entries[nth % #entries + 1]
    local keys = someKeys(index, entry, capPrefix, left)
    unlistDead(index, prefix, entry, keys)
    left = left - #keys
    if left == 0 then break end
  end
  return countUpTo(maxKeys, index, entries, capPrefix) == maxKeys
end

local function lookUp(value, key, token, leaseMs, _, capPrefix, maxKeys)
  local leaseName = leaseOf(prefix, key)
  local listed = isListed(index, key)
  -- A connection that was cut may bring the same lookup twice: the token is then our own.
  local holder = listed and holderOf(leaseName)
  if holder and holder ~= token then
    markAwaited(leaseName)
    return { 'busy', holder, value }
  end
  if maxKeys ~= '' and not listed and isFull(capPrefix, tonumber(maxKeys)) then return { 'full' } end

  -- First what may be refused for want of memory, so that a refusal leaves nothing half done.
  enlist(index, key, tonumber(leaseMs))
  if not value then redis.call('DEL', prefix .. key) end
  redis.call('SET', leaseName, token, 'PX', leaseMs)
  return { 'lease', token, value }
end

for _, nth in ipairs(missed) do
  local at = 2 + (nth - 1) * FIELDS
  local isDone, said = pcall(lookUp, found[2 * nth - 1], unpack(ARGV, at, at + FIELDS - 1))
  found[2 * nth - 1] = isDone and said or { 'refused', type(said) == 'table' and said.err or tostring(said) }
end
return found
`

/** KEYS: index, value, lease. ARGV: key, lease, value, life in ms, channel. */
const FILL = `
local index, valueName, leaseName = unpack(KEYS)
local key, token, value, lifetimeMs, channel = unpack(ARGV)
if not isListed(index, key) or holderOf(leaseName) ~= token then return 0 end
redis.call('SET', valueName, value, 'PX', lifetimeMs)
endLease(leaseName, channel, '')
enlist(index, key, tonumber(lifetimeMs))
return 1
`

/** KEYS: index, value, lease. ARGV: key, lease, channel, how it ended. */
const RELEASE = `
local index, valueName, leaseName = unpack(KEYS)
local key, token, channel, how = unpack(ARGV)
if holderOf(leaseName) ~= token then return end
endLease(leaseName, channel, how)
if redis.call('EXISTS', valueName) == 0 then unlistKey(index, key) end
`

/**
 * KEYS: index, value, lease, fences. ARGV: key, its group, value, life in ms, channel, and the channel and the word of
 * its eviction. Returns whether variants of the key are there, which are then to be evicted.
 */
const SET = `
return overwrite(ARGV[3], ARGV[4])
`

/**
 * KEYS: index, value, lease, fences. ARGV: as of `SET`, then fence and mode. Returns what became of it, and of what
 * was stored whether variants of the key are there.
 */
const PUT = `
local index, valueName, leaseName, fences = unpack(KEYS)
local key, group, value, lifetimeMs, channel, _, _, fence, mode = unpack(ARGV)
local stands = healed('HGET', fences, group) == fence

if mode == 'replace' then
  if not stands then return { 'refused' } end
  return { 'stored', overwrite(value, lifetimeMs) }
end

local listed = isListed(index, key)
if listed and (textAt(valueName) or textAt(leaseName)) then return { 'present' } end
if not stands then return { 'refused' } end
redis.call('SET', valueName, value, 'PX', lifetimeMs)
if not listed then endLease(leaseName, channel, '') end
enlist(index, key, tonumber(lifetimeMs))
return { 'stored', 0 }
`

/** A value newer than whatever was loaded before. If it is refused (out of memory), nothing has been done. */
const OVERWRITE = `
local function overwrite(value, lifetimeMs)
  local index, valueName, leaseName, fences = unpack(KEYS)
  local key, group, channel = ARGV[1], ARGV[2], ARGV[5]
  redis.call('SET', valueName, value, 'PX', lifetimeMs)
  redis.call('PUBLISH', ARGV[6], ARGV[7])
  endLease(leaseName, channel, '')
  healed('HDEL', fences, group)
  enlist(index, key, tonumber(lifetimeMs))
  return #listedFrom(index, key .. '#', '', 1)
end
`

/**
 * KEYS: index, fences. ARGV: the store's prefix, channel, how many keys to look at, the cursor; the channel and the
 * word of the eviction, which is sent with each batch, since a value of a later batch may be read before it; the
 * number of groups whose fences fall (-1: all) and their names; then for each selector: `key` (with its variants) or
 * `variants` and a key; or `pattern` or `glob`, the literal prefix, and Lua pieces with their number before them.
 *
 * Returns how many values were removed, and, if there may be more: the number of selectors that are done, and the
 * cursor in the next one. What enters the index meanwhile before the cursor belongs to those who began to load
 * after the eviction had begun.
 */
const EVICT = `
local index, fences = unpack(KEYS)
local prefix, channel, budget, cursor = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]

redis.call('PUBLISH', ARGV[5], ARGV[6])
local groups = tonumber(ARGV[7])
if groups < 0 then redis.call('DEL', fences) end
if groups > 0 then healed('HDEL', fences, unpack(ARGV, 8, 7 + groups)) end

-- Values and leases, wherever their keys are listed. Returns how many values there were.
local function remove(keys)
  if #keys == 0 then return 0 end
  local values, leases, standing = {}, {}, {}
  for nth, key in ipairs(keys) do
    values[nth] = prefix .. key
    leases[nth] = leaseOf(prefix, key)
  end
  for nth, text in ipairs(redis.call('MGET', unpack(leases))) do
    if type(text) == 'string' then
      tellOf(text, channel, '')
      standing[#standing + 1] = leases[nth]
    end
  end
  if #standing > 0 then redis.call('DEL', unpack(standing)) end
  return redis.call('DEL', unpack(values))
end

local removed, done, at = 0, 0, 8 + math.max(groups, 0)
while ARGV[at] do
  local kind, start = ARGV[at], ARGV[at + 1]
  local isSearch = kind == 'pattern' or kind == 'glob'
  local first = at + 3
  local last = isSearch and first + tonumber(ARGV[at + 2]) - 1
  if kind == 'key' and cursor == '' then
    removed = removed + remove({ start })
    unlistKey(index, start)
  end
  local pages, left, reached = listedFrom(index, isSearch and start or start .. '#', cursor, budget)
  for _, page in ipairs(pages) do
    local covered = isSearch and coveredOf(kind, page.keys, first, last) or page.keys
    removed = removed + remove(covered)
    unlist(index, page.entry, covered)
  end
  if reached then return { removed, done, reached } end
  at = isSearch and last + 1 or at + 2
  budget, done, cursor = left, done + 1, ''
end
return { removed }
`

/** KEYS: index, the server's name. ARGV: the store's prefix, how many to look at, life in ms. Returns how many, and how many were dead. */
const TIDY = `
local index, serverName = unpack(KEYS)
redis.call('PEXPIRE', serverName, ARGV[3])
seedRandom()
local looked, dead = 0, 0
local entries = someEntries(index, 10)
for _, entry in ipairs(entries) do
  local keys = someKeys(index, entry, '', math.ceil(ARGV[2] / #entries))
  -- A page that was lost counts as a dead key.
  looked = looked + math.max(#keys, 1)
  dead = dead + (#keys == 0 and 1 or unlistDead(index, ARGV[1], entry, keys))
end
return { looked, dead }
`

/**
 * KEYS: index, fences, the server's name. ARGV: life in ms.
 *
 * A Redis that was restarted from its disk, or a replica that took over, may hold what was evicted since; an
 * acknowledged eviction need not have got there. So what another process than this one was told is not trusted.
 */
const GREET = `
local info = redis.pcall('INFO', 'server')
local runId = type(info) == 'string' and string.match(info, 'run_id:(%w+)')
if not runId then return 0 end
if textAt(KEYS[3]) ~= runId then redis.call('UNLINK', KEYS[1], KEYS[2]) end
redis.call('SET', KEYS[3], runId, 'PX', ARGV[1])
return 1
`

/**
 * KEYS: members, index, fences. ARGV: id, after how long one counts as vanished, life in ms, whether this process has
 * been in touch, and the channel and the word of an eviction of all. If it has not, nobody can say what one that
 * vanished owed.
 */
const MEMBER = `
local now, oldest, lost = heartbeat(KEYS[1], ARGV[1], tonumber(ARGV[2]), ARGV[3])
if lost > 0 and ARGV[4] == '0' then
  redis.call('UNLINK', KEYS[2], KEYS[3])
  redis.call('PUBLISH', ARGV[5], ARGV[6])
end
return { now, oldest }
`

/** Reach keys by names that are made here: where all keys are on one server. */
const DEAD = `
local function leaseOf(prefix, key) return '{' .. prefix .. key .. '}#lease' end

-- Returns how many there were.
local function unlistDead(index, prefix, entry, keys)
  local dead = {}
  for _, key in ipairs(keys) do
    if redis.call('EXISTS', prefix .. key, leaseOf(prefix, key)) == 0 then dead[#dead + 1] = key end
  end
  unlist(index, entry, dead)
  return #dead
end
`

/** By the name under which ioredis gets them as commands. */
export const REDIS_SCRIPTS = {
  cacheableLookup: {
    numberOfKeys: 1,
    lua: TEXT_AT + IS_LISTED + LOOKUP_HITS + LEASES + PAGED_INDEX + PAGED_SAMPLES + DEAD + LOOKUP_MISSES,
  },
  cacheableFill: { numberOfKeys: 3, lua: TEXT_AT + LEASES + IS_LISTED + PAGED_INDEX + FILL },
  cacheableRelease: { numberOfKeys: 3, lua: TEXT_AT + LEASES + IS_LISTED + PAGED_INDEX + RELEASE },
  cacheableSet: { numberOfKeys: 4, lua: TEXT_AT + LEASES + IS_LISTED + PAGED_INDEX + OVERWRITE + SET },
  cacheableFence: { numberOfKeys: 1, lua: SORTED_SETS + FENCE },
  cacheablePut: { numberOfKeys: 4, lua: TEXT_AT + LEASES + IS_LISTED + PAGED_INDEX + OVERWRITE + PUT },
  cacheableEvict: {
    numberOfKeys: 2,
    lua: TEXT_AT + LEASES + IS_LISTED + PAGED_INDEX + MATCHING + DEAD + EVICT,
  },
  cacheableTidy: { numberOfKeys: 2, lua: IS_LISTED + PAGED_INDEX + PAGED_SAMPLES + DEAD + TIDY },
  cacheableCheckIn: { numberOfKeys: 3, lua: SORTED_SETS + CHECK_IN + MEMBER },
  cacheableGreet: { numberOfKeys: 3, lua: TEXT_AT + GREET },
} as const
