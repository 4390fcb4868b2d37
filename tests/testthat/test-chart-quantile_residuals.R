residuals_of <- function(...) quantile_residuals(...)$data$residual

test_that("of a continuous family they are the normal quantile of the distribution function", {
  ozone <- na.omit(airquality)
  w <- rep_len(c(1, 2, 0.5), nrow(ozone))
  gaussian_fit <- glmpp(Ozone ~ Wind, gaussian, ozone, weights = w)
  phi <- summary(gaussian_fit)$dispersion
  expect_equal(residuals_of(gaussian_fit), (ozone$Ozone - unname(fitted(gaussian_fit))) / sqrt(phi / w))

  gamma_fit <- glmpp(Ozone ~ Wind, Gamma("log"), ozone, weights = w)
  phi <- summary(gamma_fit)$dispersion
  expect_equal(residuals_of(gamma_fit), qnorm(pgamma(ozone$Ozone, w / phi, scale = unname(fitted(gamma_fit)) * phi / w)))

  inverse_fit <- glmpp(Ozone ~ Wind, inverse.gaussian("log"), ozone)
  phi <- summary(inverse_fit)$dispersion
  density <- function(y, m) sqrt(1 / (2 * pi * phi * y^3)) * exp(-(y - m)^2 / (2 * phi * m^2 * y))
  place <- mapply(function(y, m) integrate(density, 0, y, m = m, rel.tol = 1e-10)$value, ozone$Ozone[1:20], fitted(inverse_fit)[1:20])
  expect_equal(residuals_of(inverse_fit)[1:20], qnorm(unname(place)), tolerance = 1e-6)
})

test_that("of a discrete family they are drawn uniformly between the steps", {
  poisson_fit <- glmpp(breaks ~ wool, poisson, warpbreaks)
  set.seed(3)
  draw <- runif(nrow(warpbreaks))
  at <- ppois(warpbreaks$breaks - 1, fitted(poisson_fit))
  upto <- ppois(warpbreaks$breaks, fitted(poisson_fit))
  expect_equal(residuals_of(poisson_fit, seed = 3), unname(qnorm(at + draw * (upto - at))), tolerance = 1e-8)

  trials <- data.frame(x = 1:8, yes = c(0, 1, 1, 3, 4, 4, 6, 5), n = c(5, 5, 4, 6, 6, 5, 6, 5))
  binomial_fit <- glmpp(cbind(yes, n - yes) ~ x, binomial, trials)
  place <- pnorm(residuals_of(binomial_fit))
  share <- fitted(binomial_fit)
  expect_true(all(place > pbinom(trials$yes - 1, trials$n, share) & place < pbinom(trials$yes, trials$n, share)))

  skip_if_not_installed("MASS")
  negative_fit <- glmpp(Days ~ Age, MASS::negative.binomial(1.5), MASS::quine)
  place <- pnorm(residuals_of(negative_fit))
  days <- MASS::quine$Days
  expect_true(all(place > pnbinom(days - 1, 1.5, mu = fitted(negative_fit)) & place < pnbinom(days, 1.5, mu = fitted(negative_fit))))
})

test_that("they are standard normal under the true model, and not under a wrong one", {
  set.seed(8)
  x <- runif(4000)
  mean <- exp(x)
  draws <- list(binomial = rbinom(4000, 1, plogis(x)), poisson = rpois(4000, mean), Gamma = rgamma(4000, 2, 2 / mean))
  for (name in names(draws)) {
    family <- switch(name, Gamma = Gamma("log"), get(name)())
    expect_gt(ks.test(residuals_of(glmpp(draws[[name]] ~ x, family)), "pnorm")$p.value, 0.01)
  }
  spread <- rnbinom(4000, 2, mu = mean)
  expect_lt(ks.test(residuals_of(glmpp(spread ~ x, poisson)), "pnorm")$p.value, 1e-6)
})

test_that("far tails keep their quantiles", {
  y <- c(1000, 0, 5, 4, 6)
  fit <- glmpp(y ~ 1, poisson, start = log(5), maxit = 1, epsilon = 1)
  fit$fitted.values[] <- 5
  expect_true(all(is.finite(residuals_of(fit))))
  above <- ppois(999, 5, lower.tail = FALSE, log.p = TRUE)
  expect_equal(residuals_of(fit)[1], qnorm(above, lower.tail = FALSE, log.p = TRUE), tolerance = 1e-2)
})

test_that("the session's random numbers stay as they were", {
  fit <- glmpp(am ~ wt, binomial, mtcars)
  set.seed(11, kind = "Wichmann-Hill", normal.kind = "Box-Muller")
  state <- .Random.seed
  kinds <- RNGkind()
  first <- residuals_of(fit)
  expect_identical(.Random.seed, state)
  expect_identical(RNGkind(), kinds)
  rm(".Random.seed", envir = globalenv())
  expect_identical(residuals_of(fit), first)
  expect_false(exists(".Random.seed", globalenv(), inherits = FALSE))
  RNGkind("default", "default", "default")
  expect_false(identical(residuals_of(fit, seed = 2), first))
  set.seed(1)
  expect_identical(residuals_of(fit, seed = NULL), first)
})

test_that("families without a distribution and wrong seeds are refused", {
  expect_error(quantile_residuals(glmpp(breaks ~ wool, quasipoisson, warpbreaks)), "quasipoisson", class = "glmpp_error_family")
  expect_error(quantile_residuals(glmpp(am ~ wt, binomial, mtcars), seed = "a"), class = "glmpp_error_argument")
  expect_error(quantile_residuals("fit"), class = "glmpp_error_argument")
})
