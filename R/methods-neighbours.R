# What packages beside us ask of a fit: as their methods for a glm answer, without what those do row by row.

#' Fits as data frames
#'
#' Methods for `tidy()`, `glance()` and `augment()` of \pkg{broom} and \pkg{generics}, as those for a glm. Of a fit by [lasso()] there are
#' estimates without errors, and no leverages. Of a path `tidy()` has a row for each coefficient at each lambda, of a cross-validated one a
#' row for each lambda, with \pkg{broom}'s names for those of \pkg{glmnet}.
#'
#' @param x A fit by [glmpp()]; of `tidy()` and `glance()` also what [glmpp_path()] and [glmpp_cv()] make.
#' @param conf.int,conf.level,exponentiate As in `broom::tidy.glm()`: intervals are of the profile likelihood, or Wald's with `vcov`.
#' @param vcov The covariance of the coefficients for standard errors, tests and intervals, as in [summary()][summary.glmpp], at the
#'   passes that
#'   [vcov.glmpp()] says.
#' @param return_zeros Should coefficients be there that are zero?
#' @param ... For `augment()`, as there.
#' @returns A tibble where \pkg{tibble} is installed, else a data frame.
#' @seealso [effects_table()] for a table with reference levels and counts.
#' @examplesIf requireNamespace("generics", quietly = TRUE)
#' fit <- glmpp(breaks ~ wool + tension, poisson, warpbreaks)
#' generics::tidy(fit, conf.int = TRUE, exponentiate = TRUE, vcov = "HC1")
#' @name glmpp_tidy
NULL

#' @rdname glmpp_tidy
#' @exportS3Method generics::tidy
tidy.glmpp <- function(x, conf.int = FALSE, conf.level = 0.95, exponentiate = FALSE, vcov = NULL, ...) {
  if (lacks_errors(x)) return(tidy_estimates(x, conf.int || !is.null(vcov), exponentiate))
  table <- summary(x, vcov = vcov)$coefficients
  estimates <- coef(x)
  table <- table[match(names(estimates), rownames(table)), , drop = FALSE]
  tidied <- data.frame(term = names(estimates), estimate = unname(estimates), std.error = unname(table[, 2]),
                       statistic = unname(table[, 3]), p.value = unname(table[, 4]))
  if (conf.int) {
    limits <- if (is.null(vcov)) confint(x, level = conf.level) else confint(x, level = conf.level, vcov = vcov)
    if (is.null(dim(limits))) limits <- matrix(limits, 1)
    tidied$conf.low <- unname(limits[, 1])
    tidied$conf.high <- unname(limits[, 2])
  }
  scaled <- intersect(c("estimate", "conf.low", "conf.high"), names(tidied))
  if (exponentiate) tidied[scaled] <- exp(tidied[scaled])
  as_tibble_if_installed(tidied)
}

#' @exportS3Method generics::glance
glance.glmpp <- function(x, ...) {
  likelihood <- stats::logLik(x)
  as_tibble_if_installed(list(
    null.deviance = x$null.deviance, df.null = x$df.null, logLik = as.numeric(likelihood), AIC = stats::AIC(likelihood),
    BIC = stats::BIC(likelihood), deviance = x$deviance, df.residual = x$df.residual, nobs = stats::nobs(x)
  ))
}

#' @exportS3Method generics::augment
augment.glmpp <- function(x, ...) {
  if (lacks_leverages(x)) return(augment_without_leverages(x, ...))
  withCallingHandlers(utils::getS3method("augment", "glm", envir = asNamespace("broom"))(x, ...), warning = function(w) {
    # That it is not broom's own method: it is, on a fit that is a glm.
    if (grepl("not maintained by the broom team", conditionMessage(w), fixed = TRUE)) invokeRestart("muffleWarning")
  })
}

# Without what needs errors or leverages.
tidy_estimates <- function(x, wants_errors, exponentiate) {
  if (wants_errors) refuse_errors(x, "Standard errors")
  estimates <- x$coefficients
  as_tibble_if_installed(data.frame(term = names(estimates), estimate = unname(if (exponentiate) exp(estimates) else estimates)))
}

