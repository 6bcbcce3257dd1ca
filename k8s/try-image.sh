#!/usr/bin/env bash
# Builds the image of usersctl without a container engine, and runs it like the migration Job: as its unprivileged user, on
# a read-only root, against a Postgres made for the trial. Needs root, and Debian's musl-tools, buildah and postgresql.
# POSTGRES_BIN names the programs of another Postgres. The image stays in target/image/storage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=x86_64-unknown-linux-musl
dir=$PWD/target/image
postgres=${POSTGRES_BIN:-$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | sort --version-sort | tail -1)")}
buildah() { command buildah --storage-driver vfs --root "$dir/storage" --runroot "$dir/run" "$@"; }

rustup target add "$target"
cargo build --locked --release --package usersctl --target "$target"
mkdir -p "$dir/context"
strip -o "$dir/context/usersctl" "target/$target/release/usersctl"
cp LICENSE "$dir/context"
buildah bud --isolation chroot --build-arg PROGRAM=prebuilt --file Dockerfile --tag usersctl:trial "$dir/context"

data=$(mktemp --directory)
chown postgres "$data"
as_postgres() { (cd / && setpriv --reuid=postgres --regid=postgres --clear-groups "$@"); }
container=$(buildah from usersctl:trial)
stop() {
    as_postgres "$postgres/pg_ctl" --pgdata="$data/db" --mode=fast stop >/dev/null || true
    buildah rm "$container" >/dev/null
    rm -rf "$data"
}
trap stop EXIT
root=$(buildah mount "$container")
user=$(buildah inspect --format '{{.OCIv1.Config.User}}' "$container")

# Port 54321 on the loopback interface.
unset DATABASE_URL
export SPIN_VARIABLE_DB_HOST=127.0.0.1 SPIN_VARIABLE_DB_PORT=54321 SPIN_VARIABLE_DB_NAME=users \
    SPIN_VARIABLE_DB_USER=users SPIN_VARIABLE_DB_PASSWORD=trial SPIN_VARIABLE_DB_SSLMODE=disable
as_postgres "$postgres/initdb" --pgdata="$data/db" --auth-local=trust --auth-host=scram-sha-256 --locale=C.UTF-8 >/dev/null
as_postgres "$postgres/pg_ctl" --pgdata="$data/db" --log="$data/log" --wait \
    --options="-c listen_addresses=127.0.0.1 -c port=54321 -c unix_socket_directories=$data" start >/dev/null
psql() { as_postgres psql --no-psqlrc --quiet --host="$data" --port=54321 "$@"; }
psql --dbname=postgres --command="CREATE ROLE users LOGIN PASSWORD 'trial'" --command='CREATE DATABASE users OWNER users'

# The commands of k8s/base/migrate.yaml.
run() {
    unshare --mount --propagation private bash -euc '
        root=$1 user=$2; shift 2
        mount --bind "$root" "$root" && mount -o remount,bind,ro "$root"
        if touch "$root/file" 2>/dev/null; then echo "the root is not read-only" >&2; exit 1; fi
        exec chroot --userspec="$user" "$root" /usersctl "$@"
    ' bash "$root" "$user" "$@"
}
run --wait=60s migrate upgrade
run --wait=60s setup-rbac
psql --dbname=users --command='SELECT version() AS "the image worked with"'
