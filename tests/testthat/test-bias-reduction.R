# Bias reduction: against published figures, brglm2 and logistf's (fixtures/README.md), and the objective where there is one.

endometrial <- read.csv(test_path("fixtures", "endometrial.csv"))

made <- function(seed, rows = 60) {
  with_local_seed(seed, {
    data <- data.frame(x = rnorm(rows), g = factor(sample(letters[1:4], rows, TRUE)), w = sample(2, rows, TRUE))
    data$y <- rbinom(rows, 1, plogis(data$x + (data$g == "b")))
    data$count <- rpois(rows, exp(0.5 * data$x))
    data
  })
}

test_that("the endometrial cancer data give the published estimates and intervals", {
  fit <- glmpp(HG ~ NV + PI + EH, binomial, endometrial, bias_reduction = firth())
  expect_equal(unname(coef(fit)), c(3.77456, 2.92927, -0.03475, -2.60416), tolerance = 1e-5)
  expect_equal(unname(sqrt(diag(vcov(fit)))), c(1.48869, 1.55076, 0.03958, 0.77602), tolerance = 1e-4)
  # Heinze and Schemper (2002), table 3: profiles of the penalised likelihood
  expect_equal(unname(confint(fit)[-1, ]), rbind(c(0.6097, 7.8546), c(-0.1244, 0.0404), c(-4.3651, -1.2327)), tolerance = 1e-3)
  median <- glmpp(HG ~ NV + PI + EH, binomial, endometrial, bias_reduction = "median")
  expect_equal(unname(coef(median)), c(3.969, 3.869, -0.039, -2.708), tolerance = 1e-3)
  expect_null(fit$separation)
})

# Minus the logarithm of the likelihood times a power of the determinant of the information.
penalised <- function(b, x, y, w, family, power) {
  eta <- drop(x %*% b)
  mu <- family$linkinv(eta)
  weight <- w * family$mu.eta(eta)^2 / family$variance(mu)
  likelihood <- if (family$family == "binomial") dbinom(y, 1, mu, log = TRUE) else dpois(y, mu, log = TRUE)
  -sum(w * likelihood) - power * as.numeric(determinant(crossprod(x * sqrt(weight)))$modulus)
}

gradient_of <- function(f, at, step = 1e-4) {
  vapply(seq_along(at), function(j) {
    moved <- function(by) f(replace(at, j, at[[j]] + by))
    (8 * (moved(step) - moved(-step)) - (moved(2 * step) - moved(-2 * step))) / (12 * step)
  }, 0)
}

test_that("the score of the likelihood times a power of Jeffreys' prior vanishes", {
  data <- made(1)
  x <- model.matrix(~ x + g, data)
  for (family in list(binomial(), binomial("probit"), binomial("cloglog"), binomial("cauchit"), poisson(), poisson("sqrt"))) {
    response <- if (family$family == "binomial") "y" else "count"
    for (power in c(0.5, 0.1)) {
      fit <- suppressWarnings(glmpp(reformulate(c("x", "g"), response), family, data, weights = w, bias_reduction = firth("jeffreys", power)))
      objective <- function(b) penalised(b, x, data[[response]], data$w, family, power)
      gradient <- gradient_of(objective, coef(fit))
      expect_lt(max(abs(gradient) * sqrt(diag(vcov(fit)))), 1e-7, label = paste(family$family, family$link, power))
    }
  }
})

test_that("under canonical links mean bias reduction is Jeffreys' prior, and a linear model has no bias to take", {
  data <- made(2)
  for (case in list(list(y ~ x + g, binomial()), list(count ~ x + g, poisson()))) {
    mean <- glmpp(case[[1]], case[[2]], data, bias_reduction = "mean")
    jeffreys <- glmpp(case[[1]], case[[2]], data, bias_reduction = "jeffreys")
    expect_equal(coef(mean), coef(jeffreys), tolerance = 1e-10)
    expect_equal(confint(mean), confint(jeffreys), tolerance = 1e-8)
  }
})

test_that("brglm2's estimates and standard errors", {
  published <- read.csv(test_path("fixtures", "brglm2.csv"))
  for (key in unique(published$case)) {
    rows <- published[published$case == key, ]
    case <- bias_cases()[[rows$data[1]]]
    fit <- suppressWarnings(do.call(glmpp, c(case, bias_reduction = rows$type[1])))
    expect_equal(unname(coef(fit)), rows$estimate, tolerance = 1e-6, label = key)
    expect_equal(unname(sqrt(diag(vcov(fit)))), rows$error, tolerance = 1e-5, label = key)
  }
})

test_that("logistf's profiles of the penalised likelihood", {
  published <- read.csv(test_path("fixtures", "logistf.csv"))
  for (name in unique(published$data)) {
    rows <- published[published$data == name, ]
    case <- bias_cases()[[name]]
    fit <- glmpp(case$formula, case$family, case$data, bias_reduction = "mean")
    expect_equal(unname(coef(fit)), rows$estimate, tolerance = 1e-7, label = name)
    expect_equal(unname(confint(fit)), cbind(rows$lower, rows$upper), tolerance = 1e-7, label = name)
  }
})

