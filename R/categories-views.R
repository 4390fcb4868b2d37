# Fits of categories as nnet::multinom() and MASS::polr() would have left them, for packages that know those.

#' The fit of several categories that nnet or MASS would have left
#'
#' For code that knows `nnet::multinom()` and `MASS::polr()` only, and has no methods for other classes (\pkg{stargazer}, \pkg{texreg},
#' \pkg{ggeffects}): an object of their class from the estimates and the information of our fit. Packages with generics of their own
#' (\pkg{insight}, \pkg{parameters}, \pkg{performance}, \pkg{effects}, \pkg{marginaleffects}, \pkg{modelsummary}) need none of it.
#'
#' @param object A fit by [glmpp()] with the family [multinomial()] (for `as.multinom()`) or [ordinal()] (for `as.polr()`).
#' @returns An object of class `c("multinom", "nnet")`, with the baseline as the first class, or `"polr"`, whose call would fit the model
#'   again by that package. An error of class `glmpp_error_categories` for a fit that those can't hold: penalised, with an offset, by
#'   `multinomial(baseline = FALSE)`, with aliased columns of several classes; of class `glmpp_error_left_out` for a lean one.
#' @examples
#' fit <- glmpp(Species ~ Sepal.Width, multinomial(), iris)
#' class(as.multinom(fit))
#' @export
as.multinom <- function(object) standing_fit(object, "multinomial", "multinom")

#' @rdname as.multinom
#' @export
as.polr <- function(object) standing_fit(object, "ordinal", "polr")

standing_fit <- function(object, family, class) {
  if (!inherits(object, paste0("glmpp_", family))) {
    stop_glmpp("argument", sprintf("`object` must be a fit by glmpp() with the family %s().", family), x = sprintf("It is %s.", describe_type(object)))
  }
  left_out <- .subset2(object, "left_out")
  if (length(left_out)) stop_left_out(left_out[1])
  category_view(object) %||% stop_glmpp("categories", sprintf("A fit of class \"%s\" can't hold this one.", class),
                                        x = "It is penalised, has an offset, no baseline, or aliased coefficients.")
}

category_view <- function(object) {
  if (length(.subset2(object, "left_out")) || is_penalised_fit(object)) return(NULL)
  if (is_ordinal(object$family)) as_polr_fit(object) else as_multinom_fit(object)
}

# The classes with the baseline first; nnet's weights are the coefficients behind a zero for the bias that it does not use, and a row of zeros
# for the baseline.
as_multinom_fit <- function(object) {
  if (object$baseline == 0 || anyNA(object$coefficients) || !is.null(object$offset)) return(NULL)
  order <- c(object$baseline, seq_along(object$classes)[-object$baseline])
  classes <- object$classes[order]
  columns <- ncol(object$coefficients)
  is_binary <- length(classes) == 2
  shares <- observed_shares(object)[, order, drop = FALSE]
  fitted <- object$fitted.values[, order, drop = FALSE]
  rows <- object$prior.weights * (if (is.matrix(object$y)) rowSums(object$y) else 1)
  weights <- cbind(0, object$coefficients)
  if (!is_binary) weights <- rbind(0, weights)
  outputs <- if (is_binary) 1L else length(classes)
  first <- columns + 1
  fit <- list(
    n = c(columns, 0, outputs), nunits = as.integer(columns + outputs + 1), nconn = c(numeric(columns + 2), first * seq_len(outputs)),
    conn = rep(0:columns, outputs), nsunits = if (is_binary) columns + 1 + outputs else columns + 1, decay = 0, entropy = is_binary, softmax = !is_binary,
    censored = FALSE, value = object$deviance / 2, wts = as.vector(t(weights)), convergence = as.integer(!object$converged),
    fitted.values = if (is_binary) fitted[, 2, drop = FALSE] else fitted,
    residuals = if (is_binary) (shares - fitted)[, 2, drop = FALSE] else shares - fitted,
    lev = if (!is.matrix(object$y)) classes, lab = if (!is_binary) classes, call = standing_call(object, quote(nnet::multinom)), terms = object$terms,
    weights = matrix(rows), deviance = object$deviance, rank = columns, coefnames = colnames(object$coefficients),
    vcoefnames = colnames(object$coefficients), contrasts = object$contrasts, xlevels = object$xlevels, na.action = object$na.action, edf = object$rank,
    AIC = object$aic, model = model.frame(object), Hessian = information_of(object)
  )
  if (is_binary) dimnames(fit$Hessian) <- list(fit$vcoefnames, fit$vcoefnames)
  structure(fit[lengths(fit) > 0], class = c("multinom", "nnet"))
}

# polr() has logarithms of the differences of the thresholds in its Hessian.
as_polr_fit <- function(object) {
  known <- !is.na(object$coefficients)
  if (!is.null(object$offset) || anyNA(object$thresholds)) return(NULL)
  thresholds <- object$thresholds
  slopes <- sum(known)
  jacobian <- diag(slopes + length(thresholds))
  for (k in seq_along(thresholds)[-1]) {
    jacobian[slopes + seq(k, length(thresholds)), slopes + k] <- thresholds[k] - thresholds[k - 1]
    jacobian[slopes + k, slopes + 1] <- 1
  }
  information <- information_of(object)
  fit <- list(
    coefficients = object$coefficients[known], zeta = thresholds, deviance = object$deviance, fitted.values = object$fitted.values, lev = object$classes,
    terms = object$terms, df.residual = object$df.residual, edf = object$rank, n = object$nobs, nobs = object$nobs, call = standing_call(object, quote(MASS::polr)),
    method = if (object$family$link == "logit") "logistic" else object$family$link, convergence = as.integer(!object$converged), niter = c(f.evals.function = object$iter),
    lp = object$linear.predictors, Hessian = structure(t(jacobian) %*% information %*% jacobian, dimnames = dimnames(information)), model = model.frame(object),
    contrasts = object$contrasts, xlevels = object$xlevels, na.action = object$na.action
  )
  structure(fit[lengths(fit) > 0], class = "polr")
}

information_of <- function(object) {
  covariance <- vcov(object, complete = FALSE)
  structure(solve(covariance), dimnames = dimnames(covariance))
}

# The call that update() would repeat.
standing_call <- function(object, fitter) {
  call <- object$call
  own <- c("family", "method", "control", "solver", "threads", "keep", "penalty", "bias_reduction", names(formals(glmpp_control)), "x", "y", "singular.ok")
  call[own] <- NULL
  call[[1]] <- fitter
  if (is_ordinal(object$family) && object$family$link != "logit") call$method <- object$family$link
  if (is_ordinal(object$family)) call$Hess <- TRUE else call$trace <- FALSE
  call
}
