# Numbers beyond the range of R's integers, and weights far from 1.

same <- c("coefficients", "deviance", "null.deviance", "aic", "weights", "df.residual", "df.null")

test_that("integer weights and counts whose product passes 2^31 equal doubles", {
  set.seed(21)
  data <- data.frame(x = rnorm(60), weight = rep(c(90000L, 120000L), 30))
  data$count <- as.integer(1e6 + 1e5 * data$x + rpois(60, 1e5))
  doubles <- transform(data, weight = as.double(weight), count = as.double(count))
  expect_silent(fit <- glmpp(count ~ x, poisson, data, weights = weight))
  expect_equal(unclass(fit)[same], unclass(glmpp(count ~ x, poisson, doubles, weights = weight))[same], tolerance = 1e-13)
  expect_equal(fit$null.deviance, glm(count ~ x, poisson, doubles, weights = weight)$null.deviance, tolerance = 1e-10)
})

test_that("integer counts whose total passes 2^31 equal doubles", {
  set.seed(22)
  data <- data.frame(x = rnorm(60), failures = 1400000000L)
  data$successes <- as.integer(1.5e9 + 1e8 * data$x)
  doubles <- transform(data, successes = as.double(successes))
  expect_silent(fit <- glmpp(cbind(successes, failures) ~ x, binomial, data))
  expect_identical(fit$prior.weights, setNames(doubles$successes + 1.4e9, 1:60))
  expect_equal(unclass(fit)[same], unclass(glmpp(cbind(successes, failures) ~ x, binomial, doubles))[same], tolerance = 1e-13)
})

test_that("grouped rows whose weights add up beyond 2^53 keep their fit", {
  set.seed(23)
  rows <- 40000
  data <- data.frame(f = factor(sample(5, rows, TRUE)), k = sample(0:3, rows, TRUE), weight = sample(1:3, rows, TRUE))
  data$y <- rbinom(rows, 1, plogis(as.integer(data$f) / 3 - data$k / 2))
  plain <- glmpp(y ~ f + k, binomial, data, weights = weight)
  data$weight <- data$weight * 2^45
  expect_gt(sum(data$weight), 2^53)
  large <- glmpp(y ~ f + k, binomial, data, weights = weight)
  expect_identical(large$solver$grouped_rows, 20)
  expect_equal(coef(large), coef(plain), tolerance = 1e-12)
  expect_equal(large$deviance / 2^45, plain$deviance, tolerance = 1e-12)
  expect_equal(vcov(large) * 2^45, vcov(plain), tolerance = 1e-11)
})

test_that("integers at both ends of their range are not taken for a few whole numbers", {
  set.seed(24)
  data <- data.frame(k = sample(0:3, 30000, TRUE), y = rpois(30000, 2))
  data$k[1:2] <- c(.Machine$integer.max, -.Machine$integer.max)
  fit <- glmpp(y ~ k, poisson, data)
  expect_true(is.na(fit$solver$grouped_rows))
  expect_equal(coef(fit), coef(glmpp(y ~ k, poisson, transform(data, k = as.double(k)))), tolerance = 1e-12)
})

test_that("scaling all weights by a tiny or huge number keeps coefficients and scales the deviance", {
  set.seed(25)
  data <- data.frame(x = rnorm(80), weight = runif(80))
  data$y <- rpois(80, (1 + 0.3 * data$x)^2)
  for (family in list(quasipoisson("sqrt"), quasipoisson("log"), gaussian("log"))) {
    plain <- glmpp(y + 0.1 ~ x, family, data, weights = weight)
    for (scale in c(2^-40, 2^-26, 2^40)) {
      scaled <- glmpp(y + 0.1 ~ x, family, transform(data, weight = weight * scale), weights = weight)
      expect_equal(coef(scaled), coef(plain), tolerance = 1e-7)
      expect_equal(scaled$deviance / scale, plain$deviance, tolerance = 1e-12)
    }
  }
})

test_that("a limit on iterations goes up to the largest integer", {
  most <- .Machine$integer.max
  expect_identical(coef(glmpp(am ~ wt, binomial, mtcars, maxit = most)), coef(glmpp(am ~ wt, binomial, mtcars)))
  expect_error(glmpp(am ~ wt, binomial, mtcars, maxit = most + 1), "2147483647", class = "glmpp_error_argument")
})

test_that("a start that is not zero in an aliased column gives the same fit", {
  data <- transform(mtcars, twice = 2 * wt)
  plain <- glmpp(am ~ wt + twice, binomial, data)
  started <- glmpp(am ~ wt + twice, binomial, data, start = c(1, -5, 3))
  expect_equal(coef(started), coef(plain), tolerance = 1e-9)
  expect_equal(predict(started, data), predict(started), tolerance = 1e-9)
})
