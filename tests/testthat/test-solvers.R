# The solvers that go on until they have converged.
solvers <- setdiff(plain_solvers(), c("irls", "sgd"))
solvers <- intersect(solvers, names(glmpp:::solver_makers))

test_that("every solver that the core has is among the constructors, and tested here", {
  made <- setdiff(names(glmpp:::solver_makers), "auto")
  expect_setequal(intersect(plain_solvers(), made), made)
})

for (name in c("irls", solvers)) test_properties(name, solver_properties, glmpp:::solver_makers[[name]])

for (problem in solver_problems()) {
  test_that(sprintf("%s: every solver reaches the optimum of irls()", problem$name), {
    for (name in solvers) expect_optimum(glmpp:::solver_makers[[name]], problem)
  })

  test_that(sprintf("%s: sgd() comes near or says why it can't", problem$name), {
    data <- solver_data(problem)
    if (problem$name %in% solver_exceptions$sgd) {
      expect_error(glmpp(y ~ x1 + x2 + g, problem$family, data, solver = "sgd"), class = "glmpp_error_solver")
    } else {
      reference <- glmpp(y ~ x1 + x2 + g, problem$family, data)
      fit <- glmpp(y ~ x1 + x2 + g, problem$family, data, solver = sgd(epochs = 100))
      expect_lt(fit$deviance / reference$deviance - 1, 1e-4)
      expect_same_coefficients(coef(fit), coef(reference), standard_errors_of(reference), 0.05, problem$name)
    }
  })
}

test_that("first-order solvers do without scaled columns", {
  data <- transform(mtcars, wt = 1e4 * wt, hp = 1e-3 * hp)
  reference <- glmpp(am ~ wt + hp, binomial, data)
  fit <- glmpp(am ~ wt + hp, binomial, data, solver = lbfgs())
  expect_equal(coef(fit), coef(reference), tolerance = 1e-6)
})

test_that("a given learning rate and number of iterations are taken to the letter", {
  x <- cbind(1, mtcars$wt - 3)
  path <- c(0, 0)
  for (step in 1:7) path <- path + 0.01 * drop(crossprod(x, mtcars$am - plogis(drop(x %*% path))))
  fit <- glmpp(am ~ I(wt - 3), binomial, mtcars, solver = gradient_descent(0.01, 7))
  expect_equal(unname(coef(fit)), path, tolerance = 1e-14)
  expect_equal(fit$iter, 7)
  expect_false(fit$converged)
  mean_step <- glmpp(am ~ I(wt - 3), binomial, mtcars, solver = gradient_descent(0.32, 7, gradient = "mean"))
  expect_equal(coef(mean_step), coef(fit), tolerance = 1e-14)
  stopped <- glmpp(am ~ I(wt - 3), binomial, mtcars, solver = gradient_descent(0.1, 1e5, tolerance = 1e-6))
  expect_true(stopped$converged)
  expect_lt(stopped$iter, 1e5)
})

test_that("momentum and Nesterov's look-ahead follow their formulas", {
  x <- cbind(1, mtcars$wt - 3)
  score <- function(b) drop(crossprod(x, mtcars$am - plogis(drop(x %*% b))))
  heavy <- nesterov <- v <- u <- c(0, 0)
  for (step in 1:9) {
    v <- 0.5 * v + 0.02 * score(heavy)
    heavy <- heavy + v
    u <- 0.5 * u + 0.02 * score(nesterov + 0.5 * u)
    nesterov <- nesterov + u
  }
  by <- function(...) unname(coef(glmpp(am ~ I(wt - 3), binomial, mtcars, solver = gradient_descent(0.02, 9, momentum = 0.5, ...))))
  expect_equal(by(), heavy, tolerance = 1e-14)
  expect_equal(by(nesterov = TRUE), nesterov, tolerance = 1e-14)
})

test_that("steps that overflow end in a warning that names the learning rate", {
  expect_warning(fit <- glmpp(carb ~ wt, poisson, mtcars, solver = gradient_descent(0.1, 1000)), "learning_rate",
                 class = "glmpp_warning_convergence")
  expect_true(all(is.finite(coef(fit))))
})

test_that("stochastic schedules follow their formulas", {
  x <- cbind(1, mtcars$wt - 3)
  run <- function(rate_of, batch = 1) {
    b <- c(0, 0)
    t <- 0
    for (rows in split(1:32, (0:31) %/% batch)) {
      score <- drop(crossprod(x[rows, , drop = FALSE], mtcars$am[rows] - plogis(drop(x[rows, , drop = FALSE] %*% b))))
      b <- b + rate_of(t, score)
      t <- t + 1
    }
    b
  }
  fit <- function(...) unname(coef(glmpp(am ~ I(wt - 3), binomial, mtcars, solver = sgd(0.1, epochs = 1, ...))))
  expect_equal(fit(), run(function(t, g) 0.1 * g), tolerance = 1e-13)
  expect_equal(fit(batch_size = 5), run(function(t, g) 0.1 * g, 5), tolerance = 1e-13)
  expect_equal(fit(batch_size = 4, gradient = "mean"), run(function(t, g) 0.025 * g, 4), tolerance = 1e-13)
  expect_equal(fit(schedule = "inverse", decay = 0.5), run(function(t, g) 0.1 / (1 + 0.5 * t) * g), tolerance = 1e-13)
  squares <- c(0, 0)
  expect_equal(fit(schedule = "adagrad"), run(function(t, g) {
    squares <<- squares + g^2
    0.1 * g / (sqrt(squares) + 1e-8)
  }), tolerance = 1e-13)
  m <- v <- c(0, 0)
  expect_equal(fit(schedule = "adam"), run(function(t, g) {
    m <<- 0.9 * m + 0.1 * g
    v <<- 0.999 * v + 0.001 * g^2
    0.1 * (m / (1 - 0.9^(t + 1))) / (sqrt(v / (1 - 0.999^(t + 1))) + 1e-8)
  }), tolerance = 1e-13)
})

