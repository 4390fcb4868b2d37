quiet <- function(expression) suppressWarnings(suppressMessages(expression))

models <- alist(
  logistic = fitter(am ~ wt + hp, binomial, mtcars), counts = fitter(breaks ~ wool * tension, poisson, warpbreaks),
  Gamma = fitter(Ozone ~ Wind + factor(Month), Gamma("log"), airquality), cloglog = fitter(am ~ wt, binomial("cloglog"), mtcars),
  gaussian = fitter(mpg ~ wt + hp, gaussian, mtcars), inverse = fitter(mpg ~ wt, inverse.gaussian, mtcars),
  offset = fitter(carb ~ wt + factor(cyl), poisson, mtcars, offset = log(disp), weights = gear)
)

fit_model <- function(name, fitter, ...) {
  call <- as.call(c(as.list(models[[name]]), list(...)))
  call[[1]] <- fitter
  quiet(eval(call))
}

# An end found from scratch: glm.fit() on the other columns, the one in question as an offset.
end_from_scratch <- function(fit, j, side, level = 0.95) {
  x <- model.matrix(fit)
  scale <- summary(fit)$dispersion
  error <- sqrt(vcov(fit)[j, j])
  offset <- if (is.null(fit$offset)) 0 else fit$offset
  excess <- function(value) {
    other <- quiet(glm.fit(x[, -j, drop = FALSE], fit$y, fit$prior.weights, etastart = fit$linear.predictors,
                           offset = offset + x[, j] * value, family = fit$family, intercept = FALSE, control = glm.control(1e-14, 200)))
    sqrt(max(0, other$deviance - fit$deviance) / scale) - qnorm((1 + level) / 2)
  }
  width <- 0.5
  while (excess(coef(fit)[j] + side * width * error) < 0) width <- 1.3 * width
  uniroot(excess, sort(coef(fit)[j] + side * c(0, width) * error), tol = 1e-12)$root
}

for (name in names(models)) {
  test_that(paste("profile likelihood ends are those found from scratch, and glm()'s up to its interpolation:", name), {
    theirs <- fit_model(name, quote(glm), epsilon = 1e-14, maxit = 100)
    ours <- confint(fit_model(name, quote(glmpp)))
    exact <- t(vapply(seq_along(coef(theirs)), function(j) c(end_from_scratch(theirs, j, -1), end_from_scratch(theirs, j, 1)), c(0, 0)))
    errors <- sqrt(diag(vcov(theirs)))
    expect_lt(max(abs(ours - exact) / errors), 1e-6)
    skip_if_not_installed("MASS")
    interpolated <- quiet(confint(theirs))
    expect_lt(max(abs(ours - interpolated) / errors), 5e-3)
    expect_identical(unname(dimnames(ours)), unname(dimnames(interpolated)))
  })
}

test_that("the printout tells which method it was, and nothing else differs from glm()'s", {
  fit <- fit_model("logistic", quote(glmpp))
  expect_output(print(confint(fit, level = 0.9)), "profile likelihood.*5 %.*95 %")
  wald <- confint(fit, method = "wald")
  expect_output(print(wald), "Wald")
  expect_equal(unname(wald), unname(confint.default(fit)))
  expect_identical(names(attributes(wald)), names(attributes(confint.default(fit))))
  expect_identical(names(dimnames(confint(glmpp(am ~ wt, binomial, mtcars, penalty = ridge(1)))))[2], "Wald")
})

test_that("one coefficient gives a vector, aliased ones NA, as glm() has it", {
  fit <- glmpp(am ~ wt + I(2 * wt), binomial, mtcars)
  expect_identical(names(confint(fit, "wt")), c("2.5 %", "97.5 %"))
  expect_equal(confint(fit)["wt", ], confint(fit, 2))
  expect_true(all(is.na(confint(fit)["I(2 * wt)", ])))
})

test_that("an end that is open is NA, with a warning that names it", {
  separated <- data.frame(x = 1:10, y = rep(0:1, each = 5))
  fit <- quiet(glmpp(y ~ x, binomial, separated))
  warning <- expect_warning(ends <- confint(fit), class = "glmpp_warning_profile")
  expect_match(conditionMessage(warning), "x \\(upper\\)")
  expect_true(is.finite(ends["x", 1]) && is.na(ends["x", 2]))
})

