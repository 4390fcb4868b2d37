# What must hold of a fit whatever the data, the family, the solver, the penalty and the home: a list of claims for each kind of
# part, which the parts of the package and those that tests define are put to alike. Random data are from seeds that leave the
# session's own alone.

# Runs the claims of a list, all but those named, one test for each.
test_properties <- function(label, properties, ..., except = character()) {
  unknown <- setdiff(except, names(properties))
  if (length(unknown)) stop("no such claim: ", unknown[1])
  for (claim in setdiff(names(properties), except)) {
    test_that(paste0(label, ": ", claim), {
      properties[[claim]](...)
    })
  }
}

seeds <- c(1, 20, 300)

# Two numeric columns, two factors, and a response for each family.
random_data <- function(seed, rows = 400) {
  with_local_seed(seed, {
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
    d$eta <- eta
    d$seen <- pmax(d$count, 1)
    d
  })
}

# Each native family with its response.
families <- function() {
  of <- function(response, ...) lapply(list(...), function(family) list(family = family, draw = function(data) data[[response]]))
  c(of("number", gaussian()),
    of("binary", binomial(), binomial("probit"), binomial("cloglog"), binomial("cauchit"), quasibinomial()),
    of("count", poisson(), poisson("sqrt"), quasipoisson(), quasi(link = "log", variance = "mu")),
    of("positive", Gamma("log"), inverse.gaussian("log"), tweedie(1.5)),
    of("count", tweedie(1.3)), of("seen", truncated_poisson(), truncated_negative_binomial(2)),
    if (requireNamespace("MASS", quietly = TRUE)) of("count", MASS::negative.binomial(2)))
}

# ---- Comparisons ----

# Coefficients relative to the larger of estimate and standard error.
expect_same_coefficients <- function(object, expected, errors, tolerance, label) {
  difference <- max(abs(object - expected) / pmax(abs(expected), errors))
  expect(difference <= tolerance, sprintf("%s: coefficients differ by %.1e.", label, difference))
}

# R before 4.3 asks for the names of families whose dispersion is known.
standard_errors_of <- function(fit) {
  known <- if (!inherits(fit, "glmpp")) fit$family$dispersion
  unname(sqrt(diag(if (is.null(known) || is.na(known)) vcov(fit) else vcov(fit, dispersion = known))))
}

expect_equal_fits <- function(object, expected, tolerance, label, deviance = TRUE) {
  errors <- standard_errors_of(expected)
  expect_same_coefficients(unname(coef(object)), unname(coef(expected)), errors, tolerance, label)
  difference <- max(abs(standard_errors_of(object) / errors - 1))
  expect(difference <= tolerance, sprintf("%s: standard errors differ by %.1e.", label, difference))
  if (!deviance) return(invisible())
  difference <- abs(deviance(object) / deviance(expected) - 1)
  expect(difference <= tolerance, sprintf("%s: deviances differ by %.1e.", label, difference))
}

# A fit but for what it says of its threads.
without_threads <- function(fit) {
  fit <- unclass(fit)
  fit$solver$threads <- NULL
  fit$solver$control$threads <- NULL
  fit
}

expect_same_bits <- function(fit_by, label) {
  expected <- without_threads(fit_by(1))
  for (threads in c(2, 3, 7)) {
    expect_identical(without_threads(fit_by(threads)), expected, label = sprintf("%s by %d threads", label, threads))
  }
}

# Derivatives of a function with a number, or a vector, as its value: a column for each argument.
differences <- function(f, at, step = 1e-5) {
  sapply(seq_along(at), function(j) {
    e <- replace(numeric(length(at)), j, step * max(1, abs(at[j])))
    (f(at + e) - f(at - e)) / (2 * sum(e))
  })
}

# The native problem of a fit to rows in memory, with the settings given.
problem_of_fit <- function(fit, ...) glmpp:::problem_of(fit, glmpp:::new_settings(list(epsilon = 1e-13), ...))

