# Differences that are as they should be, each with its reason: package, call (a regular expression), doors, reason.

expected <- list()
