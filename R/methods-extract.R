# A glmpp fit holds its QR decomposition as p x p. Whoever asks for `qr`, `effects` or `R` gets the full
# decomposition, rebuilt; what needs rank, pivot and R up to signs works on the compact fit.

#' @export
`$.glmpp` <- function(x, name) {
  component(x, name, function() .subset2(unclass(x), name, exact = FALSE))
}

#' @export
`[[.glmpp` <- function(x, i, ...) {
  name <- if (is.character(i)) i else if (length(i) == 1 && i <= length(x)) names(x)[i] else ""
  component(x, name, function() unclass(x)[[i, ...]])
}

component <- function(x, name, held) {
  value <- held()
  if (is.null(value) || length(name) != 1 || !name %in% c("qr", "effects", "R")) return(value)
  if (is.null(.subset2(x, "terms"))) return(value)
  full <- with_full_qr(unclass(x), stats::model.matrix(compact(x)))
  full[[name]]
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
#' @param object A fit by [glmpp()].
#' @returns An object of class `c("glm", "lm")`.
#' @examples
#' class(as.glm(glmpp(am ~ wt, binomial, mtcars)))
#' @export
as.glm <- function(object) {
  if (!inherits(object, "glmpp")) {
    stop_glmpp("argument", "`object` must be a fit by glmpp().", x = sprintf("It is %s.", describe_type(object)))
  }
  if (inherits(object, "glmpp_remote")) stop_needs_rows("as.glm()")
  plain <- with_full_qr(unclass(object), stats::model.matrix(compact(object)))
  plain[c("solver", "schema", "separation")] <- NULL
  plain$method <- "glm.fit"
  structure(plain, class = c("glm", "lm"))
}

#' @export
vcov.glmpp <- function(object, complete = TRUE, ...) {
  vcov(summary(object, ...), complete = complete)
}

#' @export
summary.glmpp <- function(object, ...) {
  summary <- summary.glm(compact(object), ...)
  summary$solver <- object$solver
  summary$separation <- object$separation
  structure(summary, class = c("summary.glmpp", class(summary)))
}

#' @export
print.summary.glmpp <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  text <- utils::capture.output(NextMethod())
  cat(without_residuals(text), sep = "\n")
  if (!is.null(x$separation)) cat(separation_line(x$separation), "\n", sep = "")
  cat(solver_line(x$solver), "\n\n", sep = "")
  invisible(x)
}

# Quantiles of the deviance residuals, which R before 4.3 prints, say little and take rows.
without_residuals <- function(text) {
  first <- match("Deviance Residuals:", trimws(text))
  if (is.na(first)) return(text)
  last <- first + match("", text[-seq_len(first)])
  text[-(first:last)]
}

solver_line <- function(solver) {
  sprintf("Solver: %s, %s, %s passes over the data%s", solver$name, sub("_", " ", solver$reason),
          format(solver$passes), condition_note(solver))
}

# Standard errors by the Gram matrix are exact to about 16 - 2 log10(condition) digits; the QR path
# that takes over there keeps 16 - log10(condition).
condition_note <- function(solver) {
  if (!length(solver$condition) || solver$condition < 1e4) return("")
  sprintf("; condition of the scaled design %.1e", solver$condition)
}
