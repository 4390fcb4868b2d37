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
  if (length(i) != 1) return(value)
  name <- if (is.character(i)) i else names(x)[i]
  if (is.null(value) || name %in% full_components) component(x, name, value) else value
}

full_components <- c("qr", "effects", "R")

# What is not there may have been left out; the full decomposition is made for who asks.
component <- function(x, name, value) {
  if (is.null(value)) check_left_out(x, name)
  if (is.null(value) || !name %in% full_components || is.null(.subset2(x, "terms"))) return(value)
  if (is_left_out(x, "residuals") || is_left_out(x, "model")) stop_left_out("model")
  fit <- unclass(x)
  check_expanded_memory(length(fit$residuals), length(fit$coefficients), "the full QR decomposition", 3)
  check_working_rows(fit)
  names <- list(names(fit$residuals), names(fit$coefficients))
  with_deferred_qr(fit, function() expanded_blocks(x), names, fit$solver$condition)[[name]]
}

check_left_out <- function(x, name) {
  dropped <- .subset2(x, "left_out")
  if (is.null(dropped) || length(name) != 1) return(invisible())
  found <- pmatch(name, dropped)
  if (!is.na(found)) stop_left_out(dropped[found])
}

# The same components as a plain glm with the p x p `qr`: enough for R, rank and pivot.
compact <- function(object) {
  class(object) <- c("glm", "lm")
  object
}

#' A plain glm from a glmpp fit
#'
#' For code that looks at `class(fit)[1]`, or that must not depend on glmpp: a `c("glm", "lm")` object with the
#' full QR decomposition, without glmpp's own components.
#'
#' @param object A fit by [glmpp()], or by `glm(method = glmpp_fit)`.
#' @returns An object of class `c("glm", "lm")`.
#' @examples
#' class(as.glm(glmpp(am ~ wt, binomial, mtcars)))
#' @export
as.glm <- function(object) {
  if (is_plain_glm_of_ours(object)) return(replace(object, "method", "glm.fit"))
  if (!inherits(object, "glmpp")) {
    stop_glmpp("argument", "`object` must be a fit by glmpp().", x = sprintf("It is %s.", describe_type(object)))
  }
  if (inherits(object, "glmpp_remote")) stop_needs_rows("as.glm()")
  refuse_joint_errors(object, "as.glm()")
  left_out <- .subset2(object, "left_out")
  if (length(left_out)) stop_left_out(left_out[1])
  plain_glm(object, expanded_matrix(object, "the full QR decomposition"))
}

is_plain_glm_of_ours <- function(object) {
  identical(class(object), c("glm", "lm")) && (identical(object$method, "glmpp_fit") || identical(object$method, glmpp_fit))
}

plain_glm <- function(object, x) {
  plain <- with_full_qr(unclass(object), x)
  plain[c("solver", "schema", "separation", "aliased", "trace", "penalty", "bias_reduction", "pearson", "unused_rows")] <- NULL
  plain$method <- "glm.fit"
  if (!has_theta(plain)) return(structure(plain, class = c("glm", "lm")))
  plain$call <- negbin_call(plain)
  structure(plain, class = c("negbin", "glm", "lm"))
}
