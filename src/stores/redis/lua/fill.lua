-- Stores a loaded value if the lease of its reader still stands, and ends the lease.
--
-- KEYS: index, value, lease, record, intents, marks
-- ARGV: key, token, value, life in ms, channel of lease ends, channel of evictions, whether the entry has a record of
--   its tags (1 or 0); then its tags
-- Returns 1 if the value was stored, otherwise 0.
-- include: foreign-types
-- include: owned-text
-- include: leases
-- include: listed-in-pages

local index, valueName, leaseName, record, intents, marks = unpack(KEYS)
local key, token, value, lifetimeMs, leaseChannel, evictionChannel, hasRecord = unpack(ARGV)

local lease, entry = textAt(leaseName), entryFor(index, key)
if tokenOf(lease) ~= token or not entry or not healed('ZSCORE', pageOf(index, entry), key) then return 0 end
if foreignTypeAt(valueName) then return 0 end

-- Where the key is listed, and will be for as long as the value lives.
local function store()
  redis.call('SET', valueName, value, 'PX', lifetimeMs)
  endLease(leaseName, lease, leaseChannel, ENDED)
  outlive(index, tonumber(lifetimeMs))
  outlive(pageOf(index, entry), tonumber(lifetimeMs))
  return 1
end

-- An entry that had tags has a record.
if hasRecord ~= '1' and redis.call('EXISTS', record) == 0 then return store() end

-- Only tags come here, so that others do not wait for the functions to be made that they need.
-- include: paged-index
-- include: intents
-- include: retag

local tags = { unpack(ARGV, 8) }
-- First the intents: one that is void leaves marks.
local isIntendedNow = #tags > 0 and isTagIntended(standingIntents(intents, marks), tags)
if isIntendedNow or not isUnevicted(marks, momentOf(lease), tags) then
  endLease(leaseName, lease, leaseChannel, ENDED)
  if redis.call('EXISTS', valueName) == 0 then unlistKey(index, key) end
  return 0
end
if not retag(index, record, key, tags, tonumber(lifetimeMs), evictionChannel) then return 0 end
return store()
