#' The fitter behind `glm(..., method = glmpp_fit)`
#'
#' Has the signature of [stats::glm.fit()] and returns what it returns, so that
#' `glm(..., method = glmpp_fit)` gives a glm. Its n x p QR decomposition (`qr`, `effects`, `R`) is made when somebody asks for it
#' by `$` or `[[`: a fit that is only looked at for its coefficients does not pay for it.
#'
#' @param x The design: a numeric matrix (n x p), or a `Matrix::dgCMatrix`, which is read as it is.
#' @param y The response, in any of the shapes that the family takes.
#' @param weights,start,etastart,mustart,offset,family,intercept,singular.ok As in [stats::glm.fit()].
#' @param control A list from [stats::glm.control()] or [glmpp_control()], or arguments to the latter.
#' @returns A list of class `"glmpp_matrix"` with the components of the value of [stats::glm.fit()], and `class`, from which glm()
#'   makes an object of class `c("glmpp_matrix", "glm", "lm")`; [as.glm()] makes a plain one of it. For a sparse `x` the QR
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
  fit <- with_family_deviances(new_fit(solve_rows(problem, start), problem, singular.ok), problem)
  if (is_sparse) fit else matrix_fit(fit, x)
}

# glm() gives its object the class that the fitter's value names. `qr`, `effects` and `R` are made for who asks: the p x p
# decomposition stands in for the n x p one, and keeps the matrix.
matrix_fit <- function(fit, x) {
  if (!ncol(x)) fit["qr"] <- list(NULL)
  else attr(fit$qr, "design") <- x
  structure(c(fit, list(class = "glmpp_matrix")), class = "glmpp_matrix")
}

#' @export
`$.glmpp_matrix` <- function(x, name) full_component(x, name, .subset2(x, name, exact = FALSE))

#' @export
`[[.glmpp_matrix` <- function(x, i, ...) {
  name <- if (is.character(i)) i else if (length(i) == 1 && i <= length(x)) names(x)[i] else ""
  full_component(x, name, unclass(x)[[i, ...]])
}

full_component <- function(x, name, held) {
  if (is.null(held) || length(name) != 1 || !name %in% c("qr", "effects", "R")) return(held)
  design <- attr(.subset2(x, "qr"), "design")
  if (is.null(design)) held else .subset2(with_full_qr(unclass(x), design), name)
}

#' @export
print.glmpp_matrix <- function(x, ...) {
  if (inherits(x, "glm")) return(NextMethod())
  full <- with_full_qr(unclass(x), attr(.subset2(x, "qr"), "design"))
  print(full[names(full) != "class"], ...)
  invisible(x)
}
