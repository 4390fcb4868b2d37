# What a method does not know is an error: it would change nothing, and seem to.

test_that("no method swallows an argument", {
  by_name <- list(
    memory = glmpp(low ~ age + lwt, binomial, MASS::birthwt),
    remote = glmpp(low ~ age + lwt, binomial, chunks_of(MASS::birthwt, 90)),
    classes = glmpp(factor(race) ~ age, multinomial(), MASS::birthwt),
    ordered = glmpp(ordered(race) ~ age, ordinal(), MASS::birthwt)
  )
  new <- data.frame(age = 30, lwt = 100)
  V <- diag(3)
  refused <- expression(
    summary(fit, type = "HC1"), summary(fit, cluster = ~id), summary(fit, robust = TRUE),
    confint(fit, method = "wald", type = "HC1"), confint(fit, levl = 0.9),
    confint(fit, exponentiate = TRUE), vcov(fit, vcov = "HC1"), vcov(fit, clusters = ~race), vcov(fit, tpye = "HC1"),
    predict(fit, new, data = new), predict(fit, new, new_data = new), predict(fit, new, interval = "confidence"),
    vcov(fit, type = "HC1", dispersion = 2), vcov(fit, "HC1"), predict(fit, new, levl = 0.9), predict(fit, new, se = TRUE, type2 = "link"),
    anova(fit, tst = "Chisq"), anova(fit, test = "none of them"), anova(fit, 3), drop1(fit, tset = "Chisq"),
    add1(fit, ~ . + bwt, tset = "Chisq")
  )
  for (name in names(by_name)) {
    fit <- by_name[[name]]
    for (call in refused) {
      expect_error(eval(call, list(fit = fit, new = new, V = V)), class = "glmpp_error_argument", label = paste(name, deparse1(call)))
    }
  }
  of_classes <- expression(anova(fit, vcv = V), drop1(fit, vcov = V[-1, ]), tidy.glmpp_categories(fit, vcv = V))
  for (name in c("classes", "ordered")) for (call in of_classes) {
    expect_error(eval(call, list(fit = by_name[[name]], new = new, V = V)), class = "glmpp_error_argument", label = paste(name, deparse1(call)))
  }
  in_memory <- expression(residuals(fit, data = new), fitted(fit, newdata = new), plot(fit, levl = 2), plot(fit, newdata = new))
  for (name in c("memory", "classes")) for (call in in_memory) {
    expect_error(eval(call, list(fit = by_name[[name]], new = new)), class = "glmpp_error_argument", label = paste(name, deparse1(call)))
  }
})

test_that("the nearest name and the way to what was meant are said", {
  fit <- glmpp(am ~ wt, binomial, mtcars)
  expect_error(predict(fit, data = mtcars), "newdata")
  expect_error(predict(fit, new_data = mtcars), "newdata")
  expect_error(confint(fit, levl = 0.9), "Did you mean level")
  expect_error(vcov(fit, clusters = ~cyl), "Did you mean cluster")
  expect_error(summary(fit, type = "HC1"), "summary(fit, vcov = \"HC1\")", fixed = TRUE)
  expect_error(predict(fit, interval = "confidence"), "se.fit")
})

test_that("arguments that a method has still pass", {
  fit <- glmpp(am ~ wt, binomial, mtcars)
  expect_equal(coef(summary(fit, dispersion = 2, correlation = TRUE, symbolic.cor = FALSE)),
               coef(summary(as.glm(fit), dispersion = 2)), ignore_attr = TRUE)
  expect_equal(vcov(fit, dispersion = 2), 2 * vcov(fit))
  expect_equal(vcov(fit, verbose = FALSE), vcov(fit))
  expect_s3_class(anova(fit, glmpp(am ~ wt + hp, binomial, mtcars), test = "Chisq"), "anova")
  expect_error(anova(glmpp(am ~ 1, binomial, mtcars), larger = fit), class = "glmpp_error_argument")
  expect_equal(predict(fit, newd = mtcars[1, ], type = "resp"), predict(fit, mtcars[1, ], type = "response"))
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  expect_silent(plot(fit, 1, col = 2, pch = 3, main = "all"))
  expect_silent(plot(fit, which = 2, cex = 2))
})

test_that("what emmeans hands on does not stop it", {
  skip_if_not_installed("emmeans")
  d <- transform(MASS::birthwt, race = factor(race))
  for (call in expression(emmeans::emmeans(fit, ~race, type = "response", level = 0.9), emmeans::emtrends(fit, ~race, "age"),
                          emmeans::emmeans(fit, ~race, vcov. = sandwich::vcovHC))) {
    numbers <- function(fitter) {
      fit <- fitter(low ~ age * race, binomial, d, epsilon = 1e-12)
      unlist(Filter(is.numeric, as.data.frame(suppressMessages(eval(call, list(fit = fit))))))
    }
    expect_equal(numbers(glmpp), numbers(stats::glm), tolerance = 1e-5, info = deparse1(call))
  }
})
