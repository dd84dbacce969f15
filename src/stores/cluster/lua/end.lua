-- Ends a lease.
--
-- KEYS: lease
-- ARGV: channel of lease ends, how the lease ended (see leases.lua); a token, if only that holder's lease is meant
-- Returns 0 if a token was given and its lease did not stand, otherwise 1.
-- include: owned-text
-- include: leases

local leaseName = KEYS[1]
local leaseChannel, howItEnded, token = unpack(ARGV)
local lease = textAt(leaseName)
if token and tokenOf(lease) ~= token then return 0 end
endLease(leaseName, lease, leaseChannel, howItEnded)
return 1