# Coefficient j stays where it is held, and the others are those beside an offset.
expect_holds <- function(fit, j, value, ..., tolerance = 1e-6, label) {
  start <- replace(coef(fit), j, value)
  solution <- glmpp:::fit_problem(problem_of_fit(fit, ...), start, held = as.integer(j))
  expect_identical(solution$coefficients[j], value, label = label)
  pulls <- solution$score[-j] * standard_errors_of(fit)[-j]
  expect_lt(max(abs(pulls)), tolerance, label = paste("score beside a held coefficient:", label))
}

# ---- Families ----

# A claim about fits of a family to random data, with `draw(data)` its response: `check(formula, family, data, label)`.
family_property <- function(terms, check) {
  function(family, draw) {
    for (seed in seeds) {
      data <- random_data(seed)
      data$response <- with_local_seed(seed, draw(data))
      formula <- reformulate(terms, "response", env = environment(check))
      check(formula, family, data, sprintf("%s(%s), seed %d", family$family, family$link, seed))
    }
  }
}

family_properties <- list(
  "a weight of two equals a row repeated twice" = family_property(c("x", "z", "g"), function(formula, family, data, label) {
    data$times <- rep(1:3, length.out = nrow(data))
    weighted <- glmpp(formula, family, data, weights = times, epsilon = 1e-13)
    repeated <- glmpp(formula, family, data[rep(seq_len(nrow(data)), data$times), ], epsilon = 1e-13)
    scale <- sqrt(summary(weighted)$dispersion / summary(repeated)$dispersion)
    errors <- standard_errors_of(repeated)
    expect_same_coefficients(coef(weighted), coef(repeated), errors, 1e-10, label)
    expect_equal(standard_errors_of(weighted) / scale, errors, tolerance = 1e-9, label = label)
    expect_equal(deviance(weighted), deviance(repeated), tolerance = 1e-12, label = label)
  }),
  "any row order gives the same fit" = family_property(c("x", "z", "g", "g:h"), function(formula, family, data, label) {
    shuffled <- data[with_local_seed(7, sample(nrow(data))), ]
    expect_equal_fits(glmpp(formula, family, shuffled), glmpp(formula, family, data), 1e-12, label)
  }),
  "a factor equals hand-made dummy columns, and a matrix of them" = family_property(c("g", "x"), function(formula, family, data, label) {
    dummies <- outer(as.character(data$g), levels(data$g)[-1], "==") * 1
    colnames(dummies) <- levels(data$g)[-1]
    data$dummies <- dummies
    by_columns <- cbind(data, as.data.frame(dummies))
    expected <- glmpp(formula, family, data)
    expect_equal_fits(glmpp(update(formula, . ~ dummies + x), family, data), expected, 1e-12, label)
    expect_equal_fits(glmpp(update(formula, . ~ b + c + d + e + x), family, by_columns), expected, 1e-12, label)
  }),
  "an interaction of factors equals the factor of their combinations" = family_property("g:h - 1", function(formula, family, data, label) {
    data$cell <- interaction(data$g, data$h)
    expect_equal_fits(glmpp(update(formula, . ~ cell - 1), family, data), glmpp(formula, family, data), 1e-12, label)
  }),
  "a factor by a number equals the products of columns" = family_property("g:z", function(formula, family, data, label) {
    data$products <- outer(as.character(data$g), levels(data$g), "==") * data$z
    expect_equal_fits(glmpp(update(formula, . ~ products), family, data), glmpp(formula, family, data), 1e-12, label)
  }),
  "scaling a column divides its coefficient" = family_property(c("x", "z", "g"), function(formula, family, data, label) {
    expected <- glmpp(formula, family, data, epsilon = 1e-13)
    for (scale in c(1e-6, 1e3, -1)) {
      scaled <- glmpp(formula, family, transform(data, x = x * scale), epsilon = 1e-13)
      factors <- ifelse(names(coef(expected)) == "x", scale, 1)
      expect_same_coefficients(coef(scaled) * factors, coef(expected), standard_errors_of(expected), 1e-10, label)
      expect_equal(standard_errors_of(scaled) * abs(factors), standard_errors_of(expected), tolerance = 1e-9, label = label)
    }
  }),
  "shifting a column moves the intercept alone" = family_property(c("x", "z", "g"), function(formula, family, data, label) {
    expected <- glmpp(formula, family, data, epsilon = 1e-13)
    shifted <- glmpp(formula, family, transform(data, x = x + 50), epsilon = 1e-13)
    moved <- coef(shifted)
    moved[1] <- moved[1] + 50 * moved[["x"]]
    expect_same_coefficients(moved, coef(expected), standard_errors_of(expected), 1e-9, label)
    expect_equal(standard_errors_of(shifted)[-1], standard_errors_of(expected)[-1], tolerance = 1e-9, label = label)
    expect_equal(fitted(shifted), fitted(expected), tolerance = 1e-10, label = label)
  }),
  "rows of weight zero equal rows left out" = family_property(c("x", "z", "g"), function(formula, family, data, label) {
    data$used <- as.numeric(seq_len(nrow(data)) %% 4 != 0)
    zero <- suppressWarnings(glmpp(formula, family, data, weights = used, epsilon = 1e-13))
    dropped <- glmpp(formula, family, data, subset = used > 0, epsilon = 1e-13)
    expect_same_coefficients(coef(zero), coef(dropped), standard_errors_of(dropped), 1e-11, label)
    expect_equal(deviance(zero), deviance(dropped), tolerance = 1e-12, label = label)
    expect_identical(df.residual(zero), df.residual(dropped), label = label)
    expect_identical(zero$df.null, dropped$df.null, label = label)
  }),
  "an offset equals a coefficient held fixed" = family_property(c("x", "z", "g"), function(formula, family, data, label) {
    free <- glmpp(formula, family, data, epsilon = 1e-13)
    data$part <- coef(free)[["x"]] * data$x
    held <- glmpp(update(formula, . ~ . - x), family, data, offset = part, epsilon = 1e-13)
    rest <- names(coef(free)) != "x"
    expect_same_coefficients(coef(held), coef(free)[rest], standard_errors_of(free)[rest], 1e-9, label)
    expect_equal(deviance(held), deviance(free), tolerance = 1e-11, label = label)
  }),
  "glm(method = glmpp_fit) equals glmpp()" = family_property(c("x * g", "h:z"), function(formula, family, data, label) {
    plain <- glm(formula, family, data, method = glmpp_fit, epsilon = 1e-13, maxit = 100)
    expect_s3_class(plain, c("glm", "lm"), exact = TRUE)
    expect_equal_fits(plain, glmpp(formula, family, data, epsilon = 1e-13, maxit = 100), 1e-11, label)
  }),
  "a family called back equals the native one" = family_property(c("x", "g"), function(formula, family, data, label) {
    called_back <- family
    variance <- family$variance
    called_back$variance <- function(mu) variance(mu)
    called_back$row_model <- NULL
    expect_false("variance" %in% names(glmpp:::core_family(called_back)), label = label)
    expect_equal_fits(glmpp(formula, called_back, data, epsilon = 1e-13), glmpp(formula, family, data, epsilon = 1e-13), 1e-9, label)
  }),
  "the score vanishes at every fit" = family_property(c("x * z", "g"), function(formula, family, data, label) {
    fit <- glmpp(formula, family, data, epsilon = 1e-13)
    x <- model.matrix(fit)
    pulls <- x * (fit$weights * fit$residuals)
    expect_lt(max(abs(colSums(pulls)) / colSums(abs(pulls))), 1e-12, label = label)
  }),
  "the optimum is glm()'s" = family_property(c("x", "z", "g"), function(formula, family, data, label) {
    theirs <- suppressWarnings(stats::glm(formula, family, data, epsilon = 1e-14, maxit = 200))
    expect_equal_fits(glmpp(formula, family, data, epsilon = 1e-13), theirs, 1e-6, label)
  }),
  "any chunks give the fit of the rows" = family_property(c("x", "g"), function(formula, family, data, label) {
    rows <- glmpp(formula, family, data, epsilon = 1e-13)
    for (size in c(37, 400)) {
      expect_equal_fits(glmpp(formula, family, chunks_of(data, size), epsilon = 1e-13), rows, 1e-9, label)
    }
  }),
  "any number of threads gives the same bits" = family_property(c("x", "g"), function(formula, family, data, label) {
    many <- data[rep(seq_len(nrow(data)), 20), ]
    many$x <- many$x + rep(seq(0, 1, length.out = 20), each = nrow(data))
    expect_same_bits(function(threads) glmpp(formula, family, many, threads = threads), label)
  }),
  "a held coefficient stays" = family_property(c("x", "z"), function(formula, family, data, label) {
    fit <- glmpp(formula, family, data)
    expect_holds(fit, 2L, 0.9 * coef(fit)[[2]], label = label)
  }),
  "the observed information is the derivative of the score" = family_property(c("x", "z"), function(formula, family, data, label) {
    fit <- glmpp(formula, family, data)
    problem <- problem_of_fit(fit)
    ask <- function(b, sum) glmpp:::evaluate_problem(problem, b, sum)[[sum]]
    at <- coef(fit) + c(0.05, -0.03, 0.02)
    expect_equal(ask(at, "observed_information"), -differences(function(b) ask(b, "score"), at), tolerance = 1e-6, label = label)
  })
)

