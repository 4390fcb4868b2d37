# The likelihood itself: what each row contributes, and the whole as a function of the coefficients.

#' The likelihood of a model
#'
#' `loglik()` gives each row's contribution to the log-likelihood of a fit: their sum is [logLik()]. `nll()` is the
#' negative log-likelihood as a function of the coefficients, with its derivatives: for teaching, and for
#' checking a solver by another hand.
#'
#' @param object A fit by [glmpp()].
#' @param ... Not used.
#' @returns `loglik()`: a numeric vector, one element per row of the fit (0 for rows with weight 0), in natural logarithms.
#'   Where the family has a dispersion, it is the maximum likelihood estimate that [logLik()] takes.
#'   An error of class `glmpp_error_likelihood` for quasi families, which have no likelihood, and for families that only R knows.
#' @examples
#' fit <- glmpp(am ~ wt, binomial, mtcars)
#' sum(loglik(fit))
#' nll(am ~ wt, binomial, mtcars, coefficients = coef(fit))$gradient
#' @export
loglik <- function(object, ...) UseMethod("loglik")

#' @rdname loglik
#' @export
loglik.glmpp <- function(object, ...) {
  density <- find_log_density(object$family)
  y <- object$y %||% stats::model.response(stats::model.frame(object))
  if (is.null(object$y)) y <- new_response(y, NULL, NULL, NULL, NULL, object$family, NULL)$y
  weights <- as.vector(object$prior.weights)
  dispersion <- likelihood_dispersion(object$family, weights, object$deviance)
  named(row_loglik(density, as.vector(y), as.vector(object$fitted.values), weights, dispersion), names(object$fitted.values))
}

#' @rdname loglik
#' @param formula,family,data,weights,subset,na.action,offset,contrasts As in [glmpp()].
#' @param coefficients A numeric vector, one element per column of the design, in the order of its columns (`names`
#'   are not read). For [multinomial()] and [ordinal()] in the shape of `start` there; derivatives are in the order of
#'   `vcov()`.
#' @param dispersion The dispersion parameter, a positive number: variance(y) = dispersion V(mu) / weight.
#' @param penalty NULL, or what [ridge()], [lasso()], [elastic_net()] or [group_lasso()] makes: it is added as [glmpp()] has it, over `dispersion`.
#'   Of the latter three `gradient` is the derivative of least length of those that there are (zero at the optimum), `value` is `Inf` outside
#'   the bounds, and the information is the likelihood's.
#' @returns `nll()`: a list of `value`; `gradient`, a vector with one element per column; `information`, the
#'   expected information matrix (p x p); `observed_information`, the second derivative of `value`, NULL for families that only R
#'   knows. Where the coefficients
#'   give means outside the family's range, `value` is `Inf` and the rest NA.
#' @export
nll <- function(formula, family = gaussian, data, coefficients, weights, subset, na.action, offset, contrasts = NULL,
                dispersion = 1, penalty = NULL) {
  call <- match.call()
  family <- as_family(family, parent.frame())
  refuse_estimated(family, "nll()")
  check_positive(dispersion, "dispersion")
  settings <- new_settings(list(), penalty = penalty)
  if (missing(data)) data <- environment(formula)
  frame <- read_frame(call, parent.frame())
  if (has_categories(family)) {
    if (!is.null(penalty)) stop_glmpp("argument", sprintf("`penalty` is not there for %s().", family$family))
    return(category_nll(frame, family, coefficients, contrasts))
  }
  density <- find_log_density(family)
  schema <- new_schema(frame, contrasts)
  design <- design_blocks(schema, frame)
  check_coefficients(coefficients, schema$columns)
  response <- read_response(frame, family, NULL)
  pass <- ask_core(pass_problem(design, response)$core, as.double(coefficients),
                        list(need = c("score", "information", "observed_information"), rows = TRUE, threads = thread_count(NULL)))
  plain <- derivatives(pass, density, response, schema$columns, dispersion)
  if (is.null(penalty)) plain else with_penalty(plain, row_problem(design, response, family, schema, settings), coefficients, dispersion)
}

derivatives <- function(pass, density, response, columns, dispersion) {
  as_matrix <- function(values) if (!is.null(values)) matrix(values / dispersion, length(columns), dimnames = list(columns, columns))
  if (!pass$valid) {
    missing <- rep(NA_real_, length(columns))
    return(list(value = Inf, gradient = named(missing, columns), information = as_matrix(missing %o% missing),
                observed_information = as_matrix(missing %o% missing)))
  }
  rows <- row_loglik(density, as.vector(response$y), pass$mean, full_weights(response), dispersion)
  list(value = -sum(rows), gradient = named(-pass$score / dispersion, columns), information = as_matrix(pass$information),
       observed_information = as_matrix(pass$observed_information))
}

check_coefficients <- function(coefficients, columns) {
  good <- is.numeric(coefficients) && length(coefficients) == length(columns) && all(is.finite(coefficients))
  if (good) return(invisible())
  stop_glmpp("coefficients", sprintf("`coefficients` must be finite numbers, one for each column of the design (%d).", length(columns)),
             x = sprintf("It is %s of length %d.", describe_type(coefficients), length(coefficients)),
             i = sprintf("The columns are %s.", comma(columns)))
}

row_loglik <- function(density, y, mean, weights, dispersion) {
  value <- density(y, mean, weights, dispersion)
  value[weights == 0] <- 0
  value
}

# The dispersion that family$aic() takes.
likelihood_dispersion <- function(family, weights, deviance) {
  dispersion_of <- record_of(family)$dispersion_of
  if (is.null(dispersion_of)) 1 else dispersion_of(deviance, weights)
}

find_log_density <- function(family) {
  density <- record_of(family)$log_density
  if (!is.null(density) && !isFALSE(of_parameter(family, "has_density"))) {
    parameter <- own_parameter(family)
    return(function(y, mean, weights, dispersion) density(y, mean, weights, dispersion, parameter))
  }
  is_quasi <- is.na(family$aic(1, 1, 1, 1, 1)[1])
  stop_glmpp("likelihood", sprintf("The %s family has no likelihood%s.", family$family, if (is_quasi) "" else " that is known here"),
             i = if (is_quasi) "A quasi family is defined by its mean and variance only; the deviance stands in for the likelihood."
                 else sprintf("Known: %s.", comma(families_with("log_density"))))
}
