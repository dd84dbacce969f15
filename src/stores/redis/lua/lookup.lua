-- Looks several keys up, each for a fresh value or for the lease to load one.
--
-- KEYS: index, marks, intents
-- ARGV: the store's prefix; then for each key: key, token (empty: no lease is wanted), lease in ms, grace in ms, the
--   prefix and the number of its key limit (both empty: there is none), and whether its tags are needed (1 or empty)
-- Returns two things for each key. The first is a fresh value, or where tags are needed a list: `hit`, the value and
-- its record; or nil, if no lease is wanted; or a list: `lease`, its token and a stale value; `busy`, the holder's
-- token and a stale value; `full`; `intended`: a write is under way; `foreign` and the type of what is there and not
-- the cache's; or `refused` and the error. The second is how many ms the value has left to live.
-- include: takes-writes
-- include: owned-text
-- include: listed-in-pages

local index, marks, intents = unpack(KEYS)
local prefix = ARGV[1]
local FIELDS = 7

-- Key, token, lease, grace, the prefix and the number of the key limit, and whether tags are needed.
local function fieldsOf(nth)
  local last = 1 + nth * FIELDS
  return unpack(ARGV, last - FIELDS + 1, last)
end

local found, missed = {}, {}
for nth = 1, (#ARGV - 1) / FIELDS do
  local key, token, _, graceMs, _, _, needsTags = fieldsOf(nth)
  local value, remainingMs = false, 0
  if isListed(index, key) then value, remainingMs = textAt(prefix .. key) end
  -- Without its record nobody knows what the value carries.
  local record = needsTags == '1' and value and (textAt(prefix .. '#tags:' .. key))
  if needsTags == '1' and not record then value, remainingMs = false, 0 end
  found[2 * nth - 1], found[2 * nth] = value, remainingMs
  if record and remainingMs > tonumber(graceMs) then found[2 * nth - 1] = { 'hit', value, record } end
  if token ~= '' and (not value or remainingMs <= tonumber(graceMs)) then missed[#missed + 1] = nth end
end
if #missed == 0 then
  requireWrites(index)
  return found
end

-- Only misses come here, so that hits do not wait for the functions to be made that misses need.
-- include: foreign-types
-- include: leases
-- include: paged-samples
-- include: dead-keys
-- include: tag-marks
-- include: intents

local DEAD_LOOKED_FOR = 20
local standing = standingIntents(intents, marks)

-- Whether a key limit is reached. Looks for dead keys before it says so.
local function isFull(limitPrefix, maxKeys)
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

local function leaseFor(staleValue, key, token, leaseMs, _, limitPrefix, maxKeys)
  if isIntended(standing, key) then return { 'intended' } end
  local leaseName = leaseNameOf(prefix, key)
  local listed = isListed(index, key)
  -- A connection that was cut may bring the same lookup twice: the token is then our own.
  local holder = listed and holderOf(leaseName)
  if holder and holder ~= token then
    markAwaited(leaseName, token)
    return { 'busy', holder, staleValue }
  end
  if maxKeys ~= '' and not listed and isFull(limitPrefix, tonumber(maxKeys)) then return { 'full' } end

  local foreign = not staleValue and foreignTypeAt(prefix .. key)
  if foreign then return { 'foreign', foreign } end

  -- First what may be refused for want of memory, so that a refusal leaves nothing half done.
  enlist(index, key, tonumber(leaseMs))
  if not staleValue then redis.call('DEL', prefix .. key) end
  redis.call('SET', leaseName, token .. '@' .. momentNow(marks, token), 'PX', leaseMs)
  return { 'lease', token, staleValue }
end

-- A lookup that is refused leaves the others as they are.
for _, nth in ipairs(missed) do
  local isDone, outcome = pcall(leaseFor, found[2 * nth - 1], fieldsOf(nth))
  if not isDone then
    outcome = { 'refused', type(outcome) == 'table' and outcome.err or tostring(outcome) }
  end
  found[2 * nth - 1] = outcome
end
-- Behind the leases: Redis looks at its memory only where a script writes for the first time.
requireWrites(index)
return found
