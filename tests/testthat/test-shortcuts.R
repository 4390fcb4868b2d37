# What the core may do before it iterates (a sample for a start, groups of equal rows, borrowed
# information, wide registers) must not show in the answer. A given `start` switches sample and groups off.

expect_same_answer <- function(fit, plain, tolerance = 1e-9) {
  errors <- sqrt(diag(vcov(plain)))
  expect_lt(max(abs(coef(fit) - coef(plain)) / pmax(abs(coef(plain)), errors)), tolerance)
  expect_lt(max(abs(sqrt(diag(vcov(fit))) / errors - 1)), tolerance)
  expect_equal(fit$deviance, plain$deviance, tolerance = 1e-11)
  expect_equal(fit$aic, plain$aic, tolerance = 1e-11)
  expect_equal(fitted(fit), fitted(plain), tolerance = 1e-9)
}

without_shortcuts <- function(fit) {
  call <- fit$call
  call$start <- unname(coef(fit)) * 0.9
  eval(call, parent.frame())
}

families <- list(
  list(binomial(), function(eta) stats::rbinom(length(eta), 1, stats::plogis(eta))),
  list(poisson(), function(eta) stats::rpois(length(eta), exp(eta))),
  list(binomial("probit"), function(eta) stats::rbinom(length(eta), 1, stats::pnorm(eta)))
)

test_that("a start from a sample of the rows gives the same fit", {
  set.seed(11)
  n <- 120000
  data <- data.frame(x = rnorm(n), z = runif(n), g = factor(sample(30, n, TRUE)))
  eta <- 0.3 + 0.4 * data$x - 0.5 * data$z + rnorm(30)[data$g] / 3
  for (family in families) {
    data$y <- family[[2]](eta)
    fit <- glmpp(y ~ x + z + g, family[[1]], data)
    expect_same_answer(fit, without_shortcuts(fit))
  }
})

test_that("a sample that misleads does no harm", {
  set.seed(12)
  n <- 100000
  data <- data.frame(x = c(rnorm(n - 50, 2), rnorm(50, -2)), late = rep(c("no", "yes"), c(n - 50, 50)))
  data$y <- rbinom(n, 1, plogis(data$x - (data$late == "yes")))
  fit <- glmpp(y ~ x + late, binomial, data)
  expect_same_answer(fit, without_shortcuts(fit))
  data <- data[order(data$y), ]
  fit <- glmpp(y ~ x + late, binomial, data)
  expect_same_answer(fit, without_shortcuts(fit))
})

test_that("groups of equal rows give the same fit, with weights, numbers and interactions", {
  set.seed(13)
  n <- 60000
  data <- data.frame(f = factor(sample(6, n, TRUE)), h = sample(letters[1:4], n, TRUE), k = rpois(n, 2),
                     flag = runif(n) < 0.3, w = runif(n))
  eta <- as.integer(data$f) / 8 - 0.2 * data$k + 0.3 * data$flag
  for (family in families) {
    data$y <- family[[2]](eta)
    fit <- glmpp(y ~ f * h + k + flag, family[[1]], data)
    expect_lt(fit$solver$grouped_rows, n / 4)
    expect_same_answer(fit, without_shortcuts(fit))
  }
  data$y <- rnorm(n, eta)
  fit <- glmpp(y ~ f * k + flag, gaussian, data, weights = w)
  expect_false(is.na(fit$solver$grouped_rows))
  expect_same_answer(fit, without_shortcuts(fit))
})

test_that("rows are not grouped where they differ, or where an offset does", {
  set.seed(14)
  n <- 30000
  data <- data.frame(f = factor(sample(6, n, TRUE)), x = rnorm(n), y = rpois(n, 2))
  expect_true(is.na(glmpp(y ~ f + x, poisson, data)$solver$grouped_rows))
  expect_true(is.na(glmpp(y ~ f + offset(x), poisson, data)$solver$grouped_rows))
  expect_false(is.na(glmpp(y ~ f, poisson, data)$solver$grouped_rows))
})

test_that("a fit with all shortcuts is the same, to the bit, for any number of threads", {
  set.seed(15)
  n <- 150000
  data <- data.frame(x = rnorm(n), g = factor(sample(20, n, TRUE)), k = rpois(n, 1))
  data$y <- rbinom(n, 1, plogis(data$x / 2))
  same <- c("coefficients", "linear.predictors", "weights", "deviance")
  for (formula in c(y ~ x * g, y ~ g * k)) {
    one <- unclass(glmpp(formula, binomial, data, threads = 1))
    for (threads in c(2, 3, 7)) {
      expect_identical(unclass(glmpp(formula, binomial, data, threads = threads))[same], one[same])
    }
  }
})

test_that("a fit works in a forked process", {
  skip_on_os("windows")
  data <- data.frame(x = sin(1:50000), y = (cos(3 * (1:50000)) > 0.1) * 1)
  alone <- coef(glmpp(y ~ x, binomial, data, threads = 2))
  forked <- parallel::mclapply(1:2, function(i) coef(glmpp(y ~ x, binomial, data, threads = 2)), mc.cores = 2)
  expect_identical(forked, list(alone, alone))
})

test_that("a process forked in the midst of a fit fits too", {
  skip_on_os("windows")
  data <- data.frame(x = sin(1:50000), y = (cos(3 * (1:50000)) > 0.1) * 1)
  alone <- coef(glmpp(y ~ x, binomial, data, threads = 2))
  asked <- 0
  forking <- binomial()
  forking$link <- "own"
  forking$linkinv <- function(eta) {
    asked <<- asked + 1
    if (asked == 2) forked <<- parallel::mclapply(1:2, function(i) coef(glmpp(y ~ x, binomial, data, threads = 2)), mc.cores = 2)
    plogis(eta)
  }
  forked <- NULL
  around <- glmpp(y ~ x, forking, data, threads = 2)
  expect_identical(forked, list(alone, alone))
  expect_equal(coef(around), alone, tolerance = 1e-8)
})

