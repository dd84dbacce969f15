/**
 * Lua that the scripts for one Redis and for a cluster have in common.
 *
 * Lua sees RESP2 replies whichever protocol the client speaks: `false` for nil, a table with `err` for an
 * error that `pcall` caught.
 */

/** What is of another type or has no expiry is not ours, and as good as missing. */
export const TEXT_AT = `
-- A text that is ours, and how many milliseconds it has to live.
local function textAt(name)
  local text = redis.pcall('GET', name)
  local remainingMs = type(text) == 'string' and redis.call('PTTL', name) or 0
  if remainingMs < 1 then return false, 0 end
  return text, remainingMs
end
`

/**
 * A lease is a token. `?` behind it says that its holder has not listed its key yet (in a cluster, where that is
 * another step), `!` that somebody waits for its end, who is then told.
 */
export const LEASES = `
local function tokenOf(text) return text and string.match(text, '^[^?!]*') end

local function holderOf(leaseName) return (tokenOf(textAt(leaseName))) end

local function tellOf(text, channel, how)
  if text and string.find(text, '!', 1, true) then redis.pcall('PUBLISH', channel, tokenOf(text) .. how) end
end

local function markAwaited(leaseName)
  if not string.find(redis.call('GET', leaseName), '!', 1, true) then redis.call('APPEND', leaseName, '!') end
end

-- how: '', or '!' if what was loaded was for the holder alone.
local function endLease(leaseName, channel, how)
  tellOf(textAt(leaseName), channel, how)
  redis.call('DEL', leaseName)
end
`

/**
 * The processes that share the cache, by when they last said that they owe no eviction, in a sorted set.
 *
 * ARGV: id, after how long one counts as vanished, life in ms. Returns the time, when the one that has been silent
 * longest last checked in, and those that have vanished, who are forgotten.
 */
export const CHECK_IN = `
local function heartbeat(members, id, lostAfterMs, lifetimeMs)
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  healed('ZADD', members, now, id)
  local lost = redis.call('ZRANGEBYSCORE', members, '-inf', '(' .. string.format('%.0f', now - lostAfterMs))
  if #lost > 0 then redis.call('ZREM', members, unpack(lost)) end
  redis.call('PEXPIRE', members, lifetimeMs)
  return now, tonumber(redis.call('ZRANGE', members, 0, 0, 'WITHSCORES')[2]), #lost
end
`

/** What the flat index and the paged one have in common: sorted sets of keys, all with score 0, so by their bytes. */
export const SORTED_SETS = `
-- Something else under a name of ours: as if it were lost.
local function healed(command, name, ...)
  local reply = redis.pcall(command, name, ...)
  if type(reply) ~= 'table' or not reply.err then return reply end
  if not string.find(reply.err, 'WRONGTYPE', 1, true) then error(reply.err) end
  redis.call('DEL', name)
  return redis.call(command, name, ...)
end

-- No key contains the byte 255: it is not UTF-8.
local function endOf(start) return '(' .. start .. '\\255' end

local function outlive(name, lifetimeMs)
  if redis.call('PTTL', name) < lifetimeMs then redis.call('PEXPIRE', name, lifetimeMs) end
end
`

/** A whole script, after `SORTED_SETS`. KEYS: fences. ARGV: group, a token if there is none, life in ms. */
export const FENCE = `
local fences, group, token, lifetimeMs = KEYS[1], unpack(ARGV)
local standing = healed('HGET', fences, group)
if type(standing) ~= 'string' then
  standing = token
  redis.call('HSET', fences, group, token)
end
redis.call('PEXPIRE', fences, lifetimeMs)
return standing
`

/**
 * Whether a key is covered by a pattern or a glob, which come as Lua pieces in ARGV from first to last; see
 * `lua-pattern.ts`. A glob covers a key also with its variant.
 */
export const MATCHING = `
local function holds(key, first, last)
  local at = 1
  for nth = first, last do
    local _, stop = string.find(key, ARGV[nth], at)
    if not stop then return false end
    at = stop + 1
  end
  return true
end

local function isCovered(kind, key, first, last)
  if holds(string.match(key, '^[^#]*'), first, last) then return true end
  return kind == 'glob' and holds(key, first, last)
end

local function coveredOf(kind, keys, first, last)
  local covered = {}
  for _, key in ipairs(keys) do
    if isCovered(kind, key, first, last) then covered[#covered + 1] = key end
  end
  return covered
end
`
