list(
  new_adapter("fastglm, LLT", package = "fastglm", interface = "matrix",
    fit = function(workload) {
      fastglm::fastglm(design_matrix(workload), workload$y, family = workload$family, method = 2L,
                       weights = weights_or_ones(workload), offset = offset_or_zeros(workload))
    },
    estimates = function(fit) list(coefficients = stats::coef(fit), standard_errors = fit$se)),

  new_adapter("glm(method = fastglm_fit)", package = "fastglm", interface = "formula",
    fit = function(workload) {
      call_with_formula(quote(stats::glm), workload, method = quote(fastglm::fastglm_fit),
                        control = quote(list(method = 2L)))
    },
    estimates = function(fit) list(coefficients = stats::coef(fit), standard_errors = fit$se)),

  new_adapter("fastglm, sparse", package = "fastglm", interface = "matrix", sparse = TRUE,
    fit = function(workload) {
      fastglm::fastglm(design_matrix(workload, sparse = TRUE), workload$y, family = workload$family, method = 2L)
    },
    estimates = function(fit) list(coefficients = stats::coef(fit), standard_errors = fit$se),
    takes = function(workload) !has_formula(workload) || has_factors(workload))
)
