# One image for every process of the demo; SERVICE says which one a container is.
FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:22-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY --from=build /app/build/demo build/demo
COPY --from=build /app/demo/prisma/migrations demo/prisma/migrations
USER node
CMD ["node", "build/demo/main.js"]
