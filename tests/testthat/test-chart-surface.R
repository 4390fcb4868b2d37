trials <- data.frame(x = 1:8, z = c(1, 0, 0, 1, 1, 0, 1, 0), yes = c(0, 1, 1, 3, 4, 4, 6, 5), n = c(5, 5, 4, 6, 6, 5, 6, 5))
fit <- glmpp(cbind(yes, n - yes) ~ x + z, binomial, trials, offset = x / 10)
log_likelihood <- function(b) {
  sum(dbinom(trials$yes, trials$n, plogis(b[1] + b[2] * trials$x + b[3] * trials$z + trials$x / 10), log = TRUE))
}

test_that("a section holds the log-likelihood of each point, minus its maximum", {
  chart <- likelihood_surface(fit, coefficients = c("z", "x"), size = 5)
  b <- unname(coef(fit))
  expected <- mapply(function(z, x) log_likelihood(c(b[1], x, z)), chart$data$x, chart$data$y) - as.vector(logLik(fit))
  expect_equal(chart$data$log_likelihood, expected, tolerance = 1e-8)
  expect_true(all(chart$data$log_likelihood <= 1e-10))
  expect_equal(chart$optimum, b[3:2], tolerance = 1e-6)
})

test_that("a profile maximises over the other coefficients", {
  chart <- likelihood_surface(fit, coefficients = 2:3, profile = TRUE, size = 4)
  for (i in c(1, 6, 11, 16)) {
    held <- chart$data$x[i] * trials$x + chart$data$y[i] * trials$z + trials$x / 10
    best <- suppressWarnings(glm(cbind(yes, n - yes) ~ 1, binomial, trials, offset = held, epsilon = 1e-12))
    expect_equal(chart$data$log_likelihood[i], as.vector(logLik(best) - logLik(fit)), tolerance = 1e-6)
  }
})

test_that("an estimated dispersion is held at its estimate", {
  cars <- glmpp(mpg ~ wt, gaussian, mtcars)
  chart <- likelihood_surface(cars, size = 3)
  sigma <- sqrt(summary(cars)$dispersion)
  likelihood <- function(a, b) sum(dnorm(mtcars$mpg, a + b * mtcars$wt, sigma, log = TRUE))
  expected <- mapply(likelihood, chart$data$x, chart$data$y) - likelihood(coef(cars)[1], coef(cars)[2])
  expect_equal(chart$data$log_likelihood, expected, tolerance = 1e-8)
})

test_that("where the mean is not valid the surface has holes", {
  identity_fit <- glmpp(breaks ~ wool, poisson("identity"), warpbreaks)
  chart <- likelihood_surface(identity_fit, limits = list(c(-5, 40), c(-10, 10)), size = 10)
  invalid <- chart$data$x <= 0 | chart$data$x + chart$data$y <= 0
  expect_identical(is.na(chart$data$log_likelihood), invalid)
  pdf(NULL)
  on.exit(dev.off())
  expect_silent(plot(chart))
})

test_that("wrong arguments are refused", {
  expect_error(likelihood_surface(), class = "glmpp_error_argument")
  expect_error(likelihood_surface(glm(am ~ wt, binomial, mtcars)), "fit by glmpp", class = "glmpp_error_argument")
  expect_error(likelihood_surface(fit, coefficients = c("x", "w")), "Coefficients: ", class = "glmpp_error_argument")
  expect_error(likelihood_surface(fit, coefficients = c(2, 2)), class = "glmpp_error_argument")
  expect_error(likelihood_surface(glmpp(am ~ 1, binomial, mtcars)), class = "glmpp_error_argument")
  expect_error(likelihood_surface(fit, glmpp(am ~ wt, binomial, mtcars)), "one model", class = "glmpp_error_argument")
  expect_error(likelihood_surface(fit, limits = c(0, 1)), "two ranges", class = "glmpp_error_argument")
})

test_that("a family that only R knows has a surface too", {
  counts <- data.frame(x = 1:8, y = c(2, 1, 3, 4, 3, 6, 8, 9))
  own <- poisson()
  own$variance <- function(mu) mu + 0
  known <- likelihood_surface(glmpp(y ~ x, poisson, counts), size = 4)
  chart <- likelihood_surface(glmpp(y ~ x, own, counts), size = 4)
  gap <- chart$data$log_likelihood - known$data$log_likelihood
  expect_lt(max(abs(gap[is.finite(gap)])), 1e-6)
})

test_that("no climber has the surface's blue", {
  expect_false(chart_colours[["blue"]] %in% path_looks(3)$colour)
  expect_identical(lengths(path_looks(3)), c(colour = 3L, symbol = 3L, line = 3L))
})
