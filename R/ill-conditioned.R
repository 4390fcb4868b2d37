# Least squares whose columns repeat each other to all digits but a few: powers of one variable, say. The steps of the core
# multiply by the square of the condition; an orthogonal decomposition of the rows multiplies by the condition only. Which columns
# to leave out is a guess of rounding, so several are tried, glm()'s among them, and the least deviance wins.

# A difference of deviances that is none of rounding, and a condition that leaves a coefficient three digits.
noticeable <- 1e-9
# Up to it information matrices have half of their digits.
sure_condition <- 1e4
hopeless_condition <- 1e13

solve_ill_conditioned <- function(solution, problem, start) {
  if (!is.null(solution$bordered)) return(solve_beside_dense(solution, problem, start))
  design <- problem$design
  response <- problem$response
  settings <- problem$settings
  # Below it the core's steps were seen to reach the minimum.
  most_condition <- 1e10
  # Infinite: the size of a column overflows in a square.
  is_ill <- isTRUE(is.finite(solution$condition) && solution$condition > most_condition)
  if (!is_ill || !is_auto_fit(settings)) return(solution)
  is_quadratic <- identical(response$core_family$variance, "constant") && identical(problem$family$link, "identity")
  if (!is_quadratic) return(leave_out_more(solution, problem, start))
  most_numbers <- 5e7
  if (as.double(design$rows) * design$coefficients > most_numbers) return(solution)
  rows <- least_squares_rows(design, response)
  root <- unpivoted_root(solution)
  sets <- lapply(c(settings$rank_tolerance, 10^-(10:7)), columns_beyond, root = root)
  decomposed <- qr(rows$x, tol = settings$rank_tolerance)
  sets <- unique(c(sets, list(sort(decomposed$pivot[seq_len(decomposed$rank)]))))
  found <- Filter(Negate(is.null), lapply(sets, least_squares_of, rows = rows))
  deviances <- vapply(found, function(one) core_deviance(one$coefficients, design, response, settings), 0)
  if (length(found) && isTRUE(min(deviances) < solution$deviance * (1 - noticeable))) {
    solution <- with_least_squares(solution, found[[which.min(deviances)]], rows, design, response, settings)
  } else if (solution$converged) {
    return(solution)
  }
  warn_condition(solution)
  replace(solution, c("converged", "reason"), list(TRUE, "converged"))
}

# A bordered information has half of the digits that rows have. Where more are lost than is noticed, the decomposition of the rows takes
# its place, at n p^2 operations; where those are too many it is said, and what can't be told apart is refused.
solve_beside_dense <- function(solution, problem, start) {
  if (!isTRUE(solution$condition > sure_condition) || takes_all_iterations(problem$settings$solver)) return(solution)
  most_operations <- 5e11
  if (as.double(problem$design$rows) * length(problem$names)^2 <= most_operations) {
    design <- replace(problem$design, "structure", "dense")
    dense <- row_problem(design, problem$response, problem$family, problem$schema, problem$settings)
    return(solve_ill_conditioned(solve_problem(dense, start), dense, start))
  }
  hopeless <- 3e6
  # Which are aliased the rows have told; weights that vanish, where separated rows are, make the condition what it is.
  if (solution$condition < hopeless || is_at_the_edge(solution, problem)) return(solution)
  stop_glmpp("condition", sprintf("The columns are too close to collinear: condition %.1e.", solution$condition),
             x = sprintf("Of %s, which ones are combinations of others can't be told by sums.", plural(length(problem$names), "coefficient")),
             i = "Centre and scale the numeric variables, use poly() for powers, or drop one that nearly repeats others.")
}

is_at_the_edge <- function(solution, problem) {
  edge_of <- record_of(problem$family)$edge
  is.null(problem$passes) && !is.null(edge_of) && isTRUE(edge_of(solution$mean_range, problem$family$link) < 1e-8)
}

# What a deviance of so many digits can tell apart has been tried.
warn_condition <- function(solution) {
  if (solution$condition < hopeless_condition) return(invisible())
  warn_glmpp("condition", "The columns repeat each other to nearly all digits: which of them to leave out is decided by rounding.",
             x = sprintf("Condition %.1e; %s aliased. Of several choices this one has the least deviance.", solution$condition,
                         plural(length(solution$aliased), "column")),
             i = "The coefficients have no sure digit. Use poly() or splines for powers of one variable, or drop some.")
}

