# Tweedie families against glm() with the same family, and their density against sums, integrals and theory.

rtweedie <- function(mean, dispersion, power) {
  count <- rpois(length(mean), mean^(2 - power) / (dispersion * (2 - power)))
  shape <- pmax(count, 1) * (2 - power) / (power - 1)
  ifelse(count > 0, rgamma(length(mean), shape, scale = dispersion * (power - 1) * mean^(power - 1)), 0)
}

made <- function(rows, power = 1.5, seed = 1) {
  set.seed(seed)
  data <- data.frame(x = rnorm(rows), g = factor(sample(letters[1:4], rows, TRUE)), exposure = runif(rows, 0.2, 2))
  data$y <- rtweedie(exp(0.4 + 0.5 * data$x + 0.2 * (data$g == "b")), 1.2 / data$exposure, power)
  data
}

test_that("fits of every power are glm()'s, with and without weights, under each link", {
  for (power in c(1.05, 1.3, 1.5, 1.9, 1, 2, 2.7, 3, 4, 0, -1)) for (weighted in c(FALSE, TRUE)) {
    data <- made(400)
    if (power >= 2) data <- data[data$y > 0, ]
    data$w <- if (weighted) data$exposure else 1
    ours <- glmpp(y ~ x + g, tweedie(power), data, weights = w)
    # From its own start glm() does not find the way for the highest powers.
    theirs <- suppressWarnings(glm(y ~ x + g, tweedie(power), data, weights = w, epsilon = 1e-14, maxit = 200,
                                   start = round(coef(ours), 1)))
    expect_false(glmpp:::core_family(tweedie(power))$is_callback)
    expect_equal(coef(ours), coef(theirs), tolerance = 1e-6, label = paste("power", power))
    expect_equal(sqrt(diag(vcov(ours))), sqrt(diag(vcov(theirs))), tolerance = 1e-6)
    expect_equal(c(deviance(ours), ours$null.deviance), c(deviance(theirs), theirs$null.deviance), tolerance = 1e-8)
    expect_equal(ours$aic, theirs$aic, tolerance = 1e-8)
    for (type in c("deviance", "pearson", "working")) expect_equal(residuals(ours, type), residuals(theirs, type), tolerance = 1e-5)
  }
  data <- made(300, seed = 2)
  data$z <- abs(data$x)
  for (link in c("identity", "sqrt")) {
    ours <- glmpp(y ~ z, tweedie(1.6, link), data)
    theirs <- glm(y ~ z, tweedie(1.6, link), data, epsilon = 1e-14, maxit = 200, start = round(coef(ours), 1))
    expect_equal(coef(ours), coef(theirs), tolerance = 1e-6, label = link)
    expect_equal(deviance(ours), deviance(theirs), tolerance = 1e-9)
  }
  expect_equal(coef(glmpp(y ~ z, tweedie(1.6, power(0.5)), data)), coef(glmpp(y ~ z, tweedie(1.6, "sqrt"), data)), tolerance = 1e-8)
})

test_that("statmod's family is the same, and runs natively under the log link", {
  skip_if_not_installed("statmod")
  data <- made(300)
  expect_false(glmpp:::core_family(statmod::tweedie(1.4, 0))$is_callback)
  theirs <- glm(y ~ x + g, statmod::tweedie(1.4, 0), data, epsilon = 1e-14, maxit = 200)
  for (family in list(statmod::tweedie(1.4, 0), tweedie(1.4))) {
    ours <- glmpp(y ~ x + g, family, data)
    expect_equal(coef(ours), coef(theirs), tolerance = 1e-7)
    expect_equal(vcov(ours), vcov(theirs), tolerance = 1e-7)
    expect_equal(deviance(ours), deviance(theirs), tolerance = 1e-10)
  }
})

density_of <- function(...) glmpp:::tweedie_log_density(...)

test_that("the density is the sum over the number of gamma variables", {
  by_sum <- function(y, mean, dispersion, power) {
    rate <- mean^(2 - power) / (dispersion * (2 - power))
    middle <- max(1, y^(2 - power) / (dispersion * (2 - power)))
    count <- seq(max(1, floor(middle - 40 * sqrt(middle) - 50)), ceiling(middle + 40 * sqrt(middle) + 50))
    scale <- dispersion * (power - 1) * mean^(power - 1)
    terms <- dpois(count, rate, log = TRUE) + dgamma(y, count * (2 - power) / (power - 1), scale = scale, log = TRUE)
    max(terms) + log(sum(exp(terms - max(terms))))
  }
  grid <- expand.grid(power = c(1.01, 1.1, 1.5, 1.9, 1.99), dispersion = c(0.01, 1, 100), y = c(1e-3, 0.1, 1, 50, 1e4),
                      share = c(0.3, 1, 2))
  for (k in seq_len(nrow(grid))) {
    at <- grid[k, ]
    expect_equal(density_of(at$y, at$share * at$y, at$dispersion, at$power), by_sum(at$y, at$share * at$y, at$dispersion, at$power),
                 tolerance = 1e-8, label = paste(at, collapse = " "))
  }
})

