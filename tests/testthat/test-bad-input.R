# Each case is a situation that users of glm() meet (wrong data, wrong arguments); each must end in a
# classed condition whose text names the element and the remedy.

bad <- data.frame(
  y = c(0, 1, 0, 1, 1, 0, 1, 1), x = c(1:7, NA), f = factor(c("a", "b", "a", "b", "a", "b", "c", NA)),
  one = "only", empty = NA_real_, infinite = c(Inf, 1:7), count = c(3, 5, 2, 1, 0, 4, 6, 2)
)

expect_refused <- function(expression, class) {
  error <- expect_error(expression, class = paste0("glmpp_error_", class))
  expect_s3_class(error, "glmpp_error")
  expect_snapshot_output(cat(conditionMessage(error)))
}

test_that("infinite values are refused with column and row", {
  expect_refused(glmpp(y ~ infinite, binomial, bad), "infinite")
  expect_refused(glmpp(y ~ log(x - 1), binomial, bad), "infinite")
  expect_refused(glmpp(y ~ x, binomial, bad, offset = rep(-Inf, 8)), "infinite")
  expect_refused(glmpp_fit(cbind(1, c(1, Inf, 3)), c(1, 2, 4)), "infinite")
})

test_that("missing values are refused where the na.action allows none", {
  expect_refused(glmpp(y ~ x, binomial, bad, na.action = na.fail), "missing")
  expect_refused(glmpp(y ~ x + f, binomial, bad, na.action = na.pass), "missing")
  expect_refused(glmpp_fit(cbind(1, c(1, NA, 3)), c(1, 2, 4)), "missing")
})

test_that("nothing left to fit is said with the columns that are missing", {
  expect_refused(glmpp(y ~ empty, binomial, bad), "no_rows")
  expect_refused(glmpp(y ~ x, binomial, bad[0, ]), "no_rows")
})

test_that("a factor with one level is named, and whether missing values caused it", {
  expect_refused(glmpp(y ~ one, binomial, bad), "levels")
  bad$g <- c("a", NA)
  expect_refused(glmpp(y ~ g, binomial, bad), "levels")
})

test_that("a response that the family can't have is refused with its rows", {
  expect_refused(glmpp(count ~ x, binomial, bad), "response")
  expect_refused(glmpp(count ~ x, binomial, bad, weights = count + 1), "response")
  expect_refused(glmpp(f ~ x, binomial, bad), "response")
  expect_refused(glmpp(as.character(f) ~ x, binomial, bad), "response")
  expect_refused(glmpp(cbind(y, y, y) ~ x, binomial, bad), "response")
  expect_refused(glmpp(cbind(count, -count) ~ x, binomial, bad), "response")
  expect_refused(glmpp(I(-count) ~ x, poisson, bad), "response")
  expect_refused(glmpp(count ~ x, Gamma, bad), "response")
  expect_refused(glmpp(count ~ x, inverse.gaussian, bad), "response")
  expect_refused(glmpp(f ~ x, poisson, bad), "response")
  expect_refused(glmpp(~x, binomial, bad), "response")
})

test_that("fractional successes are a warning that names the rows", {
  fractional <- transform(bad, y = replace(y, 2, 0.3))
  warning <- expect_warning(glmpp(y ~ x, binomial, fractional), class = "glmpp_warning_response")
  expect_snapshot_output(cat(conditionMessage(warning)))
  expect_silent(glmpp(y ~ x, quasibinomial, fractional))
})

test_that("arguments are checked before any work", {
  expect_refused(glmpp(y ~ x, binomial, bad, weights = c(-1, rep(1, 7))), "weights")
  expect_refused(glmpp(y ~ x, binomial, bad, weights = as.character(y)), "weights")
  expect_refused(glmpp(y ~ x, "binomal", bad), "family")
  expect_refused(glmpp(y ~ x, 3, bad), "family")
  expect_refused(glmpp(y ~ x, binomial, bad, epsilom = 1e-3), "argument")
  expect_refused(glmpp(y ~ x, binomial, bad, epsilon = -1), "argument")
  expect_refused(glmpp(y ~ x, binomial, bad, maxit = 0), "argument")
  expect_refused(glmpp(y ~ x, binomial, bad, control = 3), "argument")
  expect_refused(glmpp(y ~ x, binomial, bad, method = "foo"), "argument")
  expect_refused(glmpp(y ~ x, binomial, bad, solver = "foo"), "argument")
  expect_refused(glmpp(y ~ x, binomial, bad, threads = -1), "argument")
  expect_refused(glmpp(y ~ x, binomial, bad, start = 1), "start")
  expect_refused(glmpp(y ~ x, binomial, bad, contrasts = "contr.sum"), "contrasts")
})

test_that("formulas that can't be evaluated are refused with R's own words", {
  expect_error(glmpp(y ~ nowhere, binomial, bad), "nowhere", class = "glmpp_error_frame")
  expect_error(glmpp(y ~ x, binomial, bad, weights = 1:3), "weights", class = "glmpp_error_frame")
  expect_error(glmpp(y ~ list(1), binomial, bad), "list", class = "glmpp_error_frame")
})

test_that("aliased columns are refused when singular.ok = FALSE", {
  expect_refused(glmpp(count ~ x + I(2 * x), poisson, bad, singular.ok = FALSE), "singular")
})

test_that("predict() names levels that the fit does not know, with their rows", {
  fit <- suppressWarnings(glmpp(y ~ f, binomial, bad))
  new <- data.frame(f = c("a", "z", "b", "q"))
  expect_refused(predict(fit, new), "levels")
  known <- predict(fit, data.frame(f = c("a", "b")))
  expect_equal(unname(predict(fit, new, new_levels = "na")), c(known[[1]], NA, known[[2]], NA))
})

test_that("predict() knows a text column's levels too", {
  bad$text <- as.character(bad$f)
  fit <- suppressWarnings(glmpp(y ~ text, binomial, bad))
  expect_refused(predict(fit, data.frame(text = c("a", "new"))), "levels")
  expect_length(predict(fit, data.frame(text = "b")), 1)
})

test_that("predict() explains formulas that don't look at newdata", {
  fit <- glmpp(bad$count ~ bad$x, poisson)
  expect_refused(predict(fit, data.frame(x = 1:3)), "newdata")
  x <- bad$x
  fit <- glmpp(count ~ x, poisson, bad["count"])
  expect_refused(predict(fit, data.frame(z = 1:3)), "newdata")
  fit <- glmpp(count ~ x, poisson, bad)
  expect_refused(predict(fit, data.frame(x = c("a", "b"))), "newdata")
})

test_that("dropped rows are on the object, never lost", {
  fit <- glmpp(y ~ x, binomial, bad)
  expect_equal(fit$na.action, glm(y ~ x, binomial, bad)$na.action)
  expect_output(print(summary(fit)), "1 observation deleted due to missingness")
})

test_that("not converging is a warning that says how far it got", {
  expect_warning(glmpp(count ~ x, poisson, bad, maxit = 1), class = "glmpp_warning_convergence")
})

test_that("a failed fit leaves the session as it was", {
  old <- options()
  set.seed(1)
  seed <- .Random.seed
  try(glmpp(count ~ x, binomial, bad), silent = TRUE)
  glmpp(count ~ x, poisson, bad)
  expect_identical(.Random.seed, seed)
  expect_identical(options(), old)
})
