library(testthat)
library(glmpp)

test_check("glmpp")
