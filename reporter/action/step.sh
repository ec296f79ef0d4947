#!/bin/sh
# One step of the action: `step.sh meter|report|gate` becomes the reporter's process,
# so that the runner's signals reach it and its status is the step's.
#
# Reads EMISSIONS_PYTHON (empty: the reporter could not be set up), EMISSIONS_PATH (PATH of the steps that have the
# token), EMISSIONS_STATE, EMISSIONS_INPUT_*.
# Without the reporter, `meter` runs the input `run` as GitHub would run the step itself (in modes `start` and `stop` it
# does nothing), and the others do nothing but obey `on-error`.

set -eu

step=$1
unset INPUT_TOKEN # runners other than GitHub's set it, and a process's first environment can be read by its children
python=${EMISSIONS_PYTHON:-}
case $step in
    report | gate)
        # These have the token: variables that make a process load or call what the job's own steps have left.
        PATH=${EMISSIONS_PATH:-$PATH}
        unset OPENSSL_CONF OPENSSL_CONF_INCLUDE OPENSSL_MODULES OPENSSL_ENGINES SSLKEYLOGFILE GCONV_PATH LOCPATH
        unset GIT_SSH GIT_SSH_COMMAND GIT_ASKPASS SSH_ASKPASS BROWSER
        ;;
esac
if [ -n "$python" ] && [ -x "$python" ]; then
    exec "$python" -I -m reporter.action "$step"
fi

stop() {
    printf '::error title=Emissions Reporter::%s\n' "$1"
    exit 2
}

case $step in
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

mode=${EMISSIONS_INPUT_MODE:-run}
shell=${EMISSIONS_INPUT_SHELL:-bash}
case $mode in
    run) ;;
    start | stop)
        echo "Emissions Reporter was not set up: there is no session to $mode."
        exit 0
        ;;
    *) stop 'The input mode is none of run, start, stop, report and setup.' ;;
esac
[ -n "${EMISSIONS_INPUT_RUN:-}" ] || stop 'The input run is empty: there is no command to meter.'

# The words of the shell, with the script's suffix as the last one.
case $shell in
    bash) set -- bash --noprofile --norc -eo pipefail '{0}' .sh ;;
    sh) set -- sh -e '{0}' .sh ;;
    python) set -- python '{0}' .py ;;
    pwsh | powershell) set -- "$shell" -command ". '{0}'" .ps1 ;;
    *'{0}'*)
        set -f
        # shellcheck disable=SC2086  # a template is split at its spaces
        set -- $shell ''
        set +f
        ;;
    *) stop 'The input shell is none of bash, sh, python, pwsh and a template with {0}.' ;;
esac
for suffix in "$@"; do :; done

folder=${EMISSIONS_STATE:-}
run=$EMISSIONS_INPUT_RUN
directory=${EMISSIONS_INPUT_WORKING_DIRECTORY:-.}
for name in $(env | sed -n 's/^\(EMISSIONS_INPUT_[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
unset EMISSIONS_STATE EMISSIONS_PYTHON EMISSIONS_MATRIX
unset EMISSIONS_ELECTRICITYMAPS_TOKEN EMISSIONS_WATTTIME_USER EMISSIONS_WATTTIME_PASSWORD

script=$folder/script$suffix
if [ -n "$folder" ] && printf '%s\n' "$run" 2>/dev/null >"$script"; then
    words=$#
    while [ "$words" -gt 1 ]; do
        word=$1
        shift
        case $word in *'{0}'*) word=${word%%'{0}'*}$script${word#*'{0}'} ;; esac
        set -- "$@" "$word"
        words=$((words - 1))
    done
    shift
else
    # No disk for the script.
    case $shell in
        bash) set -- bash --noprofile --norc -eo pipefail -c "$run" ;;
        sh) set -- sh -ec "$run" ;;
        python) set -- python -c "$run" ;;
        *) stop "The command could not be written to a file for the shell $shell." ;;
    esac
fi

cd "$directory"
exec "$@"
