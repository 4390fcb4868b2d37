# A glmpp fit holds its QR decomposition as p x p. Whoever asks for `qr`, `effects` or `R` gets the full
# decomposition, rebuilt; what needs rank, pivot and R up to signs works on the compact fit.

#' @export
`$.glmpp` <- function(x, name) {
  value <- .subset2(x, name, exact = FALSE)
  if (is.null(value) || name == "qr" || name == "effects" || name == "R") component(x, name, value) else value
}

#' @export
`[[.glmpp` <- function(x, i, ...) {
  value <- .subset2(x, i, ...)
  # By number: whoever walks through the list (lapply(), purrr, viewers) gets what is there.
  if (length(i) != 1 || !is.character(i)) return(value)
  if (is.null(value) || i %in% full_components) component(x, i, value) else value
}

#' @importFrom utils str
#' @export
str.glmpp <- function(object, ...) {
  str(structure(unclass(object), class = c("glm", "lm")), ...)
}

full_components <- c("qr", "effects", "R")

# What is not there may have been left out; the full decomposition is made for who asks.
component <- function(x, name, value) {
  if (is.null(value)) check_left_out(x, name)
  if (is.null(value) || !name %in% full_components || is.null(.subset2(x, "terms"))) return(value)
  refuse_leverages(x, "The QR decomposition")
  if (is_left_out(x, "residuals") || is_left_out(x, "model")) stop_left_out("model")
  check_qr_memory(unclass(x))
  with_later_qr(x)[[name]]
}

check_qr_memory <- function(fit) check_expanded_memory(length(fit$residuals), length(fit$coefficients), "the full QR decomposition", 3)

# The components of a glm; the full decomposition is made when one of its numbers is read.
with_later_qr <- function(object) {
  fit <- unclass(object)
  if (!length(fit$coefficients)) return(with_full_qr(fit))
  check_working_rows(fit)
  names <- list(names(fit$residuals), names(fit$coefficients))
  if (is_bordered(fit$qr)) {
    fit$qr <- structure(list(qr = NULL, rank = fit$qr$rank, qraux = NULL, pivot = fit$qr$pivot, tol = fit$qr$tol), class = "qr")
  }
  with_deferred_qr(fit, function(factors) {
    check_qr_memory(fit)
    expanded_blocks(object, "the full QR decomposition", factors)
  }, names, fit$solver$condition)
}

check_left_out <- function(x, name) {
  dropped <- .subset2(x, "left_out")
  if (is.null(dropped) || length(name) != 1) return(invisible())
  found <- pmatch(name, dropped)
  if (!is.na(found)) stop_left_out(dropped[found])
}

# The same components as a plain glm with the p x p `qr`: enough for R, rank and pivot.
compact <- function(object) {
  if (has_bordered(object)) {
    qr <- fit_qr(object)
    object <- unclass(object)
    object$qr <- qr
    object$R <- qr$qr
    object$effects <- compact_effects(qr, object$coefficients)
  }
  class(object) <- c("glm", "lm")
  object
}

#' A plain glm from a glmpp fit
#'
#' For code that looks at `class(fit)[1]`, reads the call, or must not depend on glmpp: a `c("glm", "lm")` object without glmpp's own
#' components. Its call is that of a `glm()` by this package's fitter, so that `update()` gives a plain glm too. The full QR
#' decomposition (n x p) is made when somebody reads one of its numbers.
#'
#' @section What it costs:
#' `as.glm()` itself takes no pass over the rows and copies no vector. Reading a number of `qr`, or what needs it (`summary.glm()`, `vcov()` of a plain
#' glm, `lm.influence()`), builds the expanded design and decomposes it, as every `glm()` does in each of its iterations: p^2 operations and 8 p bytes a row, a
#' few times over. For 2e5 rows and 101 coefficients that is 160 MB to keep, and was 3.4 seconds of one core. An error of class
#' `glmpp_error_memory` says so where memory does not suffice. It is kept once it is made, and saved with the fit. The methods of the [glmpp()] fit
#' itself need none of it: `summary()`, `vcov()`, `hatvalues()`, `predict()` answer from p x p numbers and the blocks.
#'
#' @param object A fit by [glmpp()], or by `glm(method = glmpp_fit)`. One by [lasso()] is refused (`glmpp_error_penalty`): a glm would give it
#'   standard errors that are not its own.
#' @returns An object of class `c("glm", "lm")`; of a negative binomial fit with an estimated theta, `c("negbin", "glm", "lm")`. The call of a
#'   penalised or bias-reduced fit stays that of [glmpp()].
#' @examples
#' fit <- as.glm(glmpp(am ~ wt, binomial, mtcars))
#' class(fit)
#' fit$call
#' @export
as.glm <- function(object) {
  if (is_plain_glm_of_ours(object)) return(replace(object, "method", "glm.fit"))
  if (!inherits(object, "glmpp")) {
    stop_glmpp("argument", "`object` must be a fit by glmpp().", x = sprintf("It is %s.", describe_type(object)))
  }
  if (inherits(object, "glmpp_remote")) stop_needs_rows("as.glm()")
  refuse_leverages(object, "A plain glm")
  refuse_joint_errors(object, "as.glm()")
  left_out <- .subset2(object, "left_out")
  if (length(left_out)) stop_left_out(left_out[1])
  plain_glm(object)
}

is_plain_glm_of_ours <- function(object) {
  identical(class(object), c("glm", "lm")) && (identical(object$method, "glmpp_fit") || identical(object$method, glmpp_fit))
}

plain_glm <- function(object) {
  plain <- with_later_qr(object)
  if (!is_penalised_fit(object)) plain$call <- plain_call(plain)
  plain[c("solver", "schema", "separation", "aliased", "trace", "penalty", "bias_reduction", "pearson", "unused_rows")] <- NULL
  plain$method <- "glm.fit"
  structure(plain, class = c(if (has_theta(plain)) "negbin", "glm", "lm"))
}

plain_call <- function(fit) {
  if (has_theta(fit)) return(negbin_call(fit))
  call <- without_own_arguments(fit$call, environment(fit$formula) %||% globalenv())
  call[[1]] <- quote(glm)
  call$penalty <- NULL
  call$method <- quote(glmpp::glmpp_fit)
  call
}
