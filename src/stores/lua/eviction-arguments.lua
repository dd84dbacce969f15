-- What an eviction removes, as script-selector.ts writes it into ARGV: the fences that fall, and selectors.
--
-- Fences: the number of groups, and their names; the number -1 stands for all groups.
-- A selector: its kind, its start, and the number of its pieces and these. The kind is `key` (a key with its variants)
-- or `variants` (these alone), with the key as start; or `pattern` or `glob`, which cover what they match, with the
-- text that all covered keys begin with as start, and Lua patterns as pieces (see lua-pattern.ts); or `tag`, with a tag
-- as start; or `tags`, with what they begin with; or `naming` and `tags-naming`, which cover keys and tags that name
-- one of the words which are their pieces (see named-words.lua), with an empty start.
-- include: sorted-sets
-- include: named-words

local function isByTag(selector) return string.sub(selector.kind, 1, 3) == 'tag' end

-- Of a selector by tags.
local function coversTag(selector, tag)
  if selector.kind == 'tag' then return tag == selector.start end
  if selector.kind == 'tags-naming' then return namesOneOf(tag, selector.pieces) end
  return string.sub(tag, 1, #selector.start) == selector.start
end

local function isSearch(selector)
  return selector.kind == 'pattern' or selector.kind == 'glob' or selector.kind == 'naming'
end

-- Lets the fences fall that ARGV names from a place on. Returns the place behind them.
local function dropFences(fences, at)
  local count = tonumber(ARGV[at])
  if count < 0 then redis.call('DEL', fences) end
  if count > 0 then healed('HDEL', fences, unpack(ARGV, at + 1, at + count)) end
  return at + 1 + math.max(count, 0)
end

-- Reads the selectors that fill ARGV from a place on.
local function readSelectors(at)
  local selectors = {}
  while ARGV[at] do
    local kind, start, size = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
    local pieces = {}
    for nth = 1, size do pieces[nth] = ARGV[at + 2 + nth] end
    selectors[#selectors + 1] = { kind = kind, start = start, pieces = pieces }
    at = at + 3 + size
  end
  return selectors
end

-- What all keys that a selector can reach begin with, beside a key itself.
local function startOf(selector)
  return isSearch(selector) and selector.start or selector.start .. '#'
end

-- Whether a key holds the pieces one after the other, each from where the one before it ended.
local function holds(key, pieces)
  local at = 1
  for _, piece in ipairs(pieces) do
    local _, stop = string.find(key, piece, at)
    if not stop then return false end
    at = stop + 1
  end
  return true
end

-- A glob covers a key also with its variant.
local function isCovered(selector, key)
  if selector.kind == 'naming' then return namesOneOf(key, selector.pieces) end
  if holds(string.match(key, '^[^#]*'), selector.pieces) then return true end
  return selector.kind == 'glob' and holds(key, selector.pieces)
end

-- Which of the keys found under its start a selector covers.
local function coveredOf(selector, keys)
  if not isSearch(selector) then return keys end
  local covered = {}
  for _, key in ipairs(keys) do
    if isCovered(selector, key) then covered[#covered + 1] = key end
  end
  return covered
end
