# lm() and the fitters below it.
only_coefficients <- function(fit) list(coefficients = fit$coefficients)

list(
  new_adapter("lm", package = "stats", interface = "formula",
    fit = function(workload) stats::lm(workload$formula, workload$data),
    estimates = vcov_estimates, takes = is_gaussian),

  new_adapter("lm.fit", package = "stats", interface = "matrix",
    fit = function(workload) stats::lm.fit(design_matrix(workload), workload$y),
    estimates = only_coefficients, takes = is_gaussian),

  new_adapter(".lm.fit", package = "stats", interface = "matrix",
    fit = function(workload) stats::.lm.fit(design_matrix(workload), workload$y),
    estimates = only_coefficients, takes = is_gaussian)
)
