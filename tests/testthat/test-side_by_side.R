test_that("side_by_side() says who is closer to the converged fit", {
  fit <- glmpp(am ~ wt + hp, binomial, mtcars)
  both <- side_by_side(fit)
  glm <- glm(am ~ wt + hp, binomial, mtcars)
  expect_s3_class(both, "glmpp_side_by_side")
  expect_identical(both$coefficients[, "glmpp"], coef(fit))
  expect_identical(both$coefficients[, "glm"], coef(glm))
  expect_equal(both$coefficients[, "glm SE"], sqrt(diag(vcov(glm))))
  errors <- both$differences["standard errors", ]
  expect_equal(errors[["glmpp - glm"]], max(abs(sqrt(diag(vcov(fit))) / sqrt(diag(vcov(glm))) - 1)))
  expect_lt(errors[["glmpp - converged"]], 1e-9)
  expect_gt(errors[["glm - converged"]], 1e-9)
  expect_identical(both$iterations, c(glmpp = fit$iter, glm = glm$iter))
  printed <- capture.output(print(both))
  expect_match(printed, "glmpp is closer to the converged glm", all = FALSE)
  expect_match(printed, "^hp ", all = FALSE)
})

test_that("side_by_side() needs no converged fit where the two agree", {
  fit <- glmpp(mpg ~ wt, gaussian, mtcars)
  both <- side_by_side(fit)
  expect_identical(colnames(both$differences), "glmpp - glm")
  expect_match(capture.output(print(both)), "agree to 1e-8 or better", all = FALSE)
})

test_that("side_by_side() names glm() where glm() is closer", {
  fit <- glmpp(am ~ wt + hp, binomial, mtcars, epsilon = 0.5, step_tolerance = 1)
  differences <- cbind("glmpp - glm" = 1, "glmpp - converged" = c(deviance = 1e-3, coefficients = 0), "glm - converged" = 1e-9)
  expect_match(glmpp:::verdict(differences), "^glm is closer .*: deviance\\.$")
  # The arguments that only glmpp() knows are not passed on to glm().
  expect_identical(side_by_side(fit)$glm$converged, TRUE)
})

test_that("side_by_side() shows aliased columns and hides what is beyond `most`", {
  data <- transform(mtcars, twice = 2 * wt)
  both <- side_by_side(glmpp(carb ~ wt + twice + factor(gear), poisson, data, control = list(maxit = 30, halvings = 20)))
  expect_identical(is.na(both$coefficients[, "glmpp"]), is.na(both$coefficients[, "glm"]))
  printed <- capture.output(print(both, most = 3))
  expect_match(printed, "aliased", all = FALSE)
  expect_match(printed, "and 2 more rows", all = FALSE)
})

test_that("side_by_side() refuses what is no fit by glmpp()", {
  expect_error(side_by_side(glm(am ~ wt, binomial, mtcars)), class = "glmpp_error_argument")
})

test_that("side_by_side() prints no trace of glm()", {
  expect_silent(shown <- side_by_side(glmpp(am ~ wt, binomial, mtcars, trace = TRUE)))
  expect_silent(side_by_side(glmpp(am ~ wt, binomial, mtcars, control = list(trace = TRUE, epsilon = 1e-10))))
  expect_silent(side_by_side(glmpp(am ~ wt, binomial, mtcars, control = glmpp_control(epsilon = 1e-10))))
  expect_s3_class(shown$glm, "glm")
})
