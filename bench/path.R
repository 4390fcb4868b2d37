# Paths of penalised fits beside glmnet: Rscript bench/path.R [SHARE]
#
# 50 lambdas, those that glmnet makes; SHARE of the rows (1). Prints seconds of the clock, the least of three fits each in turn. The optimality
# conditions of glmnet's fits at its default are violated by about 1e-4 of the largest slope, ours by 1e-7: `as loose` has ours at
# `tolerance = 1e-4` on two threads beside its default, `as tight` glmnet at thresh = 1e-14 beside ours. Then ten-fold cross-validation, in paths.
# Where adelie is installed, its default on two threads beside ours.

suppressPackageStartupMessages({
  library(glmpp)
  library(glmnet)
})
share <- as.numeric(c(commandArgs(TRUE), 1)[1])
set.seed(1)
seconds <- function(expr) system.time(expr)[["elapsed"]]

# The least of some rounds of each of these functions, one after the other.
least <- function(fits, rounds = 3) {
  apply(matrix(vapply(rep(fits, rounds), function(fit) seconds(fit()), 0), length(fits)), 1, min)
}

report <- function(what, found, making = 0) {
  cat(sprintf("%-42s glmnet %6.2f s (matrix %5.2f), ours %6.2f, 2 threads %6.2f: ratios %5.2f, %5.2f, with the matrix %5.2f; as loose %5.2f, as tight %5.2f\n",
              what, found[1], making, found[3], found[4], found[1] / found[3], found[1] / found[4], (found[1] + making) / found[4],
              found[1] / found[5], found[2] / found[4]))
}

# adelie's default on two threads, for the lambdas of a path.
beside_adelie <- function(x, y, family, lambda, seconds_of_ours) {
  if (!requireNamespace("adelie", quietly = TRUE)) return(invisible())
  if (inherits(x, "sparseMatrix")) x <- adelie::matrix.sparse(x, method = "naive", n_threads = 2)
  glm <- get(paste0("glm.", family), asNamespace("adelie"))(y = as.double(y))
  fit <- function() adelie::grpnet(x, glm, lambda = lambda, n_threads = 2, early_exit = FALSE, progress_bar = FALSE)
  found <- least(list(fit), 2)
  cat(sprintf("%-42s adelie %6.2f s on 2 threads, ours %6.2f: ratio %5.2f\n", "", found, seconds_of_ours, found / seconds_of_ours))
}

# With the lambdas of its path; `ours`: a function of threads and tolerance.
beside <- function(x, y, family, lambda, ours, rounds = 3) {
  least(list(function() glmnet(x, y, family, lambda = lambda), function() glmnet(x, y, family, lambda = lambda, thresh = 1e-14, maxit = 1e6),
             function() ours(1, 1e-7), function() ours(2, 1e-7), function() ours(2, 1e-4)), rounds)
}

of_matrix <- function(what, x, y, family, ..., rounds = 3) {
  lambda <- glmnet(x, y, family, nlambda = 50, ...)$lambda
  ours <- function(threads, tolerance) glmpp_path(x, family, y = y, lambda = lambda, threads = threads, tolerance = tolerance)
  found <- beside(x, y, family, lambda, ours, rounds)
  report(paste(what, family), found)
  beside_adelie(x, y, family, lambda, found[4])
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
lambda <- glmnet(sparse, d$y, "binomial", nlambda = 50)$lambda
by_columns <- function(threads, tolerance) {
  glmpp_path(y ~ ., binomial, d, lasso(groups = "columns"), lambda = lambda, threads = threads, tolerance = tolerance)
}
by_terms <- function(threads, tolerance = 1e-7) glmpp_path(y ~ ., binomial, d, nlambda = 50, threads = threads, tolerance = tolerance)
found <- beside(sparse, d$y, "binomial", lambda, by_columns)
report("factors of 10, 50, 200, columns, binomial", found, making)
beside_adelie(sparse, d$y, "binomial", lambda, found[4])
found[3:5] <- least(list(function() by_terms(1), function() by_terms(2), function() by_terms(2, 1e-4)))
report("the same, factors as groups", found, making)
lambda <- by_terms(1)$lambda
for (threads in 1:2) {
  cv <- seconds(glmpp_cv(y ~ ., binomial, d, lambda = lambda, folds = 10, seed = 1, threads = threads))
  cat(sprintf("ten-fold cross-validation on %d threads: %.1f paths on one thread, %.1f on two\n", threads, cv / found[3], cv / found[4]))
}

x <- matrix(rnorm(2000 * 2000), 2000)
eta <- as.vector(x[, 1:20] %*% rnorm(20, 0, 0.5))
of_matrix("n = 2000, p = 2000", x, eta + rnorm(2000), "gaussian", lambda.min.ratio = 0.05)
of_matrix("n = 2000, p = 2000", x, rbinom(2000, 1, plogis(eta)), "binomial", lambda.min.ratio = 0.05)
x <- matrix(rnorm(500 * 20000), 500)
of_matrix("n = 500, p = 20000", x, rbinom(500, 1, plogis(x[, 1] - x[, 2])), "binomial", lambda.min.ratio = 0.1)
x <- Matrix::rsparsematrix(n, 1e4, 0.01)
of_matrix("sparse, p = 1e4", x, rbinom(n, 1, plogis(as.vector(x[, 1:50] %*% rnorm(50, 0, 2)))), "binomial", rounds = 1)
