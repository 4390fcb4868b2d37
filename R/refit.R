#' Many fits of one model
#'
#' Opens the problem of a fit, its design and its response, for any number of further fits with other prior weights, other
#' starts or coefficients held at given values. Nothing is read or built again: what a bootstrap, a jackknife, a profile or a
#' permutation test repeats is the iterations alone.
#'
#' @param object A fit by [glmpp()] to a data frame.
#' @param threads Number of threads for each fit; by default that of the fit.
#' @returns A function `refit(weights = NULL, start = coef(object), held = NULL)`. `weights`: prior weights, one for each row
#'   of the fit, as the argument of [glmpp()] (for a response of successes and failures they multiply the trials);
#'   NULL: those of the fit. `start`: one number for each coefficient; NULL: as a fit begins without one. `held`: a named
#'   vector, the values of coefficients that stay. Its value is a list of `coefficients` (named; aliased ones are NA),
#'   `deviance`, `converged`, `iterations` and `reason`.
#' @section Conditions:
#' Errors of class `glmpp_error_weights`, `glmpp_error_start` and `glmpp_error_argument` for what does not fit the
#' model; `glmpp_error_rows` for a fit from afar. No warnings: `converged` and `reason` tell how each fit ended.
#' @examples
#' fit <- glmpp(am ~ wt, binomial, mtcars)
#' refit <- refitter(fit)
#' leave_one_out <- sapply(1:5, function(i) refit(weights = as.numeric(seq_len(32) != i))$coefficients)
#' refit(held = c(wt = -4))$deviance - deviance(fit)
#' @export
refitter <- function(object, threads = NULL) {
  if (inherits(object, "glmpp_remote")) stop_needs_rows("refitter()")
  check_glmpp(object, "`object`")
  settings <- refit_settings(object, threads)
  problem <- problem_of(object, settings)
  names <- names(coef(object))
  function(weights = NULL, start = coef(object), held = NULL) {
    check_start(start, length(names))
    start <- as_start(start)
    if (length(held)) {
      places <- held_places(held, names)
      start <- replace(start %||% numeric(length(names)), places, as.double(held))
    }
    if (!is.null(weights)) {
      weights <- refit_weights(weights, problem$response)
      problem$facts$mean_weight <- mean(weights)
    }
    solution <- fit_problem(problem, start, if (length(held)) places else integer(), rows = FALSE, weights = weights)
    coefficients <- replace(aliased_as_na(solution, names), if (length(held)) places, as.double(held))
    c(list(coefficients = coefficients), solution[c("deviance", "converged", "iterations", "reason")])
  }
}

refit_settings <- function(object, threads) {
  if (!is.null(.subset2(object, "bias_reduction"))) {
    stop_glmpp("bias_reduction", "refit() makes maximum likelihood fits; this one is bias reduced.", i = "Call glmpp() with the new response or weights.")
  }
  settings <- plain_settings(settings_of(object))
  settings$penalty <- .subset2(object, "penalty")
  if (!is.null(threads)) settings$threads <- thread_count(check_threads(threads))
  settings
}

refit_weights <- function(weights, response) {
  weights <- check_weights(weights, response$rows)
  if (is.null(response$trials)) as.double(weights) else as.double(weights * response$trials)
}

held_places <- function(held, names) {
  if (!is.numeric(held) || is.null(names(held)) || !all(is.finite(held))) {
    stop_glmpp("argument", "`held` must be a named vector of finite numbers.", x = sprintf("It is %s.", value_text(held)),
               i = "Such as `held = c(x = 0)`.")
  }
  check_parameters(names(held), names)
}
