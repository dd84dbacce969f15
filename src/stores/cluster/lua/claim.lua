-- Enters a key in the index for a value that is about to be stored.
--
-- KEYS: index, fences, marks
-- ARGV: key, life in ms, incarnation for a new index, group, fence that has to stand (empty: none), whether the fence
--   falls (1 or 0), id of the registration of its tags (empty: it keeps those that the key has); then its tags
-- Returns `refused`, if the fence does not stand, or a tag was evicted since it was given; or `listed`, 1 if variants
-- of the key are listed (otherwise 0), and 1 if the tags have to be settled (see settle.lua; otherwise 0).
-- include: incarnations
-- include: registration
-- include: tag-marks

local index, fences, marks = unpack(KEYS)
local key, lifetimeMs, incarnation, group, fence, falls, id = unpack(ARGV)
local tags = { unpack(ARGV, 8) }
if fence ~= '' then
  local token, moment = string.match(fence, '^([^@]*)@(.*)$')
  local stands = token and healed('HGET', fences, group) == token
  if not stands or not isUnevicted(marks, moment, tags) then return { 'refused' } end
end
if falls == '1' then healed('HDEL', fences, group) end
enlist(index, key, tonumber(lifetimeMs), incarnation)
local isToSettle = id ~= '' and register(index, key, id, tags, true, false)
return { 'listed', #listedFrom(index, key .. '#', '', 1), isToSettle and 1 or 0 }
