-- Enters a key in the index for a value that is about to be stored.
--
-- KEYS: index, fences
-- ARGV: key, life in ms, incarnation for a new index, group, fence that has to stand (empty: none), whether the fence
--   falls (1 or 0)
-- Returns `refused`, if the fence does not stand; or `listed`, and 1 if variants of the key are listed, otherwise 0.
-- include: incarnations

local index, fences = unpack(KEYS)
local key, lifetimeMs, incarnation, group, fence, falls = unpack(ARGV)
if fence ~= '' and healed('HGET', fences, group) ~= fence then return { 'refused' } end
if falls == '1' then healed('HDEL', fences, group) end
enlist(index, key, tonumber(lifetimeMs), incarnation)
return { 'listed', #listedFrom(index, key .. '#', '', 1) }
