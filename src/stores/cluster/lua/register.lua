-- Registers the tags of a loaded value that is about to be stored.
--
-- KEYS: index, marks
-- ARGV: key, id of the registration, the moment at which the load began (see tag-marks.lua), life in ms, whether the
--   value comes with a record of its tags (1 or 0), whether there was a value when the load began (1 or 0); then the
--   tags
-- Returns `refused`, if a tag has been evicted since, or the key is not listed any more; otherwise `registered`, and 1
-- if it has to be settled (see settle.lua), otherwise 0.
-- include: registration
-- include: tag-marks

local index, marks = unpack(KEYS)
local key, id, moment, lifetimeMs, hasRecord, isRenewal = unpack(ARGV)
local tags = { unpack(ARGV, 7) }

if not isListed(index, key) or not isUnevicted(marks, moment, tags) then return { 'refused' } end
local isToSettle = register(index, key, id, tags, hasRecord == '1', isRenewal == '1')
outlive(index, tonumber(lifetimeMs))
return { 'registered', isToSettle and 1 or 0 }
