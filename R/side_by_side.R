#' Show a fit beside stats::glm()
#'
#' Refits the same call by [stats::glm()] and by glmpp, and compares coefficients, standard errors, deviance
#' and fitted values. `glm()` stops when the deviance has settled, with standard errors that lag an
#' iteration; where the two differ by more than 1e-8, `glm()` is also run to `epsilon = 1e-14` (on the
#' columns that are not aliased), and the result says who was closer.
#'
#' `glm()` takes a parameter that a family estimates, such as theta of [negative_binomial()], at the value of the fit.
#'
#' A penalised fit is shown beside the same optimum by \pkg{glmnet}, where that is installed and has the penalty (not groups of several
#' columns, nor a penalised intercept): by the objective, and by the largest violation of the optimality conditions,
#' the derivative of least length of the objective by a standardised coefficient.
#'
#' @param fit A fit by [glmpp()], whose data can still be found.
#' @returns An object of class `glmpp_side_by_side`, with a print method: `coefficients` (a matrix of both
#'   estimates and standard errors), `differences` (the largest relative differences: coefficients relative to
#'   the larger of estimate and standard error), `iterations`, `seconds` (elapsed, medians for short
#'   fits) and the two fits. Of a penalised fit one of class `glmpp_beside_glmnet`: `coefficients`, `objective`, `violation`, `seconds`, and
#'   `reason`, why glmnet is not there, or NULL.
#' @examples
#' side_by_side(glmpp(am ~ wt + hp, binomial, mtcars))
#' @export
side_by_side <- function(fit) {
  if (!inherits(fit, "glmpp")) {
    stop_glmpp("argument", "`fit` must be a fit by glmpp().", x = sprintf("It is %s.", describe_type(fit)))
  }
  if (inherits(fit, "glmpp_remote")) stop_needs_rows("side_by_side()")
  refuse_constrained(fit, "side_by_side()")
  refuse_joint_errors(fit, "side_by_side()")
  envir <- environment(fit$formula)
  if (is.null(envir)) envir <- parent.frame()
  if (!is.null(.subset2(fit, "penalty"))) return(beside_glmnet(fit, envir))
  ours <- time_fit(fit$call, envir)
  theirs <- time_fit(as_glm_call(call_at_estimate(fit), envir), envir)
  differences <- cbind("glmpp - glm" = relative_differences(ours$fit, theirs$fit))
  if (any(differences > 1e-8, na.rm = TRUE)) {
    exact <- converged_glm(theirs$fit, coef(fit))
    differences <- cbind(differences, "glmpp - converged" = relative_differences(ours$fit, exact),
                         "glm - converged" = relative_differences(theirs$fit, exact))
  }
  structure(list(
    call = fit$call, coefficients = both_coefficients(ours$fit, theirs$fit), differences = differences,
    iterations = c(glmpp = ours$fit$iter, glm = theirs$fit$iter),
    seconds = c(glmpp = ours$seconds, glm = theirs$seconds), rows = nobs(fit), glmpp = ours$fit, glm = theirs$fit
  ), class = "glmpp_side_by_side")
}

# glm() estimates no parameter of a family: its value is the fit's.
call_at_estimate <- function(fit) if (has_estimated_parameter(fit)) replace(fit$call, "family", list(fit$family)) else fit$call

# Its trace would be printed at every repetition.
as_glm_call <- function(call, envir) {
  call[[1]] <- quote(stats::glm)
  with_plain_data(without_own_arguments(call, envir, c("epsilon", "maxit")), envir)
}

# For glm(): our own arguments go, its control keeps what is known.
without_own_arguments <- function(call, envir, known = c("epsilon", "maxit", "trace")) {
  call[c("method", "solver", "threads", "keep", "bias_reduction", setdiff(names(formals(glmpp_control)), known))] <- NULL
  if (!is.null(call$control)) {
    control <- eval(call$control, envir)
    if (!all(names(control) %in% known)) call$control <- control[names(control) %in% known]
  }
  call
}

# Short fits are repeated, after a first one that may have had packages to load, so that the time
# means something.
time_fit <- function(call, envir) {
  seconds <- numeric()
  repeat {
    start <- proc.time()[["elapsed"]]
    fit <- quietly(eval(call, envir))
    seconds <- c(seconds, proc.time()[["elapsed"]] - start)
    if (length(seconds) == 1 && seconds > 1 || length(seconds) > 1 && sum(seconds[-1]) > 0.1 ||
          length(seconds) > 20) break
  }
  list(fit = fit, seconds = if (length(seconds) == 1) seconds else mean(seconds[-1]))
}

quietly <- function(expression) suppressWarnings(expression)

