list(
  new_adapter("RcppNumerical::fastLR", package = "RcppNumerical", interface = "matrix", standard_errors = FALSE,
    fit = function(workload) RcppNumerical::fastLR(design_matrix(workload), workload$y),
    estimates = function(fit) list(coefficients = fit$coefficients),
    takes = function(workload) is_dense(workload) && is_family(workload, "binomial"))
)
