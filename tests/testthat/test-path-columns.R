# Paths of many columns: descents along them, and what is not asked of columns that can't have come in.

# The largest violation of the optimality conditions at each lambda, from the definition, for canonical links; over the null model's
# largest gradient.
violations <- function(path, x, y, family, w = rep(1, length(y)), offset = 0, alpha = 1, lower = -Inf) {
  w <- w / sum(w)
  mean <- colSums(w * x)
  sd <- sqrt(colSums(w * sweep(x, 2, mean)^2))
  vapply(seq_along(path$lambda), function(k) {
    beta <- path$coefficients[, k]
    residual <- w * (y - family$linkinv(as.vector(beta[1] + x %*% beta[-1]) + offset))
    theta <- beta[-1] * sd
    slope <- as.vector(crossprod(sweep(x, 2, sd, "/"), residual)) - path$lambda[k] * (1 - alpha) * theta
    norm <- path$lambda[k] * alpha
    up <- pmax(slope - norm, 0)
    down <- ifelse(theta <= lower, 0, pmax(-slope - norm, 0))
    max(ifelse(theta == 0, pmax(up, down), abs(slope - sign(theta) * norm)), abs(sum(residual)))
  }, 0) / (path$lambda_max * alpha)
}

many_columns <- function(name, n = 160, p = 450) {
  x <- matrix(rnorm(n * p), n, dimnames = list(NULL, paste0("v", seq_len(p))))
  x[, 2] <- x[, 1] + 0.3 * rnorm(n)
  x[, 5] <- 50 * x[, 5] + 900
  eta <- as.vector(x[, 1:4] %*% c(1, -0.5, 0.4, 0.8)) / 2
  list(x = x, w = ifelse(seq_len(n) %% 7 == 0, 0, runif(n, 0.3, 2)), offset = rnorm(n, 0, 0.2),
       y = switch(name, gaussian = eta + rnorm(n), quasibinomial = rbinom(n, 1, plogis(eta)), poisson = rpois(n, exp(eta))))
}

test_that("conditions of optimality hold, and threads change no bit", {
  set.seed(31)
  for (name in c("gaussian", "quasibinomial", "poisson")) {
    family <- get(name)()
    d <- many_columns(name)
    for (case in list(list(alpha = 1, lower = -Inf), list(alpha = 0.3, lower = 0))) {
      penalty <- elastic_net(alpha = case$alpha, lower = case$lower)
      follow <- function(threads) {
        glmpp_path(d$x, family, y = d$y, weights = d$w, offset = d$offset, penalty = penalty, nlambda = 30, lambda_ratio = 0.03,
                   threads = threads)
      }
      path <- follow(1)
      expect_true(all(path$converged))
      expect_gt(max(path$df), 40)
      expect_lt(max(violations(path, d$x, d$y, family, d$w, d$offset, case$alpha, case$lower)), 3e-7)
      expect_identical(follow(2)$coefficients, path$coefficients)
    }
  }
})

test_that("columns that are stored otherwise give what a matrix gives", {
  skip_if_not_installed("Matrix")
  set.seed(32)
  n <- 400
  d <- data.frame(f = factor(sample(130, n, TRUE)), k = rpois(n, 3), l = runif(n) > 0.6, z = rnorm(n))
  d$x <- matrix(rnorm(n * 120), n)
  d$y <- rbinom(n, 1, plogis(d$z - 0.5 * d$l + d$x[, 1] - d$x[, 2]))
  formula <- y ~ f + k + l + z:k + x
  whole <- model.matrix(formula, d)[, -1]
  path <- glmpp_path(formula, binomial, d, lasso(groups = "columns"), nlambda = 25, lambda_ratio = 0.05)
  as_matrix <- glmpp_path(whole, binomial, y = d$y, lambda = path$lambda)
  as_sparse <- glmpp_path(Matrix::Matrix(whole, sparse = TRUE), binomial, y = d$y, lambda = path$lambda)
  expect_gt(max(path$df), 120)
  expect_lt(max(violations(path, whole, d$y, binomial())), 3e-7)
  expect_equal(path$coefficients, as_matrix$coefficients, tolerance = 1e-5, ignore_attr = TRUE)
  expect_equal(as_sparse$coefficients, as_matrix$coefficients, tolerance = 1e-5)
  expect_equal(path$log_likelihood, vapply(seq_along(path$lambda), function(k) {
    sum(dbinom(d$y, 1, plogis(path$coefficients[1, k] + whole %*% path$coefficients[-1, k]), log = TRUE))
  }, 0))
})

