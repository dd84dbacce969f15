-- Reads the tags of a key.
--
-- KEYS: index
-- ARGV: key
-- Returns the registration that they come from, and the tags; or nil, where it is not known what the key carries.
-- include: shard-tags

local index, key = KEYS[1], ARGV[1]
local record = recordOf(index, key)
return record and record.isKnown and { record.id, tagsOf(record) }
