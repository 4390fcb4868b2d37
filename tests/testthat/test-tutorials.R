figures <- tutorial_figures()
nine <- paste0("x", 1:9)

test_that("the closed form of least squares is retraced", {
  fit <- glmpp(reformulate(nine, "gaussian"), gaussian, article())
  expect_lt(max(abs(coef(fit) - figures$article_ols)), 1e-10)
})

test_that("batch gradient descent for logistic and Poisson regression is retraced", {
  starts <- tutorial_data("article-beta.csv")
  logistic <- glmpp(reformulate(nine, "bernoulli"), binomial, article(), start = starts$start_bernoulli,
                    solver = gradient_descent(learning_rate = 1e-4, iterations = 1e5))
  expect_lt(max(abs(coef(logistic) - figures$article_logistic)), 1e-10)
  poisson <- glmpp(reformulate(nine, "poisson"), poisson, article(), start = starts$start_poisson,
                   solver = gradient_descent(learning_rate = 1e-5, iterations = 1e5))
  expect_lt(max(abs(coef(poisson) - figures$article_poisson)), 1e-10)
})

test_that("one gradient for linear and logistic regression is retraced", {
  linear <- glmpp(y ~ ., gaussian, tutorial_data("linear.csv"), start = rep(1, 4), solver = gradient_descent(1e-3, 1000))
  expect_lt(max(abs(coef(linear) - figures$gradient_linear)), 1e-10)
  logistic <- glmpp(y ~ ., binomial, tutorial_data("logistic.csv"), start = rep(1, 4), solver = gradient_descent(1e-3, 2000))
  expect_lt(max(abs(coef(logistic) - figures$gradient_logistic)), 1e-10)
})

test_that("stochastic gradient descent on ten points is retraced for both losses", {
  ten <- tutorial_data("ten-points.csv")
  squared <- glmpp(y ~ x1 + x2, binomial, ten, solver = sgd(0.1, epochs = 30, loss = "squared_error"))
  expect_lt(max(abs(coef(squared) - figures$sgd_squared_error)), 1e-10)
  likelihood <- glmpp(y ~ x1 + x2, binomial, ten, solver = sgd(0.1, epochs = 30))
  expect_lt(max(abs(coef(likelihood) - figures$sgd_log_likelihood)), 1e-10)
})

test_that("the ridge fit and liblinear's default are retraced", {
  ten <- tutorial_data("ten-points.csv")
  ten$x2[9] <- -0.24206865
  fit <- glmpp(y ~ x1 + x2, binomial, ten, penalty = ridge(1, intercept = TRUE))
  expect_lt(max(abs(coef(fit) - figures$ridge_exact)), 1e-10)
  expect_lt(max(abs(coef(fit) - figures$liblinear_default)), 1e-4)
})

test_that("the Bernoulli likelihood of a prediction is retraced", {
  one <- function(y, p) exp(-nll(y ~ 1, binomial, data.frame(y = y), coefficients = qlogis(p))$value)
  expect_equal(c(one(1, 0.9), one(1, 0.1), one(0, 0.1), one(0, 0.9)), c(0.9, 0.1, 0.9, 0.1), tolerance = 1e-12)
})

test_that("the optima of the descents are the maximum likelihood estimates", {
  for (response in c("bernoulli", "poisson")) {
    family <- list(bernoulli = binomial, poisson = poisson)[[response]]
    formula <- reformulate(nine, response)
    reference <- glm(formula, family, article(), epsilon = 1e-14, maxit = 100)
    for (name in c("irls", "newton", "lbfgs", "gradient_descent", "coordinate_descent")) {
      expect_lt(max(abs(coef(glmpp(formula, family, article(), solver = name)) - coef(reference))), 1e-8, label = name)
    }
  }
})