test_that("columns that are nearly one another are left to the information, and converge", {
  set.seed(33)
  n <- 150
  common <- rnorm(n)
  x <- 0.999 * common + 0.02 * matrix(rnorm(n * 220), n)
  y <- rbinom(n, 1, plogis(40 * (x[, 1] - x[, 2]) + common))
  path <- glmpp_path(x, binomial, y = y, lambda = c(0.05, 0.01, 0.003))
  expect_true(all(path$converged))
  expect_lt(max(violations(path, x, y, binomial())), 3e-7)
})

test_that("folds of many columns are those of rows without weight", {
  set.seed(34)
  d <- many_columns("quasibinomial", 140, 260)
  rows <- data.frame(y = d$y)
  rows$x <- d$x / 10
  fold <- rep(1:4, 35)
  penalty <- lasso(standardize = FALSE)
  lambda <- 0.02 * 0.9^(0:15)
  cv <- glmpp_cv(y ~ x, binomial, rows, penalty, lambda = lambda, folds = fold, threads = 2)
  expect_identical(glmpp_cv(y ~ x, binomial, rows, penalty, lambda = lambda, folds = fold, threads = 1)$by_fold, cv$by_fold)
  for (k in 1:4) {
    path <- glmpp_path(y ~ x, binomial, rows, penalty, lambda = lambda, weights = as.numeric(fold != k))
    mean <- predict(path, rows[fold == k, ], type = "response")
    deviance <- apply(mean, 2, function(mu) mean(binomial()$dev.resids(d$y[fold == k], mu, 1)))
    expect_equal(cv$by_fold[, k], deviance, tolerance = 1e-5, ignore_attr = TRUE)
  }
})

test_that("likelihoods of counts of trials are those of the density", {
  set.seed(35)
  d <- data.frame(n = rpois(60, 5) + 1, a = rnorm(60), b = rnorm(60), c = rnorm(60))
  d$y <- rbinom(60, d$n, plogis(d$a))
  path <- glmpp_path(cbind(y, n - y) ~ a + b + c, binomial, d, nlambda = 12)
  mean <- predict(path, type = "response")
  expect_equal(path$log_likelihood, vapply(seq_along(path$lambda), function(k) sum(dbinom(d$y, d$n, mean[, k], log = TRUE)), 0))
})

test_that("relaxed paths are the unpenalised fits of what is not zero", {
  skip_if_not_installed("glmnet")
  set.seed(36)
  n <- 300
  x <- matrix(rnorm(n * 40), n, dimnames = list(NULL, paste0("v", 1:40)))
  y <- rpois(n, exp(x[, 1] / 2 - x[, 2] / 3))
  theirs <- glmnet::glmnet(x, y, "poisson", relax = TRUE, nlambda = 20, thresh = 1e-14, lambda.min.ratio = 0.02)
  path <- glmpp_path(x, poisson, y = y, lambda = theirs$lambda, relax = TRUE)
  # Theirs are fits with a little of the penalty left.
  for (gamma in c(0, 0.5)) {
    expect_equal(coef(path, gamma = gamma), as.matrix(coef(theirs, s = theirs$lambda, gamma = gamma)), tolerance = 1e-4, ignore_attr = TRUE)
  }
  k <- 8
  kept <- path$coefficients[-1, k] != 0
  expect_equal(unname(coef(path, path$lambda[k], gamma = 0)[c(TRUE, kept), ]), unname(coef(glm(y ~ x[, kept], poisson))), tolerance = 1e-7)
  expect_equal(path$relaxed$deviance[k], deviance(glm(y ~ x[, kept], poisson)))
  expect_equal(predict(path, x, gamma = 0.5), (predict(path, x) + predict(path, x, gamma = 0)) / 2)
  expect_error(coef(glmpp_path(mpg ~ wt, gaussian, mtcars), gamma = 0.5), class = "glmpp_error_argument")
  expect_error(glmpp_path(Species ~ ., multinomial(), iris, relax = TRUE), class = "glmpp_error_family")
})

