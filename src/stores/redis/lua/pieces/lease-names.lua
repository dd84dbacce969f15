-- Names of leases are made here, where all keys are on one server, as RedisNames in redis-names.ts makes them.
local function leaseNameOf(prefix, key) return prefix .. '#lease:' .. key end
