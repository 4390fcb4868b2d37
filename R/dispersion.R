#' The dispersion of a fit
#'
#' The variance of a response is dispersion V(mu) / prior weight. `summary()`, [vcov()][vcov.glmpp], `confint()`,
#' `predict(se.fit = TRUE)` and `anova()` take each of these by the argument `dispersion`, or a number.
#'
#' @param object A fit by [glmpp()], wherever its rows are.
#' @param type `"pearson"`: the sum of w (y - mu)^2 / V(mu) over the residual degrees of freedom, what `summary()` takes unless
#'   told otherwise. `"deviance"`: the deviance over the residual degrees of freedom. `"ml"`: maximum likelihood, given
#'   the means: for gaussian and inverse.gaussian the deviance over the number of rows, for `Gamma` 1 / shape with the shape
#'   of `MASS::gamma.shape()`, for [tweedie()] by the density.
#' @returns A number; for `"ml"` with its standard error, by the observed information given the means, as the attribute `"se"`.
#'   Where the family's dispersion is known (binomial, poisson), that. An error of class `glmpp_error_dispersion` for `"ml"` of
#'   a family without a likelihood, or of rows that are elsewhere where it is neither a function of the deviance nor had by passes (Gamma
#'   with
#'   weights; Tweedie in a database that sums).
#' @references McCullagh, P. and Nelder, J. A. (1989) *Generalized Linear Models*, 2nd edition, Chapman and Hall, sections 8.3.6 and 9.2.
#' @examples
#' fit <- glmpp(mpg ~ wt, Gamma("log"), mtcars)
#' c(dispersion(fit), dispersion(fit, "deviance"), dispersion(fit, "ml"))
#' summary(fit, dispersion = "ml")
#' @concept overdispersion
#' @concept quasi-likelihood
#' @export
dispersion <- function(object, type = c("pearson", "deviance", "ml")) {
  if (!inherits(object, "glmpp") || inherits(object, "glmpp_categories")) {
    stop_glmpp("argument", "`object` must be a fit by glmpp() of one response.", x = sprintf("It is %s.", describe_type(object)))
  }
  type <- check_choice(type, c("pearson", "deviance", "ml"), "type")
  family <- .subset2(object, "family")
  if (has_known_dispersion(family)) return(known_dispersion(family))
  df <- .subset2(object, "df.residual")
  switch(type,
    pearson = if (isTRUE(df > 0)) .subset2(object, "pearson") / df else NaN,
    deviance = if (isTRUE(df > 0)) .subset2(object, "deviance") / df else NaN,
    ml = likelihood_estimate(object, family)
  )
}

likelihood_estimate <- function(object, family) {
  estimate <- record_of(family)$ml_dispersion
  if (!is.null(estimate) && !isFALSE(of_parameter(family, "has_density"))) return(estimate(object, own_parameter(family)))
  stop_glmpp("dispersion", sprintf("The %s family has no likelihood to estimate the dispersion by.", family$family),
             i = "Take `\"pearson\"`, or `\"deviance\"`.")
}

# summary()'s dispersion (of a bias-reduced fit, that which was solved for with the coefficients), without its covariance matrix.
dispersion_of <- function(object) {
  family <- .subset2(object, "family")
  if (has_known_dispersion(family)) return(known_dispersion(family))
  reduced <- .subset2(object, "reduced_dispersion")
  if (!is.null(reduced)) return(reduced)
  df <- .subset2(object, "df.residual")
  if (isTRUE(df > 0)) .subset2(object, "pearson") / df else NaN
}

# Where families say so themselves (R 4.3 and later), they are believed.
has_known_dispersion <- function(family) {
  if (!is.null(family$dispersion)) return(!is.na(family$dispersion))
  identical(record_of(family)$dispersion, 1)
}

known_dispersion <- function(family) if (is.null(family$dispersion)) 1 else family$dispersion

# The argument of a verb: NULL stays so, a number too; the name of an estimate becomes its value.
given_dispersion <- function(dispersion, object) {
  if (is.null(dispersion)) return(NULL)
  if (is.character(dispersion) && length(dispersion) == 1 && dispersion %in% c("pearson", "deviance", "ml")) {
    return(as.vector(dispersion(object, dispersion)))
  }
  if (is.numeric(dispersion) && length(dispersion) == 1 && is.finite(dispersion) && dispersion >= 0) return(as.vector(dispersion))
  stop_glmpp("argument", "`dispersion` must be one non-negative number, \"pearson\", \"deviance\" or \"ml\".",
             x = sprintf("It is %s.", value_text(dispersion)))
}

