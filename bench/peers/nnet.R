# Run until it rests, as a user must who wants more than four digits; its Hessian, which vcov() needs, would
# nearly double the time.
list(
  new_adapter("nnet::multinom", package = "nnet", interface = "formula", standard_errors = FALSE,
    fit = function(workload) {
      call_with_formula(quote(nnet::multinom), workload, family = NULL, trace = FALSE, reltol = 1e-14, maxit = 10000)
    },
    estimates = function(fit) list(coefficients = class_coefficients(stats::coef(fit))),
    takes = has_classes)
)
