-- Stores a loaded value if the lease of its reader still stands, and ends the lease.
--
-- KEYS: index, value, lease
-- ARGV: key, token, value, life in ms, channel of lease ends
-- Returns 1 if the value was stored, otherwise 0.
-- include: foreign-types
-- include: owned-text
-- include: leases
-- include: paged-index

local index, valueName, leaseName = unpack(KEYS)
local key, token, value, lifetimeMs, leaseChannel = unpack(ARGV)
if not isListed(index, key) or holderOf(leaseName) ~= token then return 0 end
if foreignTypeAt(valueName) then return 0 end
redis.call('SET', valueName, value, 'PX', lifetimeMs)
endLease(leaseName, leaseChannel, ENDED)
enlist(index, key, tonumber(lifetimeMs))
return 1
