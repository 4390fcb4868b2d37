# What must hold of a fit whatever the data: random data, from seeds that leave the session's own alone.

with_seed <- function(seed, expression) {
  old <- globalenv()$.Random.seed
  on.exit(if (is.null(old)) rm(".Random.seed", envir = globalenv()) else assign(".Random.seed", old, globalenv()))
  set.seed(seed)
  expression
}

seeds <- c(1, 20, 300)

# Two numeric columns, two factors, and a response for each family.
random_data <- function(seed, rows = 400) {
  with_seed(seed, {
    d <- data.frame(
      x = rnorm(rows), z = runif(rows), g = factor(sample(letters[1:5], rows, TRUE)), h = factor(sample(c("u", "v", "w"), rows, TRUE))
    )
    eta <- 0.3 + 0.5 * d$x - 0.4 * d$z + c(-0.3, 0, 0.2, 0.4, 0.1)[d$g] + 0.2 * (d$h == "v")
    d$number <- eta + rnorm(rows)
    d$binary <- rbinom(rows, 1, plogis(eta))
    d$count <- rpois(rows, exp(eta))
    d$positive <- rgamma(rows, 4, 4 / exp(eta))
    d$trials <- sample(1:6, rows, TRUE)
    d$successes <- rbinom(rows, d$trials, plogis(eta))
    d
  })
}

# Each native family with its response.
families <- list(
  list(family = gaussian(), response = "number"), list(family = binomial(), response = "binary"),
  list(family = binomial("probit"), response = "binary"), list(family = binomial("cloglog"), response = "binary"),
  list(family = binomial("cauchit"), response = "binary"), list(family = poisson(), response = "count"),
  list(family = poisson("sqrt"), response = "count"), list(family = Gamma("log"), response = "positive"),
  list(family = inverse.gaussian("log"), response = "positive"), list(family = quasibinomial(), response = "binary"),
  list(family = quasipoisson(), response = "count"), list(family = quasi(link = "log", variance = "mu"), response = "count")
)
if (requireNamespace("MASS", quietly = TRUE)) {
  families <- c(families, list(list(family = MASS::negative.binomial(2), response = "count")))
}

# Runs `check(formula, family, data, label)` for every seed and family.
for_all_models <- function(terms, check, rows = 400) {
  for (seed in seeds) {
    data <- random_data(seed, rows)
    for (model in families) {
      formula <- reformulate(terms, model$response, env = environment(check))
      check(formula, model$family, data, sprintf("%s(%s), seed %d", model$family$family, model$family$link, seed))
    }
  }
}

# Coefficients relative to the larger of estimate and standard error.
expect_same_coefficients <- function(object, expected, errors, tolerance, label) {
  difference <- max(abs(object - expected) / pmax(abs(expected), errors))
  expect(difference <= tolerance, sprintf("%s: coefficients differ by %.1e.", label, difference))
}

standard_errors_of <- function(fit) unname(sqrt(diag(vcov(fit))))

expect_same_fit <- function(object, expected, tolerance, label, deviance = TRUE) {
  errors <- standard_errors_of(expected)
  expect_same_coefficients(unname(coef(object)), unname(coef(expected)), errors, tolerance, label)
  difference <- max(abs(standard_errors_of(object) / errors - 1))
  expect(difference <= tolerance, sprintf("%s: standard errors differ by %.1e.", label, difference))
  if (!deviance) return(invisible())
  difference <- abs(deviance(object) / deviance(expected) - 1)
  expect(difference <= tolerance, sprintf("%s: deviances differ by %.1e.", label, difference))
}

test_that("a weight of two equals a row repeated twice", {
  for_all_models(c("x", "z", "g"), function(formula, family, data, label) {
    data$times <- rep(1:3, length.out = nrow(data))
    weighted <- glmpp(formula, family, data, weights = times, epsilon = 1e-13)
    repeated <- glmpp(formula, family, data[rep(seq_len(nrow(data)), data$times), ], epsilon = 1e-13)
    scale <- sqrt(summary(weighted)$dispersion / summary(repeated)$dispersion)
    errors <- standard_errors_of(repeated)
    expect_same_coefficients(coef(weighted), coef(repeated), errors, 1e-10, label)
    expect_equal(standard_errors_of(weighted) / scale, errors, tolerance = 1e-9, label = label)
    expect_equal(deviance(weighted), deviance(repeated), tolerance = 1e-12, label = label)
  })
})