test_that("an implicit update solves its equation", {
  fit <- glmpp(am ~ wt, binomial, mtcars, solver = sgd(50, epochs = 1, implicit = TRUE))
  expect_true(all(is.finite(coef(fit))))
  three <- mtcars[1:3, ]
  few <- glmpp(am ~ wt, quasibinomial, three, solver = sgd(0.01, epochs = 1, implicit = TRUE))
  b <- c(0, 0)
  for (k in 1:3) {
    x <- c(1, three$wt[k])
    b <- b + 0.01 * uniroot(function(s) 1 - plogis(sum(x * b) + 0.01 * s * sum(x^2)) - s, c(0, 1), tol = 1e-12)$root * x
  }
  expect_equal(unname(coef(few)), b, tolerance = 1e-3)
})

test_that("sgd() shuffles by its own seed and leaves R's generator alone", {
  set.seed(3)
  before <- .Random.seed
  a <- glmpp(am ~ wt, binomial, mtcars, solver = sgd(seed = 1))
  b <- glmpp(am ~ wt, binomial, mtcars, solver = sgd(seed = 2))
  again <- glmpp(am ~ wt, binomial, mtcars, solver = sgd(seed = 1))
  expect_identical(.Random.seed, before)
  expect_identical(coef(a), coef(again))
  expect_false(identical(coef(a), coef(b)))
})

test_that("sgd() with its defaults is within 1 % of the optimum after 3 epochs", {
  data <- with_local_seed(4, {
    x <- matrix(rnorm(20 * 2e4), ncol = 20)
    data.frame(x, y = rbinom(2e4, 1, plogis(drop(x %*% rnorm(20, sd = 0.25)) - 0.5)))
  })
  optimum <- glmpp(y ~ ., binomial, data)
  expect_lt(glmpp(y ~ ., binomial, data, solver = sgd())$deviance, 1.01 * optimum$deviance)
  plain <- sgd(averaging = TRUE, implicit = FALSE)
  expect_lt(glmpp(y ~ ., binomial, data, solver = plain)$deviance, 1.01 * optimum$deviance)
})

test_that("solvers refuse what they can't serve, with the reason and the alternatives", {
  own <- binomial()
  own$variance <- function(mu) mu * (1 - mu) + 0
  expect_error(glmpp(am ~ wt, own, mtcars, solver = newton()), "irls\\(\\)", class = "glmpp_error_solver")
  expect_error(glmpp(am ~ wt, own, mtcars, solver = sgd()), "all rows at once", class = "glmpp_error_solver")
  expect_error(sgd(schedule = "adam"), "learning_rate", class = "glmpp_error_argument")
  expect_error(sgd(0.1, implicit = TRUE, batch_size = 2), "batch_size", class = "glmpp_error_argument")
  expect_error(gradient_descent(-1), "learning_rate", class = "glmpp_error_argument")
  expect_error(gradient_descent(nesterov = TRUE), "momentum", class = "glmpp_error_argument")
  expect_error(gradient_descent(0.1, line_search = TRUE), "line_search", class = "glmpp_error_argument")
  expect_error(glmpp(am ~ wt, binomial, mtcars, solver = "newtn"), "newton", class = "glmpp_error_argument")
})

test_that("sgd() gives the same bits for any number of threads", {
  solver_properties[["any number of threads gives the same bits"]](sgd)
})

test_that("a trace is kept where it is asked for, and printed where that is", {
  epochs <- glmpp(am ~ wt, binomial, mtcars, solver = sgd(epochs = 4), trace = TRUE)
  expect_equal(epochs$trace$iteration, 0:4)
  expect_null(glmpp(am ~ wt, binomial, mtcars)$trace)
  expect_output(glmpp(am ~ wt, binomial, mtcars, trace = "print"), "Deviance = .* Iterations - 1")
  expect_silent(glmpp(am ~ wt, binomial, mtcars, trace = TRUE))
  expect_output(glm(am ~ wt, binomial, mtcars, method = glmpp_fit, trace = TRUE), "Iterations - 1")
})

test_that("a long descent shows how far it is where somebody is looking", {
  slow <- with_local_seed(1, data.frame(x = rnorm(2e4), y = rbinom(2e4, 1, 0.5)))
  descend <- function() {
    with_replaced("progress_patience", function() 0, glmpp(y ~ x, binomial, slow, solver = gradient_descent(1e-8, 5000)))
  }
  old <- options(glmpp.progress = TRUE)
  on.exit(options(old))
  expect_output(shown <- descend(), "Iterations of gradient_descent().*%")
  options(glmpp.progress = FALSE)
  expect_silent(silent <- descend())
  expect_identical(coef(shown), coef(silent))
})
