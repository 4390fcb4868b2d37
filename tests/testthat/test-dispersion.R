# Estimates of the dispersion against MASS, high precision and the density, and verbs that take them.

made <- local({
  set.seed(1)
  data <- data.frame(x = rnorm(200), w = runif(200, 0.5, 3))
  data$y <- rgamma(200, 3, scale = exp(data$x) / 3)
  data
})

test_that("Gamma's maximum likelihood is MASS's shape, with weights too", {
  skip_if_not_installed("MASS")
  for (weighted in c(FALSE, TRUE)) {
    made$ww <- if (weighted) made$w else 1
    ours <- glmpp(y ~ x, Gamma("log"), made, weights = ww)
    theirs <- glm(y ~ x, Gamma("log"), made, weights = ww, epsilon = 1e-13)
    shape <- MASS::gamma.shape(theirs, eps.max = 1e-12, it.lim = 100)
    found <- dispersion(ours, "ml")
    expect_equal(as.numeric(found), 1 / shape$alpha, tolerance = 1e-8)
    expect_equal(attr(found, "se"), shape$SE / shape$alpha^2, tolerance = 1e-7)
    expect_equal(vcov(ours, dispersion = "ml"), vcov(theirs, dispersion = 1 / shape$alpha), tolerance = 1e-6)
    expect_equal(coef(summary(ours, dispersion = "ml"))[, 2], sqrt(diag(vcov(ours, dispersion = "ml"))))
    expect_equal(dispersion(ours), summary(theirs)$dispersion, tolerance = 1e-7)
    expect_equal(dispersion(ours, "deviance"), deviance(theirs) / df.residual(theirs), tolerance = 1e-10)
  }
})

test_that("the estimates are maxima of the likelihood given the means", {
  fits <- list(glmpp(mpg ~ wt, gaussian, mtcars), glmpp(mpg ~ wt, inverse.gaussian("log"), mtcars), glmpp(mpg ~ wt, Gamma("log"), mtcars))
  for (fit in fits) {
    density <- glmpp:::find_log_density(fit$family)
    at <- function(log_value) sum(density(fit$y, as.vector(fitted(fit)), rep(1, 32), exp(log_value)))
    found <- dispersion(fit, "ml")
    best <- optimize(at, log(found) + c(-1, 1), maximum = TRUE, tol = 1e-10)$maximum
    expect_equal(as.numeric(found), exp(best), tolerance = 1e-6, label = fit$family$family)
    curvature <- (at(best + 1e-3) - 2 * at(best) + at(best - 1e-3)) / 1e-6
    expect_equal(attr(found, "se"), exp(best) / sqrt(-curvature), tolerance = 1e-3, label = fit$family$family)
  }
  set.seed(5)
  count <- rpois(400, 2 / 1.5)
  data <- data.frame(x = rnorm(400), y = ifelse(count > 0, rgamma(400, pmax(count, 1), scale = 1), 0))
  fit <- glmpp(y ~ x, tweedie(1.5), data)
  found <- dispersion(fit, "ml")
  at <- function(value) sum(glmpp:::tweedie_log_density(fit$y, fitted(fit), value, 1.5))
  expect_gt(at(as.numeric(found)), max(at(found * 1.001), at(found / 1.001)))
  expect_gt(attr(found, "se"), 0)
})

test_that("verbs take an estimate by name as they take its number", {
  fit <- glmpp(y ~ x, Gamma("log"), made)
  for (type in c("pearson", "deviance", "ml")) {
    value <- as.numeric(dispersion(fit, type))
    expect_equal(vcov(fit, dispersion = type), vcov(fit, dispersion = value))
    expect_equal(predict(fit, made[1:3, ], se.fit = TRUE, dispersion = type), predict(fit, made[1:3, ], se.fit = TRUE, dispersion = value))
    for (method in c("wald", "profile")) {
      expect_equal(confint(fit, method = method, dispersion = type), confint(fit, method = method, dispersion = value))
    }
    expect_equal(anova(fit, dispersion = type, test = "Chisq")[["Pr(>Chi)"]], anova(fit, dispersion = value, test = "Chisq")[["Pr(>Chi)"]])
    expect_equal(summary(fit, dispersion = type)$dispersion, value)
    # Estimated from the data: by the t distribution.
    expect_identical(colnames(coef(summary(fit, dispersion = type)))[3], "t value")
  }
  expect_equal(vcov(fit, dispersion = "pearson"), vcov(fit))
  expect_equal(confint(fit, dispersion = "pearson"), confint(fit))
})

test_that("from afar the same, or a reason", {
  memory <- glmpp(y ~ x, Gamma("log"), made)
  far <- glmpp(y ~ x, Gamma("log"), chunks_of(made, 60))
  for (type in c("pearson", "deviance", "ml")) {
    expect_equal(dispersion(far, type), dispersion(memory, type), tolerance = 1e-9)
    expect_equal(vcov(far, dispersion = type), vcov(memory, dispersion = type), tolerance = 1e-8)
    expect_equal(confint(far, dispersion = type), confint(memory, method = "wald", dispersion = type), tolerance = 1e-8, ignore_attr = TRUE)
  }
  weighted <- glmpp(y ~ x, Gamma("log"), chunks_of(made, 60), weights = w)
  expect_error(dispersion(weighted, "ml"), class = "glmpp_error_dispersion")
  with_zeros <- transform(made, y = pmax(y - median(y), 0))
  afar <- glmpp(y ~ x, tweedie(1.5), chunks_of(with_zeros, 60), weights = w)
  here <- glmpp(y ~ x, tweedie(1.5), with_zeros, weights = w)
  expect_equal(dispersion(afar, "ml"), dispersion(here, "ml"), tolerance = 1e-6)
})

test_that("what has no estimate says so", {
  expect_identical(dispersion(glmpp(am ~ wt, binomial, mtcars), "ml"), 1)
  expect_error(dispersion(glmpp(carb ~ wt, quasipoisson, mtcars), "ml"), class = "glmpp_error_dispersion")
  expect_error(dispersion(lm(mpg ~ wt, mtcars)), class = "glmpp_error_argument")
  expect_error(summary(glmpp(mpg ~ wt, gaussian, mtcars), dispersion = "mle"), class = "glmpp_error_argument")
  expect_error(vcov(glmpp(mpg ~ wt, gaussian, mtcars), dispersion = -1), class = "glmpp_error_argument")
  expect_error(dispersion(glmpp(mpg ~ wt, gaussian, mtcars), "x"), class = "glmpp_error_argument")
})
