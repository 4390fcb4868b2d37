# What must hold of a fit whatever the data, for each native family: the claims are those of helper-properties.R.

for (model in families()) {
  test_properties(sprintf("%s(%s)", model$family$family, model$family$link), family_properties, model$family, model$draw)
}

test_that("splitting binomial counts into single trials keeps coefficients and standard errors", {
  for (seed in seeds) {
    data <- random_data(seed)
    for (link in c("logit", "probit", "cloglog", "cauchit")) {
      counts <- glmpp(cbind(successes, trials - successes) ~ x + g, binomial(link), data, epsilon = 1e-13)
      single <- data[rep(seq_len(nrow(data)), data$trials), ]
      single$success <- sequence(data$trials) <= single$successes
      expect_equal_fits(glmpp(success ~ x + g, binomial(link), single, epsilon = 1e-13), counts, 1e-9, paste(link, seed), deviance = FALSE)
    }
  }
})

test_that("a coefficient is held where it starts, valid or not", {
  for (seed in seeds) {
    data <- random_data(seed)
    fit <- glmpp(count ~ x + z, poisson("sqrt"), data)
    for (value in c(0.4, 3)) {
      solution <- glmpp:::fit_problem(problem_of_fit(fit), replace(coef(fit), 2, value), held = 2L)
      expect_true(solution$coefficients[2] == value || !solution$converged)
    }
  }
})

# ---- Threads ----

wide_data <- with_local_seed(5, {
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
  expect_same_bits(function(threads) glmpp(formula, family, wide_data, weights = times, threads = threads), deparse1(formula)[1])
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
  with_local_seed(1, {
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
  with_local_seed(1, {
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
    "mu+mu^2/theta" = negative_binomial_under(link), "mu^p" = tweedie(1.4, link)
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
  # The link of the others is one of their own: test-zero-truncated.R.
  for (variance in grep("^zero-truncated", models$variances, value = TRUE, invert = TRUE)) {
    # Between 0 and 1 the deviance of MASS is not that of the negative binomial.
    y <- if (variance == "mu+mu^2/theta") c(0, 1, 2, 3) else c(0.15, 0.4, 0.62, 0.93)
    for (name in models$links) {
      link <- if (name == "power") power(0.4) else glmpp:::make_link(name)
      family <- family_of_variance(variance, link)
      expect_true("variance" %in% names(glmpp:::core_family(family)), label = paste("native:", variance, name))
      expect_rows_of_family(family, mean, y, weights, paste(variance, name))
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
