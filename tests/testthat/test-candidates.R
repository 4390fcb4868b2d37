# drop1(), add1(), anova() and step(): stats' tables over models that are held columns of one open problem.

candidate_data <- function() {
  set.seed(311)
  d <- transform(warpbreaks, x = rnorm(54), z = rnorm(54), w = rep_len(0:3, 54), o = runif(54))
  d$hit <- rbinom(54, 1, plogis(0.3 * d$x - 0.5 * (d$wool == "B")))
  d
}

# The same table, but for what glm() stops short of. `data` is found by both calls, here and when they are updated.
expect_same_tables <- function(formula, family, data, scope, ..., tests = c("none", "LRT", "F")) {
  env <- environment()
  arguments <- list(formula = formula, family = family, data = quote(data), ...)
  environment(arguments$formula) <- env
  theirs <- do.call(glm, c(arguments, list(control = list(epsilon = 1e-12, maxit = 100))), envir = env)
  ours <- do.call(glmpp, arguments, envir = env)
  expect_same <- function(ask) {
    expect_equal(suppressWarnings(ask(ours)), suppressWarnings(ask(theirs)), tolerance = 1e-6, label = deparse1(formula))
  }
  for (test in tests) {
    expect_same(function(fit) drop1(fit, test = test))
    expect_same(function(fit) add1(fit, scope, test = test))
    if (test != "none") expect_same(function(fit) anova(fit, test = test))
  }
  expect_same(function(fit) drop1(fit, k = log(10)))
  expect_same(function(fit) drop1(fit, scope = attr(terms(fit), "term.labels")[1]))
  expect_same(function(fit) anova(fit))
}

test_that("the tables are glm()'s", {
  d <- candidate_data()
  expect_same_tables(breaks ~ wool * tension + x, poisson(), d, ~ . + z + I(x^2) + wool:x)
  expect_same_tables(breaks ~ wool + tension + x + offset(o), quasipoisson(), d, ~ . + z + I(x^2) + wool:tension)
  expect_same_tables(breaks ~ wool + tension + x, Gamma("log"), d, ~ . + z + I(x^2) + wool:tension)
  expect_same_tables(breaks ~ wool + tension + x + I(2 * x), gaussian(), d, ~ . + z + wool:tension)
  expect_same_tables(hit ~ wool + x, binomial(), d, ~ . + tension + z)
  expect_same_tables(hit ~ x - 1, binomial(), d, ~ . + z)
  expect_same_tables(cbind(ncases, ncontrols + 1) ~ agegp + unclass(alcgp), binomial(), esoph, ~ . + tobgp)
})

test_that("weights of zero, an offset argument and rows that na.exclude leaves out go along", {
  d <- candidate_data()
  expect_same_tables(breaks ~ wool + tension + x, poisson(), d, ~ . + z, weights = quote(w), offset = quote(o))
  d$x[c(3, 20)] <- NA
  expect_same_tables(breaks ~ wool + x, poisson(), d, ~ . + tension, na.action = na.exclude)
})

test_that("a term that loses rows is left to stats' own way", {
  d <- candidate_data()
  d$z[1:5] <- NA
  theirs <- glm(breaks ~ wool + x, poisson, d, epsilon = 1e-12)
  ours <- glmpp(breaks ~ wool + x, poisson, d)
  expect_warning(expected <- add1(theirs, ~ . + z), "49/54")
  expect_warning(found <- add1(ours, ~ . + z), "49/54")
  expect_equal(found, expected, tolerance = 1e-6)
})

test_that("the score test has its residuals and weights", {
  d <- candidate_data()
  theirs <- glm(breaks ~ wool + tension, Gamma("log"), d, epsilon = 1e-12)
  ours <- glmpp(breaks ~ wool + tension, Gamma("log"), d)
  expect_equal(drop1(ours, test = "Rao"), drop1(theirs, test = "Rao"), tolerance = 1e-5)
  expect_equal(add1(ours, ~ . + x, test = "Rao"), add1(theirs, ~ . + x, test = "Rao"), tolerance = 1e-5)
})

test_that("step() takes the same steps", {
  d <- candidate_data()
  theirs <- step(glm(breaks ~ wool * tension + x + z, poisson, d, epsilon = 1e-12), trace = 0)
  ours <- step(glmpp(breaks ~ wool * tension + x + z, poisson, d), trace = 0)
  expect_equal(ours$anova, theirs$anova, tolerance = 1e-6)
  expect_equal(coef(ours), coef(theirs), tolerance = 1e-6)
  upwards <- function(fit) step(fit, scope = ~ wool * tension + x, direction = "both", trace = 0)$anova
  expect_equal(upwards(glmpp(breaks ~ 1, poisson, d)), upwards(glm(breaks ~ 1, poisson, d, epsilon = 1e-12)), tolerance = 1e-6)
})

