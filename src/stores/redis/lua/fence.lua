-- Gives the token of a group, which stands until anything of the group is evicted or written; with the moment.
--
-- KEYS: fences, marks, intents
-- ARGV: group, the token to draw if there is none, life in ms, token of the caller's own intent (empty: it has none)
-- Returns the token, `@`, the moment (see tag-marks.lua), `@` and the caller's own intent. The token has fallen already
-- where another's intent touches the group.
-- include: fences
-- include: tag-marks
-- include: intents

local fences, marks, intents = unpack(KEYS)
local group, token, lifetimeMs, own = unpack(ARGV)
local standing = standingIntents(intents, marks)
local noted = '@' .. momentNow(marks, token) .. '@' .. own
if touchesGroup(standing, group, own) then return token .. noted end
return standingFence(fences, group, token, lifetimeMs) .. noted
