test_that("ridge() on a gaussian is the closed form", {
  x <- model.matrix(~ wt + hp + qsec, mtcars)
  solve_ridge <- function(strength) drop(solve(crossprod(x) + diag(strength), crossprod(x, mtcars$mpg)))
  fit <- glmpp(mpg ~ wt + hp + qsec, gaussian, mtcars, penalty = ridge(2))
  expect_equal(coef(fit), solve_ridge(c(0, 2, 2, 2)), tolerance = 1e-9)
  all <- glmpp(mpg ~ wt + hp + qsec, gaussian, mtcars, penalty = ridge(2, intercept = TRUE))
  expect_equal(coef(all), solve_ridge(rep(2, 4)), tolerance = 1e-9)
  each <- glmpp(mpg ~ wt + hp + qsec, gaussian, mtcars, penalty = ridge(c(0, 1, 0, 5)))
  expect_equal(coef(each), solve_ridge(c(0, 1, 0, 5)), tolerance = 1e-9)
})

test_properties("ridge()", penalty_properties, ridge(0.5), function(b) 0.25 * sum(b[-1]^2))

test_that("without ridge() separated data have no estimate", {
  expect_warning(glmpp(y ~ x, binomial, data.frame(x = 1:10, y = rep(0:1, each = 5))), class = "glmpp_warning_separation")
})

test_that("ridge() leaves no column aliased", {
  fit <- glmpp(mpg ~ wt + I(2 * wt), gaussian, mtcars, penalty = ridge(1))
  expect_false(anyNA(coef(fit)))
  expect_equal(coef(fit)[[3]], 2 * coef(fit)[[2]], tolerance = 1e-8)
})

test_that("sgd() with a ridge comes near its optimum", {
  data <- solver_data(solver_problems()[[4]], 3000)
  exact <- glmpp(y ~ x1 + x2 + g, binomial, data, penalty = ridge(100))
  fit <- glmpp(y ~ x1 + x2 + g, binomial, data, penalty = ridge(100), solver = sgd(epochs = 20))
  expect_lt(max(abs(coef(fit) - coef(exact))), 0.02)
})

test_that("penalties are checked before any work", {
  expect_error(ridge(-1), class = "glmpp_error_argument")
  expect_error(ridge("a"), class = "glmpp_error_argument")
  expect_error(ridge(), class = "glmpp_error_argument")
  expect_error(glmpp(am ~ wt, binomial, mtcars, penalty = 1), "ridge", class = "glmpp_error_argument")
  expect_error(glmpp(am ~ wt, binomial, mtcars, penalty = ridge(1:3)), "one for each coefficient", class = "glmpp_error_argument")
})