# glm() run to its fixed point. At that epsilon its rank tolerance is below rounding, so that
# aliased columns are taken out first; single steps follow until the coefficients stand still, since a
# settled deviance says little of them where convergence is linear.
converged_glm <- function(fit, coefficients) {
  x <- model.matrix(fit)[, !is.na(coefficients), drop = FALSE]
  step <- function(eta, maxit) {
    quietly(glm.fit(x, fit$y, fit$prior.weights, etastart = eta, offset = fit$offset, family = fit$family,
                    intercept = attr(fit$terms, "intercept") > 0, control = glm.control(epsilon = 1e-14, maxit = maxit)))
  }
  exact <- step(fit$linear.predictors, 200)
  for (polish in seq_len(20)) {
    before <- exact$coefficients
    exact <- step(exact$linear.predictors, 1)
    if (largest(abs(exact$coefficients - before) / (abs(before) + 1e-300)) < 1e-12) break
  }
  structure(c(exact, fit[c("terms", "call", "formula", "offset", "na.action")]), class = c("glm", "lm"))
}

standard_errors <- function(fit) {
  # glm() before R 4.3 asks for the names of families whose dispersion is known.
  known <- if (!inherits(fit, "glmpp") && has_known_dispersion(fit$family)) known_dispersion(fit$family)
  sqrt(diag(if (is.null(known)) vcov(fit, complete = FALSE) else vcov(fit, complete = FALSE, dispersion = known)))
}

relative_differences <- function(a, b) {
  coefficients <- coef(a)[!is.na(coef(a))]
  reference <- coef(b)[names(coefficients)]
  errors <- standard_errors(b)[names(coefficients)]
  fitted <- as.vector(b$fitted.values)
  c(coefficients = largest(abs(coefficients - reference) / pmax(abs(reference), errors)),
    `standard errors` = largest(abs(standard_errors(a)[names(coefficients)] - errors) / errors),
    deviance = abs(a$deviance - b$deviance) / max(abs(b$deviance), .Machine$double.eps),
    `fitted values` = largest(abs(as.vector(a$fitted.values) - fitted) / pmax(abs(fitted), 1e-300)))
}

largest <- function(values) if (length(values)) max(values) else 0

both_coefficients <- function(a, b) {
  fill <- function(fit) {
    errors <- standard_errors(fit)
    named(errors[names(coef(fit))], names(coef(fit)))
  }
  cbind("glmpp" = coef(a), "glm" = coef(b), "glmpp SE" = fill(a), "glm SE" = fill(b))
}

#' @export
print.glmpp_side_by_side <- function(x, digits = 8, most = 20, ...) {
  cat("Side by side with stats::glm()\n\n")
  print_coefficients_beside(x, digits, most)
  cat("\nLargest relative difference\n")
  print(structure(format(x$differences, digits = 2, scientific = TRUE), dimnames = dimnames(x$differences)), quote = FALSE)
  cat("\n", verdict(x$differences), "\n", sep = "")
  cat(sprintf("Iterations: glmpp %d, glm %d.  Time on %s rows: glmpp %s, glm %s (ratio %.2g).\n\n",
              x$iterations[["glmpp"]], x$iterations[["glm"]], format(x$rows, big.mark = ","),
              seconds_text(x$seconds[["glmpp"]]), seconds_text(x$seconds[["glm"]]),
              x$seconds[["glm"]] / max(x$seconds[["glmpp"]], 1e-6)))
  invisible(x)
}

print_coefficients_beside <- function(x, digits, most) {
  cat(strwrap(deparse1(x$call), exdent = 4), sep = "\n")
  cat("\n")
  print_numbers(utils::head(x$coefficients, most), digits)
  hidden <- nrow(x$coefficients) - most
  if (hidden > 0) cat(sprintf("... and %s\n", plural(hidden, "more row")))
}

print_numbers <- function(values, digits) {
  text <- structure(formatC(values, digits = digits, format = "g", flag = "#"), dimnames = dimnames(values))
  text[is.na(values)] <- "aliased"
  print(text, quote = FALSE, right = TRUE)
}

verdict <- function(differences) {
  if (ncol(differences) == 1) return("The two agree to 1e-8 or better.")
  rounding <- 1e-11
  closer <- differences[, "glmpp - converged"] <= pmax(differences[, "glm - converged"], rounding)
  if (all(closer, na.rm = TRUE)) {
    return("Where they differ, glmpp is closer to the converged glm (epsilon = 1e-14).")
  }
  paste0("glm is closer to the converged glm (epsilon = 1e-14) in: ", comma(rownames(differences)[!closer]), ".")
}

seconds_text <- function(seconds) {
  if (seconds < 1) sprintf("%.3g ms", 1000 * seconds) else sprintf("%.3g s", seconds)
}
