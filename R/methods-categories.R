# What users do with a fit of categories, but for predictions and pictures.

#' @export
coef.glmpp_categories <- function(object, ...) object$coefficients

#' Covariances of coefficients of a fit of categories
#'
#' @param object A fit by [glmpp()] with the family [multinomial()] or [ordinal()].
#' @param complete Should aliased coefficients be among rows and columns, as NA?
#' @param type `"const"`: the inverse of the information (for `ordinal()` the observed one). `"HC0"`: the sandwich, with the sum of
#'   squared scores of the rows in the middle. `"HC1"`: the same times n / (n - p), n the rows with weight and p the coefficients
#'   that are estimated.
#' @param cluster,cadjust As in [vcov.glmpp()]: `~ id`, or `~ id + year` for clusters in several ways.
#' @param ... None: an argument that is not known is an error.
#' @section In other verbs:
#' `summary(fit, vcov = )`, `confint(fit, vcov = )`, `predict(fit, se.fit = TRUE, vcov = )` and `tidy(fit, vcov = )` take `"model"` (as
#' without it), `"HC0"`, `"HC1"`, a formula of clusters (type HC1), a matrix, or a function of the fit that makes one.
#' @returns A matrix with a row and a column for each coefficient: `class:column`, or for `ordinal()` coefficients and then
#'   thresholds. An error of class `glmpp_error_cluster` where a row has no cluster, `glmpp_error_left_out` where the fit was made by
#'   `keep = "rows"` or `"summary"`.
#' @references Cameron, A. C., Gelbach, J. B. and Miller, D. L. (2011) Robust inference with multiway clustering, *Journal of Business
#'   & Economic Statistics* 29, 238-249. Zeileis, A. (2006) Object-oriented computation of sandwich estimators, *Journal of Statistical
#'   Software* 16(9).
#' @examples
#' fit <- glmpp(Species ~ Sepal.Width, multinomial(), iris)
#' vcov(fit, type = "HC1")
#' summary(fit, vcov = "HC1")
#' @export
vcov.glmpp_categories <- function(object, complete = TRUE, type = c("const", "HC0", "HC1"), cluster = NULL, cadjust = TRUE, ...) {
  refuse_unknown(substitute(list(...)), "vcov", vcov.glmpp_categories)
  check_complete(complete)
  if (is_newey_west(type)) {
    stop_glmpp("covariance", "Newey and West's covariance is not there for fits of several categories.",
               i = "Cluster by time: `cluster = ~ time`.")
  }
  type <- check_sandwich(type, cluster, c("const", "HC0", "HC1"))
  check_cadjust(cadjust, cluster)
  covariance <- if (type == "const") object$covariance else category_sandwich(object, type, cluster, cadjust)
  known <- !is.na(diag(covariance))
  if (complete || all(known)) covariance else covariance[known, known, drop = FALSE]
}

# The fit with the covariance that a verb was told to take, from which all that it says of errors follows.
with_covariance <- function(object, vcov) {
  chosen <- chosen_covariance(object, vcov)
  if (is.null(chosen)) return(object)
  known <- !aliased_estimates(object)
  object$covariance[known, known] <- chosen$matrix
  object$covariance_label <- chosen$label
  object
}

#' @export
logLik.glmpp_categories <- function(object, ...) {
  structure(-object$deviance / 2, df = object$rank, nobs = object$nobs, class = "logLik")
}

#' @export
nobs.glmpp_categories <- function(object, ...) object$nobs

#' @export
deviance.glmpp_categories <- function(object, ...) object$deviance

#' @export
df.residual.glmpp_categories <- function(object, ...) object$df.residual

#' @export
extractAIC.glmpp_categories <- function(fit, scale = 0, k = 2, ...) c(fit$rank, fit$deviance + k * fit$rank)

#' @export
family.glmpp_categories <- function(object, ...) object$family

#' @export
formula.glmpp_categories <- function(x, ...) formula(x$terms)