# All of the above for a family and its `draw`.
expect_family_properties <- function(family, draw, except = character()) {
  for (claim in setdiff(names(family_properties), except)) family_properties[[claim]](family, draw)
}

# What the core makes of rows is what R's functions of the family make of them.
expect_rows_of_family <- function(family, mean, y, weights, label) {
  eta <- family$linkfun(mean)
  slope <- family$mu.eta(eta)
  rows <- glmpp:::row_model_impl(glmpp:::core_family(family), eta, y, weights)
  expect_false(glmpp:::core_family(family)$is_callback, label = paste("called back:", label))
  expect_true(rows$valid, label = label)
  expect_equal(rows$mean, mean, tolerance = 1e-13, label = label)
  expect_equal(rows$weight, weights * slope^2 / family$variance(mean), tolerance = 1e-13, label = label)
  expect_equal(rows$residual, weights * (y - mean) * slope / family$variance(mean), tolerance = 1e-13, label = label)
  expect_equal(rows$working_residual, (y - mean) / slope, tolerance = 1e-13, label = label)
  expect_equal(rows$deviance, sum(family$dev.resids(y, mean, weights)), tolerance = 1e-13, label = label)
}

# ---- Solvers ----

# The optimum of one of solver_problems(), for the solver that `make_solver()` makes.
expect_optimum <- function(make_solver, problem, tolerance = 1e-6) {
  data <- solver_data(problem)
  reference <- glmpp(y ~ x1 + x2 + g, problem$family, data)
  fit <- glmpp(y ~ x1 + x2 + g, problem$family, data, solver = make_solver())
  expect_true(fit$converged, info = fit$solver$name)
  errors <- standard_errors_of(reference)
  expect_same_coefficients(coef(fit), coef(reference), errors, tolerance, paste(fit$solver$name, problem$name))
  expect_equal(vcov(fit), vcov(reference), tolerance = tolerance, info = fit$solver$name)
  expect_equal(fit$solver$name, make_solver()$name)
}

