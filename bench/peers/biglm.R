list(
  new_adapter("bigglm", package = "biglm", interface = "formula",
    fit = function(workload) biglm::bigglm(workload$formula, workload$data, workload$family, maxit = 25),
    estimates = vcov_estimates,
    takes = function(workload) is_dense(workload) && is.null(workload$weights) && is.null(workload$offset))
)
