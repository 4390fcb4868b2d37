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
  expect_equal(far$aic, memory$aic, tolerance = 1e-9)
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

# ---- An estimated power ----

premiums <- function(seed, power, rows = 250) {
  data <- made(rows, power, seed)
  data$y <- round(data$y, 3)
  data
}

# By glm() at each power, and the dispersion by optimize() on the density.
profile_by_grid <- function(formula, data, weights, powers) {
  vapply(powers, function(power) {
    fit <- do.call(glm, list(formula, tweedie(power), data, weights = weights, epsilon = 1e-12, maxit = 100))
    used <- weights > 0
    at <- function(log_dispersion) {
      sum(density_of(fit$y[used], fitted(fit)[used], exp(log_dispersion) / weights[used], power))
    }
    optimize(at, log(deviance(fit) / sum(weights)) + c(-4, 4), maximum = TRUE, tol = 1e-9)$objective
  }, 0)
}

test_that("the estimated power is that of a dense grid, and its interval that of the likelihood ratio", {
  for (case in list(list(1, 1.2), list(2, 1.5), list(3, 1.8), list(4, 1.35))) {
    data <- premiums(case[[1]], case[[2]])
    weights <- if (case[[1]] %% 2) rep(1, nrow(data)) else data$exposure
    fit <- do.call(glmpp, list(y ~ x + g, quote(tweedie()), data, weights = weights))
    near <- seq(fit$power - 0.005, fit$power + 0.005, by = 5e-4)
    grid <- profile_by_grid(y ~ x + g, data, weights, near)
    expect_lt(abs(near[which.max(grid)] - fit$power), 1e-3)
    expect_equal(as.numeric(logLik(fit)), max(grid), tolerance = 1e-6)
    coarse <- profile_by_grid(y ~ x + g, data, weights, seq(1.05, 1.95, by = 0.1))
    expect_lt(max(coarse), as.numeric(logLik(fit)) + 1e-6)
    ends <- profile_by_grid(y ~ x + g, data, weights, fit$power.interval)
    expect_equal(as.numeric(logLik(fit)) - unname(ends), rep(qchisq(0.95, 1) / 2, 2), tolerance = 1e-2)
    fixed <- do.call(glmpp, list(y ~ x + g, tweedie(fit$power), data, weights = weights))
    expect_equal(coef(fit), coef(fixed), tolerance = 1e-7)
    expect_equal(vcov(fit), vcov(fixed), tolerance = 1e-6)
    expect_equal(fit$dispersion.ml, as.vector(dispersion(fixed, "ml")), tolerance = 1e-6)
    expect_equal(AIC(fit), -2 * max(grid) + 2 * 7, tolerance = 1e-6)
  }
})

test_that("every home whose rows are streamed estimates the power as memory does", {
  data <- premiums(5, 1.4, 300)
  memory <- glmpp(y ~ x + g, tweedie(), data, weights = exposure)
  fixed <- glmpp(y ~ x + g, tweedie(1.4), data, weights = exposure)
  file <- tempfile(fileext = ".csv")
  on.exit(unlink(file))
  write.csv(data, file, row.names = FALSE)
  for (source in list(chunks_of(data, 110), csv_chunks(file))) {
    far <- glmpp(y ~ x + g, tweedie(), source, weights = exposure)
    expect_equal(coef(far), coef(memory), tolerance = 1e-7)
    expect_equal(far$power, memory$power, tolerance = 1e-5)
    expect_equal(far$power.interval, memory$power.interval, tolerance = 1e-4)
    expect_equal(c(logLik(far)), c(logLik(memory)), tolerance = 1e-9)
    expect_equal(AIC(far), AIC(memory), tolerance = 1e-9)
    far <- glmpp(y ~ x + g, tweedie(1.4), source, weights = exposure)
    expect_equal(AIC(far), AIC(fixed), tolerance = 1e-9)
  }
  skip_on_cran()
  nodes <- local_cluster()
  far <- glmpp(y ~ x + g, tweedie(), on_cluster(nodes, data[seq_len(nrow(data)) %% parts == part - 1, ]), weights = exposure)
  expect_equal(c(far$power, coef(far)), c(memory$power, coef(memory)), tolerance = 1e-5)
})