test_that("relaxed paths of factors, of pieces and without enough rows", {
  set.seed(37)
  d <- data.frame(f = factor(sample(5, 200, TRUE)), z = rnorm(200), u = rnorm(200))
  d$y <- rbinom(200, 1, plogis(d$z + 0.3 * as.integer(d$f) - 1))
  path <- glmpp_path(y ~ f + z + u, binomial, d, nlambda = 15, relax = TRUE)
  at <- 0
  pieces <- list(d[1:80, ], d[81:200, ])
  next_piece <- function(reset = FALSE) {
    at <<- if (reset) 0 else at + 1
    if (!reset && at <= 2) pieces[[at]]
  }
  far <- glmpp_path(y ~ f + z + u, binomial, chunks(next_piece), lambda = path$lambda, relax = TRUE)
  expect_equal(far$relaxed$coefficients, path$relaxed$coefficients, tolerance = 1e-6)
  all_in <- which(colSums(path$coefficients != 0) == nrow(path$coefficients))[1]
  expect_equal(path$relaxed$coefficients[, all_in], coef(glm(y ~ f + z + u, binomial, d)), tolerance = 1e-6)
  d$s <- as.numeric(d$y) + 0.1 * d$z
  expect_warning(glmpp_path(y ~ z + s, binomial, d, nlambda = 10, relax = TRUE), class = "glmpp_warning_separation")
  x <- matrix(rnorm(20 * 60), 20)
  short <- glmpp_path(x, gaussian, y = rnorm(20), relax = TRUE, lambda_ratio = 0.001, nlambda = 30)
  expect_identical(is.na(short$relaxed$deviance), short$df >= 20)
  expect_true(any(is.na(short$relaxed$deviance)))
})

test_that("relaxed cross-validation is that of the mixed fits", {
  set.seed(38)
  d <- data.frame(y = rnorm(80))
  d$x <- matrix(rnorm(80 * 12), 80)
  d$y <- d$y + d$x[, 1]
  fold <- rep(1:5, 16)
  cv <- glmpp_cv(y ~ x, gaussian, d, lasso(standardize = FALSE), nlambda = 15, folds = fold, relax = TRUE)
  expect_identical(cv$relaxed$gamma, c(1, 0.75, 0.5, 0.25, 0))
  by_hand <- vapply(1:5, function(k) {
    path <- glmpp_path(y ~ x, gaussian, d, lasso(standardize = FALSE), lambda = cv$lambda, relax = TRUE, weights = as.numeric(fold != k))
    colMeans((d$y[fold == k] - predict(path, d[fold == k, ], gamma = 0.25))^2)
  }, numeric(length(cv$lambda)))
  expect_equal(cv$relaxed$mean[, 4], rowMeans(by_hand), tolerance = 1e-6, ignore_attr = TRUE)
  squares <- glmpp_cv(y ~ x, gaussian, d, lasso(standardize = FALSE), nlambda = 15, folds = fold, relax = TRUE, measure = "mse")
  expect_equal(squares$relaxed$mean, cv$relaxed$mean, tolerance = 1e-8)
  best <- arrayInd(which.min(cv$relaxed$mean), dim(cv$relaxed$mean))
  expect_identical(c(cv$lambda.min, cv$gamma.min), c(cv$lambda[best[1]], cv$relaxed$gamma[best[2]]))
  expect_identical(coef(cv, "lambda.min"), coef(cv$path, cv$lambda.min, gamma = cv$gamma.min))
  expect_output(print(cv), "gamma")
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  expect_silent(plot(cv))
})