test_that("any row order gives the same fit", {
  for_all_models(c("x", "z", "g", "g:h"), function(formula, family, data, label) {
    shuffled <- data[with_seed(7, sample(nrow(data))), ]
    expect_same_fit(glmpp(formula, family, shuffled), glmpp(formula, family, data), 1e-12, label)
  })
})

test_that("a factor equals hand-made dummy columns, and a matrix of them", {
  for_all_models(c("g", "x"), function(formula, family, data, label) {
    dummies <- outer(as.character(data$g), levels(data$g)[-1], "==") * 1
    colnames(dummies) <- levels(data$g)[-1]
    data$dummies <- dummies
    by_columns <- cbind(data, as.data.frame(dummies))
    expected <- glmpp(formula, family, data)
    expect_same_fit(glmpp(update(formula, . ~ dummies + x), family, data), expected, 1e-12, label)
    expect_same_fit(glmpp(update(formula, . ~ b + c + d + e + x), family, by_columns), expected, 1e-12, label)
  })
})

test_that("an interaction of factors equals the factor of their combinations", {
  for_all_models("g:h - 1", function(formula, family, data, label) {
    data$cell <- interaction(data$g, data$h)
    expect_same_fit(glmpp(update(formula, . ~ cell - 1), family, data), glmpp(formula, family, data), 1e-12, label)
  })
})

test_that("a factor by a number equals the products of columns", {
  for_all_models("g:z", function(formula, family, data, label) {
    data$products <- outer(as.character(data$g), levels(data$g), "==") * data$z
    expect_same_fit(glmpp(update(formula, . ~ products), family, data), glmpp(formula, family, data), 1e-12, label)
  })
})

test_that("scaling a column divides its coefficient", {
  for_all_models(c("x", "z", "g"), function(formula, family, data, label) {
    expected <- glmpp(formula, family, data, epsilon = 1e-13)
    for (scale in c(1e-6, 1e3, -1)) {
      scaled <- glmpp(formula, family, transform(data, x = x * scale), epsilon = 1e-13)
      factors <- ifelse(names(coef(expected)) == "x", scale, 1)
      expect_same_coefficients(coef(scaled) * factors, coef(expected), standard_errors_of(expected), 1e-10, label)
      expect_equal(standard_errors_of(scaled) * abs(factors), standard_errors_of(expected), tolerance = 1e-9, label = label)
    }
  })
})

test_that("shifting a column moves the intercept alone", {
  for_all_models(c("x", "z", "g"), function(formula, family, data, label) {
    expected <- glmpp(formula, family, data, epsilon = 1e-13)
    shifted <- glmpp(formula, family, transform(data, x = x + 50), epsilon = 1e-13)
    moved <- coef(shifted)
    moved[1] <- moved[1] + 50 * moved[["x"]]
    expect_same_coefficients(moved, coef(expected), standard_errors_of(expected), 1e-9, label)
    expect_equal(standard_errors_of(shifted)[-1], standard_errors_of(expected)[-1], tolerance = 1e-9, label = label)
    expect_equal(fitted(shifted), fitted(expected), tolerance = 1e-10, label = label)
  })
})

test_that("rows of weight zero equal rows left out", {
  for_all_models(c("x", "z", "g"), function(formula, family, data, label) {
    data$used <- as.numeric(seq_len(nrow(data)) %% 4 != 0)
    zero <- suppressWarnings(glmpp(formula, family, data, weights = used, epsilon = 1e-13))
    dropped <- glmpp(formula, family, data, subset = used > 0, epsilon = 1e-13)
    expect_same_coefficients(coef(zero), coef(dropped), standard_errors_of(dropped), 1e-11, label)
    expect_equal(deviance(zero), deviance(dropped), tolerance = 1e-12, label = label)
    expect_identical(df.residual(zero), df.residual(dropped), label = label)
    expect_identical(zero$df.null, dropped$df.null, label = label)
  })
})

test_that("an offset equals a coefficient held fixed", {
  for_all_models(c("x", "z", "g"), function(formula, family, data, label) {
    free <- glmpp(formula, family, data, epsilon = 1e-13)
    data$part <- coef(free)[["x"]] * data$x
    held <- glmpp(update(formula, . ~ . - x), family, data, offset = part, epsilon = 1e-13)
    rest <- names(coef(free)) != "x"
    expect_same_coefficients(coef(held), coef(free)[rest], standard_errors_of(free)[rest], 1e-9, label)
    expect_equal(deviance(held), deviance(free), tolerance = 1e-11, label = label)
  })
})

