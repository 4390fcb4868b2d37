# Linear constraints on coefficients: what they are, and how they are written.

#' Linear constraints on coefficients
#'
#' Equalities and inequalities between coefficients, for the argument `constraints` of [glmpp()]: the likelihood is maximised under
#' \eqn{l \le A \beta \le u}{lower <= A b <= upper}, wherever the rows are. For models of few coefficients (up to some hundreds): each
#' step solves a quadratic programme in all of them, by \pkg{quadprog}.
#'
#' @param ... Strings such as `"x1 + x2 = 1"`, `"x1 >= x2"` or `"2 * x1 - x2 <= 3"`: coefficients by their names, those that are no
#'   names of R in backticks, numbers, `+`, `-`, `*`, `/`, and one of `=` (or `==`), `<=` and `>=`.
#' @param matrix A matrix with a row for each constraint and columns named like coefficients, others having 0; a vector with names is one
#'   row.
#' @param lower,upper Bounds for the rows of `matrix`, one or as many as rows; equal ones make an equality.
#' @returns An object of class `glmpp_constraints`: `matrix`, `lower` and `upper`, a row or an element for each.
#'
#'   The component `constraints` of a fit has besides, for all of its coefficients, `value`, the combinations at the estimate;
#'   `multiplier`, those of Karush, Kuhn and Tucker: the derivative of the least negative log-likelihood (with dispersion 1, as in
#'   [nll()]) by the bound, positive at a lower bound that holds the estimate, negative at an upper one; and `active`, whether an
#'   inequality holds it, TRUE for equalities. With g the derivative of the negative log-likelihood, g is the sum of the rows of
#'   `matrix` times their multipliers.
#' @details
#' Newton's method on the deviance, by the observed information where that can be had and is positive definite, else by the expected
#' one: the quadratic model is minimised under the constraints, and the step shortened until the deviance falls. `rank`, and with it
#' `df.residual` and the degrees of freedom of [logLik()], is the number of coefficients less that of active constraints.
#'
#' Where the active constraints are equalities, [vcov()] is the covariance of the constrained estimator, \eqn{Z (Z'IZ)^{-1} Z'}{Z
#' (Z'IZ)^-1 Z'} times the dispersion, with the columns of Z spanning the directions that the constraints leave free; `summary()`,
#' `confint()` (Wald's) and `predict(se.fit = TRUE)` follow it, as do sandwiches of types HC0 and HC1. Where an inequality is active
#' the estimator lies at the edge of what is allowed, is not normal even in large samples, and there is no covariance: those verbs are
#' errors.
#' @section Conditions:
#' `glmpp_error_constraints` where no coefficients meet the constraints, or one repeats another; `glmpp_error_argument` for names and
#' shapes that do not fit, penalties, bias reduction and solvers beside them; `glmpp_error_singular` where columns are combinations of
#' others; `glmpp_error_package` without \pkg{quadprog}; `glmpp_error_covariance` for what has no covariance, or no leverages.
#' @references Goldfarb, D. and Idnani, A. (1983) A numerically stable dual method for solving strictly convex quadratic programs,
#'   *Mathematical Programming* 27, 1-33. Silvey, S. D. (1970) *Statistical Inference*, chapter 4, Penguin. Silvapulle, M. J. and Sen,
#'   P. K. (2005) *Constrained Statistical Inference*, Wiley.
#' @examplesIf requireNamespace("quadprog", quietly = TRUE)
#' fit <- glmpp(mpg ~ wt + hp + qsec, gaussian, mtcars, constraints = linear_constraints("hp + qsec = 0", "wt >= -4"))
#' fit
#' fit$constraints
#' @concept linear restrictions
#' @concept monotone
#' @concept restricted estimation
#' @export
linear_constraints <- function(..., matrix = NULL, lower = -Inf, upper = Inf) {
  written <- lapply(list(...), parse_constraint)
  given <- if (!is.null(matrix)) list(constraints_of_matrix(matrix, lower, upper))
  parts <- c(written, given)
  if (!length(parts)) {
    stop_glmpp("argument", "linear_constraints() needs a constraint.", i = "Such as `linear_constraints(\"x1 + x2 = 1\", \"x1 >= 0\")`.")
  }
  names <- unique(unlist(lapply(parts, function(part) colnames(part$matrix))))
  rows <- lapply(parts, function(part) {
    all <- base::matrix(0, nrow(part$matrix), length(names), dimnames = list(rownames(part$matrix), names))
    all[, colnames(part$matrix)] <- part$matrix
    all
  })
  new_constraints(do.call(rbind, rows), unlist(lapply(parts, `[[`, "lower")), unlist(lapply(parts, `[[`, "upper")))
}