#' @export
model.frame.glmpp_categories <- function(formula, ...) {
  if (!is.null(formula$model) && !...length()) return(formula$model)
  if (is_left_out(formula, "model")) stop_left_out("model")
  call <- formula$call
  call[names(list(...))] <- list(...)
  call$method <- "model.frame"
  eval(call, environment(formula$terms))
}

#' @export
model.matrix.glmpp_categories <- function(object, ...) {
  columns <- stats::model.matrix(object$terms, model.frame(object), object$contrasts)
  columns[, object$schema$columns, drop = FALSE]
}

#' @export
fitted.glmpp_categories <- function(object, ...) {
  refuse_unknown(substitute(list(...)), "fitted", fitted.glmpp_categories)
  napredict(object$na.action, row_component(object, "fitted.values"))
}

#' @export
weights.glmpp_categories <- function(object, type = "prior", ...) {
  refuse_unknown(substitute(list(...)), "weights", weights.glmpp_categories)
  check_choice(type, "prior", "type")
  naresid(object$na.action, row_component(object, "prior.weights"))
}

#' Residuals of a fit of categories
#'
#' @param object A fit by [glmpp()] with the family [multinomial()] or [ordinal()].
#' @param type `"deviance"`: the square root of a row's share of the deviance, for counts less that of its own
#'   shares; for `ordinal()` negative where the class is below its expectation. `"response"`: observed less fitted shares.
#'   `"pearson"`: these, divided by their standard deviation \eqn{\sqrt{p (1 - p) / n}}, with n the weight times the count
#'   of the row.
#' @param ... None: an argument that is not known is an error.
#' @returns A named vector for `"deviance"`, else a matrix with a column for each class.
#' @examples
#' fit <- glmpp(Species ~ Sepal.Width, multinomial(), iris)
#' head(residuals(fit, "pearson"))
#' @export
residuals.glmpp_categories <- function(object, type = c("deviance", "pearson", "response"), ...) {
  refuse_unknown(substitute(list(...)), "residuals", residuals.glmpp_categories)
  type <- check_choice(type, c("deviance", "pearson", "response"), "type")
  y <- category_outcomes(object)
  observed <- observed_shares(object)
  p <- object$fitted.values
  trials <- object$prior.weights * (if (is.matrix(y)) rowSums(y) else 1)
  residuals <- switch(type,
    response = observed - p,
    pearson = (observed - p) / sqrt(p * (1 - p) / trials),
    deviance = deviance_residuals(observed, p, trials, is_ordinal(object$family))
  )
  naresid(object$na.action, residuals)
}

# Codes, or the matrix of counts.
category_outcomes <- function(object) {
  if (!is.null(row_component(object, "y"))) return(object$y)
  response <- read_categories(model.frame(object), object$family, object$solver$threads)
  response$codes %||% response$counts
}

observed_shares <- function(object) {
  y <- category_outcomes(object)
  if (is.matrix(y)) return(y / pmax(rowSums(y), .Machine$double.xmin))
  shares <- array(0, dim(object$fitted.values), dimnames(object$fitted.values))
  shares[cbind(seq_along(y), y)] <- 1
  shares
}

deviance_residuals <- function(observed, p, trials, ordered) {
  parts <- ifelse(observed > 0, observed * log(observed / p), 0)
  residuals <- sqrt(pmax(2 * trials * rowSums(parts), 0))
  if (!ordered) return(residuals)
  scores <- seq_len(ncol(p))
  below <- drop((observed - p) %*% scores) < 0
  ifelse(below, -residuals, residuals)
}