test_that("verbs after the fit keep the power, and update() estimates it anew", {
  data <- premiums(6, 1.6, 400)
  fit <- glmpp(y ~ x + g, tweedie(), data, weights = exposure)
  fixed <- glmpp(y ~ x + g, tweedie(fit$power), data, weights = exposure)
  expect_equal(drop1(fit, test = "F")[["F value"]], drop1(fixed, test = "F")[["F value"]], tolerance = 1e-5)
  expect_equal(as.data.frame(anova(fit, test = "F")), as.data.frame(anova(fixed, test = "F")), tolerance = 1e-5)
  expect_equal(predict(fit, data[1:4, ], type = "response"), predict(fixed, data[1:4, ], type = "response"), tolerance = 1e-6)
  smaller <- update(fit, . ~ . - g)
  expect_equal(smaller$power, glmpp(y ~ x, tweedie(), data, weights = exposure)$power)
  expect_false(isTRUE(all.equal(smaller$power, fit$power, tolerance = 1e-6)))
  compared <- anova(fit, smaller)
  expect_equal(compared[["LR stat."]][2], 2 * as.numeric(logLik(fit) - logLik(smaller)))
  expect_equal(compared$power, c(smaller$power, fit$power))
  expect_error(anova(fit, fixed), class = "glmpp_error_anova")
  expect_output(print(summary(fit)), "Power: 1\\.[0-9]+, 95% interval")
  drawn <- simulate(fixed, 200, seed = 1)
  expect_equal(mean(as.matrix(drawn)), mean(fitted(fixed)), tolerance = 0.05)
  expect_equal(mean(as.matrix(drawn) == 0), mean(data$y == 0), tolerance = 0.2)
  chart <- power_profile(fit)
  expect_s3_class(chart, "glmpp_power_profile")
  expect_equal(max(chart$data$log_likelihood), 0)
  pdf(NULL)
  on.exit(dev.off())
  expect_no_error(plot(chart))
  if (requireNamespace("ggplot2", quietly = TRUE)) expect_s3_class(ggplot2::autoplot(chart), "ggplot")
  expect_error(power_profile(fixed), class = "glmpp_error_family")
})

test_that("a power that runs to an end is said to, and wrong input is refused", {
  set.seed(7)
  counts <- data.frame(x = rnorm(200))
  counts$y <- rpois(200, exp(0.5 + 0.3 * counts$x))
  expect_warning(glmpp(y ~ x, tweedie(), counts), class = "glmpp_warning_power_limit")
  # Nearly constant within groups, without a 0.
  counts$y <- exp(counts$x) * (1 + (1:200) %% 2 / 50)
  expect_warning(glmpp(y ~ x, tweedie(), counts), class = "glmpp_warning_power_limit")
  counts$y <- 0
  expect_error(glmpp(y ~ x, tweedie(), counts), class = "glmpp_error_power")
  counts$y <- exp(counts$x)
  expect_error(glmpp(y ~ x, tweedie(), counts), "perfect", class = "glmpp_error_power")
  expect_equal(coef(glmpp(y ~ x, tweedie(1.5), chunks_of(counts, 90)))[[2]], 1, tolerance = 1e-9)
  counts$y <- -1
  expect_error(glmpp(y ~ x, tweedie(), counts), class = "glmpp_error_response")
  counts$y <- 1:200
  expect_error(glm(y ~ x, tweedie(), counts), "must be given")
  expect_error(glm(y ~ x, negative_binomial(), counts), "must be given")
  expect_error(glm(y ~ x, tweedie(), counts, method = glmpp_fit), class = "glmpp_error_family")
  for (link.power in list(-0.5, NA, "a", c(0, 1))) expect_error(tweedie(1.5, link.power = link.power), class = "glmpp_error_argument")
  expect_identical(tweedie(1.5, link.power = 0)$link, "log")
  expect_identical(tweedie(1.5, link.power = -1)$link, "inverse")
})

test_that("a database sums the rows of a given power, and refuses to estimate one", {
  connection <- local_sqlite()
  data <- made(6000, 1.6, 8)
  data$g <- as.character(data$g)
  DBI::dbWriteTable(connection, "claims", data)
  source <- in_database(connection, "claims", where = "database")
  for (power in c(1.1, 1.6, 1.9)) {
    memory <- glmpp(y ~ x + g, tweedie(power), data, weights = exposure)
    far <- glmpp(y ~ x + g, tweedie(power), source, weights = exposure)
    expect_equal(coef(far), coef(memory), tolerance = 1e-8)
    expect_equal(vcov(far), vcov(memory), tolerance = 1e-8)
    expect_equal(c(far$deviance, far$null.deviance), c(memory$deviance, memory$null.deviance), tolerance = 1e-9)
    expect_identical(AIC(far), NA_real_)
  }
  expect_error(glmpp(y ~ x + g, tweedie(), source), "not summed in SQL", class = "glmpp_error_family")
  expect_equal(glmpp(y ~ x, tweedie(), in_database(connection, "claims", where = "stream"))$power, glmpp(y ~ x, tweedie(), data)$power,
               tolerance = 1e-5)
})

test_that("the density is that of tweedie::dtweedie()", {
  grid <- read.csv(test_path("fixtures", "dtweedie.csv"))
  for (power in unique(grid$power)) {
    rows <- grid[grid$power == power, ]
    ours <- exp(glmpp:::tweedie_log_density_impl(as.double(rows$y), as.double(rows$mu), as.double(rows$phi), power))
    expect_lt(max(abs(ours - rows$density)), 1e-8, label = paste("power", power))
  }
})
