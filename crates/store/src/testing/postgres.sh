# A PostgreSQL server that lives for as long as our standard input is open. $1: the folder of its programs.
set -e
bin=$1
dir=$(mktemp -d /tmp/chancery-postgres-XXXXXX)
trap '"$bin/pg_ctl" -D "$dir/data" -m immediate stop >/dev/null 2>&1; rm -rf "$dir"' EXIT
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --no-sync >"$dir/log" 2>&1
"$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" \
    -o "-k $dir -c listen_addresses= -c fsync=off -c max_connections=400" start >/dev/null
echo "$dir"
cat >/dev/null
