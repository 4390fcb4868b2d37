list(
  new_adapter("speedglm", package = "speedglm", interface = "formula",
    fit = function(workload) call_with_formula(quote(speedglm::speedglm), workload),
    estimates = vcov_estimates),

  new_adapter("speedlm", package = "speedglm", interface = "formula",
    fit = function(workload) call_with_formula(quote(speedglm::speedlm), workload, family = NULL),
    estimates = vcov_estimates, takes = is_gaussian)
)