test_that("splitting binomial counts into single trials keeps coefficients and standard errors", {
  for (seed in seeds) {
    data <- random_data(seed)
    for (link in c("logit", "probit", "cloglog", "cauchit")) {
      counts <- glmpp(cbind(successes, trials - successes) ~ x + g, binomial(link), data, epsilon = 1e-13)
      single <- data[rep(seq_len(nrow(data)), data$trials), ]
      single$success <- sequence(data$trials) <= single$successes
      expect_same_fit(glmpp(success ~ x + g, binomial(link), single, epsilon = 1e-13), counts, 1e-9, paste(link, seed), deviance = FALSE)
    }
  }
})

test_that("glm(method = glmpp_fit) equals glmpp()", {
  for_all_models(c("x * g", "h:z"), function(formula, family, data, label) {
    plain <- glm(formula, family, data, method = glmpp_fit, epsilon = 1e-13, maxit = 100)
    expect_s3_class(plain, c("glm", "lm"), exact = TRUE)
    expect_same_fit(plain, glmpp(formula, family, data, epsilon = 1e-13, maxit = 100), 1e-11, label)
  })
})

test_that("a family called back equals the native one", {
  for_all_models(c("x", "g"), function(formula, family, data, label) {
    called_back <- family
    variance <- family$variance
    called_back$variance <- function(mu) variance(mu)
    expect_false("variance" %in% names(glmpp:::core_family(called_back)), label = label)
    expect_same_fit(glmpp(formula, called_back, data, epsilon = 1e-13), glmpp(formula, family, data, epsilon = 1e-13), 1e-9, label)
  })
})

test_that("the score vanishes at every fit", {
  for_all_models(c("x * z", "g"), function(formula, family, data, label) {
    fit <- glmpp(formula, family, data, epsilon = 1e-13)
    x <- model.matrix(fit)
    pulls <- x * (fit$weights * fit$residuals)
    expect_lt(max(abs(colSums(pulls)) / colSums(abs(pulls))), 1e-12, label = label)
  })
})

# ---- Threads ----

# A fit but for what it says of its threads.
without_threads <- function(fit) {
  fit <- unclass(fit)
  fit$solver$threads <- NULL
  fit$solver$control$threads <- NULL
  fit
}

wide_data <- with_seed(5, {
  rows <- 2e4
  d <- as.data.frame(matrix(rnorm(rows * 20), rows))
  d$f <- factor(sample(60, rows, TRUE))
  d$g <- factor(sample(3, rows, TRUE))
  eta <- 0.2 + as.matrix(d[1:20]) %*% rep(c(0.1, -0.1), 10) + as.numeric(d$g) / 5
  d$binary <- rbinom(rows, 1, plogis(eta))
  d$count <- rpois(rows, exp(eta))
  d$times <- sample(1:3, rows, TRUE)
  d
})

expect_threads_agree <- function(formula, family) {
  fit_by <- function(threads) glmpp(formula, family, wide_data, weights = times, threads = threads)
  expected <- without_threads(fit_by(1))
  for (threads in c(2, 3, 7)) expect_identical(without_threads(fit_by(threads)), expected, label = sprintf("by %d threads", threads))
}

test_that("any number of threads gives the same object to the bit", {
  expect_threads_agree(reformulate(names(wide_data)[1:20], "binary"), binomial())
  expect_threads_agree(reformulate(c(names(wide_data)[1:20], "f", "g"), "count"), poisson())
  expect_threads_agree(count ~ f * g + V1:g, poisson())
  expect_threads_agree(binary ~ f + g + V1 * V2, binomial("cauchit"))
  expect_threads_agree(reformulate(c(names(wide_data)[2:20], "f"), "V1"), gaussian())
  expect_threads_agree(V1 ~ V2 + I(2 * V2) + g, gaussian())
  expect_threads_agree(V1 ~ poly(V2, 4, raw = TRUE) + I(V3 + 1e4) + g, gaussian())
  mine <- poisson()
  mine$variance <- function(mu) mu + 0
  expect_threads_agree(count ~ V1 + g, mine)
})

test_that("any number of threads gives the same predictions and leverages to the bit", {
  fits <- lapply(c(1, 2, 3, 7), function(threads) glmpp(binary ~ V1 + f * g, binomial, wide_data, threads = threads))
  expected <- predict(fits[[1]], wide_data, se.fit = TRUE)
  leverage <- hatvalues(fits[[1]])
  for (fit in fits[-1]) {
    expect_identical(predict(fit, wide_data, se.fit = TRUE), expected)
    expect_identical(hatvalues(fit), leverage)
  }
})

