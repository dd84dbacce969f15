-- Counts the listed keys that begin alike.
--
-- KEYS: index
-- ARGV: how they begin
-- Returns the number.
-- include: sorted-sets

local index, start = KEYS[1], ARGV[1]
return healed('ZLEXCOUNT', index, '[' .. start, endOf(start))
