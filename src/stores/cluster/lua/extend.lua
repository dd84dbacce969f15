-- Lets the index live at least as long as a value that it lists.
--
-- KEYS: index
-- ARGV: life in ms
-- Returns nothing.
-- include: sorted-sets

outlive(KEYS[1], tonumber(ARGV[1]))
