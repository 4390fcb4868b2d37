# With two threads, or discrete = TRUE, it took 20 to 40 times as long on D1.
list(
  new_adapter("mgcv::bam", package = "mgcv", interface = "formula",
    fit = function(workload) mgcv::bam(workload$formula, workload$family, workload$data, use.chol = TRUE),
    estimates = vcov_estimates,
    takes = function(workload) is_dense(workload) && is.null(workload$weights) && is.null(workload$offset))
)
