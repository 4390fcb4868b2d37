# Fits of categories as nnet::multinom() and MASS::polr() would have left them, for packages that know those.

#' The fit of several categories that nnet or MASS would have left
#'
#' For code that knows `nnet::multinom()` and `MASS::polr()` only, and has no methods for other classes (\pkg{texreg},
#' \pkg{ggeffects}): an object of their class from the estimates and the information of our fit. Packages with generics of their own
#' (\pkg{insight}, \pkg{parameters}, \pkg{performance}, \pkg{effects}, \pkg{marginaleffects}, \pkg{modelsummary}) need none of it.
#'
#' @param object A fit by [glmpp()] with the family [multinomial()] (for `as.multinom()`) or [ordinal()] (for `as.polr()`).
#' @returns An object of class `c("multinom", "nnet")`, with the baseline as the first class, or `"polr"`, whose call would fit the model
#'   again by that package. An error of class `glmpp_error_categories` for a fit that those can't hold: penalised, with an offset, by
#'   `multinomial(baseline = FALSE)`, with aliased columns of several classes; of class `glmpp_error_left_out` for a lean one, of class
#'   `glmpp_error_package` where that package is not installed.
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
    stop_glmpp("argument", sprintf("`object` must be a fit by glmpp() with the family %s().", family),
               x = sprintf("It is %s.", describe_type(object)))
  }
  left_out <- .subset2(object, "left_out")
  if (length(left_out)) stop_left_out(left_out[1])
  package <- home_of_class(object)
  if (!requireNamespace(package, quietly = TRUE)) {
    stop_glmpp("package", sprintf("as.%s() needs the package %s, which is not installed.", class, package),
               i = sprintf("Install it: `install.packages(\"%s\")`.", package))
  }
  category_view(object) %||% stop_glmpp("categories", sprintf("A fit of class \"%s\" can't hold this one.", class),
                                        x = "It is penalised, has an offset, no baseline, aliased coefficients, or two ordered classes only.")
}

home_of_class <- function(object) if (is_ordinal(object$family)) "MASS" else "nnet"

# The methods of its class come with the package.
category_view <- function(object) {
  if (length(.subset2(object, "left_out")) || is_penalised_fit(object)) return(NULL)
  if (!requireNamespace(home_of_class(object), quietly = TRUE)) return(NULL)
  if (is_ordinal(object$family)) as_polr_fit(object) else as_multinom_fit(object)
}

# The classes with the baseline first.
as_multinom_fit <- function(object) {
  if (object$baseline == 0 || anyNA(object$coefficients) || !is.null(object$offset)) return(NULL)
  order <- c(object$baseline, seq_along(object$classes)[-object$baseline])
  shown <- if (length(order) == 2) order[2] else order
  columns <- colnames(object$coefficients)
  trials <- if (is.matrix(object$y)) rowSums(object$y) else 1
  fitted <- object$fitted.values[, shown, drop = FALSE]
  fit <- c(nnet_parts(length(columns), length(shown)), list(
    value = object$deviance / 2, wts = nnet_weights(object$coefficients), convergence = as.integer(!object$converged),
    fitted.values = fitted, residuals = observed_shares(object)[, shown, drop = FALSE] - fitted,
    lev = if (!is.matrix(object$y)) object$classes[order], lab = if (length(shown) > 1) object$classes[order],
    call = standing_call(object, quote(nnet::multinom)), terms = object$terms, weights = matrix(object$prior.weights * trials),
    deviance = object$deviance, rank = length(columns), coefnames = columns, vcoefnames = columns, contrasts = object$contrasts,
    xlevels = object$xlevels, na.action = object$na.action, edf = object$rank, AIC = object$aic, model = model.frame(object),
    Hessian = information_of(object)
  ))
  if (length(shown) == 1) dimnames(fit$Hessian) <- list(columns, columns)
  structure(fit[lengths(fit) > 0], class = c("multinom", "nnet"))
}

# A network without hidden units: one output for the second of two classes, else one for each.
nnet_parts <- function(inputs, outputs) {
  is_binary <- outputs == 1
  list(n = c(inputs, 0, outputs), nunits = as.integer(inputs + outputs + 1),
       nconn = c(numeric(inputs + 2), (inputs + 1) * seq_len(outputs)), conn = rep(0:inputs, outputs),
       nsunits = inputs + 1 + if (is_binary) outputs else 0, decay = 0, entropy = is_binary, softmax = !is_binary, censored = FALSE)
}

# For each output a zero for the bias, which nnet does not use, and its coefficients; zeros for the baseline.
nnet_weights <- function(coefficients) {
  weights <- cbind(0, coefficients)
  as.vector(t(if (nrow(weights) > 1) rbind(0, weights) else weights))
}

as_polr_fit <- function(object) {
  # MASS::polr() takes three classes and more.
  if (!is.null(object$offset) || anyNA(object$thresholds) || length(object$classes) < 3) return(NULL)
  link <- object$family$link
  fit <- list(
    coefficients = object$coefficients[!is.na(object$coefficients)], zeta = object$thresholds, deviance = object$deviance,
    fitted.values = object$fitted.values, lev = object$classes, terms = object$terms, df.residual = object$df.residual,
    edf = object$rank, n = object$nobs, nobs = object$nobs, call = standing_call(object, quote(MASS::polr)),
    method = if (link == "logit") "logistic" else link, convergence = as.integer(!object$converged),
    niter = c(f.evals.function = object$iter), lp = object$linear.predictors, Hessian = polr_hessian(object),
    model = model.frame(object), contrasts = object$contrasts, xlevels = object$xlevels, na.action = object$na.action
  )
  structure(fit[lengths(fit) > 0], class = "polr")
}

# In the first threshold and the logarithms of the differences of all, as polr() has it.
polr_hessian <- function(object) {
  information <- information_of(object)
  thresholds <- object$thresholds
  slopes <- nrow(information) - length(thresholds)
  jacobian <- diag(nrow(information))
  jacobian[slopes + seq_along(thresholds), slopes + 1] <- 1
  for (k in seq_along(thresholds)[-1]) {
    jacobian[slopes + seq(k, length(thresholds)), slopes + k] <- thresholds[k] - thresholds[k - 1]
  }
  structure(t(jacobian) %*% information %*% jacobian, dimnames = dimnames(information))
}

information_of <- function(object) {
  covariance <- vcov(object, complete = FALSE)
  structure(solve(covariance), dimnames = dimnames(covariance))
}

# The call that update() would repeat.
standing_call <- function(object, fitter) {
  call <- object$call
  shared <- c("formula", "data", "weights", "subset", "na.action", "contrasts", "model")
  call <- call[c(1, which(names(call) %in% shared))]
  call[[1]] <- fitter
  if (is_ordinal(object$family) && object$family$link != "logit") call$method <- object$family$link
  if (is_ordinal(object$family)) call$Hess <- TRUE else call$trace <- FALSE
  call
}
