-- Four people, of whom three write, and what they have written, read and said so far.
INSERT INTO "User" ("name", "email")
VALUES ('ada', 'ada@example.org'), ('bob', 'bob@example.org'), ('cleo', 'cleo@example.org'), ('dan', 'dan@example.org');

INSERT INTO "Biography" VALUES (1, 'Writes on looms.');
INSERT INTO "Follow" VALUES (1, 2), (2, 1), (3, 1);
INSERT INTO "Series" ("title", "ownerId") VALUES ('First steps', 1), ('Empty so far', 2);

INSERT INTO "Article" ("slug", "title", "body", "status", "views", "authorId", "seriesId") VALUES
  ('slug-1', 'On tea', 'What we know of it.', 'PUBLISHED', 0, 1, 1),
  ('slug-2', 'On rain', 'What we know of it.', 'PUBLISHED', 3, 1, 1),
  ('slug-3', 'On maps', 'What we know of them.', 'PUBLISHED', 0, 2, NULL),
  ('slug-4', 'On looms', 'What we know of them.', 'PUBLISHED', 0, 2, NULL),
  ('slug-5', 'On birds', 'What we know of them.', 'PUBLISHED', 0, 3, NULL),
  ('slug-6', 'On tea again', 'More of it.', 'DRAFT', 0, 1, NULL);

INSERT INTO "Tag" ("name") VALUES ('tea'), ('rain'), ('maps'), ('looms'), ('birds'), ('unused');
INSERT INTO "_ArticleToTag" VALUES
  (1, 1), (1, 2), (2, 2), (2, 3), (3, 3), (3, 4), (4, 4), (4, 5), (5, 5), (5, 1), (6, 1);

INSERT INTO "Comment" ("articleId", "authorId", "body")
VALUES (1, 2, 'A fine start.'), (1, 4, 'More, please.'), (3, 1, 'A fine map.');

INSERT INTO "Favourite" VALUES (1, 3), (2, 1), (3, 1), (4, 3);
