test_that("what does not fit into memory is refused before it is built", {
  old <- options(glmpp.memory = 1e4)
  on.exit(options(old))
  wide <- data.frame(y = rep(0:1, 100), f = factor(rep(1:40, 5)))
  error <- expect_error(glmpp(y ~ f, poisson, wide), class = "glmpp_error_memory")
  expect_match(conditionMessage(error), "40 coefficients.*75 KB.*`f` has 40 levels")
  error <- expect_error(glmpp(y ~ 1, poisson, data.frame(y = rep(1:2, 1e4)), x = TRUE), class = "glmpp_error_memory")
  expect_match(conditionMessage(error), "x = TRUE.*20,000 rows of 1 column.*156 KB")
  fit <- glmpp(y ~ 1, poisson, data.frame(y = rep(1:2, 1e4)))
  expect_error(fit$qr, class = "glmpp_error_memory")
  expect_silent(summary(fit))
})

test_that("without a limit of the user's the system is asked for big things only", {
  expect_gt(glmpp:::available_memory(), 0)
  expect_silent(glmpp:::check_memory(2^20, "a megabyte"))
  skip_if(!is.finite(glmpp:::available_memory()))
  expect_error(glmpp:::check_memory(2^62, "half of everything"), class = "glmpp_error_memory")
})
