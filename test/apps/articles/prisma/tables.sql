CREATE TYPE "Status" AS ENUM ('DRAFT', 'PUBLISHED');

CREATE TABLE "User" (
  "id" SERIAL PRIMARY KEY,
  "name" TEXT NOT NULL UNIQUE,
  "email" TEXT NOT NULL UNIQUE
);

CREATE TABLE "Biography" (
  "userId" INTEGER PRIMARY KEY REFERENCES "User" ON DELETE CASCADE ON UPDATE CASCADE,
  "text" TEXT NOT NULL
);

CREATE TABLE "Follow" (
  "followerId" INTEGER NOT NULL REFERENCES "User" ON DELETE CASCADE ON UPDATE CASCADE,
  "followedId" INTEGER NOT NULL REFERENCES "User" ON DELETE CASCADE ON UPDATE CASCADE,
  PRIMARY KEY ("followerId", "followedId")
);
CREATE INDEX ON "Follow" ("followedId");

CREATE TABLE "Series" (
  "id" SERIAL PRIMARY KEY,
  "title" TEXT NOT NULL,
  "ownerId" INTEGER REFERENCES "User" ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX ON "Series" ("ownerId");

CREATE TABLE "Article" (
  "id" SERIAL PRIMARY KEY,
  "slug" TEXT NOT NULL UNIQUE,
  "title" TEXT NOT NULL,
  "body" TEXT NOT NULL,
  "status" "Status" NOT NULL DEFAULT 'DRAFT',
  "views" INTEGER NOT NULL DEFAULT 0,
  "authorId" INTEGER NOT NULL REFERENCES "User" ON DELETE CASCADE ON UPDATE CASCADE,
  "seriesId" INTEGER REFERENCES "Series" ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX ON "Article" ("authorId", "status");
CREATE INDEX ON "Article" ("seriesId");
CREATE INDEX ON "Article" ("status");

CREATE TABLE "Tag" (
  "id" SERIAL PRIMARY KEY,
  "name" TEXT NOT NULL UNIQUE
);

-- The names of what Prisma makes for a relation of many to many.
CREATE TABLE "_ArticleToTag" (
  "A" INTEGER NOT NULL REFERENCES "Article" ON DELETE CASCADE ON UPDATE CASCADE,
  "B" INTEGER NOT NULL REFERENCES "Tag" ON DELETE CASCADE ON UPDATE CASCADE,
  PRIMARY KEY ("A", "B")
);
CREATE INDEX ON "_ArticleToTag" ("B");

CREATE TABLE "Favourite" (
  "userId" INTEGER NOT NULL REFERENCES "User" ON DELETE CASCADE ON UPDATE CASCADE,
  "articleId" INTEGER NOT NULL REFERENCES "Article" ON DELETE CASCADE ON UPDATE CASCADE,
  PRIMARY KEY ("userId", "articleId")
);
CREATE INDEX ON "Favourite" ("articleId");

CREATE TABLE "Comment" (
  "id" SERIAL PRIMARY KEY,
  "body" TEXT NOT NULL,
  "articleId" INTEGER NOT NULL REFERENCES "Article" ON DELETE CASCADE ON UPDATE CASCADE,
  "authorId" INTEGER REFERENCES "User" ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX ON "Comment" ("articleId");
CREATE INDEX ON "Comment" ("authorId");

CREATE TABLE "Revision" (
  "id" SERIAL PRIMARY KEY,
  "articleId" INTEGER NOT NULL,
  "action" TEXT NOT NULL,
  "title" TEXT NOT NULL
);
CREATE INDEX ON "Revision" ("articleId");

CREATE FUNCTION note_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    INSERT INTO "Revision" ("articleId", "action", "title") VALUES (OLD."id", 'deleted', OLD."title");
  ELSIF TG_OP = 'INSERT' THEN
    INSERT INTO "Revision" ("articleId", "action", "title") VALUES (NEW."id", 'written', NEW."title");
  ELSIF NEW."title" <> OLD."title" OR NEW."status" <> OLD."status" THEN
    INSERT INTO "Revision" ("articleId", "action", "title") VALUES (NEW."id", lower(NEW."status"::text), NEW."title");
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER "Article_revision" AFTER INSERT OR UPDATE OR DELETE ON "Article"
  FOR EACH ROW EXECUTE FUNCTION note_revision();

CREATE VIEW "PopularArticle" AS
  SELECT article."id", article."slug", article."title", author."name" AS "author",
    count(favourite."userId")::int AS "favourites"
  FROM "Article" article
  JOIN "User" author ON author."id" = article."authorId"
  JOIN "Favourite" favourite ON favourite."articleId" = article."id"
  WHERE article."status" = 'PUBLISHED'
  GROUP BY article."id", author."name";
