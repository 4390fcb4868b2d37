# summary() and what goes with it: all from p x p numbers and sums that the fit kept.

#' Summary of a fit
#'
#' The table of coefficients with standard errors and tests, as [stats::summary.glm()] has it, of sums that the fit kept: nothing is gone
#' through again, but for a robust `vcov`. The printout says besides which covariance it is, how the fit was reached, what aliased columns
#' are combinations of, and whether the outcomes are separated.
#'
#' @param object A fit by [glmpp()], in memory or from afar.
#' @param dispersion A number, or what [dispersion()] estimates, such as `"ml"`; NULL: Pearson's, where it is not known (of a bias-reduced fit
#'   the one that was solved for).
#' @param correlation Should the correlations of the coefficients be there (fits in memory)?
#' @param vcov The covariance of the coefficients that standard errors and tests are made of, in the place of the model's: `"observed"`
#'   information (one pass over the rows), the sandwich `"HC0"` or `"HC1"` (one pass), `"HC2"`, `"HC3"`, `"HC4"` or `"HC4m"` (one pass with p^2
#'   operations a row), a formula of clusters, `~ id` or `~ id + year` (one pass for each set of its variables), [newey_west()], a matrix, or a
#'   function of the fit. Formulas and references are in [vcov.glmpp()].
#' @param ... `symbolic.cor` for `correlation = TRUE`; nothing else.
#' @returns An object of class `c("summary.glmpp", "summary.glm")` with the components of [stats::summary.glm()], and `covariance`, what `vcov` is
#'   called, if it was given. Tests are by the normal distribution where the dispersion is known, else by t.
#' @seealso [vcov.glmpp()], [confint.glmpp()], [wald_tests], [average_effects()], [effects_table()]
#' @examples
#' fit <- glmpp(breaks ~ wool + tension, poisson, warpbreaks)
#' summary(fit)
#' summary(fit, vcov = "HC3")
#' # logarithms of relative risks of a binary outcome: by Poisson regression with robust standard errors, and by the log-binomial model
#' coef(summary(glmpp(am ~ wt, poisson, mtcars), vcov = "HC0"))
#' coef(summary(glmpp(breaks > 30 ~ wool, binomial("log"), warpbreaks)))
#' @concept relative risk
#' @concept risk ratio
#' @concept robust standard errors
#' @concept odds ratio
#' @concept log-binomial
#' @export
summary.glmpp <- function(object, dispersion = NULL, correlation = FALSE, vcov = NULL, ...) {
  refuse_unknown(substitute(list(...)), "summary", summary.glmpp, "symbolic.cor")
  check_flag(correlation, "correlation")
  summary <- new_summary(object, dispersion, deferred_residuals(object), vcov)
  if (correlation) refuse_errors(object, "Correlations of coefficients")
  if (correlation && object$rank) {
    covariance <- if (is.null(vcov)) summary$cov.unscaled else summary$cov.scaled
    errors <- sqrt(diag(covariance))
    summary$correlation <- covariance / outer(errors, errors)
    summary$symbolic.cor <- if (is.null(list(...)$symbolic.cor)) FALSE else list(...)$symbolic.cor
  }
  summary
}

