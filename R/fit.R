# Fit objects: what all have (new_estimates(), new_report()), and the one with rows; far.R and categories add theirs.

# What every fit with one linear predictor per row has, wherever the rows are, and its conditions.
new_estimates <- function(solution, problem, singular.ok, qr = new_factor(solution, problem$schema$columns, problem$settings)) {
  columns <- problem$schema$columns
  settings <- problem$settings
  family <- problem$family
  aliased <- solution$aliased
  if (length(aliased)) check_rank(aliased, columns, singular.ok)
  if (!solution$converged) warn_unless_converged(solution, columns, family, settings)
  separation <- solution$separation
  if (!is.null(separation)) warn_separation(separation, family)
  else if (is.null(settings$reduction)) {
    range <- mean_range(solution, problem)
    if (!isTRUE(range[1] >= extreme_mean && range[2] <= 1 - extreme_mean)) {
      warn_extreme_means(family, range, solution$mean, is.null(problem$lacks("proof")), is_kept_finite(settings))
    }
  }
  if (solution$boundary) warn_boundary(solution, family)
  rank <- length(solution$estimable) - sum(solution$constraints$active)
  list(
    coefficients = if (length(columns)) aliased_as_na(solution, columns) else numeric(), rank = rank, qr = qr, family = family,
    deviance = solution$deviance, aic = problem_aic(problem, solution) + 2 * rank, null.deviance = solution$null_deviance,
    iter = if (length(columns)) solution$iterations else 0L, df.residual = as.integer(solution$effective_rows) - rank,
    converged = solution$converged, boundary = solution$boundary
  )
}

# What a fit of ours says beyond a glm.
new_report <- function(solution, problem, qr) {
  columns <- problem$schema$columns
  report <- list(solver = solver_report(solution, problem$settings, columns))
  report$separation <- solution$separation
  if (length(solution$aliased)) report$aliased <- if (is_bordered(qr)) bordered_combinations(qr, columns) else alias_combinations(qr)
  report$trace <- new_trace(solution$trace, columns)
  report$penalty <- problem$settings$penalty
  report$bias_reduction <- problem$settings$reduction
  report$reduced_dispersion <- solution$reduced_dispersion
  report$constraints <- solution$constraints
  report
}

# How a fit was reached.
solver_report <- function(solution, settings, names) {
  report <- list(name = settings$solver$name, reason = solution$reason, passes = solution$passes, condition = solution$condition,
                 factorization = solution$factorization, digits = expected_digits(solution, settings),
                 grouped_rows = solution$grouped_rows, score = named(solution$score, names), threads = settings$threads,
                 control = settings[control_names])
  if (is_separable(settings$penalty)) report$violation <- solution$violation
  report
}

control_names <- names(formals(glmpp_control))

# Of the means at the point that was reached.
mean_range <- function(solution, problem) {
  if (is.null(problem$passes)) solution$mean_range else c(solution$last$least_mean, solution$last$most_mean)
}

weighted_total <- function(values, weights) if (is.null(weights)) sum(values) else sum(weights * values)

# The components that glm.fit() returns, `qr` in its p x p form, with Q the identity; without `qr$qr` what goes by it is NULL.
new_fit <- function(solution, problem, singular.ok, ...) {
  response <- problem$response
  fit <- new_estimates(solution, problem, singular.ok, ...)
  coefficients <- fit$coefficients
  qr <- fit$qr
  is_compact <- is_bordered(qr)
  rows <- list(solution$working_residuals, solution$mean, solution$eta, solution$working_weights, response$y)
  row_names <- response$names
  if (!is.null(row_names)) rows <- lapply(rows, `names<-`, row_names)
  list(
    coefficients = coefficients, residuals = rows[[1L]], fitted.values = rows[[2L]],
    effects = if (is_compact) numeric() else compact_effects(qr, coefficients),
    R = if (is_compact) qr else if (length(coefficients)) qr$qr, rank = fit$rank, qr = qr,
    family = problem$family, linear.predictors = rows[[3L]], deviance = fit$deviance,
    aic = fit$aic, null.deviance = fit$null.deviance, iter = fit$iter, weights = rows[[4L]],
    prior.weights = prior_weights(response, row_names), df.residual = fit$df.residual,
    df.null = as.integer(solution$effective_rows) - as.integer(problem$schema$intercept),
    y = rows[[5L]], converged = fit$converged, boundary = fit$boundary
  )
}

new_trace <- function(lines, columns) {
  if (is.null(lines)) return(NULL)
  coefficients <- lines$coefficients
  lines$coefficients <- NULL
  trace <- structure(lines, row.names = .set_row_names(length(lines$iteration)), class = c("glmpp_trace", "data.frame"))
  if (!is.null(coefficients)) attr(trace, "coefficients") <- `colnames<-`(coefficients, columns)
  trace
}

# Correct digits to expect, relative to the larger of estimate and standard error, by the condition of the
# scaled weighted design: standard errors by a Gram matrix were measured to be off by 8e-18 condition^2, all else by
# the rounding of the condition.
expected_digits <- function(solution, settings) {
  condition <- max(solution$condition, 1)
  rounding <- 1.1e-16 * condition
  if (is_separable(settings$penalty)) return(c(coefficients = digits_of(max(rounding, solution$violation)), "standard errors" = NA))
  # Where the iterations ran out, the deviance may have settled before the coefficients.
  ran_out <- solution$iterations >= (settings$solver$options$iterations %||% settings$maxit)
  is_sharpened <- solver_facts(settings$solver)$is_rescued
  share <- if (solution$converged && !ran_out && is_sharpened) 0 else unfinished_share(solution)
  of_errors <- if (solution$factorization == "cholesky") 8e-18 * condition^2 + 1.1e-16 else rounding
  c(coefficients = digits_of(max(rounding, share)), "standard errors" = digits_of(max(of_errors, share)))
}

