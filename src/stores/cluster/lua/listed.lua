-- Says whether a key is listed.
--
-- KEYS: index
-- ARGV: key
-- Returns 1 if the key is listed, otherwise 0; and the incarnation of the index.
-- include: takes-writes
-- include: incarnations

local index, key = KEYS[1], ARGV[1]
requireWrites(index)
return { isListed(index, key) and 1 or 0, incarnationOf(index) }
