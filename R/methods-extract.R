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
  if (is.null(value)) check_left_out(x, name)
  if (is.null(value) || length(name) != 1 || !name %in% c("qr", "effects", "R")) return(value)
  if (is.null(.subset2(x, "terms"))) return(value)
  if (is_left_out(x, "residuals") || is_left_out(x, "model")) stop_left_out("model")
  full <- with_full_qr(unclass(x), expanded_matrix(x, "the full QR decomposition"))
  full[[name]]
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
  if (inherits(object, "glmpp_matrix") && inherits(object, "glm")) return(plain_glm(object, attr(.subset2(object, "qr"), "design")))
  if (!inherits(object, "glmpp")) {
    stop_glmpp("argument", "`object` must be a fit by glmpp().", x = sprintf("It is %s.", describe_type(object)))
  }
  if (inherits(object, "glmpp_remote")) stop_needs_rows("as.glm()")
  left_out <- .subset2(object, "left_out")
  if (length(left_out)) stop_left_out(left_out[1])
  plain_glm(object, expanded_matrix(object, "the full QR decomposition"))
}

plain_glm <- function(object, x) {
  plain <- if (is.null(x)) unclass(object) else with_full_qr(unclass(object), x)
  plain[c("solver", "schema", "separation", "aliased", "trace", "penalty", "class")] <- NULL
  plain$method <- "glm.fit"
  structure(plain, class = c("glm", "lm"))
}

#' @export
summary.glmpp <- function(object, dispersion = NULL, correlation = FALSE, ...) {
  refuse_unknown(substitute(list(...)), "summary", summary.glmpp, "symbolic.cor")
  check_dispersion(dispersion)
  check_flag(correlation, "correlation")
  plain <- compact(object)
  lean <- object$row_summary
  if (is.null(lean)) check_invertible(plain$qr) else plain <- with_placeholder_row(plain)
  summary <- summary.glm(plain, dispersion, correlation, ...)
  if (!is.null(lean)) {
    summary$deviance.resid <- lean$quartiles
    summary$na.action <- object$na.action
  }
  summary$solver <- object$solver
  summary$separation <- object$separation
  summary["aliased_as"] <- list(.subset2(object, "aliased"))
  summary$penalty <- object$penalty
  structure(summary, class = c("summary.glmpp", class(summary)))
}

# summary()'s dispersion, without its covariance matrix.
dispersion_of <- function(object) {
  if (has_known_dispersion(object$family)) return(1)
  if (inherits(object, "glmpp_remote")) return(estimated_dispersion(object))
  if (!is.null(object$row_summary) || object$df.residual == 0) return(summary(object)$dispersion)
  counts <- object$weights > 0
  sum((object$weights * object$residuals^2)[counts]) / object$df.residual
}

check_invertible <- function(qr) {
  estimable <- seq_len(qr$rank)
  if (!qr$rank || !is_singular(qr$qr[estimable, estimable, drop = FALSE])) return(invisible())
  stop_glmpp("singular", "There are no standard errors: the information matrix is singular in double precision.",
             i = "Give very small or very large columns another unit.")
}

#' @export
print.summary.glmpp <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  lines <- without_residuals(utils::capture.output(NextMethod()))
  cat(sub("Fisher Scoring iterations", iterations_name(x$solver), lines, fixed = TRUE), sep = "\n")
  if (!is.null(x$aliased_as)) cat(alias_lines(x$aliased_as), sep = "\n")
  if (!is.null(x$penalty)) cat("Penalty: ", format(x$penalty), "\n", sep = "")
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

iterations_name <- function(solver) {
  step_word(solver$name)
}

solver_line <- function(solver) {
  sprintf("Solver: %s, %s, %s passes over the data%s", solver$name, sub("_", " ", solver$reason),
          format(solver$passes), condition_note(solver))
}

# Said where it costs digits that somebody may want.
condition_note <- function(solver) {
  if (!length(solver$condition) || !isTRUE(solver$condition >= 1e4)) return("")
  sprintf("\nCondition of the scaled design: %.1e; standard errors are good to about %d digits", solver$condition,
          floor(solver$digits[["standard errors"]]))
}

# "x3 = x1 + 2 x2"
alias_lines <- function(combinations, most = 10) {
  lines <- vapply(seq_len(nrow(combinations)), function(k) {
    paste("Aliased:", rownames(combinations)[k], "=", combination_text(structure(combinations[k, ], names = colnames(combinations))))
  }, "")
  if (length(lines) > most) c(lines[seq_len(most)], sprintf("... and %d more aliased", length(lines) - most)) else lines
}

combination_text <- function(values) {
  if (anyNA(values)) return("a combination of columns before it")
  values <- values[values != 0]
  if (!length(values)) return("0")
  sizes <- vapply(abs(values), function(value) format(value, digits = 5), "")
  is_constant <- names(values) == "(Intercept)"
  parts <- ifelse(is_constant, sizes, ifelse(sizes == "1", names(values), paste(sizes, names(values))))
  signs <- ifelse(values < 0, " - ", " + ")
  signs[1] <- if (values[1] < 0) "-" else ""
  paste0(signs, parts, collapse = "")
}

#' @export
residuals.glmpp <- function(object, type = c("deviance", "pearson", "working", "response", "partial"), ...) {
  refuse_unknown(substitute(list(...)), "residuals", residuals.glmpp)
  type <- check_choice(type, c("deviance", "pearson", "working", "response", "partial"), "type")
  if (is_left_out(object, "residuals")) stop_left_out("residuals")
  if (type == "partial" && is_left_out(object, "model")) stop_left_out("model")
  stats::residuals.glm(compact(object), type, ...)
}
