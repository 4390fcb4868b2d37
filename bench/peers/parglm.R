list(
  new_adapter("parglm, FAST", package = "parglm", interface = "formula", threads = 2,
    fit = function(workload) {
      control <- parglm::parglm.control(method = "FAST", nthreads = 2L)
      call_with_formula(quote(parglm::parglm), workload, control = control)
    },
    estimates = vcov_estimates)
)
