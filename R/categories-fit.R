# The fit object of models for categories.

new_category_fit <- function(solution, problem) {
  response <- problem$response
  estimates <- if (is_ordinal(response$family)) ordinal_estimates(solution, problem$schema, response)
               else multinomial_estimates(solution, problem$schema, response)
  row_names <- response$names
  predictors <- category_predictors(estimates, problem$design, response$offset, response$baseline, problem$settings$threads)
  fitted <- category_probabilities(predictors, estimates$thresholds, response$family)
  dimnames(fitted) <- list(row_names, response$classes)
  rank <- estimate_count(estimates, response)
  nobs <- sum(response$totals)
  fit <- c(estimates, list(
    fitted.values = fitted, linear.predictors = name_predictors(predictors, row_names, response),
    deviance = solution$deviance, null.deviance = category_null_deviance(response, problem$schema),
    aic = solution$deviance + 2 * rank, rank = rank,
    df.residual = if (is_ordinal(response$family)) nobs - rank
                  else solution$effective_rows * (length(response$classes) - 1) - rank,
    nobs = nobs, iter = solution$iterations, converged = solution$converged, classes = response$classes,
    baseline = response$baseline, family = response$family
  ))
  fit$separation <- solution$separation
  fit$solver <- solver_report(solution, problem$settings, solution$names)
  fit$trace <- new_trace(solution$trace, solution$names)
  fit$penalty <- problem$settings$penalty
  fit$bias_reduction <- problem$settings$reduction
  fit
}

# Without a baseline one class is implied by the others.
estimate_count <- function(estimates, response) {
  if (!is.matrix(estimates$coefficients)) return(sum(!is.na(unlist(estimates[c("coefficients", "thresholds")]))))
  sum(!is.na(estimates$coefficients[1, ])) * (length(response$classes) - 1L)
}

# Estimates and their covariance, in the order of coef() and vcov(); aliased ones are NA.
multinomial_estimates <- function(solution, schema, response) {
  classes <- free_classes(response)
  count <- length(schema$columns)
  coefficients <- matrix(replace(solution$coefficients, solution$aliased, NA), length(classes), count, byrow = TRUE,
                         dimnames = list(classes, schema$columns))
  covariance <- expected_covariance(solution)
  if (!length(solution$undetermined)) return(list(coefficients = coefficients, covariance = covariance))
  list(coefficients = coefficients, covariance = centre_covariance(covariance, solution, length(classes)))
}

# Of coefficients whose sum over the classes is fixed.
centre_covariance <- function(covariance, solution, classes) {
  count <- nrow(covariance) / classes
  centred <- diag(seq_len(count) %in% solution$undetermined, count)
  centring <- diag(nrow(covariance)) - kronecker(matrix(1 / classes, classes, classes), centred)
  known <- !is.na(diag(covariance))
  centring <- centring[known, known, drop = FALSE]
  covariance[known, known] <- centring %*% covariance[known, known] %*% t(centring)
  covariance
}

ordinal_estimates <- function(solution, schema, response) {
  thresholds <- seq_len(length(response$classes) - 1)
  estimates <- named(replace(solution$coefficients, solution$aliased, NA), solution$names)
  order <- estimate_order(response, length(estimates))
  list(coefficients = estimates[-thresholds], thresholds = estimates[thresholds],
       covariance = observed_covariance(solution)[order, order])
}

# From the core's order to that of vcov(), which has the thresholds last.
estimate_order <- function(response, count) {
  each <- seq_len(count)
  if (!is_ordinal(response$family)) return(each)
  thresholds <- seq_len(length(response$classes) - 1)
  c(each[-thresholds], thresholds)
}

expected_covariance <- function(solution) {
  estimable <- seq_along(solution$estimable)
  inverse <- if (length(estimable)) chol2inv(solution$root[, estimable, drop = FALSE]) else matrix(0, 0, 0)
  all <- spread_covariance(inverse, solution)
  all[solution$aliased, ] <- NA
  all[, solution$aliased] <- NA
  all
}

# Away from an optimum, and for the cauchit link, the observed information need not be positive definite.
observed_covariance <- function(solution) {
  estimable <- setdiff(solution$estimable, solution$aliased)
  information <- solution$observed[estimable, estimable, drop = FALSE]
  root <- root_of_information(information)
  if (!is.null(root)) return(spread_covariance(chol2inv(root), solution, estimable))
  warn_glmpp("covariance", "The observed information is not positive definite: standard errors are from the expected information.",
             i = "The fit is no proper maximum of the likelihood.")
  expected_covariance(solution)
}

spread_covariance <- function(covariance, solution, estimable = solution$estimable) {
  count <- length(solution$names)
  all <- matrix(NA_real_, count, count, dimnames = list(solution$names, solution$names))
  all[estimable, estimable] <- covariance
  all
}

# The deviance of the shares of the classes.
category_null_deviance <- function(response, schema) {
  if (!is.null(response$offset)) return(NA_real_)
  totals <- response$totals
  if (is_ordinal(response$family) || schema$intercept) return(-2 * sum(totals * log(totals / sum(totals))))
  2 * sum(totals) * log(length(totals))
}

complete_category_fit <- function(fit, frame, schema, response, call, formula, data, keep) {
  fit$y <- if (keep$y) response$codes %||% response$counts
  fit$prior.weights <- full_weights(response)
  if (keep$model) fit$model <- frame_without_counts(frame)
  if (keep$x) fit$x <- stats::model.matrix(schema$terms, frame, schema$contrasts)
  structure(c(fit, list(
    call = call, formula = formula, terms = schema$terms, data = data, offset = response$offset,
    na.action = attr(frame, "na.action"), contrasts = schema$contrasts, xlevels = schema$xlevels, schema = schema
  )), class = c(paste0("glmpp_", fit$family$family), "glmpp_categories"))
}
