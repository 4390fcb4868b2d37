# The sandwich of a fit of categories: scores of the rows by their predictors, one per class, or thresholds and eta.

category_sandwich <- function(object, type, cluster) {
  object$fitted.values <- row_component(object, "fitted.values")
  known <- !is.na(diag(object$covariance))
  meat <- category_meat(object, cluster)
  rows <- sum(object$prior.weights > 0)
  count <- sum(known)
  scale <- if (type == "HC1") rows / (rows - count) else 1
  if (!is.null(cluster)) {
    groups <- attr(meat, "groups")
    scale <- groups / (groups - 1) * if (type == "HC1") (rows - 1) / (rows - count) else 1
  }
  bread <- object$covariance[known, known, drop = FALSE]
  replace(object$covariance, outer(known, known, "&"), scale * bread %*% meat[known, known] %*% bread)
}

# Of 4096 rows at a time; clusters are sums over all of them.
category_meat <- function(object, cluster) {
  design <- design_blocks(object$schema, model.frame(object))
  slopes <- predictor_scores(object)
  group <- if (!is.null(cluster)) factor(as.character(cluster_of_rows(object, cluster)))
  total <- 0
  for (first in seq(1, design$rows, by = 4096)) {
    rows <- seq(first, min(first + 4095, design$rows))
    scores <- coefficient_scores(object, design, rows, slopes[rows, , drop = FALSE])
    total <- total + if (is.null(group)) crossprod(scores) else rowsum_all(scores, group[rows])
  }
  if (is.null(group)) total else structure(crossprod(total), groups = nlevels(group))
}

rowsum_all <- function(scores, group) {
  sums <- matrix(0, nlevels(group), ncol(scores), dimnames = list(levels(group), NULL))
  found <- rowsum(scores, group)
  sums[rownames(found), ] <- found
  sums
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
