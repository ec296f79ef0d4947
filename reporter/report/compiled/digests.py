"""Generated from templates/*.js by `python -m reporter.report.compile`."""
DIGESTS: dict[str, str] = {
    "chart.js": "bfvKi/7XtRwAsbT0QXNO9ahyMwHhkiZTltKYb+FSy+Y=",
    "report.js": "QgJqGuZWriBpM7DsyH2/1tOi684CiFXEyBT6Oz+xrdI=",
}