# Other families: fewer columns, where those that were kept did not let the fit converge, or made it stand still elsewhere.
leave_out_more <- function(solution, problem, start) {
  settings <- problem$settings
  if (solution$converged && solution$condition < hopeless_condition) return(solution)
  for (tolerance in c(1e-9, 1e-8, 1e-7, 1e-6)) {
    settings$rank_tolerance <- tolerance
    again <- tryCatch(solve_problem(problem, start, settings), glmpp_error = function(e) NULL)
    if (isTRUE(again$deviance < solution$deviance * (1 - noticeable))) solution <- again
  }
  if (solution$converged) warn_condition(solution)
  solution
}

is_auto_fit <- function(settings) solver_facts(settings$solver)$is_rescued && !is_penalised(settings) && settings$maxit > 1

least_squares_rows <- function(design, response) {
  x <- design_rows_impl(design, seq_len(design$rows))
  weights <- full_weights(response)
  offset <- response$offset %||% 0
  kept <- weights > 0
  root <- sqrt(weights[kept])
  list(x = x[kept, , drop = FALSE] * root, z = as.double(response$y - offset)[kept] * root)
}

core_deviance <- function(coefficients, design, response, settings) {
  eta <- linear_predictor_impl(design, coefficients, settings$threads) + (response$offset %||% 0)
  sum(full_weights(response) * (response$y - eta)^2)
}

# The columns in their first order: its cross products are the information, less what was aliased.
unpivoted_root <- function(solution) {
  root <- solution$root
  root[, order(c(solution$estimable, solution$aliased))] <- solution$root
  root
}

# The columns whose norm, given those before them, is more than the tolerance times their own.
columns_beyond <- function(tolerance, root) {
  norms <- sqrt(colSums(root^2))
  basis <- matrix(0, nrow(root), 0)
  estimable <- integer()
  for (j in seq_len(ncol(root))) {
    rest <- root[, j]
    for (round in 1:2) rest <- rest - drop(basis %*% crossprod(basis, rest))
    norm <- sqrt(sum(rest^2))
    if (norms[j] == 0 || norm <= norms[j] * tolerance || length(estimable) == nrow(root)) next
    basis <- cbind(basis, rest / norm)
    estimable <- c(estimable, j)
  }
  estimable
}

# By the decomposition of the rows, with two corrections by what is left.
least_squares_of <- function(estimable, rows) {
  decomposed <- qr(rows$x[, estimable, drop = FALSE], tol = 0)
  coefficients <- numeric(ncol(rows$x))
  rest <- rows$z
  for (round in 1:3) {
    step <- tryCatch(qr.coef(decomposed, rest), error = function(e) NA)
    trial <- replace(coefficients, estimable, coefficients[estimable] + step)
    if (!all(is.finite(trial))) break
    remaining <- rows$z - drop(rows$x %*% trial)
    if (round > 1 && sum(remaining^2) >= sum(rest^2)) break
    coefficients <- trial
    rest <- remaining
  }
  if (all(is.finite(step)) || any(coefficients != 0)) list(estimable = estimable, coefficients = coefficients, decomposed = decomposed)
}

condition_of <- function(root) {
  singular <- svd(root / rep(sqrt(colSums(root^2)), each = nrow(root)), 0, 0)$d
  max(singular) / min(singular)
}

# The core's answer with these coefficients: what a pass would say there.
with_least_squares <- function(solution, best, rows, design, response, settings) {
  aliased <- setdiff(seq_len(ncol(rows$x)), best$estimable)
  rank <- seq_along(best$estimable)
  root <- cbind(qr.R(best$decomposed), qr.qty(best$decomposed, rows$x[, aliased, drop = FALSE])[rank, , drop = FALSE])
  eta <- linear_predictor_impl(design, best$coefficients, settings$threads) + (response$offset %||% 0)
  residuals <- response$y - eta
  score <- drop(crossprod(rows$x, rows$z - drop(rows$x %*% best$coefficients)))
  changed <- list(
    coefficients = best$coefficients, estimable = best$estimable, aliased = aliased, root = root * sign(root[cbind(rank, rank)]),
    deviance = sum(full_weights(response) * residuals^2), score = score, converged = TRUE, reason = "converged", factorization = "qr",
    decrement = 0, boundary = FALSE, condition = condition_of(root[, rank, drop = FALSE])
  )
  solution[names(changed)] <- changed
  solution$eta[] <- solution$mean[] <- eta
  solution$working_residuals[] <- residuals
  solution$mean_range <- range(eta)
  solution$pearson <- c(changed$deviance, sum(solution$working_weights == 0))
  solution
}
