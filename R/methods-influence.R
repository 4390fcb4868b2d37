# Leverages come from one pass over the rows: h_i = w_i x_i' (X'WX)^-1 x_i.

leverage <- function(model) {
  qr <- .subset2(model, "qr")
  estimable <- seq_len(qr$rank)
  forms <- quadratic_forms_impl(fit_design(model), qr$qr[estimable, estimable, drop = FALSE], qr$pivot[estimable],
                                model$solver$threads)
  hat <- forms * as.vector(model$weights)
  replace(hat, hat > 1 - 10 * .Machine$double.eps, 1)
}

# The blocks of a fit, from its model frame.
fit_design <- function(model) {
  design_blocks(model$schema, fit_frame(model))
}

#' @export
influence.glmpp <- function(model, do.coef = TRUE, ...) {
  check_flag(do.coef, "do.coef")
  if (do.coef || !length(coef(model))) return(NextMethod())
  kept <- as.vector(model$prior.weights) != 0
  deviance_residuals <- na.omit(weighted.residuals(model))
  hat <- leverage(model)[kept]
  total <- sum(deviance_residuals^2)
  left <- total - ifelse(hat < 1, deviance_residuals^2 / (1 - hat), 0)
  sigma <- sqrt(left / (length(hat) - model$rank - 1))
  pad_influence(model, hat, sigma, deviance_residuals, kept)
}

# As lm.influence() and influence.glm() treat rows that na.exclude left out.
pad_influence <- function(model, hat, sigma, deviance_residuals, kept) {
  omitted <- model$na.action
  names(hat) <- names(sigma) <- names(deviance_residuals)
  if (!is.null(omitted)) {
    hat <- naresid(omitted, hat)
    hat[is.na(hat)] <- 0
    sigma <- naresid(omitted, sigma)
    sigma[is.na(sigma)] <- sqrt(deviance(model) / df.residual(model))
  }
  list(hat = hat, sigma = sigma, dev.res = naresid(omitted, deviance_residuals),
       pear.res = naresid(omitted, na.omit(residuals(model, type = "pearson"))[kept]))
}

#' @export
hatvalues.glmpp <- function(model, infl = influence(model, do.coef = FALSE), ...) {
  infl$hat
}
