#' Update a fit, or fit it again
#'
#' `update()` of \pkg{stats} works as for a `glm()`: it changes the call and evaluates it, in the frame where it is called. All
#' arguments of [glmpp()] may be changed, those of its own too: `update(fit, solver = newton())`, `update(fit, keep = "summary")`,
#' `update(fit, penalty = ridge(1))`, `update(fit, data = chunks(read))`. `update(fit, family = multinomial())` gives a fit of another class.
#'
#' @section Which of several ways:
#' * `update(fit, . ~ . - x)`: another model; everything is read again.
#' * [`refit()`][refitter]: the same model with another response or other weights, as a whole fit.
#' * [refitter()]: many fits of the same model, whose design is built once.
#' * [drop1(), add1()][glmpp_candidates] and [anova()][anova.glmpp]: fits without or with a term, whose design is built once.
#' * [bootstrap()], [cv_deviance()]: resamples and folds.
#'
#' Of [as.glm()] and of `glm(method = glmpp_fit)` `update()` gives plain glm objects by this package's fitter. Lean fits can be updated where the data
#' are still found by the name in the call.
#'
#' @name update.glmpp
#' @examples
#' fit <- glmpp(am ~ wt, binomial, mtcars)
#' anova(fit, update(fit, . ~ . + hp))
#' coef(update(fit, family = binomial("probit")))
#' @concept refit
NULL

#' Simulate responses from a fit
#'
#' `simulate()` of \pkg{stats} works as for a `glm()`, and with the same `seed` gives the same numbers: the family draws a response for each row
#' at its fitted mean. [negative_binomial()], [tweedie()] and [truncated_poisson()] draw too. Prior weights are what the family makes of
#' them: trials of a binomial response, dispersion over weight for others; poisson ignores them with a warning.
#'
#' Coefficients are held at their estimates: uncertainty about them is not in the draws, see [bootstrap()] (`type = "parametric"`). Quasi
#' families have no distribution to draw from, which is an error, as for `glm()`; so is a fit from afar (class
#' `glmpp_error_rows`) and a lean one without fitted values (`glmpp_error_left_out`). Fits of [multinomial()] and [ordinal()] have no method.
#' [hurdle()] has one of its own.
#'
#' @name simulate.glmpp
#' @returns A data frame with a column `sim_1`, `sim_2`, ... for each of `nsim` responses and an attribute `seed`, as
#'   [stats::simulate()] says; columns are factors or matrices where the response is.
#' @seealso [quantile_residuals()], [`refit()`][refitter]
#' @examples
#' fit <- glmpp(breaks ~ wool + tension, poisson, warpbreaks)
#' # Are there more large counts than the model allows?
#' draws <- simulate(fit, nsim = 200, seed = 1)
#' mean(colSums(draws > 40) >= sum(warpbreaks$breaks > 40))
#' @concept parametric bootstrap
#' @concept predictive check
NULL

#' Many fits of one model
#'
#' Opens the problem of a fit, its design and its response, for any number of further fits with other prior weights, another response,
#' other starts or coefficients held at given values. Nothing is read or built again: what a bootstrap, a jackknife, a profile or a
#' permutation test repeats is the iterations alone. [bootstrap()] and [cv_deviance()] do the most common of these. `refit()` makes a
#' whole fit of a new response or new weights, as \pkg{lme4} has it.
#'
#' @param object A fit by [glmpp()] to a data frame.
#' @param threads Number of threads for each fit; by default that of the fit.
#' @param y A new response: what [simulate()][stats::simulate] gives for a fit, or the same kind of vector or matrix as that of the
#'   fit, of as many rows. NULL: that of the fit.
#' @param weights New prior weights, one for each row of the fit. NULL: those of the fit.
#' @param ... None: an argument that is not known is an error.
#' @returns `refitter()`: a function `refit(weights = NULL, start = coef(object), held = NULL, y = NULL)`. `weights`: prior weights, one for each row
#'   of the fit, as the argument of [glmpp()] (for a response of successes and failures they multiply the trials);
#'   NULL: those of the fit. `start`: one number for each coefficient; NULL: as a fit begins without one. `held`: a named
#'   vector, the values of coefficients that stay. `y`: a new response, as above. Its value is a list of `coefficients` (named; aliased ones are NA),
#'   `deviance`, `converged`, `iterations`, `passes` and `reason`.
#'
#'   `refit()`: a fit of the class of `object`, whose `call` is that of `refit()`.
#' @section Conditions:
#' Errors of class `glmpp_error_weights`, `glmpp_error_start` and `glmpp_error_argument` for what does not fit the
#' model; `glmpp_error_rows` for a fit from afar. No warnings: `converged` and `reason` tell how each fit ended.
#' @examples
#' fit <- glmpp(am ~ wt, binomial, mtcars)
#' refit <- refitter(fit)
#' leave_one_out <- sapply(1:5, function(i) refit(weights = as.numeric(seq_len(32) != i))$coefficients)
#' refit(held = c(wt = -4))$deviance - deviance(fit)
#' coef(glmpp::refit(fit, y = simulate(fit, seed = 1)))
#' @export
refitter <- function(object, threads = NULL) {
  if (inherits(object, "glmpp_remote")) stop_needs_rows("refitter()")
  check_glmpp(object, "`object`")
  refitter_of(object, refit_settings(object, threads))
}

