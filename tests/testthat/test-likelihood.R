models <- list(
  list(am ~ wt, binomial(), mtcars), list(am ~ wt, binomial("probit"), mtcars), list(am ~ wt, binomial("cauchit"), mtcars),
  list(cbind(ncases, ncontrols) ~ agegp, binomial("cloglog"), esoph), list(carb ~ wt + factor(gear), poisson(), mtcars),
  list(carb ~ wt, poisson("sqrt"), mtcars), list(mpg ~ wt, gaussian(), mtcars), list(mpg ~ wt, gaussian("log"), mtcars),
  list(mpg ~ wt, Gamma(), mtcars), list(mpg ~ wt, Gamma("log"), mtcars), list(mpg ~ wt, inverse.gaussian("log"), mtcars),
  list(carb ~ wt, MASS::negative.binomial(2), mtcars)
)

test_that("contributions of the rows add up to logLik()", {
  for (model in models) {
    fit <- do.call(glmpp, model)
    expect_equal(sum(loglik(fit)), as.numeric(logLik(do.call(glm, c(model, epsilon = 1e-12)))), tolerance = 1e-9)
    expect_named(loglik(fit), names(fitted(fit)))
  }
  weighted <- glmpp(mpg ~ wt, Gamma, mtcars, weights = hp)
  expect_equal(sum(loglik(weighted)), as.numeric(logLik(weighted)))
  weighted <- glmpp(mpg ~ wt, gaussian, mtcars, weights = hp)
  expect_equal(sum(loglik(weighted)), as.numeric(logLik(weighted)))
})

test_that("gradient and observed information are the derivatives of nll()", {
  for (model in models) {
    fit <- do.call(glmpp, model)
    at <- coef(fit) + 0.3 * sqrt(diag(vcov(fit)))
    steps <- 1e-4 * sqrt(diag(vcov(fit)))
    value <- function(b) do.call(nll, c(model, list(coefficients = b)))
    here <- value(at)
    for (j in seq_along(at)) {
      step <- replace(numeric(length(at)), j, steps[j])
      up <- value(at + step)
      down <- value(at - step)
      expect_equal((up$value - down$value) / (2 * steps[[j]]), here$gradient[[j]], tolerance = 1e-5)
      expect_equal((up$gradient - down$gradient) / (2 * steps[[j]]), here$observed_information[, j], tolerance = 1e-5)
    }
  }
})

test_that("the expected information is that of the fit", {
  for (model in models) {
    fit <- do.call(glmpp, model)
    information <- do.call(nll, c(model, list(coefficients = coef(fit))))$information
    expect_equal(information, solve(summary(fit)$cov.unscaled), tolerance = 1e-6)
  }
})

test_that("a dispersion divides the derivatives, and weights and offset are read", {
  one <- nll(mpg ~ wt, Gamma("log"), mtcars, coefficients = c(3, -0.1), weights = hp, offset = qsec / 100)
  two <- nll(mpg ~ wt, Gamma("log"), mtcars, coefficients = c(3, -0.1), weights = hp, offset = qsec / 100, dispersion = 2)
  expect_equal(two$gradient, one$gradient / 2)
  mu <- exp(3 - 0.1 * mtcars$wt + mtcars$qsec / 100)
  expect_equal(one$value, -sum(mtcars$hp * dgamma(mtcars$mpg, 1, scale = mu, log = TRUE)))
  expect_equal(two$value, -sum(mtcars$hp * dgamma(mtcars$mpg, 0.5, scale = 2 * mu, log = TRUE)))
})

test_that("outside the family's range the value is Inf", {
  outside <- nll(carb ~ wt, poisson("identity"), mtcars, coefficients = c(-1, 0))
  expect_equal(outside$value, Inf)
  expect_true(all(is.na(outside$gradient)))
})

test_that("what has no likelihood is refused", {
  expect_error(loglik(glmpp(carb ~ wt, quasipoisson, mtcars)), "mean and variance", class = "glmpp_error_likelihood")
  expect_error(nll(am ~ wt, binomial, mtcars, coefficients = 1), "\\(Intercept\\), wt", class = "glmpp_error_coefficients")
  expect_error(nll(am ~ wt, binomial, mtcars, coefficients = c(1, NA)), class = "glmpp_error_coefficients")
})
