# summary() and vcov() from p x p numbers: what they say is what summary.glm() says of the same fit.

# Of no coefficient glm() has logical matrices.
as_numbers <- function(value) {
  if (is.matrix(value)) storage.mode(value) <- "double"
  value
}

test_that("a summary has all that a glm's has, in its order", {
  set.seed(312)
  d <- transform(warpbreaks, x = rnorm(54), w = rep_len(0:3, 54))
  for (case in list(list(breaks ~ wool * tension + x, poisson()), list(breaks ~ wool + x + I(3 * x), Gamma("inverse")),
                    list(breaks ~ wool + x, gaussian()), list(breaks ~ 0, poisson()), list(breaks ~ 1, quasipoisson()))) {
    fit <- glmpp(case[[1]], case[[2]], d)
    expected <- summary(as.glm(fit))
    found <- summary(fit)
    for (name in setdiff(names(expected), c("call", "terms"))) {
      expect_equal(as_numbers(found[[name]]), as_numbers(expected[[name]]), tolerance = 1e-8, label = paste(deparse1(case[[1]]), name))
    }
    of_two <- function(fit) lapply(summary(fit, dispersion = 2, correlation = TRUE)[c("coefficients", "correlation", "cov.scaled")], as_numbers)
    expect_equal(of_two(fit), of_two(as.glm(fit)), tolerance = 1e-8)
    for (complete in c(TRUE, FALSE)) {
      expect_equal(as_numbers(vcov(fit, complete = complete)), as_numbers(vcov(as.glm(fit), complete = complete)), tolerance = 1e-8)
    }
  }
  weighted <- glmpp(breaks ~ wool + x, gaussian, d, weights = w)
  expect_warning(found <- summary(weighted), "zero weight")
  expect_warning(expected <- summary(as.glm(weighted)), "zero weight")
  expect_equal(coef(found), coef(expected), tolerance = 1e-10)
})

test_that("the deviance residuals of a summary are made when they are read, and travel", {
  fit <- glmpp(breaks ~ wool + tension, poisson, warpbreaks)
  expected <- residuals(as.glm(fit))
  expect_equal(summary(fit)$deviance.resid, expected)
  expect_equal(unserialize(serialize(summary(fit), NULL))$deviance.resid, expected)
  expect_equal(quantile(summary(fit)$deviance.resid), quantile(expected))
  copy <- summary(fit)$deviance.resid
  copy[1] <- 0
  expect_equal(summary(fit)$deviance.resid, expected)
  airquality$Ozone[1] <- NA
  excluded <- glmpp(Ozone ~ Wind, gaussian, airquality, na.action = na.exclude)
  expect_equal(summary(excluded)$deviance.resid, residuals(excluded))
})

test_that("covariances of several hundred columns are the inverse of the information", {
  set.seed(313)
  d <- data.frame(x = rnorm(6000), g = factor(sample(450, 6000, TRUE)), id = sample(90, 6000, TRUE))
  d$y <- rpois(6000, exp(0.3 * d$x))
  fit <- glmpp(y ~ x + g, poisson, d)
  x <- model.matrix(fit)
  information <- crossprod(x, x * as.vector(fit$weights))
  expect_lt(max(abs(vcov(fit) %*% information - diag(ncol(x)))), 1e-9)
  expect_identical(vcov(glmpp(y ~ x + g, poisson, d, threads = 1)), vcov(glmpp(y ~ x + g, poisson, d, threads = 3)))
  scores <- x * (d$y - as.vector(fit$fitted.values))
  bread <- solve(information)
  robust <- bread %*% crossprod(scores) %*% bread
  expect_equal(vcov(fit, type = "HC0"), robust, tolerance = 1e-8)
  sums <- rowsum(scores, d$id)
  expect_equal(vcov(fit, type = "HC0", cluster = ~id), 90 / 89 * bread %*% crossprod(sums) %*% bread, tolerance = 1e-8)
})

test_that("residuals of every type are glm()'s", {
  set.seed(314)
  d <- transform(warpbreaks, w = rep_len(0:3, 54), x = replace(rnorm(54), 7, NA))
  for (family in list(poisson(), Gamma("inverse"), gaussian(), quasi("log", "mu"))) for (action in list(na.omit, na.exclude)) {
    fit <- glmpp(breaks ~ wool + x, family, d, weights = w, na.action = action)
    for (type in c("deviance", "pearson", "working", "response", "partial")) {
      expect_equal(residuals(fit, type), residuals(as.glm(fit), type), tolerance = 1e-10, label = paste(family$family, type))
    }
  }
  saturated <- glmpp(breaks ~ factor(seq_along(breaks)), poisson, warpbreaks[1:6, ])
  expect_equal(residuals(saturated), residuals(as.glm(saturated)))
})
