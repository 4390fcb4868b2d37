# Columns of unusual classes: the answer is that of what they mean.

user_missing <- function(values, code = 99) haven::labelled_spss(as.double(values), na_values = code)

test_that("values that a class calls missing are missing, wherever they stand", {
  skip_if_not_installed("haven")
  set.seed(31)
  d <- data.frame(score = sample(c(1:4, 99), 240, TRUE), z = rnorm(240))
  d$y <- rpois(240, exp(0.1 * d$score * (d$score < 99)))
  d$item <- user_missing(d$score)
  d$count <- user_missing(replace(d$y, 1:9, 99))
  known <- transform(d, item = replace(score, score == 99, NA), count = replace(y, 1:9, NA))
  for (call in expression(
    fit(y ~ item, poisson, data), fit(count ~ z, poisson, data), fit(y ~ z, poisson, data, weights = item),
    fit(y ~ z + offset(item), poisson, data), fit(y ~ z, poisson, data, offset = item), fit(y ~ I(item) * z, poisson, data),
    fit(y ~ item, poisson, data, na.action = na.exclude)
  )) {
    ours <- eval(call, list(fit = glmpp, data = d))
    right <- eval(call, list(fit = stats::glm, data = known))
    expect_equal(coef(ours), coef(right), tolerance = 1e-6, info = deparse1(call))
    expect_equal(nobs(ours), nobs(right), info = deparse1(call))
    expect_equal(unname(residuals(ours)), unname(residuals(right)), tolerance = 1e-5, info = deparse1(call))
  }
  fit <- glmpp(y ~ item, poisson, d)
  expect_equal(unname(predict(fit, d)), unname(predict(fit, known)))
  expect_true(all(is.na(predict(fit, d)[d$score == 99])))
  expect_error(glmpp(y ~ item, poisson, d, na.action = na.fail), class = "glmpp_error_missing")
  by_class <- glmpp(factor(y > 2) ~ item, multinomial(), d)
  expect_equal(coef(by_class), coef(glmpp(factor(y > 2) ~ item, multinomial(), known)))
})

test_that("values that a class calls missing are missing in rows that come in parts", {
  skip_if_not_installed("haven")
  set.seed(32)
  d <- data.frame(score = sample(c(1:4, 99), 90, TRUE), y = rpois(90, 2))
  d$item <- user_missing(d$score)
  fit <- glmpp(y ~ item, poisson, chunks_of(d, 40))
  expect_equal(coef(fit), coef(glm(y ~ score, poisson, d, subset = score < 99)), ignore_attr = TRUE, tolerance = 1e-6)
})

test_that("integer64 means its numbers in every place of a call", {
  skip_if_not_installed("bit64")
  set.seed(33)
  d <- data.frame(x = rpois(150, 12), n = rpois(150, 20) + 3, w = rpois(150, 3) - 1)
  d$y <- rpois(150, exp(0.05 * d$x))
  d$s <- rbinom(150, d$n, 0.3)
  d$w[4] <- NA
  big <- d
  big[] <- lapply(d, bit64::as.integer64)
  for (call in expression(
    fit(y ~ x + w, poisson, data), fit(y ~ log(x + 1) + I(x^2), poisson, data), fit(y ~ w + I(x * 0.5), poisson, data),
    fit(cbind(s, n - s) ~ x, binomial, data), fit(s / n ~ x, binomial, data, weights = n), fit(y ~ factor(w), poisson, data),
    fit(y ~ w, poisson, data, offset = x / 10), fit(y ~ w + offset(log(n)), poisson, data), fit(x ~ poly(n, 2), gaussian, data),
    fit(y ~ x, poisson, data, subset = x > 10), fit(y ~ ., poisson, data)
  )) {
    ours <- eval(call, list(fit = glmpp, data = big))
    right <- eval(call, list(fit = stats::glm, data = d))
    expect_equal(coef(ours), coef(right), tolerance = 1e-6, info = deparse1(call))
    expect_equal(predict(ours, big, type = "response"), predict(right, d, type = "response"), tolerance = 1e-6, info = deparse1(call))
  }
  expect_equal(add1(glmpp(y ~ 1, poisson, big, subset = !is.na(w)), ~ x + log(n))$Deviance,
               add1(glm(y ~ 1, poisson, d, subset = !is.na(w)), ~ x + log(n))$Deviance, tolerance = 1e-6)
  x <- big$x
  y <- big$y
  expect_equal(coef(glmpp(y ~ log(x + 1), poisson)), coef(glm(y ~ log(x + 1), poisson, d)), tolerance = 1e-6)
  expect_equal(coef(glmpp(factor(y > 2) ~ x, multinomial(), big)), coef(glmpp(factor(y > 2) ~ x, multinomial(), d)))
  expect_equal(coef(glmpp(y ~ x, poisson, chunks_of(big, 60))), coef(glm(y ~ x, poisson, d)), tolerance = 1e-6)
})

