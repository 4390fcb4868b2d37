# The plain objects that other packages' generics are given, and walks through a fit as through a list.

test_that("as.glm() has glm()'s call without our own arguments, and update() stays with it", {
  fit <- glmpp(am ~ wt, binomial, mtcars, solver = newton(), threads = 1, keep = "all", maxit = 50)
  plain <- as.glm(fit)
  expect_identical(plain$call, quote(glm(formula = am ~ wt, family = binomial, data = mtcars, maxit = 50, method = glmpp::glmpp_fit)))
  larger <- update(plain, . ~ . + hp)
  expect_identical(class(larger), c("glm", "lm"))
  expect_equal(coef(larger), coef(glm(am ~ wt + hp, binomial, mtcars)), tolerance = 1e-6)
  kept <- as.glm(glmpp(am ~ wt, binomial, mtcars, control = list(maxit = 30, step_tolerance = 1e-6)))
  expect_identical(kept$call$control, list(maxit = 30))
  expect_equal(coef(update(kept)), coef(kept), tolerance = 1e-8)
})

test_that("as.glm() of a model without columns has no decomposition, as glm()'s", {
  expect_null(as.glm(glmpp(breaks ~ 0 + offset(log(breaks + 1)), poisson, warpbreaks))$qr)
})

test_that("as.glm() makes its decomposition when it is read, glm()'s", {
  plain <- as.glm(glmpp(am ~ wt + factor(cyl), binomial, mtcars, epsilon = 1e-14))
  theirs <- glm(am ~ wt + factor(cyl), binomial, mtcars, epsilon = 1e-14)
  expect_equal(plain$qr$qr, theirs$qr$qr, tolerance = 1e-6)
  expect_equal(hatvalues(unserialize(serialize(plain, NULL))), hatvalues(theirs), tolerance = 1e-6)
  aliased <- transform(mtcars, twice = 2 * wt)
  expect_equal(as.glm(glmpp(am ~ wt + twice + hp, binomial, aliased))$qr$pivot, glm(am ~ wt + twice + hp, binomial, aliased)$qr$pivot)
})

test_that("a penalised fit keeps its call: no glm() would repeat it", {
  expect_identical(as.glm(glmpp(am ~ wt, binomial, mtcars, penalty = ridge(1)))$call[[1]], quote(glmpp))
})

test_that("generics are given the plain fit where they dispatch, by the generic's names", {
  second <- function(about, model, ...) UseMethod("second", model)
  several <- function(...) UseMethod("several")
  environment(second) <- environment(several) <- globalenv()
  # Methods are looked for where generics are from.
  assign("second.default", function(about, model, ...) list(about, class(model), ...), globalenv())
  assign("several.default", function(...) c(vapply(list(...), function(fit) class(fit)[1], ""), as.character(substitute(list(...)))[-1]), globalenv())
  on.exit(rm(second.default, several.default, envir = globalenv()))
  expect_identical(dispatched_argument(second), "model")
  expect_null(dispatched_argument(function(x) x))
  fit <- glmpp(am ~ wt, binomial, mtcars)
  of_second <- view_method(second, "model", plain_view)
  expect_identical(names(formals(of_second)), c("about", "model", "..."))
  expect_identical(of_second("wt", fit, 3), list("wt", c("glm", "lm"), 3))
  small <- glmpp(am ~ 1, binomial, mtcars)
  expect_identical(unname(view_method(several, "...", plain_view)(small, fit)), c("glm", "glm", "small", "fit"))
})

test_that("there is no plain view of a fit whose rows are elsewhere", {
  expect_null(plain_view(glmpp(am ~ wt, binomial, mtcars, keep = "rows")))
  done <- FALSE
  pass <- chunks(function(reset) {
    ended <- done
    done <<- !reset && !done
    if (!reset && !ended) mtcars
  })
  expect_null(plain_view(glmpp(am ~ wt, binomial, pass)))
  expect_null(category_view(glmpp(Species ~ Sepal.Width, multinomial(), iris, keep = "rows")))
})

test_that("walking through a fit by numbers makes no decomposition and stops on no lean fit", {
  for (keep in c("all", "rows", "summary")) {
    fit <- glmpp(am ~ wt + hp, binomial, mtcars, keep = keep)
    expect_identical(dim(fit[[match("qr", names(fit))]]$qr), c(3L, 3L))
    expect_length(lapply(fit, class), length(fit))
    expect_output(str(fit), "coefficients")
  }
  fit <- glmpp(am ~ wt + hp, binomial, mtcars)
  expect_identical(dim(fit[["qr"]]$qr), c(32L, 3L))
  lean <- glmpp(am ~ wt, binomial, mtcars, keep = "summary")
  expect_error(lean[["residuals"]], class = "glmpp_error_left_out")
})

test_that("a table's column of lean fits is made by group", {
  skip_without("data.table")
  where <- list2env(list(cars = data.table::as.data.table(mtcars), glmpp = glmpp), parent = globalenv())
  fits <- eval(quote(cars[, list(fit = list(glmpp(mpg ~ wt, data = .SD, keep = "rows"))), by = am]), where)
  expect_equal(coef(fits$fit[[1]]), coef(lm(mpg ~ wt, mtcars, subset = am == 1)), tolerance = 1e-8)
})

