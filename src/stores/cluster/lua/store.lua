-- Stores a value if the lease of its holder still stands, and ends the lease.
--
-- KEYS: value, lease
-- ARGV: token, value, life in ms, channel of lease ends
-- Returns 1 if the value was stored, otherwise 0.
-- include: foreign-types
-- include: owned-text
-- include: leases

local valueName, leaseName = unpack(KEYS)
local token, value, lifetimeMs, leaseChannel = unpack(ARGV)
local lease = textAt(leaseName)
if tokenOf(lease) ~= token or foreignTypeAt(valueName) then return 0 end
redis.call('SET', valueName, value, 'PX', lifetimeMs)
endLease(leaseName, lease, leaseChannel, ENDED)
return 1