logit_data <- function(rows = 300) solver_data(solver_problems()[[4]], rows)

# Claims about a solver that goes on until it has converged, from its constructor.
solver_properties <- list(
  "aliased columns are NA, and the others as irls() has them" = function(make_solver) {
    data <- transform(mtcars, twice = 2 * wt)
    reference <- glmpp(am ~ wt + twice + hp, binomial, data)
    fit <- glmpp(am ~ wt + twice + hp, binomial, data, solver = make_solver())
    expect_equal(is.na(coef(fit)), is.na(coef(reference)))
    expect_lt(max(abs(coef(fit) - coef(reference)), na.rm = TRUE), 1e-5)
  },
  "any number of threads gives the same bits" = function(make_solver) {
    data <- logit_data(20000)
    fits <- lapply(c(1, 3), function(k) coef(glmpp(y ~ x1 + x2 + g, binomial, data, solver = make_solver(), threads = k)))
    expect_identical(fits[[1]], fits[[2]])
  },
  "any row order, and a weight of two for a row given twice, give the same fit" = function(make_solver) {
    data <- logit_data()
    fit <- function(data, ...) glmpp(y ~ x1 + x2 + g, binomial, data, solver = make_solver(), ...)
    expected <- fit(data)
    expect_equal_fits(fit(data[rev(seq_len(nrow(data))), ]), expected, 1e-5, "row order")
    expect_equal_fits(fit(data, weights = rep(2, nrow(data))), fit(rbind(data, data)), 1e-5, "weights")
  },
  "chunks and grouped rows are fitted as their rows" = function(make_solver) {
    data <- logit_data()
    expect_equal_fits(glmpp(y ~ x1 + x2 + g, binomial, chunks_of(data, 70), solver = make_solver()),
                      glmpp(y ~ x1 + x2 + g, binomial, data), 1e-5, "chunks")
    few <- with_local_seed(3, data.frame(x = sample(3, 2e4, TRUE), g = factor(sample(3, 2e4, TRUE))))
    few$y <- with_local_seed(4, rbinom(2e4, 1, plogis(few$x / 3 - 1)))
    expect_equal_fits(glmpp(y ~ x + g, binomial, few, solver = make_solver()), glmpp(y ~ x + g, binomial, few), 1e-5, "groups")
  },
  "dummy columns are fitted as the factor" = function(make_solver) {
    data <- logit_data()
    data$dummies <- model.matrix(~g, data)[, -1]
    expect_equal_fits(glmpp(y ~ x1 + x2 + dummies, binomial, data, solver = make_solver()),
                      glmpp(y ~ x1 + x2 + g, binomial, data), 1e-5, "dummies")
  },
  "a held coefficient stays, and the score of the others vanishes" = function(make_solver) {
    expect_holds(glmpp(y ~ x1 + x2, binomial, logit_data()), 2L, 0.7, solver = make_solver(), tolerance = 1e-5, label = make_solver()$name)
  },
  "at a ridge estimate the score balances the penalty" = function(make_solver) {
    data <- logit_data()
    fit <- glmpp(y ~ x1 + x2 + g, binomial, data, penalty = ridge(0.5), solver = make_solver())
    slope <- nll(y ~ x1 + x2 + g, binomial, data, coefficients = coef(fit))$gradient
    balance <- slope + 0.5 * coef(fit) * c(0, rep(1, length(slope) - 1))
    expect_lt(max(abs(balance) * standard_errors_of(fit)), 1e-6)
  },
  "a trace has a line for each iteration, and ends at the fit" = function(make_solver) {
    fit <- glmpp(am ~ wt, binomial, mtcars, solver = make_solver(), trace = "coefficients")
    expect_s3_class(fit$trace, c("glmpp_trace", "data.frame"), exact = TRUE)
    expect_equal(fit$trace$iteration, 0:fit$iter)
    expect_named(fit$trace, c("iteration", "deviance", "gradient_max_norm", "step_length", "passes", "seconds"))
    expect_equal(tail(fit$trace$deviance, 1), fit$deviance, tolerance = 1e-8)
    path <- attr(fit$trace, "coefficients")
    expect_equal(dim(path), c(nrow(fit$trace), 2))
    expect_equal(path[nrow(path), ], coef(fit), tolerance = 1e-4)
    expect_false(is.unsorted(fit$trace$passes))
  }
)

