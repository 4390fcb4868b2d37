# Coefficients alone: its standard errors take a call of their own.
fit_rfast <- function(workload) {
  f <- switch(workload$family$family, binomial = Rfast::glm_logistic, poisson = Rfast::glm_poisson)
  f(design_matrix(workload)[, -1], workload$y)
}

list(
  new_adapter("Rfast", package = "Rfast", interface = "matrix", standard_errors = FALSE,
    fit = fit_rfast, estimates = function(fit) list(coefficients = as.vector(fit$be)),
    takes = function(workload) is_dense(workload) && is_family(workload, "binomial", "poisson"))
)
