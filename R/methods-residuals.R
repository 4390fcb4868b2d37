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
