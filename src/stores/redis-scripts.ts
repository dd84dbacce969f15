/**
 * What the Redis store does on the server, one round trip each.
 *
 * Beside a value under exactly `<prefix><key>` there are, each with an expiry and each with a character in
 * its name that no rendered key contains:
 *
 * - `{<prefix><key>}#lease`: the token of the one reader that may fill the key; in the key's Cluster slot.
 * - `<prefix>#index`: a sorted set of all keys that have a value or a lease, all with score 0, so that
 *   ZRANGEBYLEX finds those with a common prefix. Evictions by pattern see a key only through it.
 * - `<prefix>#fence:<group>` and `<prefix>#fence`: the tokens of one group and of all groups.
 *
 * Redis may drop any of them at any time (`allkeys-lru`, somebody's FLUSHALL), and others may write what
 * they like under our names. Two rules keep that from ever making a later hit stale:
 *
 * - A value or a lease whose key the index does not list is not trusted, as if it were not there: an
 *   eviction could not have found it. When the key is listed anew, what was there before is removed.
 * - A token that is missing matches nothing.
 *
 * What is of another type or has no expiry is not ours, and as good as missing.
 *
 * Lua sees RESP2 replies whichever protocol the client speaks: `false` for nil, a table with `err` for an
 * error that `pcall` caught.
 */
interface Script {
  /** How many of the arguments are key names; left out where the caller says it each time. */
  readonly numberOfKeys?: number
  readonly lua: string
}

/** Opens every script: KEYS[1] is the index, ARGV[1] the prefix, the other keys are named logically. */
const PRELUDE = `
local index, prefix = KEYS[1], ARGV[1]

-- Something else under the index's name: as if the index were lost.
if type(redis.pcall('ZCARD', index)) == 'table' then redis.call('DEL', index) end

local function valueOf(key) return prefix .. key end
local function leaseOf(key) return '{' .. prefix .. key .. '}#lease' end

local function isListed(key) return redis.call('ZSCORE', index, key) ~= false end

-- Says whether the key is new to the index, which outlives everything it lists.
local function enlist(key, lifetimeMs)
  local added = redis.call('ZADD', index, 0, key)
  if redis.call('PTTL', index) < lifetimeMs then redis.call('PEXPIRE', index, lifetimeMs) end
  return added == 1
end

-- A text that is ours and how long it has to live.
local function textAt(name)
  local text = redis.pcall('GET', name)
  local remainingMs = type(text) == 'string' and redis.call('PTTL', name) or 0
  if remainingMs < 1 then return false, 0 end
  return text, remainingMs
end

local function trustedValue(key)
  if not isListed(key) then return false, 0 end
  return textAt(valueOf(key))
end

local function unlistDead(keys)
  for _, key in ipairs(keys) do
    if redis.call('EXISTS', valueOf(key), leaseOf(key)) == 0 then redis.call('ZREM', index, key) end
  end
end

-- Keys that expired stay listed. Whoever adds one looks at three others, so at most about a third of the
-- index is dead, also when nothing is ever evicted. (Before Redis 6.2, ZRANDMEMBER is an error: nothing
-- is tidied, and the index goes when its last key has expired.)
local function tidy() unlistDead(redis.pcall('ZRANDMEMBER', index, 3)) end

-- No key contains the byte 255: it is not UTF-8.
local function rangeFrom(start) return '[' .. start, '(' .. start .. '\\255' end

local function listedFrom(start) return redis.call('ZRANGEBYLEX', index, rangeFrom(start)) end

-- Returns how many values there were.
local function remove(key)
  redis.call('DEL', leaseOf(key))
  redis.call('ZREM', index, key)
  return redis.call('DEL', valueOf(key))
end

local function removeVariants(key)
  local removed = 0
  for _, variant in ipairs(listedFrom(key .. '#')) do removed = removed + remove(variant) end
  return removed
end

-- A value newer than whatever was loaded before. If Redis refuses it (out of memory), the old one must go
-- all the same.
local function overwrite(key, value, lifetimeMs, fence)
  local outcome = redis.pcall('SET', valueOf(key), value, 'PX', lifetimeMs)
  redis.call('DEL', leaseOf(key), fence)
  removeVariants(key)
  if type(outcome) == 'table' and outcome.err then
    remove(key)
    return outcome
  end
  enlist(key, lifetimeMs)
  tidy()
  return 'stored'
end
`

/**
 * ARGV: key, token, lease in ms, grace in ms; if there is a cap, its prefix and number. Returns kind, then value
 * and life, or token, value, life, or nothing.
 */
