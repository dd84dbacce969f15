-- Takes covered keys out of the index with their tags, and lets fences fall. What it does in one call is bounded: the
-- caller goes on from where it stopped.
--
-- KEYS: index, fences
-- ARGV: how many keys and tags to look at, cursor (empty: begin), 1 if all keys shall go if that is not enough,
--   otherwise 0; then fences and one selector (see eviction-arguments.lua)
-- Returns the keys that are not listed any more and, if there may be more, the cursor.
-- include: shard-tags
-- include: eviction-arguments

local index, fences = unpack(KEYS)
local left, cursor, beyondBudget = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local FIRST_FENCE = 4
-- An entry may have many tags, each of which is a step.
local KEYS_AT_ONCE = 10

local selector = readSelectors(dropFences(fences, FIRST_FENCE))[1]
local unlisted = {}
-- A key itself is covered also where the index does not list it: its value may be there all the same.
if selector.kind == 'key' and cursor == '' then
  unlisted[1] = selector.start
  unlist(index, unlisted)
end

local mayBeMore
repeat
  local count = math.min(KEYS_AT_ONCE, left)
  local found = listedFrom(index, startOf(selector), cursor, count)
  local covered = coveredOf(selector, found)
  local _, tagCount = unlist(index, covered)
  for _, key in ipairs(covered) do unlisted[#unlisted + 1] = key end
  left = left - #found - tagCount
  cursor = found[#found] or cursor
  mayBeMore = #found == count
until not mayBeMore or left <= 0
if mayBeMore and beyondBudget == '1' then
  redis.call('UNLINK', index, fences)
  return { unlisted, false }
end
return { unlisted, mayBeMore and cursor }
