-- Drops the tags that a key does not carry, as it is known what has become of the value that they were registered for.
-- If others have been registered since, those decide.
--
-- KEYS: index
-- ARGV: key, id of the registration, whether the value was stored (1 or 0), whether it came with a record of its tags
--   (1 or 0)
-- Returns nothing.
-- include: shard-tags

local index = KEYS[1]
local key, id, isStored, hasRecord = unpack(ARGV)
local record = recordOf(index, key)
if not record or record.id ~= id then return end

local carried, dropped = record.kept, record.own
if isStored == '1' then carried, dropped = record.own, record.kept end
local isKnown = record.isKnown or isStored == '1'
local settled = textOf(key, { id = id, isKnown = isKnown, kept = {}, own = carried })
local isUntagged = isStored == '1' and hasRecord == '0'
-- First what may be refused for want of memory.
if not isUntagged then addMembers(index, { settled }) end
local members = tagMembers(key, without(dropped, carried))
if isUntagged or settled ~= record.text then members[#members + 1] = record.text end
removeMembers(index, members)
