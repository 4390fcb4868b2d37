# Quasi-likelihoods of zeros. What is minimised is twice the integral of (y - mu) / V(mu), less its value at mu = y where that is
# finite. At y = 0 it is not under the variances mu^2 and mu^3, and what the family calls the deviance is another number.

has_zeros_of_quasi <- function(response, family) {
  is_quasi(family) && isTRUE(response$core_family$variance %in% c("mu^2", "mu^3")) && any(response$y == 0)
}

# The deviances that the family reports, and so glm().
with_family_deviances <- function(fit, problem) {
  family <- problem$family
  response <- problem$response
  if (!has_zeros_of_quasi(response, family)) return(fit)
  weights <- full_weights(response)
  deviance_at <- function(mean) sum(family$dev.resids(response$y, mean, weights))
  fit$deviance <- deviance_at(as.vector(fit$fitted.values))
  null <- null_means(fit, problem)
  fit$null.deviance <- if (is.null(null)) NA_real_ else deviance_at(null)
  if (!is.finite(fit$deviance)) warn_infinite_deviance(response, family)
  fit
}

null_means <- function(fit, problem) {
  response <- problem$response
  if (!problem$schema$intercept) return(problem$family$linkinv(response$offset %||% numeric(response$rows)))
  if (is.null(response$offset)) return(rep(weighted_mean(response), response$rows))
  if (is.na(fit$null.deviance)) return(NULL)
  null <- problem$null_problem(list(eta = as.vector(fit$linear.predictors)))
  solve_problem(null$problem, settings = plain_settings(problem$settings))$mean
}

warn_infinite_deviance <- function(response, family) {
  warn_glmpp("deviance", sprintf("The deviance of the quasi family with variance %s is infinite where the response is 0.", family$varfun),
             x = sprintf("%s: %s.", plural(sum(response$y == 0), "row"), rows_text(which(response$y == 0))),
             i = "The coefficients solve the estimating equation; standard errors are by Pearson's dispersion. Deviance residuals of these rows are infinite.")
}

# From afar only sums of what is minimised come back.
refuse_zeros_of_quasi <- function(response, family) {
  if (!has_zeros_of_quasi(response, family)) return(invisible())
  stop_glmpp("family", sprintf("The quasi family with variance %s can't be fitted from afar to a response with zeros.", family$varfun),
             x = sprintf("Zero in %s.", rows_text(which(response$y == 0))),
             i = "Its deviance is no sum of what is minimised. Fit it to a data frame, or take `quasipoisson` or another variance.")
}
