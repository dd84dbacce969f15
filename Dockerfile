# One image for every process of the demo; SERVICE says which one a container is.
FROM node:24.9.0-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
# Peers of Prisma, such as its command, are needed for building only.
RUN npm run build && node scripts/keep-demo-packages.mjs && npm prune --omit=dev --legacy-peer-deps

FROM node:24.9.0-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/build/demo build/demo
COPY --from=build /app/demo/prisma/migrations demo/prisma/migrations
USER node
CMD ["node", "build/demo/main.js"]