test_that("the same call twice gives identical objects", {
  d <- random_data(4)
  expect_identical(glmpp(binary ~ x * g, binomial, d), glmpp(binary ~ x * g, binomial, d))
})

# ---- The session ----

test_that("a fit leaves the random numbers and the options as they were", {
  d <- random_data(9)
  with_seed(1, {
    before <- globalenv()$.Random.seed
    options_before <- options()
    fit <- glmpp(binary ~ x + g, binomial, d)
    summary(fit)
    predict(fit, d, se.fit = TRUE)
    expect_identical(globalenv()$.Random.seed, before)
    expect_identical(options(), options_before)
  })
})

test_that("a fit does not start the random numbers of a session that has none", {
  d <- random_data(9)
  with_seed(1, {
    rm(".Random.seed", envir = globalenv())
    glmpp(count ~ x + g, poisson, d)
    expect_false(exists(".Random.seed", envir = globalenv(), inherits = FALSE))
    set.seed(1)
  })
})

test_that("a fit leaves its data as they were", {
  d <- random_data(2)
  d$x[3] <- NA
  d$weight <- rep(0:2, length.out = nrow(d))
  before <- unserialize(serialize(d, NULL))
  suppressWarnings(glmpp(binary ~ x + g + poly(z, 2), binomial, d, weights = weight, offset = z))
  glmpp(count ~ x * g, poisson, d)
  expect_identical(d, before)
})

# ---- Rows of a model ----

row_model <- function(family, eta, y, weights = rep(1, length(eta))) {
  glmpp:::row_model_impl(glmpp:::core_family(family), eta, y, weights)
}

# A family of stats for each variance that the core lists.
family_of_variance <- function(variance, link) {
  switch(variance,
    constant = gaussian(link), "mu(1-mu)" = binomial(link), mu = poisson(link), "mu^2" = Gamma(link), "mu^3" = inverse.gaussian(link),
    "mu+mu^2/theta" = negative_binomial_under(link)
  )
}

# MASS allows three links; any other is put in its place.
negative_binomial_under <- function(link) {
  skip_if_not_installed("MASS")
  family <- MASS::negative.binomial(1.7)
  family[c("linkfun", "linkinv", "mu.eta", "valideta", "link")] <- link[c("linkfun", "linkinv", "mu.eta", "valideta", "name")]
  family
}

test_that("every pair of variance and link that the core lists has R's weights, residuals and deviance", {
  models <- glmpp:::known_models_impl()
  mean <- c(0.3, 0.35, 0.7, 0.8)
  weights <- c(1, 2, 0.5, 3)
  for (variance in models$variances) {
    # Between 0 and 1 the deviance of MASS is not that of the negative binomial.
    y <- if (variance == "mu+mu^2/theta") c(0, 1, 2, 3) else c(0.15, 0.4, 0.62, 0.93)
    for (name in models$links) {
      link <- if (name == "power") power(0.4) else make.link(name)
      family <- family_of_variance(variance, link)
      eta <- link$linkfun(mean)
      rows <- row_model(family, eta, y, weights)
      slope <- link$mu.eta(eta)
      label <- paste(variance, name)
      expect_true("variance" %in% names(glmpp:::core_family(family)), label = paste("native:", label))
      expect_true(rows$valid, label = label)
      expect_equal(rows$mean, mean, tolerance = 1e-13, label = label)
      expect_equal(rows$weight, weights * slope^2 / family$variance(mean), tolerance = 1e-13, label = label)
      expect_equal(rows$residual, weights * (y - mean) * slope / family$variance(mean), tolerance = 1e-13, label = label)
      expect_equal(rows$working_residual, (y - mean) / slope, tolerance = 1e-13, label = label)
      expect_equal(rows$deviance, sum(family$dev.resids(y, mean, weights)), tolerance = 1e-13, label = label)
    }
  }
})

# Logarithms of mu, 1 - mu and dmu/deta that keep their digits in both tails.
log_tails <- list(
  logit = function(eta) {
    list(mean = plogis(eta, log.p = TRUE), complement = plogis(-eta, log.p = TRUE), slope = dlogis(eta, log = TRUE))
  },
  probit = function(eta) list(mean = pnorm(eta, log.p = TRUE), complement = pnorm(-eta, log.p = TRUE), slope = dnorm(eta, log = TRUE)),
  cloglog = function(eta) list(mean = log(-expm1(-exp(eta))), complement = -exp(eta), slope = eta - exp(eta)),
  cauchit = function(eta) {
    list(mean = pcauchy(eta, log.p = TRUE), complement = pcauchy(-eta, log.p = TRUE), slope = dcauchy(eta, log = TRUE))
  }
)

