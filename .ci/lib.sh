# Parts of .ci/run.

work="$(mktemp -d)"
server_process=""

step() {
    printf '\n== %s\n' "$*"
}

fail() {
    printf 'FAILED: %s\n' "$*" >&2
    exit 1
}

clean_up() {
    stop_server
    rm -rf "$work"
}
trap clean_up EXIT

# Runs a command as root, whoever we are.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

need_postgres() {
    if [ -n "${TARIFF_TEST_POSTGRES_URL:-}" ] || command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; then
        return
    fi 2>/dev/null
    install_packages postgresql
}

need_python_venv() {
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        install_packages python3 python3-venv
    fi
    python3 --version
}

# Starts the server on any free port and a folder of its own, and exports TARIFF_URL and TARIFF_API_KEY.
start_server() {
    "$1" serve --listen 127.0.0.1:0 --data-dir "$work/data" >"$work/server.out" 2>"$work/server.log" &
    server_process=$!
    for _ in $(seq 100); do
        TARIFF_URL="$(sed -n 's/^Tariff is listening on //p' "$work/server.out")"
        if [ -n "$TARIFF_URL" ]; then break; fi
        sleep 0.2
    done
    TARIFF_API_KEY="$(sed -n 's/^  API key  *//p' "$work/server.out")"
    if [ -z "$TARIFF_URL" ] || [ -z "$TARIFF_API_KEY" ]; then
        cat "$work/server.out" "$work/server.log" >&2
        fail "the server did not start"
    fi
    export TARIFF_URL TARIFF_API_KEY
}

stop_server() {
    if [ -n "$server_process" ]; then
        kill "$server_process" 2>/dev/null || true
        wait "$server_process" || true
        server_process=""
    fi
}

# The amounts of the demo's usage lines are known beforehand.
check_demo() {
    local found expected
    found="$(awk -F'│' '
        /SUBSCRIPTION_CYCLE/ { match($0, /\((code|conv)\)/); customer = substr($0, RSTART + 1, RLENGTH - 2) }
        /SUBSCRIPTION_CREATE/ { customer = "" }
        customer && /Input tokens|Output tokens|Requests/ {
            gsub(/ +$|^ +/, "", $2); gsub(/ /, "", $5); print customer ": " $2 " " $5
        }' "$1")"
    expected="code: Input tokens 41.12
code: Output tokens 2.46
code: Requests 0.00
conv: Input tokens 49.72
conv: Output tokens 40.89
conv: Requests 5.00"
    [ "$found" = "$expected" ] || fail "the demo billed
$found
instead of
$expected"
    echo "The demo billed the six expected amounts."
}

# Runs the blocks of the README that are marked ```sh ci, in order, in one shell.
run_readme() {
    awk '/^```sh ci$/ { inside = 1; next } /^```/ { inside = 0 } inside' README.md >"$work/readme.sh"
    [ -s "$work/readme.sh" ] || fail "the README has no blocks to run"
    bash -euxo pipefail "$work/readme.sh"
}
