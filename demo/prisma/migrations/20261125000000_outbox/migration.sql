-- CreateTable
CREATE TABLE "OutboxEvent" (
    "id" BIGSERIAL NOT NULL,
    "service" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "event" JSONB NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "publishedAt" TIMESTAMP(3),

    CONSTRAINT "OutboxEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "OutboxRelay" (
    "service" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "OutboxRelay_pkey" PRIMARY KEY ("service")
);

-- CreateTable
CREATE TABLE "HandledEvent" (
    "eventId" TEXT NOT NULL,
    "handler" TEXT NOT NULL,
    "handledAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "HandledEvent_pkey" PRIMARY KEY ("eventId","handler")
);

-- CreateIndex
CREATE INDEX "OutboxEvent_publishedAt_id_idx" ON "OutboxEvent"("publishedAt", "id");

-- CreateIndex
CREATE INDEX "HandledEvent_handledAt_idx" ON "HandledEvent"("handledAt");

-- What has had its effect already must not have it again.
INSERT INTO "HandledEvent" ("eventId", "handler")
SELECT "sourceEventId", 'customer.createForUser' FROM "Customer" WHERE "sourceEventId" IS NOT NULL
UNION ALL
SELECT "sourceEventId", 'analytics.notify' FROM "Notification" WHERE "sourceEventId" IS NOT NULL;

-- AlterTable
ALTER TABLE "Customer" DROP COLUMN "sourceEventId";

-- AlterTable
ALTER TABLE "Notification" DROP COLUMN "sourceEventId";
