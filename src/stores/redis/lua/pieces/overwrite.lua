-- What set.lua and put.lua have in common: their KEYS, the first of their ARGV, and storing a value that is newer than
-- whatever was loaded before.
-- include: foreign-types
-- include: owned-text
-- include: leases
-- include: paged-index

local index, valueName, leaseName, fences = unpack(KEYS)
local key, group, value, lifetimeMs, leaseChannel, evictionChannel, invalidation = unpack(ARGV)

-- The key's lease and its group's fence fall, and all processes drop their copies. If Redis refuses the value (it is
-- out of memory), nothing has been done. Returns 1 if variants of the key are there, otherwise 0.
local function overwrite()
  redis.call('SET', valueName, value, 'PX', lifetimeMs)
  redis.call('PUBLISH', evictionChannel, invalidation)
  endLease(leaseName, textAt(leaseName), leaseChannel, ENDED)
  healed('HDEL', fences, group)
  enlist(index, key, tonumber(lifetimeMs))
  return #listedFrom(index, key .. '#', '', 1)
end
