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
  expect_refused(x ~ g, gaussian, bias_reduction = "jeffreys")
  expect_refused(count ~ x, negative_binomial(), bias_reduction = "mean")
  expect_refused(count ~ x, quasipoisson, bias_reduction = "mean")
  expect_refused(y ~ x, binomial, bias_reduction = "mean", penalty = ridge(1))
  expect_refused(y ~ x, binomial, bias_reduction = "mean", solver = lbfgs())
  expect_refused(g ~ x, multinomial(), bias_reduction = "median")
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

# Made by brglm2 1.1.1 with `epsilon = 1e-12` and less: brglm_fit() of types AS_mean, AS_median and correction, and brmultinom().
more_of_brglm2 <- read.csv(test_path("fixtures", "brglm2-more.csv"))

test_that("with an estimated dispersion the estimates, the dispersion and the errors are brglm2's", {
  cases <- unique(more_of_brglm2[more_of_brglm2$family != "multinomial", c("family", "link", "type", "weighted")])
  for (k in seq_len(nrow(cases))) {
    case <- cases[k, ]
    expected <- merge(case, more_of_brglm2)
    expected <- expected[match(c("(Intercept)", "wt", "factor(am)1", "dispersion"), expected$name), ]
    data <- transform(mtcars, w = if (case$weighted) carb else rep(1, 32))
    family <- get(case$family, asNamespace("stats"))(case$link)
    fit <- glmpp(mpg ~ wt + factor(am), family, data, weights = w, bias_reduction = case$type)
    label <- paste(unlist(case), collapse = " ")
    expect_true(fit$converged, label = label)
    expect_equal(unname(coef(fit)), expected$value[1:3], tolerance = 2e-6, label = label)
    expect_equal(summary(fit)$dispersion, expected$value[4], tolerance = 1e-8, label = label)
    expect_equal(unname(coef(summary(fit))[, 2]), expected$error[1:3], tolerance = 1e-6, label = label)
  }
  for (type in c("mean", "median", "correction")) {
    linear <- glmpp(mpg ~ wt + factor(am), gaussian, mtcars, bias_reduction = type)
    expect_equal(coef(linear), coef(lm(mpg ~ wt + factor(am), mtcars)), tolerance = 1e-10)
    freedom <- c(mean = 29, median = 29 - 2 / 3, correction = 32 / (1 + 3 / 32))[[type]]
    expect_equal(summary(linear)$dispersion, deviance(linear) / freedom, tolerance = 1e-10)
  }
  expect_error(glmpp(mpg ~ wt, Gamma, mtcars, bias_reduction = "jeffreys"), class = "glmpp_error_bias_reduction")
  expect_error(glmpp(carb ~ wt, quasipoisson, mtcars, bias_reduction = "mean"), class = "glmpp_error_bias_reduction")
  file <- tempfile(fileext = ".csv")
  write.csv(mtcars, file, row.names = FALSE)
  for (type in c("mean", "median")) {
    afar <- glmpp(mpg ~ wt + am, Gamma("log"), csv_chunks(file, rows = 10), bias_reduction = type)
    near <- glmpp(mpg ~ wt + am, Gamma("log"), mtcars, bias_reduction = type)
    expect_equal(summary(afar)$dispersion, summary(near)$dispersion, tolerance = 1e-9)
    expect_equal(coef(afar), coef(near), tolerance = 1e-9)
  }
})

test_that("multinomial fits are brglm2's, separated ones too, and the maximum of the penalised likelihood", {
  expect_those <- function(fit, case, tolerance = 1e-7) {
    expected <- more_of_brglm2[more_of_brglm2$type == case, ]
    found <- coef(summary(fit))
    expect_equal(unname(found[expected$name, 1]), expected$value, tolerance = tolerance, label = case)
    expect_equal(unname(found[expected$name, 2]), expected$error, tolerance = tolerance, label = case)
    expect_true(fit$converged)
  }
  housing <- MASS::housing
  expect_those(glmpp(Sat ~ Infl + Type + Cont, multinomial(), housing, weights = Freq, bias_reduction = "mean"), "housing mean")
  expect_those(glmpp(Sat ~ Infl + Type + Cont, multinomial(), housing, weights = Freq, bias_reduction = "jeffreys"), "housing mean")
  expect_those(glmpp(Sat ~ Infl + Type + Cont, multinomial(), housing, weights = Freq, bias_reduction = "correction"), "housing correction")
  expect_silent(separated <- glmpp(Species ~ Sepal.Length + Petal.Length, multinomial(), iris, bias_reduction = "mean"))
  expect_those(separated, "iris mean", 1e-6)
  expect_null(separated$separation)
  expect_output(print(separated), "Bias reduction: firth(\"mean\")", fixed = TRUE)
  counts <- with(housing, tapply(Freq, list(paste(Infl, Type, Cont), Sat), sum))
  grouped <- unique(housing[c("Infl", "Type", "Cont")])
  grouped$n <- counts[with(grouped, paste(Infl, Type, Cont)), ]
  expect_those(glmpp(n ~ Infl + Type + Cont, multinomial(), grouped, bias_reduction = "mean"), "housing mean")
  expect_error(glmpp(Sat ~ Infl, multinomial(FALSE), housing, bias_reduction = "mean"), class = "glmpp_error_bias_reduction")
  expect_error(glmpp(Sat ~ Infl, multinomial(), housing, bias_reduction = "median"), class = "glmpp_error_bias_reduction")
  expect_error(glmpp(Sat ~ Infl, ordinal(), housing, bias_reduction = "mean"), class = "glmpp_error_bias_reduction")
  expect_error(glmpp(Species ~ Petal.Length, multinomial(), iris, bias_reduction = "correction"), class = "glmpp_error_bias_reduction")
})

test_that("tests of the penalised likelihood are logistf's", {
  # Made by logistf 1.26.1: drop1(), and anova(method = "nested") of HG ~ PI against all.
  expected <- read.csv(test_path("fixtures", "logistf-tests.csv"))
  fit <- glmpp(HG ~ NV + PI + EH, binomial, endometrial, bias_reduction = "mean")
  table <- drop1(fit, test = "Chisq")
  expect_identical(rownames(table), c("<none>", "NV", "PI", "EH"))
  expect_equal(table$LRT[-1], expected$chisq[1:3], tolerance = 1e-6)
  expect_equal(table[["Pr(>Chi)"]][-1], expected$p[1:3], tolerance = 1e-5)
  both <- anova(update(fit, . ~ PI), fit)
  expect_equal(both$LRT[2], expected$chisq[4], tolerance = 1e-6)
  expect_equal(both$Df[2], 2)
  expect_error(anova(fit), class = "glmpp_error_penalty")
  expect_error(anova(fit, glmpp(HG ~ PI, binomial, endometrial, bias_reduction = "jeffreys")), class = "glmpp_error_penalty")
  expect_error(anova(fit, glmpp(HG ~ PI, binomial, endometrial)), class = "glmpp_error_penalty")
  expect_error(drop1(fit, test = "F"), class = "glmpp_error_argument")
  expect_error(drop1(glmpp(HG ~ PI, binomial("probit"), endometrial, bias_reduction = "mean")), class = "glmpp_error_penalty")
})
