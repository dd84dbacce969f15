-- Reads a value.
--
-- KEYS: value
-- ARGV: none
-- Returns the value and its life in ms, or nil.
-- include: owned-text

local value, remainingMs = textAt(KEYS[1])
return value and { value, remainingMs }