test_that("names of very many levels are made when they are read, and are those of glm()", {
  levels <- sprintf("%05d", 1:10100)
  levels[3] <- "\u00e9t\u00e9"
  d <- data.frame(x = rep_len(c(1, 2, 4), 20200), f = factor(rep(levels, 2), levels), y = rep_len(c(1, 3, 2, 5, 4), 20200))
  names_of <- function(fit) names(.subset2(fit, "coefficients"))
  is_made <- function(names) any(grepl("(made)", utils::capture.output(.Internal(inspect(names))), fixed = TRUE))
  expected <- c("(Intercept)", "x", paste0("f", levels[-1]))
  fit <- function(formula = y ~ x + f) glmpp(formula, poisson, d)
  expect_false(is_made(names_of(fit())))
  expect_identical(names_of(fit())[c(1, 2, 4, 10101)], expected[c(1, 2, 4, 10101)])
  untouched <- coef(fit())
  expect_identical(names(untouched[c("x", "f00005")]), c("x", "f00005"))
  changed <- names_of(fit())
  changed[2] <- "z"
  expect_identical(changed, replace(expected, 2, "z"))
  kept <- fit()
  renamed <- coef(kept)
  names(renamed)[1] <- "a"
  expect_identical(names_of(kept), expected)
  expect_identical(names_of(unserialize(serialize(fit(), NULL))), expected)
  expect_identical(names_of(fit(y ~ 0 + f)), paste0("f", levels))
  expect_identical(names_of(fit(y ~ f + x:f))[c(2, 10101, 20200)], c("f00002", "f00001:x", "f10100:x"))
  expect_identical(sum(nchar(names_of(fit()))), sum(nchar(expected)))
})

test_that("a sparse design gives the fit of the dense one", {
  skip_if_not_installed("Matrix")
  set.seed(16)
  n <- 3000
  x <- matrix(rbinom(n * 40, 1, 0.1) * rnorm(n * 40), n, dimnames = list(NULL, paste0("v", 1:40)))
  x[, 1] <- 1
  x <- cbind(x, twice = 2 * x[, 5])
  y <- rpois(n, exp(0.3 * x[, 2] - 0.2 * x[, 3]))
  weights <- runif(n)
  dense <- suppressWarnings(glmpp_fit(x, y, weights = weights, family = quasipoisson()))
  sparse <- suppressWarnings(glmpp_fit(Matrix::Matrix(x, sparse = TRUE), y, weights = weights, family = quasipoisson()))
  expect_true(is.na(sparse$coefficients[["twice"]]))
  for (part in c("coefficients", "fitted.values", "deviance", "null.deviance", "df.residual", "weights")) {
    expect_equal(sparse[[part]], dense[[part]], tolerance = 1e-9, info = part)
  }
  expect_equal(crossprod(sparse$R), crossprod(dense$R), tolerance = 1e-8, ignore_attr = TRUE)
})

test_that("vectorised functions are within an ulp of the exact value, in every instruction set", {
  on.exit(glmpp:::limit_instruction_set_impl(2))
  set.seed(17)
  x <- list(
    exp = c(runif(20000, -745, 709), runif(20000, -1, 1)), expm1 = c(runif(20000, -40, 700), runif(20000, -1, 1)),
    log = c(exp(runif(20000, -700, 700)), runif(20000, 0.5, 2)), log1p = c(exp(runif(20000, -40, 700)), runif(20000, -0.9, 1)),
    logistic = runif(40000, -700, 40)
  )
  reference <- list(exp = exp, expm1 = expm1, log = log, log1p = log1p, logistic = stats::plogis)
  for (widest in 0:2) {
    glmpp:::limit_instruction_set_impl(widest)
    for (name in names(x)) {
      # R's own functions are themselves up to an ulp off (plogis() two).
      ours <- glmpp:::vector_math_impl(name, x[[name]])
      exact <- reference[[name]](x[[name]])
      ulp <- 2^(floor(log2(pmax(abs(exact), .Machine$double.xmin))) - 52)
      expect_lte(max(abs(ours - exact) / ulp), if (name == "logistic") 3 else 2)
    }
    special <- c(0, -0, Inf, -Inf, NaN)
    for (name in c("exp", "expm1")) expect_identical(glmpp:::vector_math_impl(name, special), reference[[name]](special))
    expect_identical(suppressWarnings(log(special)), glmpp:::vector_math_impl("log", special))
  }
})

test_that("weights of one are made when they are read, and are those of glm()", {
  n <- 20000
  d <- data.frame(x = rep_len(c(1, 2, 4, 7), n), y = rep_len(c(1, 3, 2, 5, 4), n), row.names = sprintf("r%d", seq_len(n)))
  fit <- glmpp(y ~ x, poisson, d)
  glm <- glm(y ~ x, poisson, d)
  expect_match(paste(utils::capture.output(.Internal(inspect(unclass(fit)$prior.weights))), collapse = " "), "not made", fixed = TRUE)
  expect_identical(fit$prior.weights, glm$prior.weights)
  expect_identical(weights(unserialize(serialize(fit, NULL))), weights(glm))
  changed <- glmpp(y ~ x, poisson, d)$prior.weights
  changed[2] <- 3
  expect_identical(changed, replace(glm$prior.weights, 2, 3))
  expect_identical(fit$prior.weights, glm$prior.weights)
})
