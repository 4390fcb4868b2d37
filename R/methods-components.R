# Verbs that only hand out what a fit holds: as the methods for a glm answer, without their detours.

#' @export
coef.glmpp <- function(object, complete = TRUE, absorbed = FALSE, ...) {
  coefficients <- .subset2(object, "coefficients")
  hidden <- if (!absorbed && length(absorbed_of(.subset2(object, "schema")))) absorbed_places(object)
  if (length(hidden)) coefficients <- coefficients[-hidden]
  if (complete) coefficients else coefficients[!is.na(coefficients)]
}

#' @rdname logLik.glmpp
#' @export
deviance.glmpp <- function(object, ...) .subset2(object, "deviance")

#' @rdname logLik.glmpp
#' @export
df.residual.glmpp <- function(object, ...) .subset2(object, "df.residual")

#' @export
family.glmpp <- function(object, ...) .subset2(object, "family")

#' @export
weights.glmpp <- function(object, type = c("prior", "working"), ...) {
  name <- if (match.arg(type) == "prior") "prior.weights" else "weights"
  weights <- .subset2(object, name)
  if (is.null(weights)) weights <- row_component(object, name)
  omitted <- .subset2(object, "na.action")
  if (is.null(omitted)) weights else naresid(omitted, weights)
}

#' @rdname logLik.glmpp
#' @export
nobs.glmpp <- function(object, ...) {
  used <- .subset2(object, "df.null")
  if (is.null(used)) NextMethod() else used + as.integer(.subset2(object, "schema")$intercept)
}

#' @rdname logLik.glmpp
#' @export
extractAIC.glmpp <- function(fit, scale = 0, k = 2, ...) {
  # What counts all rows there, weight or none.
  edf <- rows_of_fit(fit) - .subset2(fit, "df.residual")
  # As extractAIC() of MASS::glm.nb() has it, without theta.
  aic <- .subset2(fit, "aic") - 2 * has_estimated_parameter(fit)
  c(edf, aic + (k - 2) * edf)
}

#' Log-likelihood, deviance and counts of a fit
#'
#' Numbers that the fit holds, without a pass over the rows; lean fits (`keep = "summary"`) have them too. `AIC()` and `BIC()` follow from
#' `logLik()`. What each row adds is [loglik()]; the likelihood as a function of the coefficients is [nll()].
#'
#' `logLik()` is at the maximum likelihood estimate of the dispersion for the families that have one, which counts among the
#' degrees of freedom, and so does an estimated parameter of the family (theta of [negative_binomial()], the power of [tweedie()]). That
#' and `extractAIC()` agree with `logLik()` and `extractAIC()` of a `glm()`, and of `MASS::glm.nb()`. Of a penalised fit it is the likelihood
#' itself at the penalised estimate, with the rank for degrees of freedom, see [ridge()]. Quasi families have none: NA.
#'
#' @param object,fit A fit by [glmpp()], from afar too.
#' @param scale Not read; for `step()`.
#' @param k The weight of a degree of freedom: 2 for AIC, `log(nobs(fit))` for BIC.
#' @param ... None.
#' @returns `logLik()`: a number of class `"logLik"` with attributes `df` and `nobs`. `deviance()`: twice the distance to the saturated
#'   model's log-likelihood, times the dispersion. `df.residual()`: rows of weight above 0, less the rank. `nobs()`: rows of weight above
#'   0. `extractAIC()`: degrees of freedom, and AIC.
#' @seealso [anova.glmpp()] for tests, [drop1()][glmpp_candidates] for choosing terms, [dispersion()].
#' @examples
#' fit <- glmpp(am ~ wt, binomial, mtcars)
#' logLik(fit)
#' c(AIC(fit), BIC(fit), deviance(fit), nobs(fit))
#' @concept AIC
#' @concept BIC
#' @concept information criterion
#' @export
logLik.glmpp <- function(object, ...) {
  if (...length()) warning("extra arguments discarded")
  family <- .subset2(object, "family")
  df <- .subset2(object, "rank") + has_estimated_likelihood_dispersion(family) + has_estimated_parameter(object)
  value <- df - .subset2(object, "aic") / 2
  attributes(value) <- list(nobs = rows_of_fit(object), df = df, class = "logLik")
  value
}

# The dispersion is a parameter of these likelihoods; of others, where a newer R has its methods say so of the family.
has_estimated_likelihood_dispersion <- function(family) {
  if (isTRUE(record_of(family)$counts_dispersion)) return(TRUE)
  if (!isTRUE(is.na(family$dispersion))) return(FALSE)
  if (!is.null(record_of(family)$dispersion_of)) return(TRUE)
  plain <- structure(list(family = family, rank = 0L, aic = 0, residuals = numeric()), class = c("glm", "lm"))
  attr(logLik(plain), "df") > 0
}

rows_of_fit <- function(object) {
  residuals <- .subset2(object, "residuals")
  if (is.null(residuals)) .subset2(object, "row_summary")$rows else length(residuals)
}
