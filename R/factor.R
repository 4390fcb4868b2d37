# The factor of the information of a fit, and all that is asked of it. It is the p x p root as a `qr`, or, where the largest factor of the
# model was eliminated, parts of a size that grows with the number of levels: class "glmpp_factor", src/convert_bordered.cpp.

new_factor <- function(solution, columns, settings) {
  bare <- bare_qr(solution, settings)
  if (is.null(solution$bordered)) return(compact_qr(solution$root, bare$pivot, columns, settings))
  structure(c(bare, solution$bordered), class = "glmpp_factor")
}

# All of a decomposition but its numbers.
bare_qr <- function(solution, settings) {
  list(rank = length(solution$estimable), pivot = as.integer(c(solution$estimable, solution$aliased)), tol = settings$rank_tolerance)
}

is_bordered <- function(factor) inherits(factor, "glmpp_factor")

has_bordered <- function(object) is_bordered(.subset2(object, "qr"))

# The p x p root as a `qr` for what reads its elements.
dense_qr <- function(factor, columns) {
  if (!is_bordered(factor)) return(factor)
  p <- length(factor$pivot)
  check_memory(4 * 8 * as.double(p)^2, sprintf("the factor of the information of %s", plural(p, "coefficient")), i = large_fit_advice)
  estimable <- seq_len(factor$rank)
  root <- bordered_root_impl(factor, factor$pivot[estimable], 1L)
  if (factor$rank < p) root <- cbind(root, root %*% combination_matrix(factor))
  compact_qr(root, factor$pivot, columns, list(rank_tolerance = factor$tol))
}

large_fit_advice <- "Ask for some coefficients: `vcov(fit, which = )`; `summary(fit)` has all standard errors."

# The aliased columns as combinations of the estimable ones: rank x aliased.
combination_matrix <- function(factor) {
  combinations <- matrix(0, factor$rank, length(factor$combinations))
  place <- match(seq_along(factor$pivot), factor$pivot[seq_len(factor$rank)])
  for (k in seq_along(factor$combinations)) {
    part <- factor$combinations[[k]]
    combinations[place[part$column], k] <- part$value
  }
  combinations
}

fit_qr <- function(object) {
  dense_qr(.subset2(object, "qr"), names(.subset2(object, "coefficients")))
}

# What of `factor` a solution of the core has, in either form.
solution_inverse_times <- function(solution, values) {
  if (!is.null(solution$bordered)) return(bordered_solve_impl(solution$bordered, as.matrix(values)))
  root <- solution$root[, seq_along(solution$estimable), drop = FALSE]
  solved <- matrix(0, NROW(values), NCOL(values))
  if (is_singular(root)) return(replace(solved, , NaN))
  right <- as.matrix(values)[solution$estimable, , drop = FALSE]
  solved[solution$estimable, ] <- backsolve(root, backsolve(root, right, transpose = TRUE))
  solved
}

# (X'WX)^-1 between some coefficients (positions, none of them aliased).
inverse_between <- function(object, which) {
  factor <- .subset2(object, "qr")
  if (is_bordered(factor) && !has_joint_errors(object)) return(bordered_inverse_impl(factor, as.integer(which)))
  known <- which(!is.na(.subset2(object, "coefficients")))
  unname(unscaled_covariance(object)[match(which, known), match(which, known), drop = FALSE])
}

# The diagonal of (X'WX)^-1 over the coefficients that are not aliased.
unscaled_variances <- function(object) {
  if (!has_bordered(object)) return(diag(unscaled_covariance(object)))
  known <- !is.na(.subset2(object, "coefficients"))
  variances <- bordered_diagonal_impl(.subset2(object, "qr"), .subset2(object, "solver")$threads)
  named(variances[known], names(known)[known])
}

# x_i' (X'WX)^-1 x_i of the rows of a design.
forms_of_rows <- function(object, design) {
  factor <- errors_qr(object)
  threads <- .subset2(object, "solver")$threads
  if (is_bordered(factor)) return(bordered_forms_impl(design, factor, threads))
  estimable <- seq_len(factor$rank)
  quadratic_forms_impl(design, factor$qr[estimable, estimable, drop = FALSE], factor$pivot[estimable], threads)
}

# Of so many coefficients a matrix of all is made; of more where the factor of the model was eliminated only for who asks.
most_for_matrix <- 1000

has_covariance_matrix <- function(object) !has_bordered(object) || length(.subset2(object, "coefficients")) <= most_for_matrix
