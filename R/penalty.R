# Penalties on the negative log-likelihood.

#' Ridge penalty
#'
#' Adds `lambda`/2 times the sum of squared coefficients to the negative log-likelihood (with dispersion 1, as in
#' [nll()]), on the coefficients as they are: columns are not scaled.
#'
#' The fit's `deviance`, `aic` and `df.residual` are those of the likelihood at the penalised estimate, with `rank`
#' degrees of freedom; [vcov()] is the inverse of the penalised information (the posterior's normal
#' approximation under independent normal priors with variance 1/`lambda`), times the dispersion.
#' `ridge(1, intercept = TRUE)` is the default problem of liblinear and of scikit-learn's logistic regression by it.
#'
#' @param lambda One positive number, or one for each coefficient (the intercept's among them, where there is one; none
#'   negative).
#' @param intercept Should the intercept be penalised too? Not read where `lambda` has a number for each coefficient.
#' @returns An object of class `"glmpp_penalty"`.
#' @references Hoerl, A. E. and Kennard, R. W. (1970) Ridge regression, *Technometrics* 12, 55-67. Le Cessie, S. and
#'   van Houwelingen, J. C. (1992) Ridge estimators in logistic regression, *Applied Statistics* 41, 191-201.
#' @examples
#' glmpp(am ~ wt + hp, binomial, mtcars, penalty = ridge(1))
#' @concept ridge
#' @concept regularisation
#' @concept shrinkage
#' @concept penalised regression
#' @export
ridge <- function(lambda, intercept = FALSE) {
  valid <- !missing(lambda) && is.numeric(lambda) && length(lambda) > 0 && all(is.finite(lambda)) && all(lambda >= 0) && any(lambda > 0)
  if (!valid) {
    stop_glmpp("argument", "`lambda` must be a positive number, or numbers of which none is negative and some positive.",
               x = if (!missing(lambda)) sprintf("It is %s.", value_text(lambda)))
  }
  check_flag(intercept, "intercept")
  structure(list(name = "ridge", lambda = as.double(lambda), intercept = as.logical(intercept)), class = "glmpp_penalty")
}

#' @export
format.glmpp_penalty <- function(x, ...) sprintf("%s(lambda = %s, intercept = %s)", x$name, deparse1(x$lambda), x$intercept)

#' @export
print.glmpp_penalty <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  invisible(x)
}

# Whether something is added to the likelihood, or to its score.
is_penalised <- function(settings) !is.null(settings$penalty) || !is.null(settings$reduction)

is_penalised_fit <- function(object) !is.null(.subset2(object, "penalty")) || !is.null(.subset2(object, "bias_reduction"))

check_penalty <- function(penalty) {
  if (is.null(penalty) || inherits(penalty, "glmpp_penalty")) return(penalty)
  is_of_survival <- inherits(penalty, "coxph.penalty")
  stop_glmpp("argument", "`penalty` must be NULL or made by ridge().",
             x = if (is_of_survival) "It is made by the ridge() of survival, which hides ours." else sprintf("It is %s.", value_text(penalty)),
             i = if (is_of_survival) "Write `penalty = glmpp::ridge(lambda)`." else other_penalty(penalty))
}

other_penalty <- function(penalty) {
  if (is.numeric(penalty) && length(penalty) == 1) return(sprintf("Write `penalty = ridge(%s)`.", format(penalty)))
  if (!is.character(penalty) || length(penalty) != 1) return(NULL)
  if (grepl("ridge|l2", penalty, ignore.case = TRUE)) return("Write `penalty = ridge(lambda)`.")
  if (grepl("firth|jeffreys", penalty, ignore.case = TRUE)) return("Write `bias_reduction = \"mean\"`.")
  "Lasso and elastic net are glmnet's: `glmnet::glmnet(model.matrix(formula, data), y, family)`."
}

# What the core is told: a strength for each coefficient.
core_penalty <- function(penalty, columns, intercept) {
  if (is.null(penalty)) return(NULL)
  lambda <- penalty$lambda
  if (!length(lambda) %in% c(1L, columns)) {
    stop_glmpp("argument", sprintf("`lambda` must have one element, or one for each coefficient (%d).", columns),
               x = sprintf("It has %d.", length(lambda)))
  }
  strength <- rep_len(lambda, columns)
  if (length(lambda) == 1 && intercept && !penalty$intercept) strength[1] <- 0
  list(name = penalty$name, strength = strength, maker = penalty$maker)
}
