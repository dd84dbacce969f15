-- Removes a value.
--
-- KEYS: value
-- ARGV: none
-- Returns how many there were: 1 or 0.
-- include: foreign-types

local valueName = KEYS[1]
if foreignTypeAt(valueName) then return 0 end
return redis.call('DEL', valueName)
