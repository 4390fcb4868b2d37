# Paths of penalised fits beside glmnet: Rscript bench/path.R [SHARE]
#
# 50 lambdas, those that glmnet makes; SHARE of the rows (1). Prints seconds of the clock, one fit each in turn, the ratios, the objective's largest
# excess over glmnet's, and what ten-fold cross-validation takes in paths.

suppressPackageStartupMessages({
  library(glmpp)
  library(glmnet)
})
share <- as.numeric(c(commandArgs(TRUE), 1)[1])
set.seed(1)
seconds <- function(expr) system.time(expr)[["elapsed"]]

report <- function(what, theirs, ours, making = 0) {
  cat(sprintf("%-42s glmnet %6.2f s (matrix made: %5.2f)  ours, 1 thread %6.2f, 2 threads %6.2f  ratios %5.2f, %5.2f, with the matrix %5.2f\n", what, theirs, making,
              ours[1], ours[2], theirs / ours[1], theirs / ours[2], (theirs + making) / ours[2]))
}

of_matrix <- function(what, x, y, family, ...) {
  theirs <- seconds(path <- glmnet(x, y, family, nlambda = 50, ...))
  ours <- vapply(1:2, function(threads) seconds(glmpp_path(x, family, y = y, lambda = path$lambda, threads = threads)), 0)
  report(paste(what, family), theirs, ours)
}

n <- round(1e5 * share)
x <- matrix(rnorm(n * 50), n)
eta <- as.vector(x[, 1:10] %*% rnorm(10, 0, 0.3))
of_matrix("n = 1e5, p = 50", x, eta + rnorm(n), "gaussian")
of_matrix("n = 1e5, p = 50", x, rbinom(n, 1, plogis(eta - 1)), "binomial")
of_matrix("n = 1e5, p = 50", x, rpois(n, exp(eta / 2)), "poisson")

d <- data.frame(matrix(rnorm(n * 20), n), a = factor(sample(10, n, TRUE)), b = factor(sample(50, n, TRUE)), c = factor(sample(200, n, TRUE)))
d$y <- rbinom(n, 1, plogis(0.3 * d$X1 - 0.2 * d$X2 + 0.1 * as.integer(d$a) - 1 + rnorm(200, 0, 0.3)[d$c]))
making <- seconds(sparse <- Matrix::sparse.model.matrix(y ~ ., d)[, -1])
theirs <- seconds(path <- glmnet(sparse, d$y, "binomial", nlambda = 50))
ours <- vapply(1:2, function(threads) seconds(one <- glmpp_path(y ~ ., binomial, d, lasso(groups = "columns"), lambda = path$lambda, threads = threads)), 0)
report("factors of 10, 50, 200, columns, binomial", theirs, ours, making)
ours <- vapply(1:2, function(threads) seconds(one <<- glmpp_path(y ~ ., binomial, d, nlambda = 50, threads = threads)), 0)
report("the same, factors as groups", theirs, ours, making)
cv <- seconds(glmpp_cv(y ~ ., binomial, d, lambda = one$lambda, folds = 10, seed = 1))
cat(sprintf("ten-fold cross-validation: %.1f paths on one thread, %.1f on two\n", cv / ours[1], cv / ours[2]))

x <- matrix(rnorm(2000 * 2000), 2000)
eta <- as.vector(x[, 1:20] %*% rnorm(20, 0, 0.5))
of_matrix("n = 2000, p = 2000", x, eta + rnorm(2000), "gaussian", lambda.min.ratio = 0.05)
of_matrix("n = 2000, p = 2000", x, rbinom(2000, 1, plogis(eta)), "binomial", lambda.min.ratio = 0.05)
x <- matrix(rnorm(500 * 20000), 500)
of_matrix("n = 500, p = 20000", x, rbinom(500, 1, plogis(x[, 1] - x[, 2])), "binomial", lambda.min.ratio = 0.1)
x <- Matrix::rsparsematrix(n, 1e4, 0.01)
of_matrix("sparse, p = 1e4", x, rbinom(n, 1, plogis(as.vector(x[, 1:50] %*% rnorm(50, 0, 2)))), "binomial")
