-- Looks several keys up, each for a fresh value or for the lease to load one.
--
-- KEYS: index, marks, intents
-- ARGV: the store's prefix; whether the bytes come by another command (1 or empty); then for each key: key, token
--   (empty: no lease is wanted), lease in ms, grace in ms, the prefix and the number of its key limit (both empty:
--   there is none), and whether its tags are needed (1 or empty)
-- Returns two things for each key. The first is a fresh value, or where tags are needed a list: `hit`, the value and
-- its record; or nil, if no lease is wanted; or a list: `lease`, its token and a stale value; `busy`, the holder's
-- token and a stale value; `full`; `intended`: a write is under way; `foreign` and the type of what is there and not
-- the cache's; or `refused` and the error. The second is how many ms the value has left to live.
-- Where the bytes come by another command, 1 stands for a value, and its record is left out.
-- include: takes-writes
-- include: owned-text
-- include: listed-in-pages

local index, marks, intents = unpack(KEYS)
local prefix, isApart = ARGV[1], ARGV[2] == '1'
local FIRST, FIELDS = 3, 7

-- What is to be given for a value and for its record; nothing of another type passes for one in the end, as its bytes
-- do not come.
local function valueAt(name)
  if not isApart then return textAt(name) end
  local remainingMs = redis.call('PTTL', name)
  return remainingMs > 0, math.max(remainingMs, 0)
end

local function recordAt(name)
  if not isApart then return (textAt(name)) end
  return redis.call('EXISTS', name) == 1
end

local found, missed, listed = {}, {}, {}
for at = FIRST, #ARGV, FIELDS do
  local key, needsTags = ARGV[at], ARGV[at + 6] == '1'
  local value, remainingMs, record = false, 0, false
  listed[key] = isListed(index, key)
  if listed[key] then value, remainingMs = valueAt(prefix .. key) end
  if value and needsTags then
    record = recordAt(prefix .. '#tags:' .. key)
    -- Without its record nobody knows what the value carries.
    if not record then value, remainingMs = false, 0 end
  end
  local isFresh = value and remainingMs > tonumber(ARGV[at + 3])
  local nth = #found
  found[nth + 1], found[nth + 2] = value, remainingMs
  if isFresh and record and not isApart then found[nth + 1] = { 'hit', value, record } end
  if not isFresh and ARGV[at + 1] ~= '' then missed[#missed + 1] = at end
end
if #missed == 0 then
  requireWrites(index)
  return found
end

-- Only misses come here, so that hits do not wait for the functions to be made that misses need.
-- include: foreign-types
-- include: leases
-- include: lease-names
-- include: paged-index
-- include: tag-marks

local isIntendedKey, isFull = function() return false end, function() return false end

local function hasLimits()
  for _, at in ipairs(missed) do
    if ARGV[at + 5] ~= '' then return true end
  end
end

-- Most misses do not need these either.
if redis.call('EXISTS', intents) == 1 or hasLimits() then
  -- include: paged-samples
  -- include: dead-keys
  -- include: intents

  local DEAD_LOOKED_FOR = 20
  local standing = standingIntents(intents, marks)

  isIntendedKey = function(key) return isIntended(standing, key) end

  -- Whether a key limit is reached. Looks for dead keys before it says so.
  isFull = function(limitPrefix, maxKeys)
    local entries = entriesFrom(index, limitPrefix, '', maxKeys + 1)
    if #entries * MOST_KEYS < maxKeys or countUpTo(maxKeys, index, entries, limitPrefix) < maxKeys then return false end
    seedRandom()
    local first, left = math.random(#entries), DEAD_LOOKED_FOR
    for nth = first, first + #entries - 1 do
      local entry = entries[nth % #entries + 1]
      local keys = someKeys(index, entry, limitPrefix, left)
      unlistDead(index, prefix, entry, keys)
      left = left - #keys
      if left == 0 then break end
    end
    return countUpTo(maxKeys, index, entries, limitPrefix) == maxKeys
  end
end

local function leaseFor(staleValue, key, token, leaseMs, _, limitPrefix, maxKeys)
  if isIntendedKey(key) then return { 'intended' } end
  local leaseName = leaseNameOf(prefix, key)
  -- A connection that was cut may bring the same lookup twice: the token is then our own.
  local holder = listed[key] and holderOf(leaseName)
  if holder and holder ~= token then
    markAwaited(leaseName, token)
    return { 'busy', holder, staleValue }
  end
  if maxKeys ~= '' and not listed[key] and isFull(limitPrefix, tonumber(maxKeys)) then return { 'full' } end

  local foreign = not staleValue and foreignTypeAt(prefix .. key)
  if foreign then return { 'foreign', foreign } end

  -- First what may be refused for want of memory, so that a refusal leaves nothing half done.
  enlist(index, key, tonumber(leaseMs))
  listed[key] = true
  if not staleValue then redis.call('DEL', prefix .. key) end
  redis.call('SET', leaseName, token .. '@' .. momentNow(marks, token), 'PX', leaseMs)
  return { 'lease', token, staleValue }
end

-- A lookup that is refused leaves the others as they are.
for _, at in ipairs(missed) do
  local place = (at - FIRST) / FIELDS * 2 + 1
  local isDone, outcome = pcall(leaseFor, found[place], unpack(ARGV, at, at + FIELDS - 1))
  if not isDone then
    outcome = { 'refused', type(outcome) == 'table' and outcome.err or tostring(outcome) }
  end
  found[place] = outcome
end
-- Behind the leases: Redis looks at its memory only where a script writes for the first time.
requireWrites(index)
return found
