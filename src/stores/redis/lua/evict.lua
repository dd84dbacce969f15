-- Removes values and leases, and lets fences fall. What it does in one call is bounded: the caller goes on from where
-- it stopped.
--
-- KEYS: index, fences, intents
-- ARGV: the store's prefix, channel of lease ends, channel of evictions, invalidation message, how many keys to look
--   at, cursor (empty: begin), what to publish if it looks at all of them and all keys shall go then (empty: they
--   shall not), token of the intent that this begins or ends (empty: none), life of the intent in ms (empty: it ends);
--   then fences and selectors (see eviction-arguments.lua)
-- Returns how many values were removed and, if there may be more: how many selectors are done, and the cursor in the
-- next one. What enters the index meanwhile before the cursor belongs to readers who began to load after the eviction
-- had begun.
-- include: foreign-types
-- include: owned-text
-- include: leases
-- include: paged-index
-- include: lease-names
-- include: eviction-arguments
-- include: intents

local index, fences, intents = unpack(KEYS)
local prefix, leaseChannel, evictionChannel, invalidation, budget, cursor, beyondBudget, intent, intentMs = unpack(ARGV)
local FIRST_FENCE = 10

-- Removes values and leases, wherever their keys are listed. Returns how many values there were.
local function remove(keys)
  if #keys == 0 then return 0 end
  local values, leases, standing = {}, {}, {}
  for nth, key in ipairs(keys) do
    local name = prefix .. key
    if not foreignTypeAt(name) then values[#values + 1] = name end
    leases[nth] = leaseNameOf(prefix, key)
  end
  for nth, text in ipairs(redis.call('MGET', unpack(leases))) do
    if type(text) == 'string' then
      publishEnd(text, leaseChannel, ENDED)
      standing[#standing + 1] = leases[nth]
    end
  end
  if #standing > 0 then redis.call('DEL', unpack(standing)) end
  return #values > 0 and redis.call('DEL', unpack(values)) or 0
end

-- Each batch sends the message anew, since a process may read a value of a later batch before that batch removes it.
redis.call('PUBLISH', evictionChannel, invalidation)
local selectors = readSelectors(dropFences(fences, FIRST_FENCE))
if intentMs ~= '' then enterIntent(intents, intent, tonumber(intentMs), selectors, FIRST_FENCE) end
if intent ~= '' and intentMs == '' then endIntent(intents, intent) end

local removed, left = 0, tonumber(budget)
for nth, selector in ipairs(selectors) do
  if selector.kind == 'key' and cursor == '' then
    removed = removed + remove({ selector.start })
    unlistKey(index, selector.start)
  end
  local pages, leftThen, reached = listedFrom(index, startOf(selector), cursor, left)
  for _, page in ipairs(pages) do
    local covered = coveredOf(selector, page.keys)
    removed = removed + remove(covered)
    unlist(index, page.entry, covered)
  end
  if reached and beyondBudget ~= '' then
    redis.call('UNLINK', index, fences)
    redis.call('PUBLISH', evictionChannel, beyondBudget)
    return { removed }
  end
  if reached then return { removed, nth - 1, reached } end
  left, cursor = leftThen, ''
end
return { removed }
