-- Ends a lease unused, if it still stands.
--
-- KEYS: index, value, lease
-- ARGV: key, token, channel of lease ends, how the lease ended (see leases.lua)
-- Returns nothing.
-- include: owned-text
-- include: leases
-- include: paged-index

local index, valueName, leaseName = unpack(KEYS)
local key, token, leaseChannel, howItEnded = unpack(ARGV)
local lease = textAt(leaseName)
if tokenOf(lease) ~= token then return end
endLease(leaseName, lease, leaseChannel, howItEnded)
if redis.call('EXISTS', valueName) == 0 then unlistKey(index, key) end