# All of the above, and the optimum of every problem of the suite.
expect_solver_properties <- function(make_solver, except = character()) {
  for (problem in solver_problems()) expect_optimum(make_solver, problem)
  for (claim in setdiff(names(solver_properties), except)) solver_properties[[claim]](make_solver)
}

# ---- Penalties ----

penalised_problems <- list(
  list(formula = am ~ wt + hp, family = binomial(), data = mtcars),
  list(formula = breaks ~ wool * tension, family = poisson(), data = warpbreaks),
  list(formula = mpg ~ wt + factor(cyl), family = Gamma("log"), data = mtcars)
)

# `check(fit, slope, information, problem)` for each of them: fit(...) is the penalised fit, slope(b) the gradient of negative
# log-likelihood and penalty together, information(b) the likelihood's.
for_penalised <- function(penalty, value, check) {
  for (problem in penalised_problems) {
    at <- function(b) nll(problem$formula, problem$family, problem$data, coefficients = b)
    fit <- function(..., data = problem$data) glmpp(problem$formula, problem$family, data, penalty = penalty, ...)
    check(fit, function(b) at(b)$gradient + differences(value, b), function(b) at(b)$information, problem)
  }
}

# Claims about a smooth penalty and its value, a function of the coefficients.
penalty_properties <- list(
  "the score balances the penalty, for every solver" = function(penalty, value) {
    for_penalised(penalty, value, function(fit, slope, information, problem) {
      for (name in setdiff(names(glmpp:::solver_makers), c("auto", "sgd"))) {
        found <- fit(solver = name)
        expect_lt(max(abs(slope(coef(found))) * standard_errors_of(found)), 1e-6, label = paste(name, problem$family$family))
      }
    })
  },
  "vcov() is the inverse of the penalised information" = function(penalty, value) {
    for_penalised(penalty, value, function(fit, slope, information, problem) {
      found <- fit(epsilon = 1e-13)
      curvature <- differences(function(b) differences(value, b, 1e-4), coef(found), 1e-4)
      unscaled <- vcov(found) / summary(found)$dispersion
      expect_equal(unscaled, solve(information(coef(found)) + curvature), tolerance = 1e-4, ignore_attr = TRUE)
    })
  },
  "the deviance is the likelihood's" = function(penalty, value) {
    for_penalised(penalty, value, function(fit, slope, information, problem) {
      found <- fit()
      expect_equal(found$deviance, sum(problem$family$dev.resids(found$y, fitted(found), rep(1, length(found$y)))))
    })
  },
  "any row order, chunks and threads give the same fit" = function(penalty, value) {
    for_penalised(penalty, value, function(fit, slope, information, problem) {
      expected <- fit(epsilon = 1e-13)
      data <- problem$data
      expect_equal_fits(fit(data = data[rev(seq_len(nrow(data))), ], epsilon = 1e-13), expected, 1e-8, "row order")
      expect_equal_fits(fit(data = chunks_of(data, 7), epsilon = 1e-13), expected, 1e-8, "chunks")
      expect_same_bits(function(threads) fit(threads = threads), "penalised")
    })
  },
  "a sample of the rows, and groups of equal ones, lead to the same optimum" = function(penalty, value) {
    many <- logit_data(60000)
    fit <- glmpp(y ~ x1 + x2, binomial, many, penalty = penalty)
    slope <- nll(y ~ x1 + x2, binomial, many, coefficients = coef(fit))$gradient + differences(value, coef(fit))
    expect_lt(max(abs(slope) * standard_errors_of(fit)), 1e-5)
    grouped <- glmpp(y ~ g, binomial, many, penalty = penalty)
    expect_equal_fits(grouped, glmpp(y ~ g, binomial, chunks_of(many, 20000), penalty = penalty), 1e-6, "groups")
  },
  "a held coefficient stays" = function(penalty, value) {
    fit <- glmpp(am ~ wt + hp, binomial, mtcars, penalty = penalty)
    start <- replace(coef(fit), 2, -1)
    held <- glmpp:::fit_problem(problem_of_fit(fit, penalty = penalty), start, held = 2L)$coefficients
    slope <- nll(am ~ wt + hp, binomial, mtcars, coefficients = held)$gradient + differences(value, held)
    expect_identical(held[2], -1)
    expect_lt(max(abs(slope[-2]) * standard_errors_of(fit)[-2]), 1e-5)
  },
  "separated data have an estimate, without a warning" = function(penalty, value) {
    data <- data.frame(x = 1:10, y = rep(0:1, each = 5))
    expect_no_warning(fit <- glmpp(y ~ x, binomial, data, penalty = penalty))
    expect_true(fit$converged)
  }
)