#' Confidence intervals of a fit of categories
#'
#' Wald intervals: estimate and standard error.
#'
#' @param object A fit by [glmpp()] with the family [multinomial()] or [ordinal()].
#' @param parm Names or numbers of coefficients, in the order of `vcov()`; by default all.
#' @param level The confidence level, between 0 and 1.
#' @param method `"wald"`; `"bootstrap"`: [bootstrap()], whose arguments `...` are, and `interval`; there are no profile likelihood
#'   intervals of several categories (an error of class `glmpp_error_categories`).
#' @param vcov The covariance that standard errors are taken from, as in [vcov.glmpp_categories()], section "In other verbs"; NULL:
#'   the model's.
#' @param ... For `method = "bootstrap"` arguments to [bootstrap()], and `interval`. Else none: an argument that is not known is an error.
#' @returns A matrix with a row for each coefficient, `class:column` (for `ordinal()` coefficients, then thresholds), and two columns.
#' @examples
#' fit <- glmpp(Species ~ Sepal.Width, multinomial(), iris)
#' confint(fit)
#' confint(fit, vcov = "HC1")
#' @export
confint.glmpp_categories <- function(object, parm, level = 0.95, method = "wald", vcov = NULL, ...) {
  if (identical(method, "bootstrap")) {
    refuse_with("method = \"bootstrap\"", c(vcov = !is.null(vcov)))
    return(bootstrap_confint(object, parm, level, NULL, ...))
  }
  refuse_unknown(substitute(list(...)), "confint", confint.glmpp_categories)
  check_share(level, "level")
  if (check_choice(method, c("wald", "profile"), "method") == "profile") stop_category_profile()
  table <- estimate_table(with_covariance(object, vcov))
  names <- rownames(table)
  if (missing(parm)) parm <- names
  if (is.numeric(parm)) parm <- names[parm]
  if (!all(parm %in% names)) {
    stop_glmpp("argument", "`parm` must name or number coefficients.", x = sprintf("They are %s.", comma(names)))
  }
  tails <- c((1 - level) / 2, 1 - (1 - level) / 2)
  limits <- table[, 1] + outer(table[, 2], qnorm(tails))
  dimnames(limits) <- list(names, paste(format(100 * tails, trim = TRUE, digits = 3), "%"))
  limits[parm, , drop = FALSE]
}

stop_category_profile <- function() {
  stop_glmpp("categories", "Fits of several categories have Wald intervals only.",
             i = "A test of the likelihood ratio: `anova(fit, smaller_fit)`. Profiles: `MASS:::confint.polr()` on a fit by `MASS::polr()`.")
}

# ---- Summary and print ----

# Estimates in the order and by the names of vcov().
estimate_table <- function(object) {
  estimates <- if (is_ordinal(object$family)) c(object$coefficients, object$thresholds) else as.vector(t(object$coefficients))
  errors <- sqrt(diag(object$covariance))
  z <- estimates / errors
  cbind(Estimate = named(estimates, rownames(object$covariance)), "Std. Error" = errors, "z value" = z,
        "Pr(>|z|)" = 2 * pnorm(-abs(z)))
}

#' Summary of a fit of categories
#'
#' @param object A fit by [glmpp()] with the family [multinomial()] or [ordinal()].
#' @param vcov The covariance that standard errors are taken from, as in [vcov.glmpp_categories()], section "In other verbs"; NULL:
#'   the model's.
#' @param ... None: an argument that is not known is an error.
#' @returns An object of class `"summary.glmpp_categories"`: the fit, with `coefficients` replaced by a matrix of estimates, Wald
#'   standard errors, z values and p values, one row for each `class:column` (for `ordinal()` coefficients, then
#'   thresholds), in the order of `vcov()`. With `vcov`, `covariance` is the one chosen and `covariance_label` what it is called.
#' @examples
#' coef(summary(glmpp(Species ~ Sepal.Width, multinomial(), iris)))
#' @export
summary.glmpp_categories <- function(object, vcov = NULL, ...) {
  refuse_unknown(substitute(list(...)), "summary", summary.glmpp_categories)
  object <- with_covariance(object, vcov)
  object$estimates <- object$coefficients
  object$coefficients <- estimate_table(object)
  structure(object, class = c("summary.glmpp_categories", class(object)))
}

