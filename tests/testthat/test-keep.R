# A function with something big in it, as most callers have.
fit_in_function <- function(keep, size = 1e5) {
  captured <- rnorm(size)
  knots <- 2
  data <- data.frame(y = rpois(200, 2), x = seq_len(200) / 50)
  glmpp(y ~ I(x^knots) + x, poisson, data, keep = keep)
}

saved_bytes <- function(fit) length(serialize(fit, NULL))

test_that("a lean fit made in a function does not save what the function held", {
  all <- saved_bytes(fit_in_function("all"))
  rows <- saved_bytes(fit_in_function("rows"))
  summary <- saved_bytes(fit_in_function("summary"))
  expect_gt(all, 8e5)
  expect_lt(rows, 5e4)
  expect_lt(summary, 0.8 * rows)
  if (nzchar(Sys.getenv("GLMPP_SHOW_TABLES"))) print(c(all = all, rows = rows, summary = summary))
})

test_that("a lean fit answers what needs no rows as the whole fit does", {
  for (family in list(poisson(), quasipoisson(), Gamma("log"))) {
    fit_by <- function(keep) glmpp(mpg ~ wt + factor(cyl), family, replace(mtcars, "wt", list(c(NA, mtcars$wt[-1]))), keep = keep)
    all <- suppressWarnings(fit_by("all"))
    new <- data.frame(wt = 2:3, cyl = c(4, 8))
    for (keep in c("rows", "summary")) {
      lean <- suppressWarnings(fit_by(keep))
      expect_equal(coef(summary(lean)), coef(summary(all)))
      expect_equal(summary(lean)$dispersion, summary(all)$dispersion)
      expect_equal(vcov(lean), vcov(all))
      expect_equal(logLik(lean), logLik(all))
      expect_equal(c(AIC(lean), BIC(lean), nobs(lean)), c(AIC(all), BIC(all), nobs(all)))
      expect_equal(confint(lean, method = "wald"), confint(all, method = "wald"))
      expect_equal(predict(lean, new, type = "response", se.fit = TRUE), predict(all, new, type = "response", se.fit = TRUE))
      expect_identical(capture.output(print(lean))[-(1:3)], capture.output(print(all))[-(1:3)])
      expect_identical(capture.output(print(summary(lean)))[-(1:4)], capture.output(print(summary(all)))[-(1:4)])
    }
  }
})

test_that("what was left out is said, never NULL in silence", {
  rows <- fit_in_function("rows")
  summary <- fit_in_function("summary")
  expect_length(residuals(rows), 200)
  expect_length(fitted(rows), 200)
  for (call in alist(summary$residuals, summary$fitted, summary[["y"]], rows$model, residuals(summary), fitted(summary), predict(summary),
                     predict(rows, type = "terms"), anova(rows), confint(rows), hatvalues(rows), as.glm(rows), summary$qr)) {
    expect_error(eval(call), class = "glmpp_error_left_out", info = deparse1(call))
  }
})

test_that("predict() of a lean fit finds the constants and functions of its formula", {
  make <- function() {
    power <- 3
    shift <- function(x) x^power + 1
    data <- data.frame(y = c(1, 3, 2, 5, 4, 6), x = 1:6)
    list(lean = glmpp(y ~ shift(x), data = data, keep = "summary"), all = glmpp(y ~ shift(x), data = data))
  }
  fits <- make()
  again <- unserialize(serialize(fits$lean, NULL))
  expect_equal(predict(again, data.frame(x = 2:3)), predict(fits$all, data.frame(x = 2:3)))
})
