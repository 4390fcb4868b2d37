# Standard errors by the observed information of coefficients and a parameter of the family's own, where the two are not orthogonal.

# The information of the coefficients less what theta takes of it, as its factor; the derivative of the score in theta is by differences.
joint_report <- function(problem, solution) {
  found <- problem$parameter
  if (is.infinite(found$value)) return(list(theta = Inf, SE.theta = NaN))
  at <- replace(solution$coefficients, solution$aliased, 0)
  sums <- evaluate_problem(problem, at, need = c("observed_information", "parameter_score"))
  p <- length(at)
  kept <- solution$estimable
  step <- 1e-5
  scores <- lapply(c(1 + step, 1 - step), function(factor) ask_once(found$reopen(found$value * factor), at, "score", problem$settings)$score)
  cross <- ((scores[[1]] - scores[[2]]) / (2 * step * found$value))[kept]
  information <- matrix(sums$observed_information, p)[kept, kept, drop = FALSE]
  report <- list(theta = found$value, SE.theta = NaN, log_likelihood = sums$log_likelihood, passes = 3L)
  if (!is.null(problem$settings$penalty) || !(sums$parameter_information > 0)) return(report)
  report$root <- root_of_information(information - cross %o% cross / sums$parameter_information)
  of_coefficients <- root_of_information(information)
  if (is.null(report$root) || is.null(of_coefficients)) return(report)
  explained <- sum(backsolve(of_coefficients, cross, transpose = TRUE)^2)
  report$SE.theta <- 1 / sqrt(sums$parameter_information - explained)
  report
}

# Its Cholesky factor; NULL where it is not positive definite, as under separation.
root_of_information <- function(information) {
  if (!length(information)) return(NULL)
  scale <- sqrt(pmax(diag(information), 0))
  if (!isTRUE(all(is.finite(information)) && all(scale > 0))) return(NULL)
  root <- tryCatch(chol(information / outer(scale, scale)), error = function(e) NULL)
  if (!is.null(root)) root * rep(scale, each = length(scale))
}

with_joint_errors <- function(fit, report) {
  classes <- class(fit)
  fit <- with_theta_components(unclass(fit), report)
  if (!is.null(report$root)) {
    rank <- seq_len(fit$rank)
    # In the order of the fit's own factor.
    fit$joint_qr <- structure(list(qr = report$root, rank = fit$rank, qraux = numeric(fit$rank), pivot = fit$qr$pivot[rank],
                                   tol = fit$qr$tol), class = "qr")
  }
  class(fit) <- classes
  fit
}

# The factor of the inverse covariance of the coefficients: that of a glm, unless a parameter was estimated with them.
errors_qr <- function(object) .subset2(object, "joint_qr") %||% .subset2(object, "qr")

has_joint_errors <- function(object) !is.null(.subset2(object, "joint_qr"))

# A glm can't say them.
refuse_joint_errors <- function(object, what, remedy = "Fit it with the family of this fit, `fit$family`; its standard errors are those given theta.") {
  if (!has_joint_errors(object)) return(invisible())
  stop_glmpp("covariance", sprintf("%s takes a fit whose own parameter is given.", what),
             x = "Here it was estimated with the coefficients, and is not orthogonal to them.",
             i = remedy)
}
