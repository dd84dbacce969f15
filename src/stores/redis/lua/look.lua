-- Says for some time that somebody looks.
--
-- KEYS: watch, members
-- ARGV: life in ms, how many processes to name
-- Returns the processes that share the cache.
-- include: sorted-sets

local watch, members = unpack(KEYS)
local lifetimeMs, most = unpack(ARGV)
redis.call('SET', watch, '', 'PX', lifetimeMs)
return healed('ZRANGE', members, 0, tonumber(most) - 1)
