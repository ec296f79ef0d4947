#!/bin/sh
# Gives the action its own Python environment, or says in one warning why it cannot: the job goes on either way.
#
# Reads    GITHUB_ACTION_PATH, RUNNER_TEMP; EMISSIONS_INPUT_PYTHON (the input `python`), EMISSIONS_ON_PATH (true: put
#          a folder with nothing but the `emissions` command on the job's path), EMISSIONS_MATRIX (JSON, for job names)
# Outputs  state   a folder for this use of the action
#          python  the environment's interpreter; empty when the reporter could not be set up
#          path, libraries   PATH and LD_LIBRARY_PATH as they were at the job's first use of the action: what its own
#                  steps have added since finds no program and no library for us
# Leaves   network   proxies and certificates of that first use, beside the state folder: they may hold passwords, and
#                  outputs are shown in the log
#
# Without network: a folder `wheels` beside action.yml is installed from, and nothing else is asked.
#
# POSIX sh, so that it runs in container jobs without bash; sh reads no BASH_ENV either.
# One environment serves every use of the action in a job; it is keyed by everything that it is made of.

set -u

deadline_s=120
action=$GITHUB_ACTION_PATH
lock=$action/reporter/action/requirements.lock
wheels=$action/wheels
log=/dev/null

main() {
    base=${RUNNER_TEMP:-$(mktemp -d || echo /nonexistent)}/emissions-reporter/${GITHUB_RUN_ID:-0}-${GITHUB_RUN_ATTEMPT:-0}-${GITHUB_JOB:-job}
    state=
    python=
    if [ -r "$base/path" ]; then
        IFS= read -r PATH <"$base/path"
        IFS= read -r LD_LIBRARY_PATH <"$base/libraries" && export LD_LIBRARY_PATH
    fi
    if mkdir -p "$base" 2>/dev/null && state=$(mktemp -d "$base/use-XXXXXX" 2>/dev/null); then
        log=$state/setup.log
        if prepare 2>>"$log"; then
            printf '%s\n' "${LD_LIBRARY_PATH:-}" >"$base/libraries"
            [ -e "$base/network" ] || (umask 077 && network >"$base/network")
            printf '%s\n' "$PATH" >"$base/path"
            say "$(sed -n 's/^__version__ = "\(.*\)"/\1/p' "$action/reporter/__init__.py") on $base_python"
        else
            python=
            warn "The reporter could not be set up, so the job runs unmetered: ${why:-no reason known}."
            sed 's/^/    /' "$log"
        fi
    else
        state=
        warn "The reporter could not be set up, so the job runs unmetered: no folder can be made in $base."
    fi
    output state "$state"
    output python "$python"
    output path "$PATH"
    output libraries "${LD_LIBRARY_PATH:-}"
    if [ "${EMISSIONS_ON_PATH:-}" = true ] && [ -n "$state" ]; then put_on_path; fi
    return 0
}

network() {
    for name in HTTPS_PROXY https_proxy HTTP_PROXY http_proxy ALL_PROXY all_proxy NO_PROXY no_proxy \
        REQUESTS_CA_BUNDLE CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR GIT_SSL_CAINFO; do
        eval "value=\${$name-}"
        if [ -n "$value" ]; then printf '%s=%s\n' "$name" "$(printf '%s' "$value" | tr -d '\r\n')"; fi
    done
}

# Sets `python`, or `why` and fails.
prepare() {
    why='the action has no requirements.lock'
    [ -r "$lock" ] || return 1
    find_python || return 1
    key=$(printf '%s\n' "$action" "$base_python" "$(cat "$lock")" | cksum | tr -c '0-9\n' -)
    venv=$base/venv-$key
    if [ ! -e "$venv/ready" ]; then
        build || return 1
        : >"$venv/ready"
    fi
    python=$(interpreter)
}

# The input, else the job's own, else the runner's tool cache, else whatever uv has or fetches.
find_python() {
    if [ -n "${EMISSIONS_INPUT_PYTHON:-}" ]; then
        why="\`python: $EMISSIONS_INPUT_PYTHON\` is no Python 3.10 or newer"
        usable "$EMISSIONS_INPUT_PYTHON"
        return
    fi
    tools=${RUNNER_TOOL_CACHE:-${AGENT_TOOLSDIRECTORY:-/opt/hostedtoolcache}}
    for candidate in python3 python python3.14 python3.13 python3.12 python3.11 python3.10 \
        "$tools"/Python/3.1[0-9].*/*/bin/python3 "$tools"/Python/3.1[0-9].*/*/python.exe; do
        if usable "$candidate"; then return 0; fi
    done
    why='there is no Python 3.10 or newer, and no uv to fetch one'
    command -v uv >/dev/null 2>&1 || return 1
    why='uv found no Python 3.10 or newer, and could not fetch one'
    usable "$(bounded uv python find '>=3.10')" && return 0
    bounded uv python install --quiet 3.12 1>&2
    usable "$(bounded uv python find '>=3.10')"
}

