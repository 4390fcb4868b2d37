fit <- glmpp(am ~ wt + hp, binomial, mtcars)

test_that("Wald intervals are confint.default()'s, exponentiated or not", {
  theirs <- confint.default(glm(am ~ wt + hp, binomial, mtcars, epsilon = 1e-14))
  ours <- coefficient_intervals(fit, intercept = TRUE)$data
  expect_equal(unname(as.matrix(ours[c("lower", "upper")])), unname(theirs), tolerance = 1e-6)
  ratios <- coefficient_intervals(fit, exponentiate = TRUE)
  expect_equal(ratios$data$coefficient, c("wt", "hp"))
  expect_equal(unname(as.matrix(ratios$data[c("lower", "upper")])), unname(exp(theirs[-1, ])), tolerance = 1e-6)
  expect_match(ratios$title, "Odds ratio")
  expect_identical(ratios$data$covers_null, unname(theirs[-1, 1] < 0 & theirs[-1, 2] > 0))
})

test_that("profile intervals are confint()'s", {
  skip_if_not_installed("MASS")
  theirs <- suppressMessages(confint(glm(breaks ~ wool + tension, poisson, warpbreaks, epsilon = 1e-14), level = 0.9))
  ours <- coefficient_intervals(glmpp(breaks ~ wool + tension, poisson, warpbreaks), level = 0.9, method = "profile")$data
  expect_equal(unname(as.matrix(ours[c("lower", "upper")])), unname(theirs[-1, ]), tolerance = 1e-4)
})

test_that("per standard deviation is the fit to scaled columns; columns of two values stay", {
  scaled <- glmpp(mpg ~ I(wt / sd(wt)) + vs, gaussian, mtcars)
  ours <- coefficient_intervals(glmpp(mpg ~ wt + vs, gaussian, mtcars), per = "sd")$data
  expect_equal(ours[-1], coefficient_intervals(scaled)$data[-1], tolerance = 1e-8)
})

test_that("aliased coefficients are left out", {
  aliased <- glmpp(mpg ~ wt + I(2 * wt) + hp, gaussian, mtcars)
  expect_equal(coefficient_intervals(aliased)$data$coefficient, c("wt", "hp"))
  expect_equal(coefficient_intervals(aliased, per = "sd")$data$coefficient, c("wt", "hp"))
  expect_equal(coefficient_recovery(aliased, c(37, -4, 0, -0.03))$data$coefficient, c("(Intercept)", "wt", "hp"))
})

test_that("recovery matches the truth by name, and says what is covered", {
  truth <- c(hp = 0.03, wt = 5, "(Intercept)" = 19)
  chart <- coefficient_recovery(fit, truth)
  expect_equal(chart$data$truth, c(19, 5, 0.03))
  expect_equal(chart$data$covers, c(TRUE, FALSE, TRUE))
  expect_equal(chart$data, coefficient_recovery(fit, c(19, 5, 0.03))$data)
  expect_match(chart$title, "^2 of 3 intervals")
})

test_that("wrong arguments are refused", {
  expect_error(coefficient_recovery(fit, 1:2), "one element per coefficient", class = "glmpp_error_argument")
  expect_error(coefficient_recovery(fit, c(a = 1, wt = 2, hp = 3)), "Unknown: a", class = "glmpp_error_argument")
  expect_error(coefficient_intervals(glmpp(mpg ~ wt, gaussian, mtcars), exponentiate = TRUE), "identity", class = "glmpp_error_argument")
  expect_error(coefficient_intervals(fit, method = "bootstrap"), "wald", class = "glmpp_error_argument")
  expect_error(coefficient_intervals(glmpp(am ~ 1, binomial, mtcars)), "no coefficient", class = "glmpp_error_argument")
  expect_error(coefficient_intervals(fit, level = 2), class = "glmpp_error_argument")
})

test_that("fits of several categories show the table of their summary, intercepts and thresholds on request", {
  flowers <- transform(iris, length = Petal.Length + rep_len(c(-2, 0, 2, 1), 150))
  softmax <- glmpp(Species ~ Sepal.Width + length, multinomial(), flowers)
  table <- coef(summary(softmax))
  chart <- coefficient_intervals(softmax, intercept = TRUE)
  expect_identical(chart$data$coefficient, rownames(table))
  expect_equal(chart$data$upper, unname(table[, 1] + qnorm(0.975) * table[, 2]))
  expect_identical(coefficient_intervals(softmax)$data$coefficient, rownames(table)[-c(1, 4)])
  scaled <- coefficient_intervals(softmax, per = "sd", exponentiate = TRUE)
  expect_equal(log(scaled$data$estimate), as.vector(t(coef(softmax)[, -1])) * c(sd(flowers$Sepal.Width), sd(flowers$length)))
  truth <- coef(softmax) + 0.01
  expect_equal(coefficient_recovery(softmax, truth)$data$truth, chart$data$estimate + 0.01)
  expect_error(coefficient_recovery(softmax, t(truth)), "2 x 3", class = "glmpp_error_argument")
  expect_error(coefficient_intervals(softmax, method = "profile"), class = "glmpp_error_argument")

  ordered <- glmpp(Species ~ Sepal.Width + length, ordinal(), flowers)
  expect_identical(coefficient_intervals(ordered)$data$coefficient, c("Sepal.Width", "length"))
  expect_identical(nrow(coefficient_intervals(ordered, intercept = TRUE, per = "sd")$data), 4L)
  expect_error(coefficient_intervals(update(ordered, family = ordinal("cloglog")), exponentiate = TRUE), class = "glmpp_error_argument")
})

test_that("names stand on the side away from the nearest neighbour", {
  expect_identical(glmpp:::on_right(c(0, 10, 1, 9)), c(FALSE, TRUE, TRUE, FALSE))
  expect_identical(glmpp:::on_right(3), TRUE)
})

test_that("the levels of a long factor stand under its name, and the others as they are called", {
  d <- data.frame(y = c(3, 5, 4, 8, 6, 9, 7, 5, 4, 6), g = rep(letters[1:5], 2), x = 1:10)
  chart <- coefficient_intervals(glmpp(y ~ x + g, poisson, d))
  expect_identical(chart$names$label, c("x", "b", "c", "d", "e"))
  expect_identical(chart$names$group, c("", rep("g", 4)))
  expect_identical(chart$data$coefficient, c("x", "gb", "gc", "gd", "ge"))
  pdf(NULL)
  on.exit(dev.off())
  expect_silent(plot(chart, columns = 2))
  expect_error(plot(chart, columns = "a"), class = "glmpp_error_argument")
})
