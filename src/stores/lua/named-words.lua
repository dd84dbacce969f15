-- Whether words stand by themselves in a text: see named-words.ts, which decides the same.

-- Whether what comes before a word leaves it by itself: nothing, no letter and no digit, or an escaped character.
local function endsApart(before) return not string.find(before, '[a-z0-9]$') or string.find(before, '%%[25]*%x%x$') end

-- words: in small letters.
local function namesOneOf(text, words)
  local lowered = string.lower(text)
  for _, word in ipairs(words) do
    local first, last = string.find(lowered, word, 1, true)
    while first do
      local isApart = not string.find(lowered, '^[a-z0-9]', last + 1)
      if isApart and endsApart(string.sub(lowered, 1, first - 1)) then return true end
      first, last = string.find(lowered, word, first + 1, true)
    end
  end
  return false
end
