-- Stores a value that is newer than anything loaded before.
--
-- KEYS: index, value, lease, fences, intents, marks
-- ARGV: key, group, value, life in ms, channel of lease ends, channel of evictions, invalidation message of the key;
--   until when by the clock of Redis the value may be stored, in ms (empty: there is no limit)
-- Returns `stored`, and 1 if variants of the key are there, which the caller then evicts, otherwise 0; `late` and what
-- that clock shows: what was on its way for longer than its writer waits may be older than what others have done
-- since; `intended`: a write is under way that may make it old; or `foreign` and the type of what is there and not the
-- cache's.
-- include: overwrite
-- include: intents

local notAfter = tonumber(ARGV[8])
local now = timeMs()
if notAfter and now > notAfter then return { 'late', now } end
if isIntended(standingIntents(unpack(KEYS, 5)), key) then return { 'intended' } end
local foreign = foreignTypeAt(valueName)
if foreign then return { 'foreign', foreign } end
return { 'stored', overwrite() }
