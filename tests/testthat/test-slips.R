# Common slips are told with the remedy.

test_that("a bar in a formula is told from fixed and random effects", {
  set.seed(61)
  d <- data.frame(x = rnorm(60), firm = sample(5, 60, TRUE), a = rnorm(60) > 0, b = rnorm(60) > 0)
  d$y <- rpois(60, 2)
  d$group <- factor(d$firm)
  for (formula in list(y ~ x | firm, y ~ x + (1 | firm), y ~ x + (x | group), y ~ (1 | group), y ~ x | firm + group, y ~ x * (1 || firm))) {
    expect_error(glmpp(formula, poisson, d), "fixest", class = "glmpp_error_formula", label = deparse1(formula))
    expect_error(glmpp(formula, poisson, chunks_of(d, 30)), "lme4", class = "glmpp_error_formula", label = deparse1(formula))
  }
  expect_error(glmpp(y ~ x | firm, poisson, d), "x + absorb(firm)", fixed = TRUE)
  expect_error(glmpp(y ~ x | firm + group, poisson, d), "x + absorb(firm) + absorb(group)", fixed = TRUE)
  for (formula in list(y ~ a | b, y ~ I(a | b) + x, y ~ ifelse(a | b, x, 0))) {
    expect_equal(coef(glmpp(formula, poisson, d)), coef(glm(formula, poisson, d)), tolerance = 1e-6)
  }
})

test_that("two codes other than 0 and 1 are told how to be an outcome", {
  d <- data.frame(sick = rep(1:2, 20), state = rep(c(-1, 1), 20), x = sin(1:40))
  expect_error(glmpp(sick ~ x, binomial, d), "sick == 2.*sick - 1", class = "glmpp_error_response")
  expect_error(glmpp(state ~ x, binomial, d), "state == 1", class = "glmpp_error_response")
})

test_that("text and formulas in place of values of the rows are told how to write them", {
  d <- data.frame(y = rpois(30, 3), x = sin(1:30), w = 1 + 1:30 %% 3)
  name <- "w"
  expect_error(glmpp(y ~ x, poisson, d, weights = "w"), "weights = w", class = "glmpp_error_weights")
  expect_error(glmpp(y ~ x, poisson, d, weights = name), "text", class = "glmpp_error_weights")
  expect_error(glmpp(y ~ x, poisson, d, weights = ~w), "weights = w", class = "glmpp_error_weights")
  expect_error(glmpp(y ~ x, poisson, d, offset = "w"), "offset = w", class = "glmpp_error_offset")
  expect_error(glmpp(y ~ x, poisson, d, offset = ~ log(w)), "offset = log\\(w\\)", class = "glmpp_error_offset")
  expect_error(glmpp(y ~ x, poisson, d, subset = "x > 0"), "subset = x > 0", class = "glmpp_error_argument")
  expect_error(glmpp(y ~ x, poisson, d, subset = ~ x > 0), "subset = x > 0", class = "glmpp_error_argument")
  chosen <- rownames(mtcars)[1:20]
  expect_equal(coef(glmpp(am ~ 1, binomial, mtcars, subset = chosen)), coef(glm(am ~ 1, binomial, mtcars, subset = chosen)),
      tolerance = 1e-6)
})

test_that("an exposure that is no logarithm is told", {
  set.seed(62)
  d <- data.frame(x = rnorm(200), years = runif(200, 0.2, 6))
  d$y <- rpois(200, d$years * exp(0.3 * d$x))
  for (family in list(poisson(), quasipoisson())) {
    expect_warning(glmpp(y ~ x, family, d, offset = years), "log\\(exposure\\)", class = "glmpp_warning_offset")
    expect_warning(glmpp(y ~ x + offset(years), family, d), class = "glmpp_warning_offset")
    expect_silent(glmpp(y ~ x, family, d, offset = log(years)))
    expect_silent(glmpp(y ~ x + offset(log(years)), family, d))
  }
  suppressWarnings(expect_warning(glmpp(y ~ x, poisson, d, offset = 12 * years), class = "glmpp_warning_offset"))
  d$true <- runif(200, 1, 3)
  d$z <- rpois(200, exp(d$true))
  expect_silent(glmpp(z ~ x, poisson, d, offset = true))
})

test_that("strata() is accused where it is survival's and a term, and a bar of yes and no is no slip", {
  skip_if_not_installed("survival")
  d <- transform(mtcars, g = factor(gear))
  expect_warning(glmpp(am ~ wt + survival::strata(carb), gaussian, d), class = "glmpp_warning_formula")
  strata <- function(values) values^2
  expect_warning(glmpp(am ~ strata(wt), gaussian, d), NA)
  expect_identical(names(coef(glmpp(mpg ~ (am | vs), gaussian, d)))[2], "am | vsTRUE")
  expect_error(glmpp(mpg ~ wt + (1 | g), gaussian, d), class = "glmpp_error_formula")
  expect_error(glmpp(mpg ~ wt | carb, gaussian, d), class = "glmpp_error_formula")
})