refitter_of <- function(object, settings) {
  opened <- problem_of(object, settings)
  names <- names(all_coefficients(object))
  function(weights = NULL, start = all_coefficients(object), held = NULL, y = NULL) {
    check_start(start, length(names))
    start <- as_start(start)
    if (length(held)) {
      places <- held_places(held, names)
      start <- replace(start %||% numeric(length(names)), places, as.double(held))
    }
    problem <- if (is.null(y)) opened else problem_with_response(opened, object, y)
    if (!is.null(weights)) {
      weights <- refit_weights(weights, problem$response)
      problem$facts$mean_weight <- mean(weights)
    }
    solution <- fit_problem(problem, start, if (length(held)) places else integer(), rows = FALSE, weights = weights)
    coefficients <- replace(aliased_as_na(solution, names), if (length(held)) places, as.double(held))
    c(list(coefficients = coefficients), solution[c("deviance", "converged", "iterations", "passes", "reason")])
  }
}

problem_with_response <- function(problem, object, y) {
  response <- quietly(read_response(frame_with(object, y), object$family, NULL, problem$settings$threads))
  row_problem(problem$design, response, problem$family, problem$schema, problem$settings)
}

# The model frame with another response, or other weights.
frame_with <- function(object, y = NULL, weights = NULL) {
  frame <- fit_frame(object)
  place <- attr(attr(frame, "terms"), "response")
  if (is.data.frame(y)) y <- y[[1]]
  y <- without_excluded(y, object$na.action, nrow(frame))
  if (!is.null(y)) {
    if (NROW(y) != nrow(frame)) {
      stop_glmpp("response", "`y` must have an element, or a row, for each row of the fit.",
                 x = sprintf("It has %d, the fit %d.", NROW(y), nrow(frame)))
    }
    if (anyNA(y)) stop_glmpp("response", "`y` must not be missing.", x = sprintf("Element %d is.", which(rowSums(is.na(as.matrix(y))) > 0)[1]))
    frame[[place]] <- y
  }
  if (!is.null(weights)) frame[["(weights)"]] <- check_weights(weights, nrow(frame))
  frame
}

# What na.exclude pads.
without_excluded <- function(y, omitted, rows) {
  if (!inherits(omitted, "exclude") || NROW(y) != rows + length(omitted)) return(y)
  if (is.matrix(y)) y[-omitted, , drop = FALSE] else y[-omitted]
}

#' @rdname refitter
#' @export
refit <- function(object, ...) UseMethod("refit")

#' @rdname refitter
#' @export
refit.glmpp <- function(object, y = NULL, weights = NULL, ...) {
  call <- match.call()
  refuse_unknown(substitute(list(...)), "refit", refit.glmpp)
  if (inherits(object, "glmpp_remote")) stop_needs_rows("refit()")
  if (is.null(y) && is.null(weights)) stop_glmpp("argument", "refit() needs `y` or `weights`.")
  family <- refit_family(object)
  frame <- frame_with(object, y, weights)
  parts <- list(model = TRUE, x = FALSE, y = TRUE)
  settings <- settings_of(object)
  settings["penalty"] <- list(.subset2(object, "penalty"))
  settings["constraints"] <- list(.subset2(object, "constraints"))
  settings[c("solver", "is_auto")] <- list(if (is_constrained_fit(object)) constrained_newton() else choose_solver("auto", settings$penalty), TRUE)
  settings["reduction"] <- list(.subset2(object, "bias_reduction"))
  call[[1]] <- quote(refit)
  fit <- fit_rows(frame, family, known_coefficients(object), object$contrasts, settings, TRUE, call, stats::formula(object), object$data,
                  parts)
  if (has_estimated_parameter(object)) fit$family_to_estimate <- family
  fit$call_of_data <- call_of_data(object)
  fit
}

# A parameter of its own that was estimated is estimated again.
refit_family <- function(object) {
  if (!has_estimated_parameter(object)) return(object$family)
  known <- .subset2(object, "family_to_estimate")
  where <- environment(stats::formula(object))
  if (is.null(known)) as_family(eval(object$call$family, where), where) else known
}

refit_settings <- function(object, threads) {
  if (!is.null(.subset2(object, "bias_reduction"))) {
    stop_glmpp("bias_reduction", "Resamples and refitter() have maximum likelihood fits; this one is bias reduced.", i = "refit() makes one fit of a new response or new weights.")
  }
  refuse_resamples(object)
  refuse_constrained(object, "Resamples and refitter()", "refit() makes one fit of a new response or new weights.")
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