test_that("the density has the probability, the mean and the variance of its parameters", {
  for (power in c(1.2, 1.5, 1.8)) for (dispersion in c(0.5, 2)) {
    mean <- 1.7
    mass <- exp(density_of(0, mean, dispersion, power))
    integral <- function(f, to) integrate(f, 0, to, subdivisions = 2000, rel.tol = 1e-9)$value
    moment <- function(k, to = 200) integral(function(y) y^k * exp(density_of(y, mean, dispersion, power)), to)
    expect_equal(mass, exp(-mean^(2 - power) / (dispersion * (2 - power))))
    expect_equal(mass + moment(0), 1, tolerance = 1e-6)
    expect_equal(moment(1), mean, tolerance = 1e-6)
    expect_equal(moment(2) - mean^2, dispersion * mean^power, tolerance = 1e-6)
    at <- function(y) exp(glmpp:::compound_tails(y, mean^(2 - power) / (dispersion * (2 - power)), (2 - power) / (power - 1),
                                                 dispersion * (power - 1) * mean^(power - 1)))
    expect_equal(at(2)[1], mass + moment(0, 2), tolerance = 1e-6)
    expect_equal(sum(at(2)), 1, tolerance = 1e-12)
  }
  expect_equal(density_of(2, 1.5, 0.3, 2), dgamma(2, 1 / 0.3, scale = 1.5 * 0.3, log = TRUE))
})

test_that("likelihood, AIC and quantile residuals go by that density", {
  data <- made(1500, seed = 7)
  fit <- glmpp(y ~ x + g, tweedie(1.5), data, weights = exposure)
  dispersion <- deviance(fit) / sum(data$exposure)
  likelihood <- sum(density_of(data$y, fitted(fit), dispersion / data$exposure, 1.5))
  expect_equal(as.numeric(logLik(fit)), likelihood, tolerance = 1e-10)
  expect_equal(attr(logLik(fit), "df"), 6)
  expect_equal(AIC(fit), 2 * 6 - 2 * as.numeric(logLik(fit)))
  expect_equal(sum(loglik(fit)), as.numeric(logLik(fit)), tolerance = 1e-10)
  # Two values are ordered as their likelihoods: the power that made the data has the higher one.
  expect_gt(logLik(fit), logLik(glmpp(y ~ x + g, tweedie(1.2), data, weights = exposure)))
  residuals <- quantile_residuals(fit, seed = 3)
  expect_gt(ks.test(as.data.frame(residuals)$residual, "pnorm")$p.value, 0.01)
  wrong <- quantile_residuals(glmpp(y ~ 1, tweedie(1.9), data), seed = 3)
  expect_lt(ks.test(as.data.frame(wrong)$residual, "pnorm")$p.value, 0.01)
})

test_that("a level of zeros runs to infinity; from afar and by threads the fit is the same", {
  data <- made(500, seed = 4)
  data$y[data$g == "c"] <- 0
  expect_warning(fit <- glmpp(y ~ x + g, tweedie(1.5), data), class = "glmpp_warning_separation")
  expect_named(fit$separation$coefficients, "gc")
  rest <- glmpp(y ~ x + g, tweedie(1.5), droplevels(data[data$g != "c", ]))
  expect_equal(coef(fit)[names(coef(rest))], coef(rest), tolerance = 1e-7)
  expect_equal(deviance(fit), deviance(rest), tolerance = 1e-7)
  data <- made(600, seed = 5)
  memory <- glmpp(y ~ x + g, tweedie(1.7), data, weights = exposure)
  far <- glmpp(y ~ x + g, tweedie(1.7), chunks_of(data, 130), weights = exposure)
  expect_equal(coef(far), coef(memory), tolerance = 1e-9)
  expect_equal(vcov(far), vcov(memory), tolerance = 1e-8)
  expect_identical(far$aic, NA_real_)
  for (threads in 2:3) expect_identical(coef(glmpp(y ~ x + g, tweedie(1.7), data, weights = exposure, threads = threads)), coef(memory))
})

test_that("wrong input is refused by name", {
  for (power in list(0.5, "a", NA, Inf, c(1, 2))) expect_error(tweedie(power), class = "glmpp_error_power")
  expect_error(tweedie(1.5, "logit"), class = "glmpp_error_argument")
  data <- made(50)
  expect_error(glmpp(I(y - 1) ~ x, tweedie(1.5), data), class = "glmpp_error_response")
  expect_error(glmpp(y ~ x, tweedie(2.5), data), class = "glmpp_error_response")
  expect_error(loglik(glmpp(I(y + 1) ~ x, tweedie(3.5), data)), class = "glmpp_error_likelihood")
  expect_error(quantile_residuals(glmpp(I(y + 1) ~ x, tweedie(3.5), data)), class = "glmpp_error_family")
  expect_true(is.na(AIC(glmpp(I(y + 1) ~ x, tweedie(3.5), data))))
})