#' @export
print.glmpp_categories <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  cat("\nCall:  ", paste(deparse(x$call), collapse = "\n"), "\n\n", sep = "")
  if (length(x$coefficients)) {
    cat("Coefficients:\n")
    print.default(format(x$coefficients, digits = digits), print.gap = 2, quote = FALSE)
  } else {
    cat("No coefficients\n")
  }
  if (!is.null(x$thresholds)) {
    cat("\nThresholds:\n")
    print.default(format(x$thresholds, digits = digits), print.gap = 2, quote = FALSE)
  }
  cat("\n")
  print_category_fit(x, digits)
  invisible(x)
}

#' @export
print.summary.glmpp_categories <- function(x, digits = max(3L, getOption("digits") - 3L),
                                           signif.stars = getOption("show.signif.stars"), ...) {
  if (is_unfinished(x$solver)) {
    cat("\n", unfinished_line(x$solver), "\n", sep = "")
    x$coefficients[, 3:4] <- NA
  }
  cat("\nCall:\n", paste(deparse(x$call), collapse = "\n"), "\n", sep = "")
  parts <- summary_parts(x)
  for (k in seq_along(parts)) {
    cat("\n", names(parts)[k], ":\n", sep = "")
    is_last <- k == length(parts)
    printCoefmat(parts[[k]], digits = digits, signif.stars = signif.stars, signif.legend = is_last && signif.stars,
                 na.print = "NA")
  }
  cat("\n")
  if (!is.null(x$covariance_label)) cat("Standard errors: ", x$covariance_label, "\n", sep = "")
  print_category_fit(x, digits)
  cat(solver_line(x$solver), "\n\n", sep = "")
  invisible(x)
}

# One table for each class, or coefficients and thresholds.
summary_parts <- function(x) {
  table <- x$coefficients
  if (!is.null(x$thresholds)) {
    slopes <- seq_len(nrow(table) - length(x$thresholds))
    parts <- list(Coefficients = table[slopes, , drop = FALSE], Thresholds = table[-c(slopes, 0L), , drop = FALSE])
    if (!length(slopes)) parts$Thresholds <- table
    return(Filter(nrow, parts))
  }
  columns <- colnames(x$estimates)
  classes <- rownames(x$estimates)
  against <- if (x$baseline > 0) sprintf(" against %s", x$classes[x$baseline]) else ""
  parts <- lapply(seq_along(classes), function(k) {
    part <- table[(k - 1) * length(columns) + seq_along(columns), , drop = FALSE]
    rownames(part) <- columns
    part
  })
  named(parts, paste0(classes, against))
}

print_category_fit <- function(x, digits) {
  cat(category_title(x$family), ", ", paste(length(x$classes), "classes"), ": ", comma(x$classes), "\n", sep = "")
  if (nzchar(message <- naprint(x$na.action))) cat("  (", message, ")\n", sep = "")
  cat("Residual deviance: ", format(signif(x$deviance, max(5L, digits + 1L))), " on ", format(x$df.residual),
      " degrees of freedom;  AIC: ", format(signif(x$aic, max(5L, digits + 1L))), "\n", sep = "")
  if (!is.null(x$bias_reduction)) cat("Bias reduction: ", format(x$bias_reduction), "\n", sep = "")
  if (!x$converged) cat(trimws(paste("Not converged.", stop_reasons[x$solver$reason])), "\n", sep = "")
  if (!is.null(x$separation)) cat(separation_line(x$separation), "\n", sep = "")
}

category_title <- function(family) {
  if (is_ordinal(family)) sprintf("Cumulative %s model", family$link) else "Multinomial logit model"
}

# ---- Comparison of models ----