test_that("estimates are finite and have converged on 300 small data sets, of which many are separated", {
  separated <- 0
  for (seed in 1:300) {
    data <- made(seed, rows = 12 + seed %% 10)
    fit <- suppressWarnings(glmpp(y ~ x + g, binomial, data, bias_reduction = c("mean", "median")[1 + seed %% 2]))
    expect_true(fit$converged && all(is.finite(coef(fit)[!is.na(coef(fit))])) && max(abs(coef(fit)), na.rm = TRUE) < 50, label = seed)
    separated <- separated + !is.null(suppressWarnings(glmpp(y ~ x + g, binomial, data))$separation)
  }
  expect_gt(separated, 100)
})

test_that("aliased columns, weights and offsets: as repeated rows, and as without the column", {
  data <- made(5)
  twice <- data[rep(seq_len(nrow(data)), data$w), ]
  data$other <- 2 * data$x
  for (type in c("mean", "median", "correction", "jeffreys")) {
    weighted <- glmpp(y ~ x + g + other + offset(x / 5), binomial, data, weights = w, bias_reduction = type)
    repeated <- glmpp(y ~ x + g + offset(x / 5), binomial, twice, bias_reduction = type)
    expect_true(is.na(coef(weighted)[["other"]]))
    expect_equal(coef(weighted)[names(coef(repeated))], coef(repeated), tolerance = 1e-8, label = type)
  }
})

test_that("from chunks, files and nodes the same; a database that sums says why not", {
  file <- tempfile(fileext = ".csv")
  write.csv(endometrial, file, row.names = FALSE)
  nodes <- on_cluster(local_cluster(), endometrial[seq(part, nrow(endometrial), by = parts), ])
  for (type in c("mean", "median", "correction")) {
    formula <- if (type == "correction") HG ~ PI + EH else HG ~ NV + PI + EH
    fit <- glmpp(formula, binomial("probit"), endometrial, bias_reduction = type)
    for (source in list(csv_chunks(file, rows = 30), nodes)) {
      afar <- glmpp(formula, binomial("probit"), source, bias_reduction = type)
      expect_equal(coef(afar), coef(fit), tolerance = 1e-9)
      expect_equal(vcov(afar), vcov(fit), tolerance = 1e-9)
    }
  }
  skip_if_not_installed("RSQLite")
  connection <- local_sqlite()
  DBI::dbWriteTable(connection, "cases", endometrial)
  expect_error(glmpp(HG ~ NV, binomial, in_database(connection, "cases", "database"), bias_reduction = "mean"),
               class = "glmpp_error_bias_reduction")
})

test_that("any number of threads gives the same bits", {
  data <- with_local_seed(3, {
    data <- data.frame(matrix(rnorm(60000), ncol = 6))
    transform(data, y = rbinom(10000, 1, plogis(X1 - X2)))
  })
  fits <- lapply(1:3, function(threads) coef(glmpp(y ~ ., binomial, data, bias_reduction = "median", threads = threads)))
  expect_identical(fits[[1]], fits[[2]])
  expect_identical(fits[[1]], fits[[3]])
})

test_that("what bias reduction can't be had with, or can't give, is refused by name", {
  data <- made(7)
  expect_refused <- function(...) expect_error(glmpp(..., data = data), class = "glmpp_error_bias_reduction")
  expect_refused(x ~ g, gaussian, bias_reduction = "mean")
  expect_refused(count ~ x, negative_binomial(), bias_reduction = "mean")
  expect_refused(count ~ x, quasipoisson, bias_reduction = "mean")
  expect_refused(y ~ x, binomial, bias_reduction = "mean", penalty = ridge(1))
  expect_refused(y ~ x, binomial, bias_reduction = "mean", solver = lbfgs())
  expect_refused(g ~ x, multinomial(), bias_reduction = "mean")
  expect_refused(pmax(count, 1) ~ x, truncated_poisson(), bias_reduction = "mean")
  expect_error(glmpp(y ~ x, binomial, data.frame(x = 1:6, y = c(0, 0, 0, 1, 1, 1)), bias_reduction = "correction"),
               class = "glmpp_error_bias_reduction")
  for (wrong in list("firth", 1, TRUE)) expect_error(glmpp(y ~ x, binomial, data, bias_reduction = wrong), class = "glmpp_error_argument")
  for (power in list(0, -1, NA, "a")) expect_error(firth("jeffreys", power), class = "glmpp_error_argument")
  fit <- glmpp(y ~ x + g, binomial, data, bias_reduction = "median")
  for (call in expression(drop1(fit), anova(fit), add1(fit, ~ . + w), anova(fit, fit))) expect_error(eval(call), class = "glmpp_error_penalty")
  expect_error(confint(fit, method = "profile"), class = "glmpp_error_argument")
  expect_equal(confint(fit), confint(fit, method = "wald"))
  expect_output(print(summary(fit)), "Bias reduction: firth(\"median\")", fixed = TRUE)
})
