# syntax=docker/dockerfile:1
# The image of usersctl, which the migration Job and the worker run: one static program. The service has no Dockerfile;
# `spin registry push` makes its image.
#
# The program comes from the stage `build`. With `--build-arg PROGRAM=prebuilt` it comes from a build context that holds
# `usersctl` and `LICENSE`; k8s/README.md shows how to make them on a machine without a container engine.
ARG PROGRAM=build

FROM docker.io/library/rust:1.95-alpine AS build
# The TLS library has parts in C.
RUN apk add --no-cache build-base
WORKDIR /src
COPY . .
# Alpine's target is musl, which links statically.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --locked --release --package usersctl \
    && cp target/release/usersctl LICENSE / \
    && strip /usersctl

FROM scratch AS prebuilt
COPY usersctl LICENSE /

FROM ${PROGRAM} AS program

FROM scratch
LABEL org.opencontainers.image.title="usersctl" \
      org.opencontainers.image.description="Migrations, set-up and worker of the users service" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=program /usersctl /LICENSE /
# An unprivileged user. The root may be read-only: usersctl writes no file.
USER 10001:10001
ENTRYPOINT ["/usersctl"]