# Where the exact value is not a normal double only finiteness is asked for.
expect_relative <- function(object, expected, label, floor = 1e-200) {
  expect_true(is.finite(object), label = label)
  if (!is.finite(expected)) return(invisible())
  difference <- abs(object - expected) / max(abs(expected), floor)
  expect(difference <= 1e-11, sprintf("%s is %.15g, not %.15g.", label, object, expected))
}

expect_tails <- function(link, predictors) {
  for (eta in predictors) {
    tails <- log_tails[[link]](eta)
    for (y in 0:1) {
      row <- row_model(binomial(link), eta, y)
      label <- sprintf("%s at %g, y = %d", link, eta, y)
      own <- if (y == 1) tails$mean else tails$complement
      expect_true(row$valid, label = label)
      expect_relative(row$weight, exp(2 * tails$slope - tails$mean - tails$complement), paste("weight:", label))
      expect_relative(row$residual, (if (y == 1) 1 else -1) * exp(tails$slope - own), paste("residual:", label))
      # A deviance is a sum: digits count beside those of the other rows.
      expect_relative(row$deviance, -2 * own, paste("deviance:", label), floor = 1e-2)
    }
  }
}

test_that("the tails of the logit link keep their digits", {
  expect_tails("logit", c(-700, -40, -20, -5, 5, 20, 40, 700))
})

test_that("the tails of the probit link keep their digits", {
  expect_tails("probit", c(-37, -30, -20, -8, -5, 5, 8, 20, 30, 37))
})

test_that("the probit link keeps its digits at 40", {
  expect_tails("probit", c(-40, 40))
})

test_that("the tails of the cloglog link keep their digits", {
  expect_tails("cloglog", c(-40, -20, -5, 2, 4, 6))
})

test_that("the cloglog link keeps its digits where nothing is left of 1 - mu", {
  expect_tails("cloglog", 7)
  # At 40 the slope of log(1 - mu) is exp(40), which the difference of logarithms above has lost.
  row <- row_model(binomial("cloglog"), 40, 0)
  expect_relative(row$residual, -exp(40), "residual")
  expect_relative(row$deviance, 2 * exp(40), "deviance")
})

test_that("the tails of the cauchit link keep their digits", {
  expect_tails("cauchit", c(-1e6, -40, -5, 5, 40, 1e6))
})

test_that("a log link that overflows is flagged, not fitted", {
  for (family in list(poisson(), Gamma("log"), gaussian("log"), inverse.gaussian("log"), quasipoisson())) {
    expect_false(row_model(family, c(0, 800), c(1, 2))$valid, label = family$family)
    expect_false(row_model(family, 709.9, 1)$valid, label = family$family)
    low <- row_model(family, c(-800, 0), c(1, 2))
    expect_true(all(is.finite(low$mean)), label = family$family)
  }
  expect_true(row_model(poisson(), 700, 1)$valid)
  expect_false(row_model(binomial("log"), 0.1, 1)$valid)
})

test_that("a predictor that is not finite, or outside its link, is flagged", {
  for (family in list(gaussian(), binomial(), binomial("probit"), binomial("cloglog"), binomial("cauchit"), poisson(), Gamma())) {
    for (bad in c(NaN, Inf, -Inf)) {
      expect_false(row_model(family, c(0.5, bad), c(1, 1))$valid, label = paste(family$family, family$link, bad))
    }
  }
  expect_false(row_model(poisson("sqrt"), -1, 1)$valid)
  expect_false(row_model(poisson("identity"), -1, 1)$valid)
  expect_false(row_model(Gamma(), -1, 1)$valid)
  expect_false(row_model(Gamma(), 0, 1)$valid)
  expect_false(row_model(inverse.gaussian(), -1, 1)$valid)
  expect_false(row_model(binomial(make.link("identity")), 1.1, 1)$valid)
})

test_that("a start that overflows ends in an error of ours or in the fit", {
  d <- random_data(1)
  expected <- glmpp(count ~ x, poisson, d)
  started <- tryCatch(suppressWarnings(glmpp(count ~ x, poisson, d, start = c(800, 0), maxit = 100)), glmpp_error = function(e) NULL)
  if (!is.null(started)) expect_equal(coef(started), coef(expected), tolerance = 1e-7)
  expect_true(is.null(started) || started$converged)
})
