# Leverages and what each row does to the estimate, from one pass over the blocks: h_i = w_i x_i' (X'WX)^-1 x_i.

# The blocks of a fit, from its model frame.
fit_design <- function(model) {
  design_blocks(model$schema, fit_frame(model))
}

#' Influence of rows on a fit
#'
#' Leverages, Cook's distances, standardised and studentised residuals, and what leaving a row out does to the coefficients, to first order,
#' as [stats::influence.measures()] has them of a glm, from one pass over the rows: the design matrix and its n x p decomposition
#' are never made. Also for `plot(fit)`, `influence.measures()` and \pkg{broom}'s `augment()`, which call these.
#'
#' @param model A fit by [glmpp()] with its model frame; an error of class `glmpp_error_left_out` for a lean one, `glmpp_error_rows` for one
#'   from afar.
#' @param do.coef Should the changes of coefficients be made too? (n x p numbers.)
#' @param infl,res,dispersion,hat As in [stats::influence.measures()]: what was computed before. Where one is
#'   given, the methods of stats go on with it, but for `infl` alone in `rstandard()` and `cooks.distance()`.
#' @param type Which residuals are divided by `sqrt(1 - h)` and the dispersion's root: `"deviance"` or `"pearson"`.
#' @param ... None.
#' @returns `influence()`: a list of `hat`, `coefficients` (a row for each row of the fit, a column for each coefficient that is not aliased; none
#'   with `do.coef = FALSE`), `sigma`, `dev.res` and `pear.res`. `dfbeta()` is its matrix, `dfbetas()` that by standard
#'   errors; the others are a named number for each row. With `na.action = na.exclude` rows that were left out are NA, or 0 as in stats.
#' @references Williams, D. A. (1987) Generalized linear model diagnostics using the deviance and single case deletions, *Applied
#'   Statistics* 36, 181-191.
#' @seealso [residuals.glmpp()], [plot.glmpp()]
#' @examples
#' fit <- glmpp(breaks ~ wool + tension, poisson, warpbreaks)
#' which.max(cooks.distance(fit))
#' range(hatvalues(fit))
#' head(dfbetas(fit), 3)
#' @concept leverage
#' @concept outliers
#' @concept Cook's distance
#' @export
influence.glmpp <- function(model, do.coef = TRUE, ...) {
  check_flag(do.coef, "do.coef")
  refuse_leverages(model, "Influences of rows")
  fit <- unclass(model)
  if (!fit$rank) return(NextMethod())
  qr <- fit_qr(model)
  estimable <- seq_len(qr$rank)
  kept <- fit$prior.weights != 0
  keep <- function(values) if (all(kept)) values else values[kept]
  deviance_residuals <- keep(row_deviance_residuals(fit))
  moving <- if (do.coef) without_noise(deviance_residuals) else deviance_residuals
  found <- influences_impl(fit_design(model), qr$qr[estimable, estimable, drop = FALSE], qr$pivot[estimable], fit$weights,
                           as_doubles(fit$prior.weights), moving, do.coef, fit$solver$threads)
  sigma <- sigma_without_row_impl(deviance_residuals, found$hat, length(found$hat) - fit$rank - 1)
  change <- if (do.coef) found$change
  if (do.coef && is.unsorted(qr$pivot[estimable])) change <- change[, order(qr$pivot[estimable]), drop = FALSE]
  pad_influence(fit, found$hat, change, sigma, deviance_residuals, keep(pearson_residuals(fit)))
}

# As lm.influence() treats residuals that rounding made.
without_noise <- function(residuals) {
  sizes <- abs(residuals)
  least <- 100 * .Machine$double.eps
  # The median is below the largest.
  if (min(sizes) >= least * max(sizes)) return(residuals)
  replace(residuals, sizes < least * stats::median(sizes), 0)
}

# As lm.influence() and influence.glm() treat rows that na.exclude left out.
pad_influence <- function(fit, hat, change, sigma, deviance_residuals, pearson_residuals) {
  omitted <- fit$na.action
  if (!is.null(omitted)) {
    deviance_residuals <- naresid(omitted, deviance_residuals)
    pearson_residuals <- naresid(omitted, pearson_residuals)
    hat <- naresid(omitted, hat)
    hat[is.na(hat)] <- 0
    sigma <- naresid(omitted, sigma)
    sigma[is.na(sigma)] <- sqrt(fit$deviance / fit$df.residual)
  }
  rows <- names(deviance_residuals)
  result <- list(hat = named(hat, rows))
  if (!is.null(change)) {
    if (!is.null(omitted)) {
      change <- naresid(omitted, change)
      change[is.na(change)] <- 0
    }
    dimnames(change) <- list(rows, names(fit$coefficients)[!is.na(fit$coefficients)])
    result$coefficients <- change
  }
  c(result, list(sigma = named(sigma, rows), dev.res = deviance_residuals, pear.res = pearson_residuals))
}