test_that("a penalised fit is not compared with unpenalised ones", {
  fit <- glmpp(breaks ~ wool + tension, poisson, warpbreaks, penalty = ridge(1))
  expect_error(drop1(fit), class = "glmpp_error_penalty")
  expect_error(add1(fit, ~ . + wool:tension), class = "glmpp_error_penalty")
  expect_error(anova(fit), class = "glmpp_error_penalty")
})

test_that("the models are those of the fit's columns for any number of threads", {
  d <- candidate_data()
  d <- d[rep(1:54, 2000), ]
  tables <- lapply(c(1, 2, 3), function(threads) drop1(glmpp(breaks ~ wool * tension + x + z, poisson, d, threads = threads)))
  expect_identical(tables[[2]], tables[[1]])
  expect_identical(tables[[3]], tables[[1]])
})

test_that("a bar counts the models of drop1(), add1() and anova() where somebody waits for them", {
  fit <- glmpp(mpg ~ wt + hp + qsec, gaussian, mtcars)
  shown <- function(ask) with_replaced("progress_patience", function() -1, capture.output(ask()))
  old <- options(glmpp.progress = TRUE)
  on.exit(options(old))
  expect_match(shown(function() drop1(fit)), "Terms left out", all = FALSE, fixed = TRUE)
  expect_match(shown(function() add1(fit, ~ . + drat + disp)), "Terms added", all = FALSE, fixed = TRUE)
  expect_match(shown(function() anova(fit)), "Terms added in turn", all = FALSE, fixed = TRUE)
  options(glmpp.progress = FALSE)
  expect_identical(shown(function() invisible(drop1(fit))), character())
})

# Working residuals of the smaller model on all columns of the larger, by weighted least squares.
score_by_hand <- function(smaller, larger) {
  x <- model.matrix(larger)
  x <- x[, !is.na(coef(larger)), drop = FALSE]
  score <- crossprod(x, smaller$weights * smaller$residuals)
  drop(crossprod(score, solve(crossprod(x, smaller$weights * x), score)))
}

test_that("score tests are the quadratic form of the score", {
  d <- candidate_data()
  for (family in list(poisson(), poisson("sqrt"), Gamma("log"), gaussian())) {
    ours <- glmpp(breaks ~ wool + tension + x - 1, family, d, offset = o)
    fit <- function(formula) glm(formula, family, d, offset = o, epsilon = 1e-14, maxit = 100)
    larger <- fit(breaks ~ wool + tension + x - 1)
    dispersion <- if (family$family == "poisson") 1 else summary(larger)$dispersion
    expect_equal(drop1(ours, test = "Rao")[[4]][3:4], c(score_by_hand(fit(breaks ~ wool + x - 1), larger),
                                                   score_by_hand(fit(breaks ~ wool + tension - 1), larger)) / dispersion, tolerance = 1e-6)
    added <- add1(ours, ~ . + z + wool:x, test = "Rao")[[4]][-1]
    expect_equal(added,
                 c(score_by_hand(larger, fit(breaks ~ wool + tension + x + z - 1)),
                   score_by_hand(larger, fit(breaks ~ wool * x + tension - 1))) /
                   dispersion, tolerance = 1e-6)
    screened <- add1(ours, ~ . + z + wool:x, test = "Rao", refit = FALSE)
    expect_equal(screened[[2]], added, tolerance = 1e-8)
    expect_equal(screened[[1]], add1(ours, ~ . + z + wool:x)[[1]][-1])
  }
})

test_that("score tests are glm()'s, and statmod's", {
  d <- candidate_data()
  expect_same_tables(breaks ~ wool * tension + x, poisson(), d, ~ . + z + I(x^2), tests = "Rao")
  expect_same_tables(breaks ~ wool + tension + x, Gamma("log"), d, ~ . + z + I(x^2) + wool:tension, tests = "Rao")
  expect_same_tables(hit ~ wool + x, binomial(), d, ~ . + tension + z, tests = "Rao")
  skip_if_not_installed("statmod")
  fit <- glmpp(hit ~ wool + x, binomial, d)
  z <- statmod::glm.scoretest(glm(hit ~ wool + x, binomial, d, epsilon = 1e-14), d$z)
  expect_equal(add1(fit, ~ . + z, test = "Rao")[2, "Rao score"], z^2, tolerance = 1e-6)
  expect_equal(add1(fit, "z", test = "Rao", refit = FALSE)[["Rao score"]], z^2, tolerance = 1e-6)
})

test_that("a screening takes one pass and says what it can't do", {
  d <- candidate_data()
  d$twice <- 2 * d$x
  fit <- glmpp(breaks ~ wool + x, poisson, d)
  table <- add1(fit, ~ . + twice + tension, test = "Rao", refit = FALSE)
  expect_equal(table$Df, c(0, 2))
  expect_true(is.na(table[1, 3]))
  expect_error(add1(fit, ~ . + z, refit = FALSE), class = "glmpp_error_argument")
  d$z[3] <- NA
  expect_error(add1(glmpp(breaks ~ x, poisson, d), ~ . + z, test = "Rao", refit = FALSE), class = "glmpp_error_rows")
})