test_that("integer64 is read again where a fit did not keep its model frame, and names clusters", {
  skip_if_not_installed("bit64")
  set.seed(36)
  d <- data.frame(y = rpois(80, 4), x = rpois(80, 6))
  big <- transform(d, x = bit64::as.integer64(x))
  lean <- glmpp(y ~ log(x + 1), poisson, big, model = FALSE)
  full <- glmpp(y ~ log(x + 1), poisson, d)
  expect_equal(hatvalues(lean), hatvalues(full))
  expect_equal(vcov(lean, type = "HC1"), vcov(full, type = "HC1"))
  big$id <- bit64::as.integer64("9007199254740992") + rep(1:20, 4) - 10
  d$id <- rep(1:20, 4)
  expect_equal(vcov(glmpp(y ~ x, poisson, big), type = "HC1", cluster = ~id), vcov(glmpp(y ~ x, poisson, d), type = "HC1", cluster = ~id))
  remote <- glmpp(y ~ x, poisson, chunks_of(big, 30))
  expect_equal(vcov(remote, type = "HC1", cluster = ~id), vcov(glmpp(y ~ x, poisson, d), type = "HC1", cluster = ~id), tolerance = 1e-6)
})

test_that("integer64 beyond what a double holds is refused, where it is used", {
  skip_if_not_installed("bit64")
  d <- data.frame(y = rpois(20, 3), x = rnorm(20))
  d$id <- bit64::as.integer64("9007199254740993") + 0:19
  expect_error(glmpp(y ~ id, poisson, d), "2\\^53", class = "glmpp_error_integer64")
  expect_equal(coef(glmpp(y ~ x, poisson, d)), coef(glm(y ~ x, poisson, d)), tolerance = 1e-6)
  exact <- bit64::as.integer64(c("9007199254740992", "-9007199254740992", "0", "-1", NA))
  expect_identical(plain_integer64(exact, "x"), c(2^53, -2^53, 0, -1, NA))
})

test_that("integer64 bits in a design matrix are recognised", {
  skip_if_not_installed("bit64")
  d <- data.frame(y = rpois(30, 3), x = rpois(30, 5) + 1)
  d$x <- bit64::as.integer64(d$x)
  expect_error(glm(y ~ x, poisson, d, method = glmpp_fit), class = "glmpp_error_integer64")
  d$y <- bit64::as.integer64(d$y)
  expect_equal(coef(glm(y ~ 1, poisson, d, method = glmpp_fit)), coef(glmpp(y ~ 1, poisson, d)), tolerance = 1e-6)
})

test_that("a link that holds each row's exposure is fitted in silence, with a rule on && as in R 4.3", {
  exposed <- function(days) structure(list(
    linkfun = function(mu) qlogis(mu^(1 / days)), linkinv = function(eta) plogis(eta)^days,
    mu.eta = function(eta) days * plogis(eta)^days * plogis(-eta), valideta = function(eta) TRUE, name = "exposed"
  ), class = "link-glm")
  set.seed(35)
  nests <- data.frame(days = sample(6, 200, TRUE), x = rnorm(200))
  nests$alive <- rbinom(200, 1, plogis(2 + 0.5 * nests$x)^nests$days)
  theirs <- glm(alive ~ x, binomial(exposed(nests$days)), nests, epsilon = 1e-12)
  expect_silent(ours <- glmpp(alive ~ x, binomial(exposed(nests$days)), nests))
  expect_equal(coef(ours), coef(theirs), tolerance = 1e-6)
  expect_equal(vcov(ours), vcov(theirs), tolerance = 1e-5)
  expect_equal(ours$null.deviance, theirs$null.deviance, tolerance = 1e-7)
  expect_warning(predict(ours, nests[1:200, ], type = "response"), NA)
  expect_warning(predict(ours, nests[200:1, ], type = "response", se.fit = TRUE), class = "glmpp_warning_whole_data")
  expect_equal(predict(ours, nests, type = "response"), predict(theirs, nests, type = "response"), tolerance = 1e-6)
  Sys.setenv("_R_CHECK_LENGTH_1_LOGIC2_" = "true")
  on.exit(Sys.unsetenv("_R_CHECK_LENGTH_1_LOGIC2_"))
  expect_equal(coef(glmpp(alive ~ x, binomial(exposed(nests$days)), nests)), coef(theirs), tolerance = 1e-6)
})

test_that("an interaction with the response is a term, as glm() has it, but for new rows", {
  d <- transform(warpbreaks, z = sin(seq_along(breaks)))
  for (formula in list(breaks ~ z + breaks:z, breaks ~ breaks:wool + z, breaks ~ z:breaks + wool)) {
    expect_silent(fit <- glmpp(formula, gaussian, d))
    expect_equal(coef(fit), coef(glm(formula, gaussian, d)), tolerance = 1e-6)
    expect_error(predict(fit, d[1:3, ]), class = "glmpp_error_newdata")
  }
  expect_warning(fit <- glmpp(breaks ~ breaks + breaks:z + wool, gaussian, d), class = "glmpp_warning_formula")
  expect_equal(coef(fit), suppressWarnings(coef(glm(breaks ~ breaks + breaks:z + wool, gaussian, d))), tolerance = 1e-6)
})
