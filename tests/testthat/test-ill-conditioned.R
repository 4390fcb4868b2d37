# Columns that repeat each other to nearly all digits.

powers_of <- function(variable, response) stats::reformulate(sprintf("I(%s^%.1f)", variable, seq(0.1, 3, 0.1)), response)

test_that("thirty powers of one variable are fitted no worse than by glm()", {
  skip_if_not_installed("MASS")
  for (variable in c("lstat", "rm", "age", "crim", "dis", "nox", "tax")) for (response in c("medv", "indus")) {
    formula <- powers_of(variable, response)
    theirs <- glm(formula, gaussian, MASS::Boston)
    label <- paste(response, variable)
    expect_warning(ours <- glmpp(formula, gaussian, MASS::Boston), class = "glmpp_warning_condition")
    expect_true(ours$converged, label = label)
    expect_lte(ours$deviance, theirs$deviance * (1 + 1e-8), label = label)
    expect_equal(sum((MASS::Boston[[response]] - fitted(ours))^2), ours$deviance, tolerance = 1e-6, label = label)
    expect_equal(unname(suppressWarnings(predict(ours, MASS::Boston))), unname(fitted(ours)), tolerance = 1e-3, label = label)
  }
})

test_that("weights and offsets go along", {
  d <- transform(MASS::Boston, w = rep_len(0:3, 506), o = rad / 10)
  formula <- powers_of("lstat", "medv")
  theirs <- suppressWarnings(glm(formula, gaussian, d, weights = w, offset = o))
  ours <- suppressWarnings(glmpp(formula, gaussian, d, weights = w, offset = o))
  expect_lte(ours$deviance, theirs$deviance * (1 + 1e-8))
  expect_equal(sum(d$w * (d$medv - fitted(ours))^2), ours$deviance, tolerance = 1e-6)
  by_fit <- suppressWarnings(glm(formula, gaussian, d, method = glmpp_fit, weights = w, offset = o))
  expect_lte(by_fit$deviance, theirs$deviance * (1 + 1e-8))
})

test_that("a false rest is left for fewer columns in other families", {
  d <- transform(MASS::Boston, count = round(medv))
  fit <- suppressWarnings(glmpp(powers_of("rm", "medv"), Gamma("log"), d))
  expect_lte(fit$deviance, suppressWarnings(glm(powers_of("rm", "medv"), Gamma("log"), d))$deviance)
  # Whether the last steps still descend is decided by rounding, and so by the processor: it is said where they don't.
  said <- character()
  counts <- withCallingHandlers(glmpp(powers_of("lstat", "count"), poisson, d), warning = function(w) {
    said <<- c(said, class(w))
    invokeRestart("muffleWarning")
  })
  expect_lte(counts$deviance, suppressWarnings(glm(powers_of("lstat", "count"), poisson, d))$deviance)
  expect_true(if (counts$converged) "glmpp_warning_condition" %in% said else "glmpp_warning_convergence" %in% said)
})

test_that("a condition that leaves digits is no case for it", {
  set.seed(71)
  x <- runif(60, 1, 2)
  d <- data.frame(x = x, y = sin(3 * x) + rnorm(60) / 9)
  formula <- y ~ x + I(x^2) + I(x^3) + I(x^4) + I(x^5)
  expect_silent(fit <- glmpp(formula, gaussian, d))
  expect_equal(coef(fit), coef(lm(formula, d)), tolerance = 1e-5)
})