test_that("models that hold most of their coefficients are fitted by the others alone, with glm()'s tables", {
  set.seed(313)
  n <- 400
  d <- data.frame(x = rnorm(n), z = rnorm(n), f = factor(sample(30, n, TRUE)), g = factor(sample(3, n, TRUE)))
  d <- transform(d, w = runif(n, 0.5, 2), o = runif(n))
  d$twin <- d$x - 2 * d$z
  d$y <- rpois(n, exp(0.3 * d$x + rnorm(30, 0, 0.3)[d$f]))
  d$hit <- rbinom(n, 1, plogis(d$x))
  expect_tables <- function() {
    expect_same_tables(y ~ x + twin + z + g + f, poisson(), d, ~ . + x:g, tests = c("none", "LRT"))
    expect_same_tables(y + 0.5 ~ x + z + f + offset(o), Gamma("log"), d, ~ . + g, weights = d$w, tests = c("none", "F"))
    expect_same_tables(hit ~ x + g + f:z, binomial("probit"), d, ~ . + z, tests = c("none", "LRT"))
  }
  expect_tables()
  old <- options(glmpp.eliminate = 2)
  on.exit(options(old))
  expect_tables()
})

test_that("what is found of some coefficients is told of all", {
  set.seed(314)
  d <- data.frame(x = rnorm(300), z = rnorm(300), f = factor(sample(40, 300, TRUE)))
  d$twin <- 2 * d$z
  d$y <- rpois(300, exp(0.5 * d$x + 0.2 * d$z))
  old <- options(glmpp.eliminate = NULL)
  on.exit(options(old))
  for (fewest in c(2, 1e9)) {
    options(glmpp.eliminate = fewest)
    fit <- glmpp(y ~ x + f + z + twin, poisson, d)
    problem <- glmpp:::problem_of(fit, glmpp:::candidate_settings(fit))
    held <- 3:41
    start <- replace(numeric(43), 1, 0.1)
    solution <- glmpp:::fit_problem(problem, start, held)
    alone <- glm(y ~ x + z, poisson, d, epsilon = 1e-14)
    expect_equal(solution$coefficients[c(1, 2, 42)], unname(coef(alone)), tolerance = 1e-9)
    expect_equal(solution$coefficients[-c(1, 2, 42)], numeric(40))
    expect_identical(sort(solution$estimable), c(1L, 2L, 42L))
    expect_identical(solution$aliased, 43L)
    expect_equal(solution$deviance, deviance(alone))
    expect_equal(solution$mean, fitted(alone), tolerance = 1e-9, ignore_attr = TRUE)
    expect_length(solution$score, 43)
    expect_lt(max(abs(solution$score)), 1e-6)
    # Held where they are not zero, they count.
    moved <- glmpp:::fit_problem(problem, replace(start, 3, 1), held)
    shifted <- glm(y ~ x + z, poisson, d, offset = as.numeric(d$f == 2))
    expect_equal(moved$coefficients[c(1, 2, 42)], unname(coef(shifted)), tolerance = 1e-7)
    expect_equal(moved$coefficients[3], 1)
  }
})

test_that("what the last step gains is told to the last digits, whichever the link and however few the rows", {
  set.seed(2718)
  models <- list(binomial(), binomial("probit"), binomial("cloglog"), binomial("cauchit"), poisson(), poisson("sqrt"), Gamma("log"),
                 Gamma("inverse"), inverse.gaussian("log"), gaussian("log"), quasipoisson())
  for (n in c(25, 400, 20000)) for (family in models) {
    d <- data.frame(x1 = rnorm(n), x2 = runif(n), x3 = rnorm(n), f = factor(sample(4, n, TRUE)))
    eta <- 0.3 * d$x1 + 0.4 * d$x2
    d$y <- switch(family$family, binomial = as.numeric(runif(n) < plogis(eta)), poisson = , quasipoisson = rpois(n, exp(1 + eta)),
                  rgamma(n, 3, 3 / exp(1 + eta)))
    info <- paste(family$family, family$link, n)
    quietly <- function(code) suppressWarnings(code)
    fit <- quietly(glmpp(y ~ x1 + x2 + x3 + f, family, d))
    smaller <- lapply(c("x1", "x2", "x3", "f"), function(term) quietly(update(fit, as.formula(paste(". ~ . -", term)))))
    expect_equal(quietly(drop1(fit))$Deviance[-1], vapply(smaller, deviance, 0), tolerance = 1e-12, info = info)
    turns <- lapply(list(y ~ x1, y ~ x1 + x2, y ~ x1 + x2 + x3), function(formula) quietly(glmpp(formula, family, d)))
    expect_equal(quietly(anova(fit))[["Resid. Dev"]][2:4], vapply(turns, deviance, 0), tolerance = 1e-12, info = info)
  }
})