#' Likelihood-ratio tests of fits of categories
#'
#' @param object A fit by [glmpp()] with the family [multinomial()] or [ordinal()].
#' @param ... Further fits to the same rows; without any, the terms of `object` are added one after the other (an
#'   error of class `glmpp_error_penalty` for a penalised fit).
#' @param test `"Chisq"` or `"none"`.
#' @param vcov Wald tests by this covariance in the place of likelihood ratios, see [wald_tests] and [vcov.glmpp_categories()].
#' @returns An [anova()] table: residual degrees of freedom and deviance, and the test of each model against
#'   the one before it, in the order of their degrees of freedom.
#' @examples
#' fit <- glmpp(Species ~ Sepal.Width, multinomial(), iris)
#' anova(fit)
#' anova(fit, update(fit, . ~ . + Sepal.Length))
#' @export
anova.glmpp_categories <- function(object, ..., test = c("Chisq", "none"), vcov = NULL) {
  others <- list(...)
  refuse_other_than_models(substitute(list(...)), others, anova.glmpp_categories, c("glmpp_categories", "lm", "multinom", "polr"))
  if (!is.null(vcov)) return(wald_anova(c(list(object), others), if (missing(test)) NULL else test, vcov))
  test <- check_choice(test, c("Chisq", "none"), "test")
  if (!length(others)) refuse_unpenalised_models(object, "anova() of one fit")
  if (!length(others)) return(sequential_anova(object, test))
  fits <- c(list(object), others)
  check_comparable(fits)
  residual <- vapply(fits, df.residual, 0)
  fits <- fits[order(residual, decreasing = TRUE)]
  formulas <- vapply(fits, function(fit) deparse1(formula(fit)), "")
  lines <- paste0("Model ", format(seq_along(fits)), ": ", formulas, collapse = "\n")
  deviance_table(vapply(fits, df.residual, 0), vapply(fits, deviance, 0), seq_along(fits), test,
                 paste0("Likelihood-ratio tests\n\n", lines, "\n"))
}

check_comparable <- function(fits) {
  same <- function(part) length(unique(lapply(fits, part))) == 1
  if (!all(vapply(fits, inherits, NA, "glmpp_categories")) || !same(function(fit) class(fit)[1])) {
    stop_glmpp("argument", "anova() compares fits of one family.", x = "Not all are fits by glmpp() with the same family.")
  }
  counts <- vapply(fits, function(fit) nrow(row_component(fit, "fitted.values")), 0L)
  if (same(function(fit) fit$classes) && same(function(fit) dim(fit$fitted.values)) && same(function(fit) fit$nobs)) return(invisible())
  stop_glmpp("argument", "anova() compares fits to the same rows and classes.",
             x = sprintf("The fits have %s rows.", comma(counts)),
             i = "Where missing values differ, fit all models to the rows that are complete in every variable.")
}

deviance_table <- function(residual, deviance, names, test, heading) {
  df <- c(NA, -diff(residual))
  gain <- c(NA, -diff(deviance))
  table <- data.frame("Resid. Df" = residual, "Resid. Dev" = deviance, Df = df, Deviance = gain, row.names = names,
                      check.names = FALSE)
  if (test == "Chisq") table[["Pr(>Chi)"]] <- ifelse(df > 0, pchisq(gain, df, lower.tail = FALSE), NA)
  structure(table, heading = heading, class = c("anova", "data.frame"))
}

# The first columns of the fit's own schema, from the intercept on: all models see the same rows.
sequential_anova <- function(object, test) {
  labels <- attr(object$terms, "term.labels")
  models <- open_category_models(object, fit_frame(object), "Terms added in turn", length(labels))
  on.exit(models$done())
  found <- lapply(seq_along(labels) - 1L, function(count) models$without(which(object$schema$assign > count)))
  found <- c(found, list(object[c("rank", "deviance")]))
  ranks <- vapply(found, function(model) as.double(model$rank), 0)
  deviance_table(object$df.residual + object$rank - ranks, vapply(found, `[[`, 0, "deviance"), c("NULL", labels), test,
                 paste0("Analysis of deviance\n\n", category_title(object$family), ", response: ",
                        deparse1(formula(object)[[2]]), "\n\nTerms added sequentially (first to last)\n"))
}

# What the fit ran with, for further fits in silence.
silent_settings <- function(object) {
  settings <- object$solver$control
  settings$threads <- object$solver$threads
  settings$penalty <- object$penalty
  c(plain_settings(settings), list(penalty = object$penalty, is_auto = TRUE))
}
