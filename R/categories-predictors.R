# Linear predictors and probabilities of models for categories.

# A column for each class, zero for the baseline; for an ordinal model a vector.
category_predictors <- function(estimates, design, offset, baseline, threads) {
  coefficients <- replace(estimates$coefficients, is.na(estimates$coefficients), 0)
  if (!is.null(estimates$thresholds)) {
    eta <- linear_predictor_impl(design, as.double(coefficients), threads)
    return(if (is.null(offset)) eta else eta + offset)
  }
  classes <- nrow(coefficients) + (baseline > 0)
  free <- setdiff(seq_len(classes), baseline)
  eta <- matrix(0, design$rows, classes)
  for (k in seq_along(free)) eta[, free[k]] <- linear_predictor_impl(design, as.double(coefficients[k, ]), threads)
  if (is.null(offset)) eta else eta + offset
}

category_probabilities <- function(predictors, thresholds, family) {
  if (is_ordinal(family)) cumulative_impl(predictors, thresholds, family$link) else softmax_impl(predictors)
}

# As predict() gives them: relative to the baseline, which is left out.
name_predictors <- function(predictors, row_names, response) {
  if (!is.matrix(predictors)) return(named(predictors, row_names))
  baseline <- response$baseline
  if (baseline > 0) predictors <- predictors[, -baseline, drop = FALSE] - predictors[, baseline]
  dimnames(predictors) <- list(row_names, free_classes(response))
  predictors
}
