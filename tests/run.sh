#!/usr/bin/env bash
# Builds everything and runs every test: .NET, npm clients against real processes, and the browser.
# The last line is the count: "N passed, N failed, N skipped". Exit status 0 only if nothing failed.
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
logs=artifacts/test-logs
rm -rf "$logs" && mkdir -p "$logs"

find_browser() {
  for candidate in "${CHROME_PATH:-}" chromium chromium-browser google-chrome google-chrome-stable chrome \
      "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    [ -n "$candidate" ] && path=$(command -v "$candidate" 2>/dev/null) && { echo "$path"; return; }
  done
  return 1
}

CHROME_PATH=$(find_browser) || {
  echo "No Chrome or Chromium found: installing Debian's chromium."
  sudo=$([ "$(id -u)" = 0 ] || echo sudo)
  { $sudo apt-get update -q && $sudo apt-get install -q -y --no-install-recommends chromium; } >"$logs/browser-install.log" 2>&1 ||
    { tail -5 "$logs/browser-install.log"; echo "Chromium could not be installed. Install Chrome or Chromium, or set CHROME_PATH."; }
  CHROME_PATH=$(find_browser) || CHROME_PATH=
}
export CHROME_PATH

passed=0 failed=0 skipped=0

echo "Building."
if ! dotnet build MuseWorkbench.sln -v quiet >"$logs/build.log" 2>&1; then
  grep -E "error|warn" "$logs/build.log" | sort -u | head -40
  tail -3 "$logs/build.log"
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi

# Tests of the shared store want a PostgreSQL server: one of their own, reached by a socket in a folder that goes with it.
find_postgres() {
  for folder in $(dirname "$(command -v initdb 2>/dev/null || echo /none/x)") /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin; do
    [ -x "$folder/initdb" ] && [ -x "$folder/postgres" ] && { echo "$folder"; return; }
  done
  return 1
}

start_postgres() {
  binaries=$(find_postgres) || {
    echo "No PostgreSQL found: installing Debian's postgresql."
    sudo=$([ "$(id -u)" = 0 ] || echo sudo)
    { $sudo apt-get update -q && $sudo apt-get install -q -y --no-install-recommends postgresql; } >"$logs/postgres-install.log" 2>&1
    binaries=$(find_postgres) || { echo "PostgreSQL could not be installed: tests over it are skipped."; return; }
  }
  postgres=$(mktemp -d) && chmod 711 "$postgres"
  as=
  # It refuses to run as root.
  if [ "$(id -u)" = 0 ]; then chown postgres "$postgres" && as="runuser -u postgres --"; fi
  (cd "$postgres" && $as "$binaries/initdb" -D "$postgres/data" -U muse -A trust -E UTF8 --no-sync &&
    $as "$binaries/pg_ctl" -D "$postgres/data" -l "$postgres/log" -w -o "-c listen_addresses= -c unix_socket_directories=$postgres -c fsync=off" start) >"$logs/postgres.log" 2>&1 ||
    { tail -5 "$logs/postgres.log"; echo "PostgreSQL could not be started: tests over it are skipped."; return; }
  trap '(cd / && $as "$binaries/pg_ctl" -D "$postgres/data" -m immediate stop) >/dev/null 2>&1; rm -rf "$postgres"' EXIT
  export MUSE_POSTGRES="Host=$postgres;Username=muse;Database=postgres"
}

[ -n "${MUSE_POSTGRES:-}" ] || start_postgres

# One project after another: those that start an engine would otherwise compete for the cores.
for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  echo "Testing $name."
  # Cut off where it hangs, so that the rest is still tested.
  dotnet test --project "$project" --no-build --no-progress --timeout 20m >"$logs/$name.log" 2>&1
  status=$?
  count() { sed -nE "s/^ *$1: ([0-9]+).*/\1/p" "$logs/$name.log" | tail -1; }
  p=$(count succeeded) f=$(count failed) s=$(count skipped)
  # A run that ended badly without naming a failed test (a crash, a hang) is a failure all the same.
  if [ "$status" -ne 0 ] && [ "${f:-0}" -eq 0 ]; then f=1; fi
  if [ "${f:-0}" -gt 0 ]; then grep -vE "^\s*$" "$logs/$name.log" | head -200; fi
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
  echo "  ${p:-0} passed, ${f:-0} failed, ${s:-0} skipped"
done

if ls tests/clients/*.test.mjs >/dev/null 2>&1; then
  echo "Testing the npm clients."
  node --test --test-concurrency=1 --test-reporter=tap tests/clients/*.test.mjs >"$logs/clients.log" 2>&1
  status=$?
  count() { sed -nE "s/^# $1 ([0-9]+)$/\1/p" "$logs/clients.log" | tail -1; }
  p=$(count pass) f=$(count fail) s=$(count skipped)
  if [ "$status" -ne 0 ] && [ "${f:-0}" -eq 0 ]; then f=1; fi
  if [ "${f:-0}" -gt 0 ]; then head -200 "$logs/clients.log"; fi
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
  echo "  ${p:-0} passed, ${f:-0} failed, ${s:-0} skipped"
fi

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
