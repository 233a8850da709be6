#!/usr/bin/env node
// A file of its own, for it must be executable, which what tsc writes is not.
require('../dist/doctor/cli.js')
