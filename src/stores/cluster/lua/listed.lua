-- Says of several keys whether they are listed.
--
-- KEYS: index
-- ARGV: the keys
-- Returns the incarnation of the index; then for each key 1 if it is listed, otherwise 0.
-- include: takes-writes
-- include: incarnations

local index = KEYS[1]
requireWrites(index)
local said = { incarnationOf(index) }
for nth, key in ipairs(ARGV) do said[nth + 1] = isListed(index, key) and 1 or 0 end
return said