test_that("as.multinom() is what nnet::multinom() leaves", {
  skip_without("nnet", "MASS")
  birthwt <- transform(MASS::birthwt, race = factor(race), low = factor(low))
  cases <- list(list(Sat ~ Infl + Type, MASS::housing, "Freq"), list(race ~ age + smoke, birthwt), list(low ~ age + lwt, birthwt))
  for (case in cases) {
    formula <- case[[1]]
    rows <- transform(case[[2]], n = if (length(case) > 2) Freq else 1)
    ours <- as.multinom(glmpp(formula, multinomial(), rows, weights = n))
    theirs <- nnet::multinom(formula, rows, weights = n, trace = FALSE, Hess = TRUE, reltol = 1e-15, maxit = 1000)
    expect_equal(coef(ours), coef(theirs), tolerance = 1e-4)
    expect_equal(vcov(ours), vcov(theirs), tolerance = 1e-4)
    expect_equal(summary(ours)$standard.errors, summary(theirs)$standard.errors, tolerance = 1e-4)
    expect_equal(predict(ours, case[[2]][1:5, ], type = "probs"), predict(theirs, case[[2]][1:5, ], type = "probs"), tolerance = 1e-4)
    expect_equal(residuals(ours), residuals(theirs), tolerance = 1e-3, ignore_attr = TRUE)
    expect_equal(c(AIC(ours), logLik(ours)), c(AIC(theirs), logLik(theirs)), tolerance = 1e-8)
    expect_identical(predict(ours, case[[2]][1:5, ]), predict(theirs, case[[2]][1:5, ]))
  }
})

test_that("as.multinom() has the baseline as the first class", {
  skip_without("nnet")
  fit <- glmpp(Species ~ Sepal.Width, multinomial("virginica"), iris)
  plain <- as.multinom(fit)
  expect_identical(plain$lev, c("virginica", "setosa", "versicolor"))
  expect_equal(coef(plain), coef(fit))
  expect_equal(vcov(plain), vcov(fit), tolerance = 1e-8)
  rows <- iris[c(1, 60), ]
  expect_equal(predict(plain, rows, "probs")[, fit$classes], predict(fit, rows, type = "probs"), tolerance = 1e-8, ignore_attr = TRUE)
})

test_that("as.polr() is what MASS::polr() leaves", {
  skip_without("MASS")
  for (link in c("logit", "probit", "cloglog")) {
    ours <- as.polr(glmpp(Sat ~ Infl + Type, ordinal(link), MASS::housing, weights = Freq))
    theirs <- MASS::polr(Sat ~ Infl + Type, MASS::housing, weights = Freq, Hess = TRUE, control = list(reltol = 1e-15),
                         method = if (link == "logit") "logistic" else link)
    expect_equal(coef(summary(ours)), coef(summary(theirs)), tolerance = 1e-3)
    expect_equal(vcov(ours), vcov(theirs), tolerance = 1e-3)
    expect_equal(predict(ours, MASS::housing[1:9, ], "probs"), predict(theirs, MASS::housing[1:9, ], "probs"), tolerance = 1e-4)
    expect_equal(coef(update(ours)), coef(theirs), tolerance = 1e-3)
  }
})

test_that("what nnet and MASS can't hold is refused, not approximated", {
  expect_error(as.multinom(glmpp(am ~ wt, binomial, mtcars)), class = "glmpp_error_argument")
  expect_error(as.polr(glmpp(Species ~ Sepal.Width, multinomial(), iris)), class = "glmpp_error_argument")
  expect_error(as.multinom(glmpp(Species ~ Sepal.Width, multinomial(FALSE), iris)), class = "glmpp_error_categories")
  expect_error(as.multinom(glmpp(Species ~ Sepal.Width, multinomial(), iris, penalty = ridge(1))), class = "glmpp_error_categories")
  expect_error(as.multinom(glmpp(Species ~ Sepal.Width, multinomial(), iris, keep = "rows")), class = "glmpp_error_left_out")
})

test_that("arguments that packages hand to all models stop no method, but a covariance that is asked for is not passed over", {
  fit <- glmpp(am ~ wt, binomial, mtcars)
  of_a_package <- function(code) eval(code, list2env(list(fit = fit), parent = asNamespace("tools")))
  expect_equal(of_a_package(quote(stats::predict(fit, interval = "confidence", re.form = NULL))), predict(fit))
  expect_error(predict(fit, interval = "confidence"), class = "glmpp_error_argument")
  expect_error(of_a_package(quote(stats::fitted(fit, vcov = "HC1"))), class = "glmpp_error_argument")
})

test_that("what functionals hand on is the user's own slip, and packages find a fit by its name", {
  fit <- glmpp(am ~ wt, binomial, mtcars)
  skip_if_not_installed("purrr")
  map <- getExportedValue("purrr", "map")
  expect_error(map(list(fit), confint, levle = 0.5), "Did you mean level?", fixed = TRUE)
  expect_error(map(list(fit), average_effects, levle = 0.5), "Did you mean level?", fixed = TRUE)
  skip_if_not_installed("parameters")
  found <- getExportedValue("parameters", "model_parameters")(fit)
  expect_identical(attr(found, "object_name"), "fit")
})

test_that("a plain glm is made without the decomposition that nobody reads", {
  fit <- glmpp(am ~ wt, binomial, mtcars)
  old <- options(glmpp.memory = 500)
  on.exit(options(old))
  plain <- as.glm(fit)
  expect_identical(class(plain), c("glm", "lm"))
  expect_error(plain$qr$qr[1, 1], class = "glmpp_error_memory")
})
