list(
  new_adapter("glm", package = "stats", interface = "formula",
    fit = function(workload) call_with_formula(quote(stats::glm), workload),
    estimates = vcov_estimates)
)