# Of a fit wherever its rows are, with what stands for the deviance residuals.
new_summary <- function(object, dispersion, residuals, vcov = NULL) {
  fit <- unclass(object)
  estimated <- !is.numeric(dispersion) && !has_known_dispersion(fit$family)
  dispersion <- summary_dispersion(object, dispersion, estimated)
  has_errors <- !lacks_errors(object)
  if (!is.null(vcov)) refuse_errors(object, "Standard errors")
  shown <- shown_places(object)
  has_matrix <- has_errors && has_covariance_matrix(object)
  unscaled <- if (has_matrix) unscaled_covariance(object)
  chosen <- chosen_variances(object, vcov)
  scaled <- if (!is.null(chosen)) chosen$matrix else if (has_matrix) dispersion * unscaled
  variances <- if (!is.null(chosen)) chosen$variances
               else if (has_matrix) diagonal(scaled)
               else if (has_errors) dispersion * unscaled_variances(object)
  aliased <- is.na(fit$coefficients)
  estimates <- fit$coefficients[!aliased]
  kept <- c("call", "terms", "family", "deviance", "aic", "contrasts", "df.residual", "null.deviance", "df.null", "iter", "na.action")
  summary <- c(fit[match(kept, names(fit), 0L)], list(
    deviance.resid = residuals,
    coefficients = if (has_errors) coefficient_table(estimates, sqrt(variances), estimated, fit$df.residual)
                   else cbind(Estimate = estimates),
    aliased = aliased, dispersion = dispersion, df = c(fit$rank, fit$df.residual, length(aliased)), cov.unscaled = unscaled,
    cov.scaled = scaled, covariance = chosen$label, solver = fit$solver,
    separation = fit$separation, aliased_as = fit$aliased, penalty = fit$penalty,
    effective_df = if (has_matrix) effective_df(object, unscaled),
    bias_reduction = fit$bias_reduction
  ))
  summary$constraints <- fit$constraints
  summary$absorbed <- absorbed_line(fit)
  summary$printed <- printed_of(fit)
  if (!is.null(shown)) summary <- summary_of_shown(summary, object, shown, dispersion)
  # Nothing is tested of what is fixed.
  if (has_errors && is_constrained_fit(object)) summary$coefficients[summary$coefficients[, 2] == 0, 3:4] <- NA
  if (has_estimated_parameter(object)) summary <- c(summary, fit[intersect(estimated_parts, names(fit))])
  class(summary) <- c("summary.glmpp", "summary.glm")
  summary
}

summary_dispersion <- function(object, dispersion = NULL,
                               estimated = !is.numeric(dispersion) && !has_known_dispersion(.subset2(object, "family"))) {
  if (estimated) warn_unused_rows(unclass(object))
  given_dispersion(dispersion, object) %||% dispersion_of(object)
}

# Without what is absorbed.
summary_of_shown <- function(summary, object, shown, dispersion) {
  summary$aliased <- summary$aliased[shown]
  known <- names(summary$aliased)[!summary$aliased]
  summary$coefficients <- summary$coefficients[known, , drop = FALSE]
  if (is.null(summary$cov.unscaled) && ncol(summary$coefficients) > 1) {
    summary$cov.unscaled <- inverse_between(object, shown[!summary$aliased])
    dimnames(summary$cov.unscaled) <- list(known, known)
    if (is.null(summary$cov.scaled) && is.null(summary$covariance)) summary$cov.scaled <- dispersion * summary$cov.unscaled
  }
  for (name in c("cov.unscaled", "cov.scaled")) {
    if (!is.null(summary[[name]])) summary[[name]] <- summary[[name]][known, known, drop = FALSE]
  }
  summary
}

coefficient_table <- function(estimate, error, estimated, df) {
  statistic <- estimate / error
  p <- if (estimated && df > 0) 2 * stats::pt(-abs(statistic), df) else 2 * stats::pnorm(-abs(statistic))
  if (estimated && df <= 0) error[] <- statistic[] <- p[] <- NaN
  # Without coefficients summary.glm() has them of t.
  columns <- c("Estimate", "Std. Error", if (estimated || !length(estimate)) c("t value", "Pr(>|t|)") else c("z value", "Pr(>|z|)"))
  matrix(c(estimate, error, statistic, p), length(estimate), 4L, dimnames = list(names(estimate), columns))
}

# They are made when somebody looks at them.
deferred_residuals <- function(object) {
  lean <- .subset2(object, "row_summary")
  if (!is.null(lean)) return(lean$quartiles)
  # Rows of NA stand where na.exclude left rows out.
  if (inherits(.subset2(object, "na.action"), "exclude")) return(residuals(object, "deviance"))
  mean <- .subset2(object, "fitted.values")
  deferred_impl(function() as.vector(residuals(object, "deviance")), length(mean), names(mean))
}

