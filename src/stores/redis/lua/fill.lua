-- Stores a loaded value if the lease of its reader still stands, and ends the lease.
--
-- KEYS: index, value, lease, record, intents, marks
-- ARGV: key, token, value, life in ms, channel of lease ends, channel of evictions, whether the entry has a record of
--   its tags (1 or 0); then its tags
-- Returns 1 if the value was stored, otherwise 0.
-- include: foreign-types
-- include: owned-text
-- include: leases
-- include: paged-index
-- include: intents
-- include: retag

local index, valueName, leaseName, record, intents, marks = unpack(KEYS)
local key, token, value, lifetimeMs, leaseChannel, evictionChannel, hasRecord = unpack(ARGV)
local tags = { unpack(ARGV, 8) }

if not isListed(index, key) or holderOf(leaseName) ~= token then return 0 end
if foreignTypeAt(valueName) then return 0 end
-- First the intents: one that is void leaves marks.
local isIntendedNow = #tags > 0 and isTagIntended(standingIntents(intents, marks), tags)
if isIntendedNow or not isUnevicted(marks, momentOf(leaseName), tags) then
  endLease(leaseName, leaseChannel, ENDED)
  if redis.call('EXISTS', valueName) == 0 then unlistKey(index, key) end
  return 0
end
-- An entry that had tags has a record.
local isTagged = hasRecord == '1' or redis.call('EXISTS', record) == 1
if isTagged and not retag(index, record, key, tags, tonumber(lifetimeMs), evictionChannel) then return 0 end
redis.call('SET', valueName, value, 'PX', lifetimeMs)
endLease(leaseName, leaseChannel, ENDED)
enlist(index, key, tonumber(lifetimeMs))
return 1