# Sets `base_python` to the interpreter behind a name: a shim would cost time at every start.
usable() {
    [ -n "$1" ] || return 1
    command -v "$1" >/dev/null 2>&1 || return 1
    base_python=$("$1" -I -c 'import sys; sys.version_info >= (3, 10) or sys.exit(1); print(sys.executable)' 2>/dev/null)
}

build() {
    # Settings that are right for the job's own installs and wrong for ours; an index or a proxy is kept.
    unset PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT PIP_REQUIRE_VIRTUALENV PIP_CONSTRAINT PIP_NO_BINARY PIP_REQUIREMENT \
        PIP_DRY_RUN PIP_NO_DEPS UV_CONSTRAINT UV_OVERRIDE UV_EXCLUDE_NEWER UV_NO_BINARY UV_SYSTEM_PYTHON UV_TARGET
    why='its packages could not be installed (the log is below)'
    with_uv || with_pip || return 1
    for site in "$venv"/lib/python3.*/site-packages "$venv"/Lib/site-packages; do
        if [ -d "$site" ]; then printf '%s\n' "$action" >"$site/emissions_reporter.pth" || return 1; fi
    done
    "$(interpreter)" -I -c 'import reporter'
}

with_uv() {
    command -v uv >/dev/null 2>&1 || return 1
    rm -rf "$venv"
    bounded uv venv --quiet --python "$base_python" "$venv" 1>&2 &&
        with_index uv pip install --quiet --python "$(interpreter)" --only-binary :all: --require-hashes --no-deps \
            -r "$lock" 1>&2
}

# `--without-pip` leaves ensurepip out, which is most of what a plain environment costs.
with_pip() {
    rm -rf "$venv"
    if "$base_python" -I -c 'import pip, sys; sys.exit(tuple(map(int, pip.__version__.split(".")[:2])) < (22, 3))'; then
        "$base_python" -I -m venv --without-pip "$venv" 1>&2 || return 1
        set -- "$base_python" -I -m pip --python "$(interpreter)"
    else
        "$base_python" -I -m venv "$venv" 1>&2 || return 1
        set -- "$(interpreter)" -I -m pip
    fi
    with_index "$@" install --quiet --disable-pip-version-check --no-input --no-compile --retries 1 --timeout 15 \
        --require-hashes --no-deps --only-binary :all: -r "$lock" 1>&2
}

# The same hashes hold for the folder: what is in it is no more trusted than an index.
with_index() {
    if [ -d "$wheels" ]; then set -- "$@" --no-index --find-links "$wheels"; fi
    bounded "$@"
}

interpreter() {
    if [ -e "$venv/Scripts/python.exe" ]; then echo "$venv/Scripts/python.exe"; else echo "$venv/bin/python"; fi
}

# From the state folder, so that no project's settings are picked up, and within the deadline where one can be set.
bounded() {
    if command -v timeout >/dev/null 2>&1; then set -- timeout "$deadline_s" "$@"; fi
    (cd "$state" && exec "$@" </dev/null)
}

# Without the reporter the command stands in for itself: `emissions run … -- COMMAND` still runs COMMAND.
put_on_path() {
    mkdir -p "$state/bin" || return 0
    if [ -n "$python" ]; then
        # The matrix is known here only; without it all legs would bear one name.
        printf '#!/bin/sh\nEMISSIONS_MATRIX=%s exec %s -I -m reporter "$@"\n' \
            "$(quoted "${EMISSIONS_MATRIX:-null}")" "$(quoted "$python")" >"$state/bin/emissions"
        case $python in *.exe) printf '@"%s" -I -m reporter %%*\r\n' "$python" >"$state/bin/emissions.cmd" ;; esac
    else
        printf '#!/bin/sh\nexec sh %s "$@"\n' "$(quoted "$action/reporter/action/stand-in.sh")" >"$state/bin/emissions"
    fi
    chmod +x "$state/bin/emissions"
    printf '%s\n' "$state/bin" >>"${GITHUB_PATH:-/dev/null}"
}

quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"; }

output() { printf '%s=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:-/dev/null}"; }

say() { printf 'Emissions Reporter %s\n' "$1"; }

warn() {
    printf '::warning title=Emissions Reporter::%s\n' \
        "$(printf '%s' "$1" | sed 's/%/%25/g' | tr '\r\n' '  ')"
}

main
