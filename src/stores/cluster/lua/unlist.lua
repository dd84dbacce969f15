-- Takes covered keys out of the index, and lets fences fall. What it does in one call is bounded: the caller goes on
-- from where it stopped.
--
-- KEYS: index, fences
-- ARGV: how many keys to look at, cursor (empty: begin); then fences and one selector (see eviction-arguments.lua)
-- Returns the keys that are not listed any more and, if there may be more, the cursor.
-- include: flat-index
-- include: eviction-arguments

local index, fences = unpack(KEYS)
local budget, cursor = tonumber(ARGV[1]), ARGV[2]
local FIRST_FENCE = 3

local selector = readSelectors(dropFences(fences, FIRST_FENCE))[1]
local found = listedFrom(index, startOf(selector), cursor, budget)
local reached = #found == budget and found[#found]
local covered = coveredOf(selector, found)
-- A key itself is covered also where the index does not list it: its value may be there all the same.
if selector.kind == 'key' and cursor == '' then table.insert(covered, 1, selector.start) end
if #covered > 0 then healed('ZREM', index, unpack(covered)) end
return { covered, reached }
