# What the sandwich package asks of a fit, from the blocks.

#' @exportS3Method sandwich::estfun
estfun.glmpp <- function(x, ...) {
  fit <- unclass(x)
  known <- !is.na(fit$coefficients)
  rows <- expanded_blocks(x)
  if (!all(known)) rows <- rows[, known, drop = FALSE]
  naresid(fit$na.action, working_scores(fit) / score_dispersion(fit) * rows)
}

# Of each row, so that X'r is the score.
working_scores <- function(fit) as.vector(fit$residuals) * as.vector(fit$weights)

# A working residual may be infinite where the weight is zero.
finite_scores <- function(object) {
  fit <- unclass(object)
  replace(working_scores(fit), as.vector(fit$weights) == 0, 0)
}

# As sandwich has it: Pearson's sum over the sum of the working weights.
score_dispersion <- function(fit) {
  if (is_of_known_scale(fit$family, "sandwich")) return(1)
  sum(working_scores(fit)^2, na.rm = TRUE) / sum(fit$weights, na.rm = TRUE)
}

#' @exportS3Method sandwich::vcovHC
vcovHC.glmpp <- function(x, type = c("HC3", "const", "HC", "HC0", "HC1", "HC2", "HC4", "HC4m", "HC5"), omega = NULL, sandwich = TRUE, ...) {
  type <- match.arg(type)
  fit <- unclass(x)
  is_ours <- type %in% c("HC", "HC0", "HC1", "HC2", "HC3") && is.null(omega) && sandwich && fit$rank > 0 && all(fit$prior.weights > 0)
  if (!is_ours) return(NextMethod())
  hat <- if (type %in% c("HC2", "HC3")) unname(influence(x, do.coef = FALSE)$hat)
  if (inherits(fit$na.action, "exclude") && length(hat)) hat <- hat[-fit$na.action]
  if (any(hat > 1 - sqrt(.Machine$double.eps))) return(NextMethod())
  rows <- length(fit$residuals)
  squares <- working_scores(fit)^2
  squares <- squares * switch(type, HC1 = rows / (rows - fit$rank), HC2 = , HC3 = leverage_factor(hat, list(type = type)), 1)
  known <- !is.na(fit$coefficients)
  meat <- weighted_cross_product_impl(fit_design(x), squares, fit$solver$threads)[known, known, drop = FALSE]
  bread <- unscaled_covariance(x)
  structure(symmetric_sandwich_impl(bread, meat, fit$solver$threads), dimnames = dimnames(bread))
}
