#' The fitter behind `glm(..., method = glmpp_fit)`
#'
#' Has the signature of [stats::glm.fit()] and returns what it returns, so that
#' `glm(..., method = glmpp_fit)` gives a plain glm. Its n x p QR decomposition (`qr`, `effects`, `R`) is made when somebody reads
#' one of its numbers: a fit that is only looked at for its coefficients does not pay for it.
#'
#' @param x The design: a numeric matrix (n x p), or a `Matrix::dgCMatrix`, which is read as it is.
#' @param y The response, in any of the shapes that the family takes.
#' @param weights,start,etastart,mustart,offset,family,intercept,singular.ok As in [stats::glm.fit()].
#' @param control A list from [stats::glm.control()] or [glmpp_control()], or arguments to the latter.
#' @returns A list with the components of the value of [stats::glm.fit()]. For a sparse `x` the QR
#'   decomposition is p x p (`R`, `rank` and `pivot`, but not the leverages, can be had from it).
#' @examples
#' fit <- glm(am ~ wt, binomial, mtcars, method = glmpp_fit)
#' anova(fit, test = "Chisq")
#' @concept glm.fit
#' @concept method of glm
#' @export
glmpp_fit <- function(x, y, weights = NULL, start = NULL, etastart = NULL, mustart = NULL, offset = NULL,
                      family = gaussian(), control = list(), intercept = TRUE, singular.ok = TRUE) {
  family <- as_family(family, parent.frame())
  if (has_categories(family)) stop_several_predictors(family)
  if (is_estimated(family)) refuse_estimated(family, "glmpp_fit()")
  is_sparse <- inherits(x, "dgCMatrix")
  x <- check_design_matrix(x, NROW(y), is_sparse)
  if (length(control) && is.list(control) && isTRUE(as.logical(control$trace))) control$trace <- "print"  # the value has no place for a trace
  settings <- new_settings(control)
  if (!identical(singular.ok, TRUE)) check_flag(singular.ok, "singular.ok")
  schema <- matrix_schema(x, intercept)
  check_matrix_values(x, is_sparse, settings$threads)
  design <- if (is_sparse) sparse_design(x) else matrix_design(x)
  response <- new_response(y, weights, offset, etastart, mustart, family, start, threads = settings$threads)
  problem <- row_problem(design, response, family, schema, settings)
  solution <- solve_rows(problem, start)
  fit <- if (is_sparse) new_fit(solution, problem, singular.ok) else new_fit(solution, problem, singular.ok, bare_qr(solution, settings))
  if (is_quasi(family)) fit <- with_family_deviances(fit, problem)
  close_problem(problem)
  if (is_sparse) return(fit)
  if (!length(schema$columns)) return(with_full_qr(fit))
  with_deferred_qr(fit, function(factors) x * factors, dimnames(x), solution$condition)
}
