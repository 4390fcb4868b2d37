# The sandwich of a fit of categories: scores of the rows by their predictors, one per class, or thresholds and eta.

category_sandwich <- function(object, type, cluster, cadjust = TRUE) {
  object$fitted.values <- row_component(object, "fitted.values")
  known <- !is.na(diag(object$covariance))
  scores <- list(meat = function(at, cluster, object) category_cluster_scores(object, cluster))
  meat <- if (is.null(cluster)) category_meat(object) else meat_of_clusters(scores, NULL, cluster, object, cadjust = cadjust)
  rows <- sum(object$prior.weights > 0)
  scale <- if (type != "HC1") 1 else (rows - !is.null(cluster)) / (rows - object$rank)
  bread <- object$covariance[known, known, drop = FALSE]
  replace(object$covariance, outer(known, known, "&"), scale * bread %*% meat[known, known] %*% bread)
}

# The sum of squared scores.
category_meat <- function(object) fold_row_scores(object, function(total, scores, rows) total + crossprod(scores), 0)

# The scores of the clusters, a row each.
category_cluster_scores <- function(object, group) {
  fold_row_scores(object, function(total, scores, rows) {
    sums <- rowsum(scores, group[rows], reorder = FALSE)
    found <- as.integer(rownames(sums))
    total[found, ] <- total[found, , drop = FALSE] + sums
    total
  }, matrix(0, max(group), nrow(object$covariance)))
}

# Derivatives of a row's log-likelihood with respect to its predictors.
predictor_scores <- function(object) {
  y <- category_outcomes(object)
  counts <- if (is.matrix(y)) y else observed_shares(object)
  gradients <- probability_gradients(object, list(probabilities = object$fitted.values, link = object$linear.predictors))
  scores <- 0
  for (k in seq_along(gradients)) {
    share <- ifelse(counts[, k] > 0, counts[, k] / object$fitted.values[, k], 0)
    scores <- scores + share * gradients[[k]]
  }
  scores * object$prior.weights
}

# In the order of vcov(): class by class, or slopes and then thresholds.
coefficient_scores <- function(object, design, rows, slopes) {
  x <- if (length(object$schema$columns)) design_rows_impl(design, rows) else matrix(0, length(rows), 0)
  if (!is_ordinal(object$family)) return(do.call(cbind, lapply(seq_len(ncol(slopes)), function(k) x * slopes[, k])))
  last <- ncol(slopes)
  cbind(x * slopes[, last], slopes[, -last, drop = FALSE])
}