# The statistic of the score test that the coefficient is `value`, from glm() with an offset.
score_statistic_at <- function(formula, family, data, name, value) {
  larger <- glm(formula, family, data, epsilon = 1e-14)
  x <- model.matrix(larger)
  keep <- colnames(x) != name
  rest <- glm.fit(x[, keep, drop = FALSE], larger$y, larger$prior.weights, offset = value * x[, name], family = family,
                  control = list(epsilon = 1e-14, maxit = 100))
  score <- crossprod(x, rest$weights * rest$residuals)
  drop(crossprod(score, solve(crossprod(x, rest$weights * x), score))) / if (family$family %in% c("binomial", "poisson")) 1 else summary(larger)$dispersion
}

test_that("score intervals end where the score test rejects", {
  d <- transform(warpbreaks, hit = as.integer(breaks > 25))
  for (model in list(list(hit ~ wool + tension, binomial()), list(breaks ~ wool + tension, poisson("sqrt")),
                     list(breaks ~ wool + tension, Gamma("log")))) {
    fit <- glmpp(model[[1]], model[[2]], d)
    limits <- confint(fit, c("woolB", "tensionH"), level = 0.9, method = "score")
    expect_identical(names(dimnames(limits))[2], "score")
    for (name in rownames(limits)) for (value in limits[name, ]) {
      expect_equal(score_statistic_at(model[[1]], model[[2]], d, name, value), qnorm(0.95)^2, tolerance = 1e-5, label = name)
    }
  }
  one <- glmpp(cbind(7, 13) ~ 1, binomial("identity"), data.frame(a = 1))
  wilson <- prop.test(7, 20, correct = FALSE)$conf.int
  expect_equal(confint(one, method = "score")[1, ], as.vector(wilson), tolerance = 1e-8, ignore_attr = TRUE)
})

test_that("combinations of coefficients have the intervals that another coding gives them", {
  fit <- glmpp(breaks ~ wool + tension, poisson, warpbreaks)
  other <- glmpp(breaks ~ wool + relevel(tension, "M"), poisson, warpbreaks)
  combination <- c(tensionH = 1, tensionM = -1)
  for (method in c("profile", "wald", "score")) {
    expected <- matrix(confint(other, 4, method = method), 1)
    expect_equal(confint(fit, contrasts = combination, method = method)[1, ], expected[1, ], tolerance = 1e-8, ignore_attr = TRUE,
                 label = method)
  }
  expect_identical(rownames(confint(fit, contrasts = combination, method = "wald")), "-tensionM + tensionH")
  both <- confint(fit, contrasts = rbind(a = c(0, 1, 0, 0), b = c(0, 0, 1, 1)), method = "wald", vcov = "HC3")
  v <- vcov(fit, type = "HC3")
  expect_equal(both["b", 2] - both["b", 1], 2 * qnorm(0.975) * sqrt(sum(v[3:4, 3:4])))
  expect_equal(both["a", ], confint(fit, 2, vcov = "HC3")[1, ])
  expect_error(confint(fit, contrasts = c(nowhere = 1)), class = "glmpp_error_argument")
  expect_error(confint(fit, contrasts = c(1, 2)), class = "glmpp_error_argument")
  expect_error(confint(fit, contrasts = rep(0, 4)), class = "glmpp_error_argument")
  aliased <- glmpp(breaks ~ wool + I(wool == "B"), poisson, warpbreaks)
  expect_true(all(is.na(confint(aliased, contrasts = c(0, 1, 1), method = "wald"))))
})

test_that("from afar the same", {
  file <- tempfile(fileext = ".csv")
  write.csv(warpbreaks, file, row.names = FALSE)
  afar <- glmpp(breaks ~ wool + tension, poisson, csv_chunks(file, rows = 20))
  fit <- glmpp(breaks ~ wool + tension, poisson, transform(warpbreaks, tension = as.character(tension)))
  expect_equal(confint(afar, 2:3, method = "score"), confint(fit, 2:3, method = "score"), tolerance = 1e-7)
  expect_equal(confint(afar, contrasts = c(tensionL = 1, tensionM = -1), method = "profile"),
               confint(fit, contrasts = c(tensionL = 1, tensionM = -1)),
               tolerance = 1e-7)
})
