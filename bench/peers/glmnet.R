# No penalty, and no standard errors. Its own intercept: the design's is left out.
fit_glmnet <- function(workload, sparse) {
  x <- design_matrix(workload, sparse)
  if (has_formula(workload)) x <- x[, -1]
  glmnet::glmnet(x, workload$y, family = workload$family$family, lambda = 0, intercept = has_formula(workload),
                 weights = prior_weights(workload))
}

estimates_glmnet <- function(fit) {
  values <- as.matrix(stats::coef(fit))[, 1]
  list(coefficients = if (values[1] == 0) values[-1] else values)
}

has_canonical_link <- function(workload) is_family(workload, "binomial", "poisson", "gaussian")

list(
  new_adapter("glmnet, lambda = 0", package = "glmnet", interface = "matrix", standard_errors = FALSE,
    fit = function(workload) fit_glmnet(workload, sparse = FALSE), estimates = estimates_glmnet,
    takes = function(workload) is_dense(workload) && !has_factors(workload) && has_canonical_link(workload)),

  new_adapter("glmnet, lambda = 0, sparse", package = "glmnet", interface = "matrix", sparse = TRUE,
    standard_errors = FALSE,
    fit = function(workload) fit_glmnet(workload, sparse = TRUE), estimates = estimates_glmnet,
    takes = function(workload) !has_formula(workload) || has_factors(workload))
)
