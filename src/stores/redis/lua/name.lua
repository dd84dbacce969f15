-- Names all processes that share the cache, once: the first to ask gives the name.
--
-- KEYS: name
-- ARGV: the name to give, life of a name in ms
-- Returns the name.
-- include: owned-text

local known = textAt(KEYS[1])
local name = known and #known == #ARGV[1] and known or ARGV[1]
redis.call('SET', KEYS[1], name, 'PX', ARGV[2])
return name