new_constraints <- function(matrix, lower, upper) {
  empty <- which(rowSums(matrix != 0) == 0)[1]
  if (!is.na(empty)) stop_glmpp("argument", "A constraint must have a coefficient.", x = sprintf("`%s` has none.", rownames(matrix)[empty]))
  crossed <- which(lower > upper)[1]
  if (!is.na(crossed)) {
    stop_glmpp("argument", "`lower` must not be above `upper`.", x = sprintf("That of `%s` is %s, above %s.", rownames(matrix)[crossed],
                                                                             format(lower[crossed]), format(upper[crossed])))
  }
  open <- which(lower == -Inf & upper == Inf)[1]
  if (!is.na(open)) stop_glmpp("argument", "A constraint must have a bound.", x = sprintf("`%s` has none.", rownames(matrix)[open]))
  structure(list(matrix = matrix, lower = unname(lower), upper = unname(upper)), class = "glmpp_constraints")
}

constraints_of_matrix <- function(matrix, lower, upper) {
  if (is.numeric(matrix) && is.null(dim(matrix))) matrix <- base::matrix(matrix, 1, dimnames = list(NULL, names(matrix)))
  is_good <- is.matrix(matrix) && is.numeric(matrix) && all(is.finite(matrix)) && !is.null(colnames(matrix)) &&
    !anyDuplicated(colnames(matrix))
  if (!is_good) {
    stop_glmpp("argument", "`matrix` must be a matrix of finite numbers with the names of coefficients as column names, each once.",
               x = sprintf("It is %s.", describe_type(matrix)))
  }
  bounds <- lapply(list(lower = lower, upper = upper), function(bound) {
    if (is.numeric(bound) && length(bound) %in% c(1L, nrow(matrix)) && !anyNA(bound)) return(rep_len(as.double(bound), nrow(matrix)))
    stop_glmpp("argument", sprintf("`lower` and `upper` must be numbers, one or one for each row of `matrix` (%d).", nrow(matrix)))
  })
  if (is.null(rownames(matrix))) {
    rownames(matrix) <- vapply(seq_len(nrow(matrix)), function(k) combination_text(structure(matrix[k, ], names = colnames(matrix))), "")
  }
  list(matrix = matrix, lower = bounds$lower, upper = bounds$upper)
}

# "x1 + x2 = 1" as a row: both sides are numbers times coefficients, and a number.
parse_constraint <- function(text) {
  refuse <- function(...) {
    stop_glmpp("argument", "A constraint must be a string such as \"x1 + x2 = 1\" or \"x1 >= x2\".", x = sprintf("It is %s.", value_text(text)), ...)
  }
  if (!is.character(text) || length(text) != 1 || is.na(text)) refuse()
  parsed <- tryCatch(parse(text = gsub("(?<![<>=!])=(?!=)", "==", text, perl = TRUE), keep.source = FALSE), error = function(e) NULL)
  if (length(parsed) != 1 || !is_call_of(parsed[[1]], c("==", "<=", ">="))) {
    refuse(i = "One of `=`, `<=` and `>=` stands between two sums; write two constraints for a range. Names that are not R's stand in backticks.")
  }
  left <- linear_form(parsed[[1]][[2]], refuse)
  right <- linear_form(parsed[[1]][[3]], refuse)
  difference <- add_forms(left, right, -1)
  is_constant <- names(difference) == ""
  bound <- -sum(difference[is_constant])
  row <- base::matrix(difference[!is_constant], 1, dimnames = list(text, names(difference)[!is_constant]))
  operator <- as.character(parsed[[1]][[1]])
  list(matrix = row, lower = if (operator == "<=") -Inf else bound, upper = if (operator == ">=") Inf else bound)
}

