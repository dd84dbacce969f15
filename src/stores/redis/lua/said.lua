-- Reads what a process says, or keeps for the others.
--
-- KEYS: said
-- ARGV: how many bytes it may have
-- Returns its bytes; or nil, if there is none, or what is there is not the cache's.
-- include: owned-text

local size = redis.pcall('STRLEN', KEYS[1])
if type(size) ~= 'number' or size > tonumber(ARGV[1]) then return false end
return (textAt(KEYS[1]))
