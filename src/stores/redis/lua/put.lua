-- Stores a value that was computed behind a fence, if the fence still stands.
--
-- KEYS: index, value, lease, fences
-- ARGV: key, group, value, life in ms, channel of lease ends, channel of evictions, invalidation message of the key;
--   fence, mode (`replace` or `if-absent`)
-- Returns `stored`, and 1 if variants of the key are there, which the caller then evicts, otherwise 0; or `present`; or
-- `refused`; or `foreign` and the type of what is there and not the cache's.
-- include: overwrite

local fence, mode = unpack(ARGV, 8)
local foreign = foreignTypeAt(valueName)
if foreign then return { 'foreign', foreign } end
local stands = healed('HGET', fences, group) == fence

if mode == 'replace' then
  if not stands then return { 'refused' } end
  return { 'stored', overwrite() }
end

local listed = isListed(index, key)
if listed and (textAt(valueName) or textAt(leaseName)) then return { 'present' } end
if not stands then return { 'refused' } end
redis.call('SET', valueName, value, 'PX', lifetimeMs)
if not listed then endLease(leaseName, leaseChannel, ENDED) end
enlist(index, key, tonumber(lifetimeMs))
return { 'stored', 0 }