expect_penalty_properties <- function(penalty, value, except = character()) {
  for (claim in setdiff(names(penalty_properties), except)) penalty_properties[[claim]](penalty, value)
}

# ---- Homes ----

# Claims about a home, from make_source(data, rows): a source of these rows, so many at a time where it has parts.
home_properties <- list(
  "the fit is that of the rows, for every kind of model" = function(make_source) {
    models <- list(list(count ~ x + text, poisson()), list(answer ~ x + on, binomial()), list(amount ~ z, Gamma("log")),
                   list(amount ~ x, gaussian()))
    rows <- home_rows()
    for (model in models) {
      fit <- glmpp(model[[1]], model[[2]], make_source(rows, 90), epsilon = 1e-13)
      memory <- glmpp(model[[1]], model[[2]], rows, epsilon = 1e-13)
      expect_s3_class(fit, "glmpp_remote")
      expect_equal_fits(fit, memory, 1e-8, deparse1(model[[1]]))
      expect_equal(unclass(fit)[c("df.residual", "df.null", "rank")], unclass(memory)[c("df.residual", "df.null", "rank")])
    }
  },
  "any parts give the same numbers" = function(make_source) {
    rows <- home_rows()
    fits <- lapply(c(7, 100, 400), function(size) glmpp(count ~ x + text, poisson, make_source(rows, size)))
    for (fit in fits[-1]) expect_equal_fits(fit, fits[[1]], 1e-10, "parts")
  },
  "the summary prints what that of the rows does" = function(make_source) {
    rows <- home_rows()
    expect_identical(summary_text(glmpp(answer ~ x + text, binomial, make_source(rows, 100))),
                     summary_text(glmpp(answer ~ x + text, binomial, rows)))
  },
  "solvers and penalties reach the same optimum" = function(make_source) {
    rows <- home_rows()
    expected <- glmpp(count ~ x + text, poisson, rows)
    for (solver in list(lbfgs(), coordinate_descent())) {
      expect_equal_fits(glmpp(count ~ x + text, poisson, make_source(rows, 100), solver = solver), expected, 1e-6, solver$name)
    }
    expect_equal_fits(glmpp(count ~ x + text, poisson, make_source(rows, 100), penalty = ridge(2)),
                      glmpp(count ~ x + text, poisson, rows, penalty = ridge(2)), 1e-6, "ridge")
  },
  "aliased columns are those of the rows together" = function(make_source) {
    rows <- transform(home_rows(), twice = 2 * z)
    fit <- glmpp(count ~ z + twice, poisson, make_source(rows, 64))
    expect_true(is.na(coef(fit)[["twice"]]))
    expect_equal(coef(fit)[["z"]], coef(glmpp(count ~ z + twice, poisson, rows))[["z"]], tolerance = 1e-8)
  }
)

home_rows <- function() {
  rows <- with_local_seed(1, data.frame(x = rnorm(400), z = round(runif(400, 1, 3), 2), text = sample(c("a", "b", "c"), 400, TRUE),
                                        on = sample(0:1, 400, TRUE), answer = rbinom(400, 1, 0.4)))
  rows$count <- with_local_seed(2, rpois(400, exp(0.3 * rows$x)))
  rows$amount <- with_local_seed(3, rgamma(400, 5, 5 / exp(0.2 * rows$z)))
  rows$x[3] <- NA
  rows
}

expect_home_properties <- function(make_source, except = character()) {
  for (claim in setdiff(names(home_properties), except)) home_properties[[claim]](make_source)
}
