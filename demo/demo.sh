#!/bin/sh
# Make a project, deploy it to the embedded cloud, and ask it for its answer. `make demo` runs this.
#
# All of it stays in a temporary directory, which is removed at the end with what runs from it.
# It serves until Ctrl-C; with DEMO_ONCE=1 it ends after the answer.
set -eu

work=$(mktemp -d)
export CHALICE_CLOUD_HOME="$work/cloud" CHALICE_CLOUD_PORT=0
export no_proxy=127.0.0.1 NO_PROXY=127.0.0.1

clean_up() {
    chalice cloud stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 0' INT
trap 'exit 143' TERM HUP

run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

cd "$work"
run chalice new-project helloworld
run cd helloworld
run chalice deploy --local

url=$(chalice url)
printf '\n$ curl "$(chalice url)"\n'
answer=$(python -c 'import sys, urllib.request
print(urllib.request.urlopen(sys.argv[1], timeout=30).read().decode())' "$url")
printf '%s\n' "$answer"
if [ "$answer" != '{"hello":"world"}' ]; then
    echo 'demo: this is not the answer of a new project' >&2
    exit 1
fi

[ -z "${DEMO_ONCE:-}" ] || exit 0
cat <<END

Your API answers at $url until you press Ctrl-C. In another terminal:

    export PATH="$(dirname "$(command -v chalice)"):\$PATH" CHALICE_CLOUD_HOME="$CHALICE_CLOUD_HOME"
    cd "$work/helloworld"
    chalice plan --local            # what a deploy would change: nothing
    \${EDITOR:-vi} app.py            # change the answer, or add a route
    chalice deploy --local          # deploy what changed
    curl "\$(chalice url)"
    chalice delete --local          # remove everything again
END
while :; do
    sleep 3600 &
    wait $!
done
