list(
  new_adapter("mgcv::bam", package = "mgcv", interface = "formula", threads = 2,
    fit = function(workload) {
      mgcv::bam(workload$formula, workload$family, workload$data, discrete = TRUE, nthreads = 2)
    },
    estimates = vcov_estimates,
    takes = function(workload) is_dense(workload) && is.null(workload$weights) && is.null(workload$offset))
)