augment_without_leverages <- function(x, data = stats::model.frame(x), newdata = NULL, type.predict = "link", type.residuals = "deviance",
                                      se_fit = FALSE, ...) {
  if (se_fit) refuse_leverages(x, "Standard errors of predictions")
  if (!is.null(newdata)) {
    fitted <- unname(stats::predict(x, newdata, type = type.predict))
    return(as_tibble_if_installed(c(as.list(newdata), list(.fitted = fitted))))
  }
  as_tibble_if_installed(c(as.list(data), list(.fitted = unname(stats::predict(x, type = type.predict)),
                                               .resid = unname(stats::residuals(x, type = type.residuals)))))
}

#' @rdname glmpp_tidy
#' @exportS3Method generics::tidy
tidy.glmpp_path <- function(x, return_zeros = FALSE, ...) {
  refuse_unknown(substitute(list(...)), "tidy", tidy.glmpp_path)
  check_flag(return_zeros, "return_zeros")
  coefficients <- x$coefficients
  step <- rep(seq_along(x$lambda), each = nrow(coefficients))
  tidied <- data.frame(term = rep(rownames(coefficients), ncol(coefficients)), step = step, estimate = as.vector(coefficients),
                       lambda = x$lambda[step], dev.ratio = x$dev_ratio[step])
  as_tibble_if_installed(if (return_zeros) tidied else tidied[tidied$estimate != 0, ])
}

#' @exportS3Method generics::glance
glance.glmpp_path <- function(x, ...) {
  refuse_unknown(substitute(list(...)), "glance", glance.glmpp_path)
  as_tibble_if_installed(list(nulldev = x$null.deviance, npasses = sum(x$passes[c("whole", "of_some_columns")]), nobs = x$nobs))
}

#' @exportS3Method generics::tidy
tidy.glmpp_path_cv <- function(x, ...) {
  refuse_unknown(substitute(list(...)), "tidy", tidy.glmpp_path_cv)
  slopes <- !grepl("(^|:)\\(Intercept\\)$", rownames(x$path$coefficients))
  as_tibble_if_installed(data.frame(lambda = x$lambda, estimate = x$mean, std.error = x$se, conf.low = x$mean - x$se,
                                    conf.high = x$mean + x$se,
                                    nzero = colSums(x$path$coefficients[slopes, , drop = FALSE] != 0)))
}

#' @exportS3Method generics::glance
glance.glmpp_path_cv <- function(x, ...) {
  refuse_unknown(substitute(list(...)), "glance", glance.glmpp_path_cv)
  as_tibble_if_installed(list(lambda.min = x$lambda.min, lambda.1se = x$lambda.1se, nobs = x$path$nobs))
}

as_tibble_if_installed <- function(columns) {
  if (requireNamespace("tibble", quietly = TRUE)) tibble::new_tibble(columns, nrow = length(columns[[1]]))
  else as.data.frame(columns)
}

# Of the p x p decomposition emmeans reads what it reads of the full one. Its generics look through all packages for a method.
of_emmeans <- function(generic) {
  for (class in c("glm", "lm")) {
    method <- utils::getS3method(generic, class, optional = TRUE, envir = asNamespace("emmeans"))
    if (!is.null(method)) return(method)
  }
  getExportedValue("emmeans", generic)
}

#' @exportS3Method emmeans::recover_data
recover_data.glmpp <- function(object, ...) of_emmeans("recover_data")(compact(object), ...)

#' @exportS3Method emmeans::emm_basis
emm_basis.glmpp <- function(object, trms, xlev, grid, vcov. = stats::vcov, ...) {
  refuse_errors(object, "Covariances of coefficients")
  object <- with_all_shown(object)
  covariance <- if (is.function(vcov.)) vcov.(object) else vcov.
  of_emmeans("emm_basis")(compact(object), trms, xlev, grid, vcov. = covariance, ...)
}

#' @exportS3Method car::Anova
Anova.glmpp <- function(mod, ...) {
  refuse_unpenalised_models(mod, "Anova()")
  mod <- with_all_shown(mod)
  method <- utils::getS3method("Anova", "glm", envir = asNamespace("car"))
  if (!has_candidates(mod)) return(method(mod, ...))
  models <- open_candidates(problem_of(mod, candidate_settings(mod)), mod, mod$schema$assign, "Terms left out")
  on.exit(models$done())
  over_models(method, models, c("Anova.II.LR.glm", "Anova.II.F.glm"))(mod, ...)
}
