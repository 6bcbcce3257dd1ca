# syntax=docker/dockerfile:1
# The image of usersctl, for the migration Job: one static program and nothing else. The service itself is no container image;
# `spin registry push` makes it.
FROM docker.io/library/rust:1.95-alpine AS build
# A C compiler, for the parts of TLS that are not Rust.
RUN apk add --no-cache build-base
WORKDIR /src
COPY . .
# Alpine's target is musl, and links statically. Optimised as components are, without a debugger's tables.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --release --package usersctl \
    && cp target/release/usersctl /usersctl \
    && strip /usersctl

FROM scratch
LABEL org.opencontainers.image.title="usersctl" \
      org.opencontainers.image.description="Migrations and set-up of the users service" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /usersctl /usersctl
COPY --from=build /src/LICENSE /LICENSE
# Nobody in particular; the root may be read-only, since usersctl writes no file.
USER 10001:10001
ENTRYPOINT ["/usersctl"]
