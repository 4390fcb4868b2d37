# Mean bias reduction of multinomial logits: with canonical links it is the maximum of the likelihood times Jeffreys' prior, whose score has
# a part for each row and class, from the third cumulants of the classes and the covariances of the row's linear predictors.
# Firth (1993); Kosmidis and Firth (2011).

# What a power of the determinant of the information adds to the score, in the core's order. `root` and `kept`: of the information.
category_bias <- function(problem, at, root, kept, power) {
  response <- problem$response
  design <- problem$design
  classes <- length(response$classes)
  free <- setdiff(seq_len(classes), response$baseline)
  columns <- design$coefficients
  covariance <- matrix(0, length(at), length(at))
  covariance[kept, kept] <- chol2inv(root)
  block <- function(k) (k - 1) * columns + seq_len(columns)
  estimates <- list(coefficients = matrix(at, length(free), byrow = TRUE))
  predictors <- category_predictors(estimates, design, response$offset, response$baseline, problem$settings$threads)
  probabilities <- category_probabilities(predictors, NULL, problem$family)[, free, drop = FALSE]
  totals <- full_weights(response) * if (is.null(response$counts)) 1 else rowSums(response$counts)
  bias <- numeric(length(at))
  for (first in seq(1, design$rows, by = 4096)) {
    rows <- seq(first, min(first + 4095, design$rows))
    x <- design_rows_impl(design, rows)
    p <- probabilities[rows, , drop = FALSE]
    spread <- array(0, c(length(rows), length(free), length(free)))
    for (s in seq_along(free)) for (t in seq_len(s)) {
      spread[, s, t] <- spread[, t, s] <- rowSums((x %*% covariance[block(s), block(t)]) * x)
    }
    added <- power * totals[rows] * third_cumulants(p, spread)
    for (s in seq_along(free)) bias[block(s)] <- bias[block(s)] + drop(crossprod(x, added[, s]))
  }
  bias
}

# The sums over t and u of Q_tu k_stu, k the third cumulants of one draw among classes with probabilities p, Q symmetric.
third_cumulants <- function(p, q) {
  own <- vapply(seq_len(ncol(p)), function(s) q[, s, s], numeric(nrow(p)))
  dim(own) <- dim(p)
  along <- vapply(seq_len(ncol(p)), function(s) rowSums(matrix(q[, s, ], nrow(p)) * p), numeric(nrow(p)))
  dim(along) <- dim(p)
  p * (own - rowSums(p * own) - 2 * along + 2 * rowSums(p * along))
}
