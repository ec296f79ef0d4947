#!/bin/sh
# One step of the action: `step.sh meter|report|gate` becomes the reporter's process,
# so that the runner's signals reach it and its status is the step's.
#
# Reads EMISSIONS_PYTHON (empty: the reporter could not be set up), EMISSIONS_PATH (PATH of the steps that have the
# token), EMISSIONS_STATE, EMISSIONS_INPUT_*; beside the state folder `network`: proxies and certificates.
# Without the reporter, `meter` runs the input `run` as GitHub would run the step itself (in modes `start` and `stop` it
# does nothing), and the others do nothing but obey `on-error`.
#
# Variables begin with `our_`: a job's own `python` or `step` would be dropped with ours in it, or handed on with it.

set -eu

unset INPUT_TOKEN # runners other than GitHub's set it, and a process's first environment can be read by its children
case $1 in
    report | gate)
        # These have the token, and the job's own steps have left what they like: what is not known here is dropped,
        # and who is reached through whom was settled at the job's first use of the action.
        PATH=${EMISSIONS_PATH:-$PATH}
        for our_name in $(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/\1/p'); do
            case $our_name in
                GITHUB_* | RUNNER_* | EMISSIONS_* | PATH | LD_LIBRARY_PATH | HOME | USER | LANG | LC_* | TZ | CI) ;;
                TMPDIR | XDG_RUNTIME_DIR | SSH_AUTH_SOCK | SOURCE_DATE_EPOCH | TERM | COLUMNS | *COLOR*) ;;
                SYSTEMROOT | SystemRoot | WINDIR | windir | COMSPEC | ComSpec | PATHEXT | TEMP | TMP | USERPROFILE) ;;
                APPDATA | LOCALAPPDATA | PROGRAMDATA | ProgramData | HOMEDRIVE | HOMEPATH | OPTIND) ;;
                *) unset "$our_name" 2>/dev/null || : ;;
            esac
        done
        our_base=${EMISSIONS_STATE:-}
        our_base=${our_base%/*}
        if [ -f "$our_base/network" ]; then
            while IFS='=' read -r our_name our_value; do
                case $our_name in '' | *[!A-Z_a-z]*) ;; *) export "$our_name=$our_value" ;; esac
            done <"$our_base/network"
        fi
        ;;
esac
if [ -n "${EMISSIONS_PYTHON:-}" ] && [ -x "$EMISSIONS_PYTHON" ]; then
    exec "$EMISSIONS_PYTHON" -I -m reporter.action "$1"
fi

stop() {
    printf '::error title=Emissions Reporter::%s\n' "$1"
    exit 2
}

case $1 in
    report)
        echo 'Emissions Reporter was not set up: there is nothing to report.'
        exit 0
        ;;
    gate)
        [ "${EMISSIONS_INPUT_ON_ERROR:-warn}" = fail ] || exit 0
        case ${EMISSIONS_METERED:-} in failure | cancelled) exit 0 ;; esac
        printf '::error title=Emissions Reporter::%s\n' 'The reporter could not be set up, and on-error is fail.'
        exit 3
        ;;
esac

our_mode=${EMISSIONS_INPUT_MODE:-run}
our_shell=${EMISSIONS_INPUT_SHELL:-bash}
case $our_mode in
    run) ;;
    start | stop)
        echo "Emissions Reporter was not set up: there is no session to $our_mode."
        exit 0
        ;;
    *) stop 'The input mode is none of run, start, stop, report and setup.' ;;
esac
[ -n "${EMISSIONS_INPUT_RUN:-}" ] || stop 'The input run is empty: there is no command to meter.'

# The words of the shell, with the script's suffix as the last one.
case $our_shell in
    bash) set -- bash --noprofile --norc -eo pipefail '{0}' .sh ;;
    sh) set -- sh -e '{0}' .sh ;;
    python) set -- python '{0}' .py ;;
    pwsh | powershell) set -- "$our_shell" -command ". '{0}'" .ps1 ;;
    *'{0}'*)
        set -f
        # shellcheck disable=SC2086  # a template is split at its spaces
        set -- $our_shell ''
        set +f
        ;;
    *) stop 'The input shell is none of bash, sh, python, pwsh and a template with {0}.' ;;
esac
for our_suffix in "$@"; do :; done

our_folder=${EMISSIONS_STATE:-}
our_run=$EMISSIONS_INPUT_RUN
our_directory=${EMISSIONS_INPUT_WORKING_DIRECTORY:-.}
for our_name in $(env | sed -n 's/^\(EMISSIONS_INPUT_[A-Z_]*\)=.*/\1/p'); do unset "$our_name"; done
unset EMISSIONS_STATE EMISSIONS_PYTHON EMISSIONS_MATRIX
unset EMISSIONS_ELECTRICITYMAPS_TOKEN EMISSIONS_WATTTIME_USER EMISSIONS_WATTTIME_PASSWORD

our_script=$our_folder/script$our_suffix
if [ -n "$our_folder" ] && printf '%s\n' "$our_run" 2>/dev/null >"$our_script"; then
    our_words=$#
    while [ "$our_words" -gt 1 ]; do
        our_word=$1
        shift
        case $our_word in *'{0}'*) our_word=${our_word%%'{0}'*}$our_script${our_word#*'{0}'} ;; esac
        set -- "$@" "$our_word"
        our_words=$((our_words - 1))
    done
    shift
else
    # No disk for the script.
    case $our_shell in
        bash) set -- bash --noprofile --norc -eo pipefail -c "$our_run" ;;
        sh) set -- sh -ec "$our_run" ;;
        python) set -- python -c "$our_run" ;;
        *) stop "The command could not be written to a file for the shell $our_shell." ;;
    esac
fi

cd "$our_directory"
exec "$@"