# Of the rows that are `used`.
leverages <- function(model, used = fit$prior.weights != 0) {
  fit <- unclass(model)
  if (is_bordered(fit$qr)) {
    hat <- (as.vector(fit$weights) * bordered_forms_impl(fit_design(model), fit$qr, fit$solver$threads))[used]
    return(ifelse(hat > 1 - 10 * .Machine$double.eps, 1, hat))
  }
  estimable <- seq_len(fit$qr$rank)
  influences_impl(fit_design(model), fit$qr$qr[estimable, estimable, drop = FALSE], fit$qr$pivot[estimable], fit$weights,
                  as_doubles(fit$prior.weights), numeric(sum(used)), FALSE, fit$solver$threads)$hat
}

#' @rdname influence.glmpp
#' @export
hatvalues.glmpp <- function(model, infl = NULL, ...) {
  refuse_leverages(model, "Leverages")
  fit <- unclass(model)
  if (!is.null(infl)) return(infl$hat)
  if (!fit$rank) return(influence(model, do.coef = FALSE)$hat)
  used <- fit$prior.weights != 0
  hat <- leverages(model, used)
  names(hat) <- if (all(used)) names(fit$residuals) else names(fit$residuals)[used]
  if (is.null(fit$na.action)) return(hat)
  hat <- naresid(fit$na.action, hat)
  replace(hat, is.na(hat), 0)
}

# Measures of single rows that need a part of influence() only. Where parts of it are given, or rows have no weight, stats' own.

#' @rdname influence.glmpp
#' @importFrom stats cooks.distance
#' @export
cooks.distance.glmpp <- function(model, infl, res, dispersion, hat, ...) {
  refuse_leverages(model, "Cook's distances")
  if (!missing(res) || !missing(dispersion) || !missing(hat) || lacks_row_measures(model)) return(NextMethod())
  found <- if (missing(infl)) list(pear.res = residuals(model, "pearson"), hat = hatvalues(model)) else infl
  cooks_distances_impl(found$pear.res, found$hat, dispersion_of(model), .subset2(model, "rank"))
}

#' @rdname influence.glmpp
#' @importFrom stats rstandard
#' @export
rstandard.glmpp <- function(model, infl, type = c("deviance", "pearson"), ...) {
  refuse_leverages(model, "Standardised residuals")
  if (lacks_row_measures(model)) return(NextMethod())
  type <- match.arg(type)
  residuals <- if (missing(infl)) residuals(model, type) else if (type == "pearson") infl$pear.res else infl$dev.res
  standardized_residuals_impl(residuals, if (missing(infl)) hatvalues(model) else infl$hat, dispersion_of(model))
}

#' @rdname influence.glmpp
#' @importFrom stats rstudent
#' @export
rstudent.glmpp <- function(model, infl, ...) {
  refuse_leverages(model, "Studentised residuals")
  scaled <- !is_of_known_scale(family(model), "stats")
  if (!missing(infl) || scaled || lacks_row_measures(model)) return(NextMethod())
  studentized_residuals_impl(residuals(model), residuals(model, "pearson"), hatvalues(model))
}

lacks_row_measures <- function(model) {
  !.subset2(model, "rank") || is_left_out(model, "residuals") || any(.subset2(model, "prior.weights") == 0)
}

#' @rdname influence.glmpp
#' @export
dfbeta.glmpp <- function(model, infl = influence(model), ...) {
  infl$coefficients
}

#' @rdname influence.glmpp
#' @export
dfbetas.glmpp <- function(model, infl = influence(model), ...) {
  is_own <- missing(infl)
  dfbetas_impl(infl$coefficients, infl$sigma, sqrt(diag(unscaled_covariance(model))), is_own)
}

#' @importFrom stats variable.names
#' @export
variable.names.glmpp <- function(object, full = FALSE, ...) {
  check_flag(full, "full")
  qr <- .subset2(object, "qr")
  names(.subset2(object, "coefficients"))[qr$pivot][if (full) seq_along(qr$pivot) else seq_len(qr$rank)]
}
