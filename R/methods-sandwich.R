# What the sandwich package asks of a fit, from the blocks.

#' @exportS3Method sandwich::estfun
estfun.glmpp <- function(x, ...) {
  fit <- unclass(x)
  known <- !is.na(fit$coefficients)
  scores <- working_scores(fit)
  dispersion <- score_dispersion(fit)
  scores <- expanded_blocks(x, "the matrix of scores", if (identical(dispersion, 1)) scores else scores / dispersion)
  naresid(fit$na.action, if (all(known)) scores else scores[, known, drop = FALSE])
}

#' @exportS3Method sandwich::bread
bread.glmpp <- function(x, ...) {
  refuse_leverages(x, "The sandwich of the package sandwich")
  known <- summary(if (has_absorbed(x)) with_all_shown(x) else x)
  known$cov.unscaled * sum(known$df[1:2]) * score_dispersion(unclass(x))
}

# Of each row, so that X'r is the score.
working_scores <- function(fit) as.vector(fit$residuals) * as.vector(fit$weights)

# A working residual may be infinite where the weight is zero.
finite_scores <- function(object) {
  fit <- unclass(object)
  replace(working_scores(fit), as.vector(fit$weights) == 0, 0)
}

# Over the scores of the rows in memory, of categories too, 4096 at a time: add(total, scores, rows).
fold_row_scores <- function(fit, add, total) {
  design <- design_blocks(fit$schema, model.frame(fit))
  is_category <- inherits(fit, "glmpp_categories")
  slopes <- if (is_category) predictor_scores(fit) else finite_scores(fit)
  for (first in seq(1, design$rows, by = 4096)) {
    rows <- seq(first, min(first + 4095, design$rows))
    scores <- if (is_category) coefficient_scores(fit, design, rows, slopes[rows, , drop = FALSE])
              else design_rows_impl(design, rows) * slopes[rows]
    total <- add(total, scores, rows)
  }
  total
}

# As sandwich has it: Pearson's sum over the sum of the working weights.
score_dispersion <- function(fit) {
  if (is_of_known_scale(fit$family, "sandwich")) return(1)
  sum(working_scores(fit)^2, na.rm = TRUE) / sum(fit$weights, na.rm = TRUE)
}

#' @exportS3Method sandwich::vcovHC
vcovHC.glmpp <- function(x, type = c("HC3", "const", "HC", "HC0", "HC1", "HC2", "HC4", "HC4m", "HC5"), omega = NULL, sandwich = TRUE, ...) {
  type <- match.arg(type)
  refuse_leverages(x, "The sandwich of the package sandwich", "`vcov(fit, type = \"HC1\")`, where no inequality is active.")
  fit <- unclass(x)
  is_ours <- type != "HC5" && type != "const" && is.null(omega) && sandwich && fit$rank > 0 && all(fit$prior.weights > 0)
  if (!is_ours) return(NextMethod())
  by_leverage <- !type %in% c("HC", "HC0", "HC1")
  if (by_leverage && any(hatvalues(x) > 1 - sqrt(.Machine$double.eps))) return(NextMethod())
  robust_covariance(x, if (type == "HC") "HC0" else type, NULL, complete = FALSE)
}
