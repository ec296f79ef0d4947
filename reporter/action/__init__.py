"""What the steps of action.yml run: setup.sh and step.sh, then `python -m reporter.action meter|report|gate`."""
