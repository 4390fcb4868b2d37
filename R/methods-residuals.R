#' Residuals of a fit
#'
#' As [stats::residuals.glm()] has them, of the vectors that the fit holds: no design matrix is made, but for `type = "partial"`.
#' `resid(fit)` is the same. Standardised and studentised ones are [rstandard() and rstudent()][influence.glmpp];
#' [quantile_residuals()] are normal where the model is right, for counts and binary outcomes too; [residual_bins()] draws their averages.
#'
#' @param object A fit by [glmpp()]. (Of several categories: [residuals.glmpp_categories()]. Fits from afar hold no rows, and have none.)
#' @param type `"deviance"`, signed roots of what each row adds to the deviance; `"pearson"`, response residuals over the root of the variance
#'   function, by weight; `"working"`, those of the last iteration on the scale of the link; `"response"`, the response less the fitted mean;
#'   `"partial"`, a matrix of working residuals with each term's part.
#' @param ... None: an argument that is not known is an error, where `residuals()` of a glm passes over it.
#' @returns A named numeric vector, one element per row of the fit; with `na.action = na.exclude` NA for rows with missing values.
#'   `fit$residuals` are working residuals, as in every glm. Errors of class `glmpp_error_left_out` where a lean fit (`keep = `) does not
#'   have what they are made of.
#' @seealso [quantile_residuals()], [residual_bins()], [influence.glmpp()], [plot.glmpp()]
#' @references Pierce, D. A. and Schafer, D. W. (1986) Residuals in generalized linear models, *Journal of the American Statistical
#'   Association* 81, 977-986.
#' @examples
#' fit <- glmpp(am ~ wt, binomial, mtcars)
#' head(residuals(fit))
#' sum(residuals(fit, "pearson")^2) / df.residual(fit)
#' @concept overdispersion
#' @concept model diagnostics
#' @export
residuals.glmpp <- function(object, type = c("deviance", "pearson", "working", "response", "partial"), ...) {
  refuse_unknown(substitute(list(...)), "residuals", residuals.glmpp)
  type <- check_choice(type, c("deviance", "pearson", "working", "response", "partial"), "type")
  if (is_left_out(object, "residuals")) stop_left_out("residuals")
  if (type == "partial" && is_left_out(object, "model")) stop_left_out("model")
  fit <- unclass(object)
  residuals <- switch(type,
    deviance = row_deviance_residuals(fit), pearson = pearson_residuals(fit), working = , partial = fit$residuals,
    response = row_response(fit) - fit$fitted.values
  )
  if (!is.null(fit$na.action)) residuals <- naresid(fit$na.action, residuals)
  if (type == "partial") residuals + predict(object, type = "terms") else residuals
}

# `fit` is one without its class.
row_deviance_residuals <- function(fit) {
  mean <- fit$fitted.values
  if (fit$df.residual <= 0) return(rep.int(0, length(mean)))
  y <- as_doubles(row_response(fit))
  signed_roots_impl(as_doubles(fit$family$dev.resids(y, mean, fit$prior.weights)), y, mean, fit$solver$threads)
}

pearson_residuals <- function(fit) {
  mean <- fit$fitted.values
  pearson_residuals_impl(as_doubles(row_response(fit)), mean, as_doubles(fit$prior.weights),
                         as_doubles(fit$family$variance(mean)), fit$solver$threads)
}

# As residuals.glm() finds a response that was not kept.
row_response <- function(fit) {
  if (is.null(fit$y)) fit$fitted.values + fit$residuals * fit$family$mu.eta(fit$linear.predictors) else fit$y
}

as_doubles <- function(values) {
  if (!is.double(values)) storage.mode(values) <- "double"
  values
}
