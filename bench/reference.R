# The converged glm: Fisher scoring from a fit's coefficients until the step is rounding, on the dense
# design or, where glm() can't have that, on the sparse one. Independent of the package.

converged_fit <- function(workload, start) {
  if (has_classes(workload)) return(converged_classes(workload, start))
  if (!has_numeric(workload)) workload <- group_rows(workload)
  x <- design_matrix(workload, sparse = has_factors(workload))
  weights <- weights_or_ones(workload)
  offset <- offset_or_zeros(workload)
  beta <- as.vector(start)
  for (iteration in 1:10) {
    state <- row_quantities(workload$family, as.vector(x %*% beta) + offset, workload$y, weights)
    information <- Matrix::crossprod(x * sqrt(state$working_weights))
    factor <- Matrix::Cholesky(Matrix::forceSymmetric(methods::as(information, "CsparseMatrix")), LDL = FALSE)
    step <- as.vector(Matrix::solve(factor, as.vector(Matrix::crossprod(x, state$score))))
    beta <- beta + step
    if (max(abs(step) * sqrt(Matrix::diag(information))) < 1e-10) break
  }
  unscaled <- inverse_diagonal(factor)
  list(coefficients = stats::setNames(beta, colnames(x)),
       standard_errors = sqrt(unscaled * dispersion(workload$family, state, length(beta))))
}

# The same for the classes of a multinomial model, of which the first has no coefficients.
converged_classes <- function(workload, start) {
  x <- design_matrix(workload)
  seen <- stats::model.matrix(~ workload$y - 1)[, -1]
  classes <- seq_len(ncol(seen))
  beta <- matrix(start, ncol(seen), byrow = TRUE)
  for (iteration in 1:10) {
    odds <- exp(x %*% t(beta))
    p <- odds / (1 + rowSums(odds))
    information <- do.call(rbind, lapply(classes, function(a) {
      do.call(cbind, lapply(classes, function(b) crossprod(x, x * (p[, a] * ((a == b) - p[, b])))))
    }))
    step <- solve(information, as.vector(crossprod(x, seen - p)))
    beta <- beta + matrix(step, ncol(seen), byrow = TRUE)
    if (max(abs(step) * sqrt(diag(information))) < 1e-10) break
  }
  dimnames(beta) <- list(levels(workload$y)[-1], colnames(x))
  list(coefficients = class_coefficients(beta), standard_errors = sqrt(diag(solve(information))))
}

# diag(A^-1) is the sum of squares of each column of L^-1 P.
inverse_diagonal <- function(factor) {
  permuted <- Matrix::solve(factor, Matrix::Diagonal(nrow(factor)), system = "P")
  Matrix::colSums(Matrix::solve(factor, permuted, system = "L")^2)
}

has_numeric <- function(workload) {
  !has_formula(workload) || !all(vapply(workload$data[-1], is.factor, NA))
}

# Rows with the same levels count as one with their number as its weight.
group_rows <- function(workload) {
  factors <- workload$data[-1]
  sizes <- vapply(factors, nlevels, 0L)
  strides <- cumprod(c(1, sizes))[seq_along(sizes)]
  cell <- 1 + Reduce(`+`, Map(function(f, stride) (as.integer(f) - 1) * stride, factors, strides))
  first <- which(!duplicated(cell))
  counts <- tabulate(cell, prod(sizes))[cell[first]]
  sums <- tabulate(cell[workload$y == 1], prod(sizes))[cell[first]]
  workload$data <- cbind(workload$data[first, ], count = counts)
  workload$y <- sums / counts
  workload$weights <- "count"
  workload$rows <- length(first)
  workload$matrices <- new.env()
  workload
}

row_quantities <- function(family, eta, y, weights) {
  mu <- family$linkinv(eta)
  derivative <- family$mu.eta(eta)
  variance <- family$variance(mu)
  list(working_weights = weights * derivative^2 / variance, score = weights * (y - mu) * derivative / variance,
       pearson = sum(weights * (y - mu)^2 / variance))
}

dispersion <- function(family, state, coefficients) {
  if (family$family %in% c("binomial", "poisson")) return(1)
  state$pearson / (length(state$score) - coefficients)
}

# Largest difference from a reference, relative to the larger of coefficient and standard error.
coefficient_difference <- function(estimates, reference) {
  beta <- match_coefficients(estimates$coefficients, reference)
  scale <- pmax(abs(reference$coefficients), reference$standard_errors)
  largest(abs(beta - reference$coefficients) / scale)
}

standard_error_difference <- function(estimates, reference) {
  if (is.null(estimates$standard_errors)) return(NA_real_)
  errors <- match_coefficients(stats::setNames(estimates$standard_errors, names(estimates$coefficients)), reference)
  largest(abs(errors / reference$standard_errors - 1))
}

# By name where names are there, NA for coefficients that were absorbed; else by position.
match_coefficients <- function(values, reference) {
  known <- names(reference$coefficients)
  shared <- intersect(names(values), known)
  if (length(shared) > 0) return(values[match(known, names(values))])
  if (length(values) == length(known)) return(as.vector(values))
  rep(NA_real_, length(known))
}

largest <- function(values) if (all(is.na(values))) NA_real_ else max(values, na.rm = TRUE)