digits_of <- function(error) min(max(-log10(error), 0), 15.5)

# The step that is left to go, in standard errors of a typical row.
unfinished_share <- function(solution) {
  if (!length(solution$estimable)) return(1)
  scale <- abs(solution$deviance) / solution$effective_rows
  share <- sqrt(abs(solution$decrement) / scale)
  if (is.finite(share)) share else 1
}

# Each aliased column as a combination of the others: a row each. What is beyond rounding counts.
alias_combinations <- function(qr) {
  estimable <- seq_len(qr$rank)
  aliased <- setdiff(seq_len(ncol(qr$qr)), estimable)
  root <- qr$qr[estimable, , drop = FALSE]
  if (!qr$rank || is_singular(root[, estimable, drop = FALSE])) {
    return(matrix(if (qr$rank) NA_real_ else 0, length(aliased), qr$rank,
                  dimnames = list(colnames(root)[aliased], colnames(root)[estimable])))
  }
  norms <- sqrt(colSums(root^2))
  combinations <- t(backsolve(root[, estimable, drop = FALSE], root[, aliased, drop = FALSE]))
  dimnames(combinations) <- list(colnames(root)[aliased], colnames(root)[estimable])
  size <- abs(combinations) * rep(norms[estimable], each = nrow(combinations))
  combinations[!is.finite(size)] <- NA_real_
  combinations[size <= 1e-7 * pmax(norms[aliased], 1e-300)] <- 0
  without_last_digits(combinations)
}

without_last_digits <- function(values) {
  nice <- signif(values, 7)
  replace(values, TRUE, ifelse(abs(values - nice) <= 1e-10 * abs(values), nice, values))
}

# The same of a factor that has them as they are; where they are very many, over the columns that they have.
bordered_combinations <- function(factor, columns) {
  aliased <- factor$pivot[-seq_len(factor$rank)]
  used <- factor$pivot[seq_len(factor$rank)]
  most_elements <- 1e6
  if (as.double(length(used)) * length(aliased) > most_elements) {
    used <- sort(unique(unlist(lapply(factor$combinations, `[[`, "column"))))
  }
  combinations <- matrix(0, length(aliased), length(used), dimnames = list(columns[aliased], columns[used]))
  for (k in seq_along(aliased)) {
    part <- factor$combinations[[k]]
    if (length(part$column)) combinations[k, match(part$column, used)] <- without_last_digits(part$value)
  }
  combinations
}

# Also without, where `names` is NULL.
named <- function(values, names) {
  if (!is.null(names) || !is.null(names(values))) names(values) <- names
  values
}

aliased_as_na <- function(solution, columns) {
  coefficients <- named(solution$coefficients, columns)
  aliased <- solution$aliased
  if (length(aliased)) coefficients[aliased] <- NA_real_
  coefficients
}

check_rank <- function(aliased, columns, singular.ok) {
  if (singular.ok) return(invisible())
  stop_glmpp("singular", "singular fit encountered",
             x = sprintf("Aliased: %s.", comma(columns[aliased])),
             i = "They are linear combinations of columns before them; `singular.ok = TRUE` sets them to NA.")
}

full_weights <- function(response) {
  if (is.null(response$weights)) ones(response$rows, response$threads) else response$weights
}

# As a component of a fit, with names.
prior_weights <- function(response, names) {
  if (is.null(response$weights)) deferred_ones(response$rows, names) else named(response$weights, names)
}

# The QR decomposition of the p x p root: R, rank and pivot as those of the whole weighted design,
# with Q the identity.
compact_qr <- function(root, pivot, columns, settings) {
  p <- length(pivot)
  qr <- -root
  if (nrow(root) < p) qr <- rbind(qr, matrix(0, p - nrow(root), p))
  dimnames(qr) <- list(columns[pivot], columns[pivot])
  compact <- list(qr = qr, rank = nrow(root), qraux = numeric(p), pivot = as.integer(pivot), tol = settings$rank_tolerance)
  class(compact) <- "qr"
  compact
}

# Q'z over the columns of the fit: R times the coefficients.
compact_effects <- function(qr, coefficients) {
  root <- qr$qr
  if (is.null(root) || !length(coefficients)) return(NULL)
  estimable <- seq_len(qr$rank)
  if (qr$rank < ncol(root)) root <- root[estimable, estimable, drop = FALSE]
  drop(root %*% coefficients[qr$pivot[estimable]])
}

complete_fit <- function(fit, frame, schema, response, call, formula, data, keep) {
  solver <- fit$solver
  fit$solver <- NULL
  if (keep$model) fit$model <- frame_without_counts(frame)
  fit$na.action <- attr(frame, "na.action")
  if (keep$x) check_expanded_memory(nrow(frame), length(schema$columns), "`x = TRUE`")
  if (keep$x) fit$x <- stats::model.matrix(schema$terms, frame, schema$contrasts)
  if (!keep$y) fit$y <- NULL
  fit <- c(fit, list(
    call = call, formula = formula, terms = schema$terms, data = data, offset = response$offset,
    control = solver$control[c("epsilon", "maxit", "trace")], method = glmpp_fit,
    contrasts = schema$contrasts, xlevels = schema$xlevels, solver = solver, schema = schema
  ))
  class(fit) <- c("glmpp", "glm", "lm")
  fit
}

frame_without_counts <- function(frame) {
  attr(frame, "na.counts") <- NULL
  attr(frame, "unused_levels") <- attr(frame, "units") <- attr(frame, "of_all_rows") <- NULL
  frame
}
