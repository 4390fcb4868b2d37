# Cholesky of X'X, the fastest of its methods.
list(
  new_adapter("collapse::flm, chol", package = "collapse", interface = "matrix", standard_errors = FALSE,
    fit = function(workload) collapse::flm(workload$y, design_matrix(workload), method = "chol"),
    estimates = function(fit) list(coefficients = fit[, 1]), takes = is_gaussian),

  new_adapter("collapse::flm, chol, formula", package = "collapse", interface = "formula", standard_errors = FALSE,
    fit = function(workload) collapse::flm(workload$formula, workload$data, method = "chol"),
    estimates = function(fit) list(coefficients = fit[, 1]), takes = is_gaussian)
)
