# Deviances of rows that were left out, beside fits without them.

test_that("the deviance is that of fits without the fold", {
  d <- transform(warpbreaks, w = rep(1:3, 18), fold = rep(1:6, 9))
  for (model in list(list(breaks ~ wool + tension, poisson()), list(breaks ~ wool * tension, Gamma("log")), list(breaks ~ tension, gaussian()),
                     list(cbind(w, 4 - w) ~ tension, binomial("cloglog")))) {
    fit <- glmpp(model[[1]], model[[2]], d, weights = if (model[[2]]$family == "binomial") NULL else w)
    cv <- cv_deviance(fit, d$fold)
    by_hand <- vapply(1:6, function(k) {
      rest <- glm(model[[1]], model[[2]], d[d$fold != k, ], weights = if (model[[2]]$family == "binomial") NULL else w, epsilon = 1e-13, maxit = 100)
      out <- d[d$fold == k, ]
      y <- if (model[[2]]$family == "binomial") out$w / 4 else out$breaks
      sum(model[[2]]$dev.resids(y, predict(rest, out, "response"), if (model[[2]]$family == "binomial") rep(4, 9) else out$w))
    }, 0)
    expect_equal(cv$folds$deviance, by_hand, tolerance = 1e-6)
    expect_equal(cv$deviance, sum(by_hand), tolerance = 1e-6)
    expect_identical(cv$folds$rows, rep(9L, 6))
  }
})

test_that("leaving one out is the sum of a linear model's deleted residuals", {
  fit <- glmpp(mpg ~ wt + hp, gaussian, mtcars)
  linear <- lm(mpg ~ wt + hp, mtcars)
  cv <- cv_deviance(fit, nrow(mtcars))
  expect_equal(cv$folds$deviance, unname((resid(linear) / (1 - hatvalues(linear)))^2), tolerance = 1e-8)
  expect_equal(cv$mean, mean((resid(linear) / (1 - hatvalues(linear)))^2), tolerance = 1e-8)
})

test_that("folds are random rows of equal count, by the seed", {
  fit <- glmpp(breaks ~ wool, poisson, warpbreaks)
  one <- cv_deviance(fit, 7, seed = 3)
  expect_identical(as.vector(sort(table(one$fold))), c(7L, 7L, 8L, 8L, 8L, 8L, 8L))
  expect_identical(cv_deviance(fit, 7, seed = 3, threads = 1)$folds, one$folds)
  expect_false(identical(cv_deviance(fit, 7, seed = 4)$fold, one$fold))
  expect_equal(cv_deviance(fit, ~tension)$folds$fold, factor(c("L", "M", "H"), c("L", "M", "H")), ignore_attr = TRUE)
  expect_output(print(one), "Cross-validation by 7 folds", fixed = TRUE)
})

test_that("fits of categories have it too", {
  d <- transform(iris, fold = rep(1:5, 30), low = Sepal.Width)
  fit <- glmpp(Species ~ low, multinomial(), d)
  by_hand <- sum(vapply(1:5, function(k) {
    rest <- glmpp(Species ~ low, multinomial(), d[d$fold != k, ])
    p <- predict(rest, d[d$fold == k, ], type = "probs")
    -2 * sum(log(p[cbind(seq_len(30), as.integer(d$Species[d$fold == k]))]))
  }, 0))
  expect_equal(cv_deviance(fit, d$fold)$deviance, by_hand, tolerance = 1e-6)
})

test_that("folds that do not fit are refused, and a lost level is said", {
  fit <- glmpp(breaks ~ wool + tension, poisson, warpbreaks)
  for (folds in list(1, 55, 2.5, 1:3, c(NA, 2:54), rep(1, 54))) expect_error(cv_deviance(fit, folds), class = "glmpp_error_argument")
  expect_error(cv_deviance(fit, ~nowhere), class = "glmpp_error_cluster")
  expect_warning(cv_deviance(fit, warpbreaks$tension), class = "glmpp_warning_folds")
})

test_that("folds whose others are separated are said, and two variables are no folds", {
  rows <- data.frame(x = 1:6, y = c(0, 0, 1, 0, 1, 1))
  expect_warning(cv_deviance(glmpp(y ~ x, binomial, rows), 6), class = "glmpp_warning_separation")
  expect_warning(cv_deviance(glmpp(y ~ 1, poisson, data.frame(y = c(0, 0, 0, 0, 3, 2, 1, 4))), rep(1:2, each = 4)),
                 class = "glmpp_warning_separation")
  expect_warning(cv_deviance(glmpp(Species ~ 1, multinomial(), iris), as.integer(iris$Species == "setosa")),
                 class = "glmpp_warning_separation")
  expect_error(cv_deviance(glmpp(breaks ~ 1, poisson, warpbreaks), ~ wool + tension), class = "glmpp_error_argument")
  thresholds <- glmpp(factor(cyl, ordered = TRUE) ~ 1, ordinal(), mtcars)
  expect_gt(cv_deviance(thresholds, 4, seed = 1)$deviance, deviance(thresholds))
})