# ---- Maximum likelihood ----

# Of normal and inverse gaussian rows, `count` of them: twice their log-likelihood is -count log(dispersion) - deviance / dispersion.
dispersion_of_deviance <- function(object, count) {
  value <- .subset2(object, "deviance") / count
  structure(value, se = value * sqrt(2 / count))
}

# The shape a of Gamma rows with precisions w, as MASS::gamma.shape() has it: sum w (log(w a) - digamma(w a)) = deviance / 2.
gamma_dispersion <- function(object) {
  weights <- .subset2(object, "prior.weights")
  if (is.null(weights)) weights <- far_weights(object)
  weights <- weights[weights > 0]
  deviance <- .subset2(object, "deviance")
  mean <- deviance / sum(weights)
  if (!isTRUE(mean > 0)) return(structure(0, se = 0))
  score <- function(shape) sum(weights * (log(weights * shape) - digamma(weights * shape))) - deviance / 2
  information <- function(shape) sum(weights * (weights * trigamma(weights * shape) - 1 / shape))
  log_shape <- log((6 + 2 * mean) / (mean * (6 + mean)))
  for (round in seq_len(100)) {
    shape <- exp(log_shape)
    step <- score(shape) / (shape * information(shape))
    log_shape <- log_shape + max(min(step, 2), -2)
    if (abs(step) < 1e-13) break
  }
  shape <- exp(log_shape)
  structure(1 / shape, se = 1 / (shape^2 * sqrt(information(shape))))
}

# Rows that are elsewhere all count the same, or are not known one by one.
far_weights <- function(object) {
  outline <- .subset2(object, "remote")$outline
  response <- outline$response
  if (!is.null(response) && isTRUE(response$sum_weights == outline$kept) && isTRUE(response$log_weights == 0)) return(rep(1, outline$kept))
  stop_glmpp("dispersion", "The maximum likelihood estimate needs every row's weight, and the rows are not here.",
             i = "Take `\"pearson\"`, or `\"deviance\"`.")
}

tweedie_dispersion <- function(object, power) {
  if (power == 2) return(gamma_dispersion(object))
  if (inherits(object, "glmpp_remote")) return(tweedie_dispersion_afar(object))
  if (is.null(.subset2(object, "fitted.values"))) {
    stop_glmpp("dispersion", "The maximum likelihood estimate of Tweedie's dispersion needs the rows, and the fit has left them out.",
               i = "Take `\"pearson\"`, or `\"deviance\"`.")
  }
  fit <- unclass(object)
  used <- fit$prior.weights > 0
  y <- row_response(fit)[used]
  mean <- fit$fitted.values[used]
  weights <- fit$prior.weights[used]
  minus <- function(log_value) -sum(tweedie_log_density(y, mean, exp(log_value) / weights, power))
  around <- log(fit$deviance / sum(weights))
  found <- stats::optimize(minus, around + c(-5, 5), tol = 1e-10)$minimum
  width <- 1e-3
  information <- (minus(found + width) - 2 * minus(found) + minus(found - width)) / width^2
  structure(exp(found), se = if (information > 0) exp(found) / sqrt(information) else NaN)
}

# By passes, some ten.
tweedie_dispersion_afar <- function(object) {
  best <- with_far_opener(object, function(open, home) {
    reason <- lacks_adoption(home)
    if (!is.null(reason)) {
      stop_glmpp("dispersion", sprintf("The maximum likelihood estimate can't be had from there: %s.", reason), i = "Take `\"pearson\"`, or `\"deviance\"`.")
    }
    total <- .subset2(object, "remote")$outline$response$sum_weights
    maximise_dispersion(.subset2(object, "deviance") / total, function(dispersion) {
      likelihood_sums_at(.subset2(object, "family"), dispersion, unname(known_coefficients(object)), open)
    })
  })
  structure(best$dispersion, se = if (best$information > 0) best$dispersion / sqrt(best$information) else NaN)
}
