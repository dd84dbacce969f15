-- Says how many bytes a value has.
--
-- KEYS: value
-- ARGV: none
-- Returns the number and its life in ms, or nil if there is none, or what is there is not the cache's.

local remainingMs = redis.call('PTTL', KEYS[1])
if remainingMs < 1 then return false end
local size = redis.pcall('STRLEN', KEYS[1])
if type(size) == 'number' then return { size, remainingMs } end
if not string.find(size.err, 'WRONGTYPE', 1, true) then error(size.err) end
return false
