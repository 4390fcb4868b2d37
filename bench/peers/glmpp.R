# The package itself, on all cores up to two and on one.
fit_glmpp <- function(workload, threads) {
  if (has_formula(workload)) return(call_with_formula(quote(glmpp::glmpp), workload, threads = threads))
  glmpp::glmpp_fit(workload$x, workload$y, family = workload$family, control = list(threads = threads),
                   intercept = FALSE)
}

# TRUE once a sparse matrix has a block of its own: as a dense one, S1 would take hours.
keeps_sparse <- function() {
  exists("sparse_design", asNamespace("glmpp"), inherits = FALSE)
}

takes_glmpp <- function(workload) has_formula(workload) || keeps_sparse()

estimates_glmpp <- function(fit) {
  if (inherits(fit, "glm")) return(vcov_estimates(fit))
  if (is.matrix(fit$coefficients)) {
    return(list(coefficients = class_coefficients(stats::coef(fit)), standard_errors = sqrt(diag(stats::vcov(fit)))))
  }
  list(coefficients = fit$coefficients)
}

list(
  new_adapter("glmpp", package = "glmpp", interface = "formula", threads = 2,
    fit = function(workload) fit_glmpp(workload, threads = 2), estimates = estimates_glmpp, takes = takes_glmpp),
  new_adapter("glmpp, 1 thread", package = "glmpp", interface = "formula",
    fit = function(workload) fit_glmpp(workload, threads = 1), estimates = estimates_glmpp, takes = takes_glmpp)
)
