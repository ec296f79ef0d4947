#!/bin/sh
# Stands in for the `emissions` command where the reporter could not be set up:
# `emissions run [options] -- COMMAND` runs COMMAND unmetered; `start`, `mark` and `stop` say so and fail no step;
# every other verb says so and ends with status 3.

our_verb=${1:-} # the command may have a variable `verb`
while [ "$#" -gt 0 ] && [ "$1" != -- ]; do shift; done
if [ "$our_verb" = run ] && [ "$#" -gt 1 ]; then
    shift
    echo 'emissions: not set up; the command runs unmetered' >&2
    unset EMISSIONS_ELECTRICITYMAPS_TOKEN EMISSIONS_WATTTIME_USER EMISSIONS_WATTTIME_PASSWORD
    exec "$@"
fi
case $our_verb in
    start | mark | stop)
        echo "emissions: not set up; \`$our_verb\` does nothing" >&2
        exit 0
        ;;
esac
echo 'emissions: not set up (see the warning of the setup step); nothing was done' >&2
exit 3
