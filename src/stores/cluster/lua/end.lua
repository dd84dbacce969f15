-- Ends a lease.
--
-- KEYS: lease
-- ARGV: channel of lease ends, how the lease ended (see leases.lua); a token, if only that holder's lease is meant
-- Returns 0 if a token was given and its lease did not stand, otherwise 1.
-- include: owned-text
-- include: leases

local leaseName = KEYS[1]
local leaseChannel, howItEnded, token = unpack(ARGV)
if token and holderOf(leaseName) ~= token then return 0 end
endLease(leaseName, leaseChannel, howItEnded)
return 1