const LOOKUP = `
-- Counting and finding a place cost O(log N), however many there are.
local function isFull(start, maxKeys)
  local count = redis.call('ZLEXCOUNT', index, rangeFrom(start))
  if count < maxKeys then return false end
  -- Neighbours at a place that differs each time: of math.random every script gets the same numbers.
  local first = redis.call('ZLEXCOUNT', index, '-', '(' .. start)
  local size = math.min(count, 20)
  local from = first + redis.call('TIME')[2] % (count - size + 1)
  unlistDead(redis.call('ZRANGE', index, from, from + size - 1))
  return redis.call('ZLEXCOUNT', index, rangeFrom(start)) >= maxKeys
end

local key, token = ARGV[2], ARGV[3]
local leaseMs, graceMs = tonumber(ARGV[4]), tonumber(ARGV[5])
local value, remainingMs = trustedValue(key)
if value and remainingMs > graceMs then return { 'hit', value, remainingMs } end

-- A connection that was cut may bring the same lookup twice: the token is then our own.
local listed = isListed(key)
local holder = listed and textAt(leaseOf(key))
if holder and holder ~= token then return { 'busy', holder, value, remainingMs } end

local capPrefix, maxKeys = ARGV[6], tonumber(ARGV[7])
if capPrefix and not listed and isFull(capPrefix, maxKeys) then return { 'full' } end

-- First what may be refused for want of memory, so that a refusal leaves nothing half done.
enlist(key, leaseMs)
if not value then redis.call('DEL', valueOf(key)) end
redis.call('SET', leaseOf(key), token, 'PX', leaseMs)
tidy()
return { 'lease', token, value, remainingMs }
`

/** ARGV: key. */
const GET = `
local value, remainingMs = trustedValue(ARGV[2])
return value and { value, remainingMs }
`

/** ARGV: key, lease, value, life in ms. */
const FILL = `
local key, lease, value, lifetimeMs = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5])
if not isListed(key) or textAt(leaseOf(key)) ~= lease then return 0 end
redis.call('SET', valueOf(key), value, 'PX', lifetimeMs)
redis.call('DEL', leaseOf(key))
enlist(key, lifetimeMs)
tidy()
return 1
`

/** ARGV: key, lease. */
const RELEASE = `
local key, lease = ARGV[2], ARGV[3]
if textAt(leaseOf(key)) ~= lease then return end
redis.call('DEL', leaseOf(key))
if redis.call('EXISTS', valueOf(key)) == 0 then redis.call('ZREM', index, key) end
`

/** KEYS[2]: the group's fence. ARGV: key, value, life in ms. */
const SET = `
return overwrite(ARGV[2], ARGV[3], tonumber(ARGV[4]), KEYS[2])
`

/** KEYS[2..3]: the group's fence and the global one. ARGV: a token for each that is missing, life in ms. */
const FENCE = `
local tokens = {}
for nth = 1, 2 do
  local name, lifetimeMs = KEYS[nth + 1], tonumber(ARGV[4])
  tokens[nth] = textAt(name)
  if tokens[nth] then
    redis.call('PEXPIRE', name, lifetimeMs)
  else
    tokens[nth] = ARGV[nth + 1]
    redis.call('SET', name, tokens[nth], 'PX', lifetimeMs)
  end
end
return tokens[1] .. '.' .. tokens[2]
`

/** KEYS[2..3]: the group's fence and the global one. ARGV: key, fence, value, life in ms, mode. */
const PUT = `
local key, fence, value, lifetimeMs, mode = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
local group, all = textAt(KEYS[2]), textAt(KEYS[3])
local stands = group and all and group .. '.' .. all == fence

if mode == 'replace' then
  if stands then return overwrite(key, value, lifetimeMs, KEYS[2]) end
  remove(key)
  removeVariants(key)
  redis.call('DEL', KEYS[2])
  return 'refused'
end

if trustedValue(key) then return 'present' end
if not stands then return 'refused' end
redis.call('SET', valueOf(key), value, 'PX', lifetimeMs)
if enlist(key, lifetimeMs) then redis.call('DEL', leaseOf(key)) end
tidy()
return 'stored'
`

/**
 * KEYS[2…]: fences that fall. ARGV, for each selector: `key` and a key; or `pattern` or `glob`, the literal
 * prefix, and Lua pieces with their number before them. A glob covers a key also with its variant.
 */
const EVICT = `
local removed = 0

local function matches(key, first, last)
  local at = 1
  for nth = first, last do
    local _, stop = string.find(key, ARGV[nth], at)
    if not stop then return false end
    at = stop + 1
  end
  return true
end

for nth = 2, #KEYS do redis.call('DEL', KEYS[nth]) end

local at = 2
while ARGV[at] do
  local kind, start = ARGV[at], ARGV[at + 1]
  if kind == 'key' then
    removed = removed + remove(start) + removeVariants(start)
    at = at + 2
  else
    local first = at + 3
    local last = first + tonumber(ARGV[at + 2]) - 1
    for _, key in ipairs(listedFrom(start)) do
      local bare = string.match(key, '^[^#]*')
      if matches(bare, first, last) or (kind == 'glob' and matches(key, first, last)) then
        removed = removed + remove(key)
      end
    end
    at = last + 1
  end
end
return removed
`

/** By the name under which ioredis gets them as commands. */
export const REDIS_SCRIPTS = {
  cacheableLookup: { numberOfKeys: 1, lua: PRELUDE + LOOKUP },
  cacheableGet: { numberOfKeys: 1, lua: PRELUDE + GET },
  cacheableFill: { numberOfKeys: 1, lua: PRELUDE + FILL },
  cacheableRelease: { numberOfKeys: 1, lua: PRELUDE + RELEASE },
  cacheableSet: { numberOfKeys: 2, lua: PRELUDE + SET },
  cacheableFence: { numberOfKeys: 3, lua: PRELUDE + FENCE },
  cacheablePut: { numberOfKeys: 3, lua: PRELUDE + PUT },
  cacheableEvict: { lua: PRELUDE + EVICT },
} as const satisfies Record<string, Script>