warn_unused_rows <- function(fit) {
  if (isTRUE(fit$df.residual > 0) && isTRUE(fit$unused_rows > 0)) {
    warning("observations with zero weight not used for calculating dispersion", call. = FALSE)
  }
}

# Without the looks of diag() at names.
diagonal <- function(matrix, count = nrow(matrix)) matrix[seq.int(1, by = nrow(matrix) + 1, length.out = count)]

check_invertible <- function(qr) {
  if (isTRUE(all(diagonal(qr$qr, qr$rank) != 0))) return(invisible())
  stop_glmpp("singular", "There are no standard errors: the information matrix is singular in double precision.",
             i = "Give very small or very large columns another unit.")
}

# In the words of print.summary.glm(), but for the quantiles of the residuals that R before 4.3 prints.
#' @export
print.summary.glmpp <- function(x, digits = max(3L, getOption("digits") - 3L), symbolic.cor = x$symbolic.cor,
                                signif.stars = getOption("show.signif.stars"), ...) {
  if (is_unfinished(x$solver)) cat("\n", unfinished_line(x$solver), "\n", sep = "")
  cat("\nCall:\n", paste(deparse(x$call), collapse = "\n"), "\n\n", sep = "")
  print_coefficients(x, digits, signif.stars, ...)
  cat("\n(Dispersion parameter for ", x$family$family, " family taken to be ", format(x$dispersion), ")\n\n", sep = "")
  deviances <- format(c(x$null.deviance, x$deviance), digits = max(5L, digits + 1L))
  cat(sprintf("%s deviance: %s  on %s  degrees of freedom\n", c("    Null", "Residual"), deviances,
              format(c(x$df.null, x$df.residual))), sep = "")
  if (nzchar(missing <- stats::naprint(x$na.action))) cat("  (", missing, ")\n", sep = "")
  cat("AIC: ", format(x$aic, digits = max(4L, digits + 1L)), "\n\n",
      "Number of ", step_word(x$solver$name), ": ", x$iter, "\n", sep = "")
  if (NCOL(x$correlation) > 1) print_correlation(x$correlation, symbolic.cor, digits)
  cat("\n")
  if (!is.null(x$printed)) cat("Not all coefficients are shown: ", paste(x$printed$lines, collapse = ", "), "\n", sep = "")
  if (!is.null(x$absorbed)) cat(x$absorbed, "\n", sep = "")
  if (!is.null(x$covariance)) cat("Standard errors: ", x$covariance, "\n", sep = "")
  if (has_estimated_parameter(x)) cat(parameter_lines(x), sep = "\n")
  if (!is.null(x$aliased_as)) cat(alias_lines(x$aliased_as), sep = "\n")
  if (!is.null(x$penalty)) cat(penalty_line(x$penalty, x$coefficients[, 1]), "\n", sep = "")
  if (!is.null(x$effective_df)) cat("Effective degrees of freedom: ", format(x$effective_df, digits = digits), "\n", sep = "")
  if (is_separable(x$penalty)) cat(strwrap(paste("No standard errors:", no_errors_note)), sep = "\n")
  if (!is.null(x$constraints)) print_constraints(x$constraints, digits)
  if (!is.null(x$bias_reduction)) cat("Bias reduction: ", format(x$bias_reduction), "\n", sep = "")
  if (!is.null(x$separation)) cat(separation_line(x$separation), "\n", sep = "")
  cat(solver_line(x$solver), "\n\n", sep = "")
  invisible(x)
}

