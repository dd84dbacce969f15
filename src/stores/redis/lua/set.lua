-- Stores a value that is newer than anything loaded before.
--
-- KEYS: index, value, lease, fences
-- ARGV: key, group, value, life in ms, channel of lease ends, channel of evictions, invalidation message of the key
-- Returns 1 if variants of the key are there, which the caller then evicts, otherwise 0.
-- include: overwrite

return overwrite()
