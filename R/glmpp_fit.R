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
#' @export
glmpp_fit <- function(x, y, weights = NULL, start = NULL, etastart = NULL, mustart = NULL, offset = NULL,
                      family = gaussian(), control = list(), intercept = TRUE, singular.ok = TRUE) {
  family <- as_family(family, parent.frame())
  if (has_categories(family)) stop_several_predictors(family)
  is_sparse <- inherits(x, "dgCMatrix")
  x <- check_design_matrix(x, NROW(y))
  if (isTRUE(as.logical(control$trace))) control$trace <- "print"  # the value has no place for a trace
  settings <- new_settings(control)
  check_flag(singular.ok, "singular.ok")
  schema <- matrix_schema(x, intercept)
  check_matrix_values(x, settings$threads)
  design <- if (is_sparse) sparse_design(x) else matrix_design(x)
  response <- new_response(y, weights, offset, etastart, mustart, family, start, threads = settings$threads)
  problem <- row_problem(design, response, family, schema, settings)
  solution <- solve_rows(problem, start)
  fit <- with_family_deviances(new_fit(solution, problem, singular.ok), problem)
  close_problem(problem)
  if (is_sparse) fit else matrix_fit(fit, x, solution$condition)
}

# With the n x p decomposition in place of the p x p one. It is made when one of its parts is first read, where it can't
# tell us anything new: of full rank, and well conditioned, so that LINPACK's pivots are ours.
matrix_fit <- function(fit, x, condition) {
  p <- ncol(x)
  if (!p) {
    fit["qr"] <- list(NULL)
    return(fit)
  }
  surely_the_same <- 1e8
  if (fit$rank < p || !isTRUE(condition < surely_the_same)) return(with_full_qr(fit, x))
  compact <- fit
  full <- NULL
  part <- function(read, length, ...) {
    deferred_impl(function() {
      if (is.null(full)) full <<- with_full_qr(compact, x)
      read(full)
    }, length, ...)
  }
  used <- fit$weights > 0
  rows <- sum(used)
  columns <- colnames(x)
  fit$qr$qr <- part(function(full) full$qr$qr, rows * p, dim = c(rows, p),
                    dimnames = if (!is.null(dimnames(x))) list(if (all(used)) rownames(x) else rownames(x)[used], columns))
  fit$qr$qraux <- part(function(full) full$qr$qraux, p)
  fit$effects <- part(function(full) full$effects, rows, names = if (!is.null(columns)) c(columns, rep.int("", rows - p)))
  fit$R <- part(function(full) full$R, p * p, dim = c(p, p), dimnames = if (!is.null(columns)) list(columns, columns))
  fit
}
