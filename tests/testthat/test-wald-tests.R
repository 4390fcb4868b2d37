# Wald tests of terms and of nested models by a covariance of choice.

wald_data <- with_local_seed(5, {
  data <- data.frame(x = rnorm(300), z = runif(300), g = factor(sample(letters[1:4], 300, TRUE)), id = sample(30, 300, TRUE),
                     year = sample(4, 300, TRUE))
  data$y <- rpois(300, exp(0.3 * data$x))
  data$same <- 2 * data$x
  data
})

by_hand <- function(fit, names, covariance) drop(coef(fit)[names] %*% solve(covariance[names, names]) %*% coef(fit)[names])

test_that("terms are tested by the covariance that is given", {
  fit <- glmpp(y ~ x + z + g + same, poisson, wald_data)
  for (vcov in list("model", "HC0", "HC3", "observed", ~id)) {
    table <- anova(fit, vcov = vcov)
    covariance <- if (inherits(vcov, "formula")) stats::vcov(fit, type = "HC1", cluster = vcov) else stats::vcov(fit, type = sub("model", "const", vcov))
    expect_equal(table["g", "Chisq"], by_hand(fit, c("gb", "gc", "gd"), covariance), tolerance = 1e-10)
    expect_equal(table["x", "Chisq"], by_hand(fit, "x", covariance), tolerance = 1e-10)
    expect_equal(table[["Pr(>Chisq)"]], pchisq(table$Chisq, c(1, 1, 3, NA), lower.tail = FALSE), ignore_attr = TRUE)
    expect_equal(table$Df, c(1, 1, 3, 0))
    expect_equal(drop1(fit, vcov = vcov), table, ignore_attr = "heading")
  }
  expect_identical(rownames(drop1(glmpp(y ~ x * z + g, poisson, wald_data), vcov = "HC1")), c("g", "x:z"))
  expect_identical(rownames(drop1(fit, ~ x + g, vcov = "HC1")), c("x", "g"))
  expect_error(drop1(fit, "nowhere", vcov = "HC1"), class = "glmpp_error_argument")
  expect_error(anova(fit, vcov = "HC9"), class = "glmpp_error_argument")
})

test_that("nested models are compared as lmtest::waldtest() does", {
  skip_if_not_installed("lmtest")
  skip_if_not_installed("sandwich")
  larger <- glmpp(y ~ x + z + g, poisson, wald_data)
  smaller <- update(larger, . ~ x)
  theirs <- lmtest::waldtest(as.glm(smaller), as.glm(larger), vcov = sandwich::vcovHC(as.glm(larger), "HC3"), test = "Chisq")
  expect_equal(anova(smaller, larger, vcov = "HC3")$Chisq, theirs$Chisq, tolerance = 1e-8)
  expect_equal(anova(larger, smaller, vcov = "HC3")$Chisq, theirs$Chisq, tolerance = 1e-8)
  linear <- glmpp(x ~ z + g, gaussian, wald_data)
  theirs <- lmtest::waldtest(lm(x ~ z, wald_data), lm(x ~ z + g, wald_data), vcov = sandwich::vcovHC(lm(x ~ z + g, wald_data), "HC1"))
  found <- anova(update(linear, . ~ z), linear, vcov = "HC1")
  expect_equal(found$F, theirs$F, tolerance = 1e-8)
  expect_equal(found[["Pr(>F)"]], theirs[["Pr(>F)"]], tolerance = 1e-8)
  expect_error(anova(glmpp(y ~ same, poisson, wald_data), larger, vcov = "HC1"), class = "glmpp_error_argument")
  expect_error(anova(glmpp(y ~ x, poisson, wald_data[1:200, ]), larger, vcov = "HC1"), class = "glmpp_error_rows")
  expect_output(print(anova(smaller, larger, vcov = ~id)), "clustered by id", fixed = TRUE)
})

test_that("a covariance that is not positive definite loses what it says nothing of, with a word", {
  fit <- glmpp(y ~ x + z + g, poisson, wald_data)
  few <- transform(wald_data, few = (seq_len(300) - 1) %/% 150)
  of_two <- glmpp(y ~ x + z + g, poisson, few)
  expect_warning(table <- anova(of_two, vcov = ~few), class = "glmpp_warning_covariance")
  expect_lte(table["g", "Df"], 1)
})

test_that("from afar the same", {
  file <- tempfile(fileext = ".csv")
  write.csv(wald_data, file, row.names = FALSE)
  afar <- glmpp(y ~ x + z + g, poisson, csv_chunks(file, rows = 70))
  fit <- glmpp(y ~ x + z + g, poisson, wald_data)
  expect_equal(anova(afar, vcov = ~ id), anova(fit, vcov = ~ id), tolerance = 1e-8)
  smaller <- glmpp(y ~ x, poisson, csv_chunks(file, rows = 70))
  expect_equal(anova(smaller, afar, vcov = "HC3")$Chisq, anova(update(fit, . ~ x), fit, vcov = "HC3")$Chisq, tolerance = 1e-8)
})

test_that("tidy() and the chart of coefficients take it", {
  fit <- glmpp(y ~ x + g, poisson, wald_data)
  table <- tidy.glmpp(fit, conf.int = TRUE, vcov = "HC3")
  expect_equal(table$std.error, unname(sqrt(diag(vcov(fit, type = "HC3")))))
  expect_equal(table$conf.low, unname(confint(fit, vcov = "HC3")[, 1]))
  chart <- coefficient_intervals(fit, vcov = ~id, exponentiate = TRUE)
  expect_equal(log(chart$data$upper), unname(confint(fit, vcov = ~id)[-1, 2]))
  expect_match(chart$title, "(clustered by id)", fixed = TRUE)
  expect_error(coefficient_intervals(fit, vcov = "HC1", method = "profile"), class = "glmpp_error_argument")
  expect_error(coefficient_intervals(glm(y ~ x, poisson, wald_data), vcov = "HC1"), class = "glmpp_error_argument")
})

test_that("pairs of levels go by emmeans", {
  skip_if_not_installed("emmeans")
  fit <- glmpp(y ~ x + g, poisson, wald_data)
  pairs_of <- function(object, ...) as.data.frame(summary(pairs(emmeans::emmeans(object, "g", ...))))
  expect_equal(pairs_of(fit), pairs_of(glm(y ~ x + g, poisson, wald_data, epsilon = 1e-12)), tolerance = 1e-5)
  expect_equal(pairs_of(fit, vcov. = function(fit, ...) vcov(fit, type = "HC3"))[1, "SE"],
               coef(summary(fit, vcov = "HC3"))["gb", 2], tolerance = 1e-8)
})

test_that("fits of other responses, families, links or offsets are not compared", {
  larger <- glmpp(y ~ x + z, poisson, wald_data)
  for (other in list(glmpp(rev(y) ~ x, poisson, wald_data), glmpp(y ~ x, gaussian, wald_data), glmpp(y ~ x, poisson("sqrt"), wald_data),
                     glmpp(y ~ x + offset(z), poisson, wald_data))) {
    expect_error(anova(other, larger, vcov = "HC1"), class = "glmpp_error_argument")
  }
})
