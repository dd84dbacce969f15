-- Gives the token of a group, which stands until anything of the group is evicted or written; with the moment.
--
-- KEYS: fences, marks
-- ARGV: group, the token to draw if there is none, life in ms
-- Returns the token, `@` and the moment (see tag-marks.lua).
-- include: fences
-- include: tag-marks

local fences, marks = unpack(KEYS)
local group, token, lifetimeMs = unpack(ARGV)
return standingFence(fences, group, token, lifetimeMs) .. '@' .. momentNow(marks, token)
