# The factory without its Redis: docker-compose.yml brings that. Node is the only toolchain in here; for projects in other
# languages build an image FROM this one and install what their commands need.
#
# Base images are named by version: Debian's corrections come with each build. Who needs the same bytes every time names them by
# digest (`docker buildx imagetools inspect node:22-bookworm-slim` prints it); Dependabot keeps it up to date.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# The build runs below, when the sources are there.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/needs.json scripts/
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:22-bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends bubblewrap ca-certificates git \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY docs/personas.md docs/personas.md
COPY personas personas
# `df` is the system's own program in here too; ours stands first on the PATH under both of its names.
RUN chmod +x dist/bin/df.js \
    && ln -s /app/dist/bin/df.js /usr/local/bin/dark-factory \
    && ln -s /app/dist/bin/df.js /usr/local/bin/df \
    && mkdir -p /factory/home /factory/repos \
    && chown -R node:node /factory
ENV NODE_ENV=production DF_HOME=/factory/home
# bubblewrap needs no root, but it needs user namespaces and a /proc of its own, which container engines forbid by default:
# see security_opt in docker-compose.yml. Without them the worker refuses to run commands; it never runs them unprotected.
USER node
VOLUME /factory/home
# Healthy: work can be done. A factory that is degraded (1) says why in `df health`, and is none to be restarted for that.
HEALTHCHECK --interval=60s --timeout=30s --start-period=60s --retries=3 \
    CMD dark-factory health > /dev/null; [ $? -lt 2 ]
WORKDIR /factory/repos
ENTRYPOINT ["dark-factory"]
CMD ["worker"]
