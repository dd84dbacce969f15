-- Takes a key out of the index, with its tags.
--
-- KEYS: index
-- ARGV: key
-- Returns 1 if it was listed, otherwise 0.
-- include: shard-tags

local index, key = KEYS[1], ARGV[1]
return (unlist(index, { key }))
