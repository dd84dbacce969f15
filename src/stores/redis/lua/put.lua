-- Stores a value that was computed behind a fence, if the fence still stands.
--
-- KEYS: index, value, lease, fences, record, intents, marks
-- ARGV: key, group, value, life in ms, channel of lease ends, channel of evictions, invalidation message of the key;
--   fence, mode (`replace` or `if-absent`), whether the entry gets a record of its tags (1; 0: it keeps those it has);
--   then its tags
-- Returns `stored`, and 1 if variants of the key are there, which the caller then evicts, otherwise 0; or `present`; or
-- `refused`; or `foreign` and the type of what is there and not the cache's.
-- include: overwrite
-- include: intents
-- include: retag

local record, intents, marks = unpack(KEYS, 5)
local fence, mode, hasRecord = unpack(ARGV, 8)
local tags = { unpack(ARGV, 11) }
local foreign = foreignTypeAt(valueName)
if foreign then return { 'foreign', foreign } end
local token, moment, own = string.match(fence, '^([^@]*)@([^@]*)@(.*)$')
local stands = token and healed('HGET', fences, group) == token
if stands and #tags > 0 then
  -- First the intents: one that is void leaves marks.
  stands = not isTagIntended(standingIntents(intents, marks), tags, own) and isUnevicted(marks, moment, tags)
end

-- Whether the entry carries its tags now, so that it may be stored.
local function isTagged()
  return hasRecord ~= '1' or retag(index, record, key, tags, tonumber(lifetimeMs), evictionChannel)
end

if mode == 'replace' then
  if not stands or not isTagged() then return { 'refused' } end
  return { 'stored', overwrite() }
end

local listed = isListed(index, key)
if listed and (textAt(valueName) or textAt(leaseName)) then return { 'present' } end
if not stands or not isTagged() then return { 'refused' } end
redis.call('SET', valueName, value, 'PX', lifetimeMs)
if not listed then endLease(leaseName, textAt(leaseName), leaseChannel, ENDED) end
enlist(index, key, tonumber(lifetimeMs))
return { 'stored', 0 }