# Aliased ones are NA.
print_coefficients <- function(x, digits, signif.stars, ...) {
  aliased <- x$aliased
  if (!length(aliased)) return(cat("No Coefficients\n"))
  table <- matrix(NA_real_, length(aliased), ncol(x$coefficients), dimnames = list(names(aliased), colnames(x$coefficients)))
  table[!aliased, ] <- x$coefficients
  if (is_unfinished(x$solver) && ncol(table) > 1) table[, 3:4] <- NA
  if (!is.null(x$printed)) table <- table[x$printed$kept, , drop = FALSE]
  cat("Coefficients:", if (any(aliased)) sprintf(" (%d not defined because of singularities)", sum(aliased)), "\n", sep = "")
  stats::printCoefmat(table, digits = digits, signif.stars = signif.stars, na.print = "NA", ...)
}

# Below its diagonal.
print_correlation <- function(correlation, symbolic, digits) {
  cat("\nCorrelation of Coefficients:\n")
  if (isTRUE(symbolic)) return(print(stats::symnum(correlation, abbr.colnames = NULL)))
  shown <- format(round(correlation, 2L), nsmall = 2L, digits = digits)
  shown[!lower.tri(shown)] <- ""
  print(shown[-1, -ncol(shown), drop = FALSE], quote = FALSE)
}

#' @export
print.glmpp <- function(x, ...) {
  plain <- unclass(x)
  plain$coefficients <- coef(x)
  show <- function(fit) print(structure(fit, class = c("glm", "lm")), ...)
  if (!print_shortened(plain, show)) show(plain)
  print_state(x)
  invisible(x)
}

# What is wrong with a fit, where something is.
print_state <- function(fit) {
  solver <- .subset2(fit, "solver")
  separation <- .subset2(fit, "separation")
  lines <- c(absorbed_line(unclass(fit)), penalty_line(.subset2(fit, "penalty"), .subset2(fit, "coefficients")),
             constraint_lines(.subset2(fit, "constraints")),
             if (is_unfinished(solver)) unfinished_line(solver), if (!is.null(separation)) separation_line(separation))
  if (length(lines)) cat(lines, "", sep = "\n")
}

# Where the likelihood has not come to its maximum, tests and errors mean nothing.
is_unfinished <- function(solver) isTRUE(solver$reason %in% names(stop_reasons))

unfinished_line <- function(solver) {
  sprintf("Not converged: no estimates, but where %s stood. %s", paste0(solver$name, "()"), stop_reasons[[solver$reason]])
}

solver_line <- function(solver) {
  sprintf("Solver: %s, %s, %s passes over the data%s", solver$name, sub("_", " ", solver$reason),
          format(solver$passes), condition_note(solver))
}

# Said where it costs digits that somebody may want.
condition_note <- function(solver) {
  if (!length(solver$condition) || !isTRUE(solver$condition >= 1e4)) return("")
  sprintf("\nCondition of the scaled design: %.1e; standard errors are good to about %d digits", solver$condition,
          floor(solver$digits[["standard errors"]]))
}

# "x3 = x1 + 2 x2"
alias_lines <- function(combinations, most = 10) {
  lines <- vapply(seq_len(nrow(combinations)), function(k) {
    paste("Aliased:", rownames(combinations)[k], "=", combination_text(structure(combinations[k, ], names = colnames(combinations))))
  }, "")
  if (length(lines) > most) c(lines[seq_len(most)], sprintf("... and %d more aliased", length(lines) - most)) else lines
}

combination_text <- function(values) {
  if (anyNA(values)) return("a combination of columns before it")
  values <- values[values != 0]
  if (!length(values)) return("0")
  sizes <- vapply(abs(values), function(value) format(value, digits = 5), "")
  is_constant <- names(values) == "(Intercept)"
  parts <- ifelse(is_constant, sizes, ifelse(sizes == "1", names(values), paste(sizes, names(values))))
  signs <- ifelse(values < 0, " - ", " + ")
  signs[1] <- if (values[1] < 0) "-" else ""
  paste0(signs, parts, collapse = "")
}
