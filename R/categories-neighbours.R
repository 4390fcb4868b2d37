# What broom, lmtest and emmeans ask of a fit of categories.

#' @exportS3Method generics::tidy
tidy.glmpp_categories <- function(x, conf.int = FALSE, conf.level = 0.95, exponentiate = FALSE, vcov = NULL, ...) {
  refuse_unknown(substitute(list(...)), "tidy", tidy.glmpp_categories)
  x <- with_covariance(x, vcov)
  table <- estimate_table(x)
  tidied <- data.frame(estimate_labels(x), estimate = unname(table[, 1]), std.error = unname(table[, 2]),
                       statistic = unname(table[, 3]), p.value = unname(table[, 4]))
  if (conf.int) {
    limits <- stats::confint(x, level = conf.level)
    tidied$conf.low <- unname(limits[, 1])
    tidied$conf.high <- unname(limits[, 2])
  }
  scaled <- intersect(c("estimate", "conf.low", "conf.high"), names(tidied))
  if (exponentiate) tidied[scaled] <- exp(tidied[scaled])
  as_tibble_if_installed(tidied)
}

# Rows in the order of vcov(): by class, or coefficients and then thresholds.
estimate_labels <- function(x) {
  if (is_ordinal(x$family)) {
    return(list(term = c(names(x$coefficients), names(x$thresholds)),
                coef.type = rep(c("coefficient", "scale"), c(length(x$coefficients), length(x$thresholds)))))
  }
  list(y.level = rep(rownames(x$coefficients), each = ncol(x$coefficients)),
       term = rep(colnames(x$coefficients), nrow(x$coefficients)))
}

#' @exportS3Method generics::glance
glance.glmpp_categories <- function(x, ...) {
  refuse_unknown(substitute(list(...)), "glance", glance.glmpp_categories)
  as_tibble_if_installed(data.frame(
    edf = x$rank, deviance = x$deviance, logLik = as.numeric(stats::logLik(x)), AIC = stats::AIC(x), BIC = stats::BIC(x),
    df.residual = x$df.residual, nobs = stats::nobs(x)
  ))
}

#' @exportS3Method lmtest::coeftest
coeftest.glmpp_categories <- function(x, vcov. = NULL, df = Inf, ...) {
  covariance <- if (is.function(vcov.)) vcov.(x, ...) else vcov. %||% stats::vcov(x)
  estimates <- estimate_table(x)[, 1]
  check_covariance(covariance, names(estimates))
  table <- coefficient_table(estimates, sqrt(diag(covariance)), isTRUE(is.finite(df) && df > 0), df)
  structure(table, method = sprintf("%s test of coefficients", substr(colnames(table)[3], 1, 1)), df = df, nobs = stats::nobs(x),
            logLik = stats::logLik(x), class = "coeftest")
}

check_covariance <- function(covariance, names) {
  if (is.matrix(covariance) && identical(dim(covariance), rep(length(names), 2))) return(invisible())
  stop_glmpp("argument", sprintf("`vcov.` must be a %d x %d matrix, or a function that makes one of the fit.", length(names), length(names)),
             x = sprintf("It is %s.", describe_type(covariance)), i = sprintf("Rows and columns are %s.", comma(names, 6)))
}

# One row for each row of the data, whatever its weight: the scores of the order of vcov(), and vcov() times the rows.
#' @exportS3Method sandwich::estfun
estfun.glmpp_categories <- function(x, ...) {
  known <- !is.na(diag(x$covariance))
  design <- design_blocks(x$schema, model.frame(x))
  scores <- coefficient_scores(x, design, seq_len(design$rows), predictor_scores(x))
  dimnames(scores) <- list(rownames(x$fitted.values), colnames(x$covariance))
  naresid(x$na.action, scores[, known, drop = FALSE])
}

#' @exportS3Method sandwich::bread
bread.glmpp_categories <- function(x, ...) vcov(x, complete = FALSE) * NROW(row_component(x, "fitted.values"))

#' @exportS3Method emmeans::recover_data
recover_data.glmpp_categories <- function(object, ...) {
  emmeans::recover_data(object$call, stats::delete.response(object$terms), object$na.action, frame = object$model, ...)
}

# The probabilities of the classes (a column of the grid for each) are the parameters, with their covariance by the delta method; or
# the latent predictors, less their mean over the classes or over the thresholds.
#' @exportS3Method emmeans::emm_basis
emm_basis.glmpp_categories <- function(object, trms, xlev, grid, mode = if (is_ordinal(object$family)) "latent" else "prob", vcov. = NULL, ...) {
  object <- with_covariance(object, vcov.)
  mode <- check_choice(mode, if (is_ordinal(object$family)) c("latent", "prob") else c("prob", "latent"), "mode")
  rows <- category_rows(object, grid, stats::na.pass, "error")
  derivatives <- if (mode == "prob") probability_gradients(object, rows) else latent_gradients(object, nrow(grid))
  jacobian <- do.call(rbind, lapply(derivatives, function(d) coefficient_scores(object, rows$design, seq_len(nrow(grid)), d)))
  covariance <- replace(object$covariance, is.na(object$covariance), 0)
  estimates <- estimate_table(object)[, 1]
  misc <- list(tran = NULL)
  if (mode == "prob") {
    # emmeans has no other way to a column's name.
    misc$postGridHook <- function(object, ...) {
      object@misc$estName <- "prob"
      object
    }
  }
  if (length(derivatives) > 1) misc$ylevs <- structure(list(object$classes), names = response_name(object))
  count <- nrow(jacobian)
  basis <- list(nbasis = matrix(NA), dffun = function(k, dfargs) Inf, dfargs = list(), misc = misc)
  if (mode == "latent") {
    return(c(list(X = jacobian, bhat = unname(replace(estimates, is.na(estimates), 0)), V = covariance), basis))
  }
  c(list(X = diag(count), bhat = as.vector(rows$probabilities), V = jacobian %*% covariance %*% t(jacobian)), basis)
}

latent_gradients <- function(object, rows) {
  each <- function(values) matrix(values, rows, length(values), byrow = TRUE)
  if (is_ordinal(object$family)) return(list(each(c(rep(-1, length(object$thresholds)) / length(object$thresholds), 1))))
  classes <- seq_along(object$classes)
  free <- if (object$baseline > 0) classes[-object$baseline] else classes
  lapply(classes, function(k) each((free == k) - 1 / length(classes)))
}

response_name <- function(object) {
  response <- stats::formula(object)[[2]]
  if (is.symbol(response)) as.character(response) else "class"
}
