-- Notes in a lease that its key is listed now.
--
-- KEYS: lease
-- ARGV: token
-- Returns 1 if the lease still stood, otherwise 0.
-- include: owned-text
-- include: leases

local leaseName = KEYS[1]
local token = ARGV[1]
local text, remainingMs = textAt(leaseName)
if tokenOf(text) ~= token then return 0 end
local confirmed = string.gsub(text, '%' .. PENDING, '', 1)
redis.call('SET', leaseName, confirmed, 'PX', remainingMs)
return 1