# Numbers by the names of coefficients; that of "" is the constant.
linear_form <- function(expression, refuse) {
  if (is.numeric(expression)) return(stats::setNames(as.double(expression), ""))
  if (is.name(expression)) return(stats::setNames(1, as.character(expression)))
  parts <- if (is_call_of(expression, c("+", "-", "*", "/", "("))) lapply(as.list(expression)[-1], linear_form, refuse)
  # The name of a coefficient may be a call, as log(x).
  if (is.null(parts)) return(stats::setNames(1, deparse1(expression)))
  operator <- as.character(expression[[1]])
  if (operator == "(") return(parts[[1]])
  if (length(parts) == 1) return(if (operator == "-") -parts[[1]] else parts[[1]])
  if (operator %in% c("+", "-")) return(add_forms(parts[[1]], parts[[2]], if (operator == "-") -1 else 1))
  is_number <- vapply(parts, function(part) identical(names(part), ""), NA)
  if (operator == "*" && is_number[1]) return(parts[[1]][[1]] * parts[[2]])
  if (operator == "*" && is_number[2]) return(parts[[2]][[1]] * parts[[1]])
  if (operator == "/" && is_number[2]) return(parts[[1]] / parts[[2]][[1]])
  refuse(i = sprintf("`%s` is not linear.", deparse1(expression)))
}

add_forms <- function(a, b, sign) {
  all <- c(a, sign * b)
  names <- unique(names(all))
  stats::setNames(vapply(names, function(name) sum(all[names(all) == name]), 0), names)
}

#' @export
format.glmpp_constraints <- function(x, ...) {
  middle <- rownames(x$matrix)
  is_written <- grepl("[<>=]", middle)
  bounded <- ifelse(x$lower == x$upper, sprintf("%s = %s", middle, vapply(x$lower, format, "")),
                    paste0(ifelse(x$lower > -Inf, paste(vapply(x$lower, format, ""), "<= "), ""), middle,
                           ifelse(x$upper < Inf, paste(" <=", vapply(x$upper, format, "")), "")))
  ifelse(is_written, middle, bounded)
}

#' @export
print.glmpp_constraints <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  if (is.null(x$value)) {
    cat(format(x), sep = "\n")
  } else {
    print(data.frame(lower = x$lower, value = unname(x$value), upper = x$upper, multiplier = unname(x$multiplier),
                     active = unname(x$active), row.names = make.unique(format(x))), digits = digits)
  }
  invisible(x)
}

# ---- Before the fit ----

check_constraints <- function(settings, family) {
  constraints <- settings$constraints
  if (is.null(constraints)) return(invisible())
  refuse <- function(what, remedy = NULL) stop_glmpp("argument", sprintf("`constraints` can't be had %s.", what), i = remedy)
  if (!is.null(settings$penalty)) {
    refuse("with a penalty", if (is_separable(settings$penalty)) sprintf("%s() has bounds: `lower` and `upper`.", settings$penalty$name))
  }
  if (!is.null(settings$reduction)) refuse("with bias reduction")
  if (!settings$is_auto) refuse(sprintf("by %s()", settings$solver$name), "Leave `solver` out: they have a solver of their own.")
  if (has_categories(family)) refuse(sprintf("for %s()", family$family))
  refuse_estimated(family, "A fit with `constraints`")
  need_package("quadprog", "A fit with `constraints`")
}

as_constraints <- function(given) {
  if (is.null(given) || inherits(given, "glmpp_constraints")) return(given)
  if (is.character(given) && length(given)) return(do.call(linear_constraints, as.list(given)))
  stop_glmpp("argument", "`constraints` must be NULL, strings, or made by linear_constraints().", x = sprintf("It is %s.", describe_type(given)))
}

# Over all coefficients of a model.
full_constraints <- function(constraints, columns) {
  names <- colnames(constraints$matrix)
  unknown <- setdiff(names, columns)
  if (length(unknown)) {
    stop_glmpp("argument", "`constraints` must name coefficients of the model.", x = sprintf("%s is none.", comma(dQuote(unknown, FALSE))),
               i = did_you_mean(unknown[1], columns), i = sprintf("They are %s.", comma(columns, 20)))
  }
  all <- matrix(0, nrow(constraints$matrix), length(columns), dimnames = list(rownames(constraints$matrix), columns))
  all[, names] <- constraints$matrix
  equal <- constraints$lower == constraints$upper
  independent <- qr(t(all[equal, , drop = FALSE]))$rank
  if (independent < sum(equal)) {
    stop_glmpp("constraints", "The equalities must not follow from each other, or contradict each other.",
               x = sprintf("%d of %d are independent.", independent, sum(equal)))
  }
  replace(constraints, "matrix", list(all))
}
