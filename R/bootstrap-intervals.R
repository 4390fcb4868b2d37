# Intervals and covariances of what bootstrap() drew.

#' @rdname bootstrap
#' @param parm Names or numbers of elements of the statistic; by default all.
#' @param level The confidence level, between 0 and 1.
#' @param interval `"bca"`: bias-corrected and accelerated percentiles, with the acceleration by the influence of each row or cluster
#'   (not for `"parametric"` or `"multiplier"`, whose default is the next); `"percentile"`; `"basic"`: twice the estimate less the
#'   percentiles; `"normal"`: by the bias and the standard deviation of the resamples. Between the resamples' values quantiles are
#'   interpolated on the normal scale.
#' @param ... None: an argument that is not known is an error.
#' @export
confint.glmpp_bootstrap <- function(object, parm, level = 0.95, interval = c("bca", "percentile", "basic", "normal"), ...) {
  refuse_unknown(substitute(list(...)), "confint", confint.glmpp_bootstrap)
  check_share(level, "level")
  has_bca <- object$type %in% c("pairs", "cluster")
  interval <- if (missing(interval) && !has_bca) "percentile" else check_choice(interval, eval(formals(confint.glmpp_bootstrap)$interval), "interval")
  if (interval == "bca" && !has_bca) {
    stop_glmpp("argument", sprintf("`interval = \"bca\"` needs resamples of rows or clusters; these are of type \"%s\".", object$type),
               i = "Take \"percentile\", \"basic\" or \"normal\".")
  }
  names <- names(object$t0) %||% as.character(seq_along(object$t0))
  parm <- if (missing(parm)) seq_along(names) else check_parameters(parm, names)
  tails <- c((1 - level) / 2, (1 + level) / 2)
  acceleration <- if (interval == "bca") bootstrap_accelerations(object)
  limits <- t(vapply(parm, function(j) bootstrap_limits(object, j, tails, interval, acceleration[j]), numeric(2)))
  warn_beyond_resamples(object, limits, parm)
  dimnames(limits) <- structure(list(names[parm], percent_names(tails)), names = c("", paste("bootstrap", interval)))
  limits
}

# Davison and Hinkley (1997), chapter 5.
bootstrap_limits <- function(object, j, tails, interval, acceleration) {
  t0 <- object$t0[[j]]
  t <- object$t[, j]
  t <- t[is.finite(t)]
  if (!is.finite(t0) || length(t) < 2) return(c(NA_real_, NA_real_))
  switch(interval,
    normal = 2 * t0 - mean(t) + stats::sd(t) * stats::qnorm(tails),
    percentile = resampled_quantiles(t, tails),
    basic = 2 * t0 - resampled_quantiles(t, rev(tails)),
    bca = resampled_quantiles(t, bca_tails(mean(t < t0), acceleration, tails))
  )
}

bca_tails <- function(below, acceleration, tails) {
  shift <- stats::qnorm(below)
  moved <- shift + stats::qnorm(tails)
  stats::pnorm(shift + moved / (1 - acceleration * moved))
}

# Between order statistics by normal scores.
resampled_quantiles <- function(t, at) {
  if (anyNA(at)) return(c(NA_real_, NA_real_))
  count <- length(t)
  rank <- (count + 1) * at
  below <- pmin(pmax(trunc(rank), 1), count - 1)
  sorted <- sort(t, partial = unique(c(below, below + 1)))
  score <- function(k) stats::qnorm(k / (count + 1))
  share <- pmin(pmax((stats::qnorm(at) - score(below)) / (score(below + 1) - score(below)), 0), 1)
  sorted[below] + share * (sorted[below + 1] - sorted[below])
}

# Only a resample itself is where its interval ends when no other lies beyond.
warn_beyond_resamples <- function(object, limits, parm) {
  extreme <- vapply(seq_along(parm), function(k) {
    t <- object$t[, parm[k]]
    any(is.finite(t)) && any(limits[k, ] %in% range(t, finite = TRUE))
  }, NA)
  if (!any(extreme)) return(invisible())
  warn_glmpp("bootstrap", "An end of an interval lies beyond all resamples: the extreme one stands for it.",
             x = sprintf("So for %s.", comma(names(object$t0)[parm[extreme]] %||% parm[extreme])), i = "Take more resamples, `R`, or a lower `level`.")
}

# A sixth of the skewness of the influences of the units, over the root of their number; Efron (1987).
bootstrap_accelerations <- function(object) {
  moments <- influence_moments(object)
  ifelse(moments$squares > 0, moments$cubes / (6 * moments$squares^1.5), 0)
}

# Sums of squares and cubes of what each unit does to the statistic: its derivative, times the inverse observed information, times the
# unit's score.
influence_moments <- function(object) {
  fit <- object$object
  known <- which(!is.na(named_estimates(fit)))
  towards <- influence_directions(fit, known) %*% t(statistic_gradient(object, known))
  add <- function(total, scores, rows) {
    influence <- scores[, known, drop = FALSE] %*% towards
    list(squares = total$squares + colSums(influence^2), cubes = total$cubes + colSums(influence^3))
  }
  none <- list(squares = 0, cubes = 0)
  unit <- object$units$unit
  if (is.null(unit)) fold_row_scores(fit, add, none) else add(none, scores_of_units(fit, unit), NULL)
}

# A row for each.
scores_of_units <- function(fit, unit) {
  if (inherits(fit, "glmpp_categories")) return(category_cluster_scores(fit, unit))
  sums_of_groups(fit_design(fit), .subset2(fit, "weights"), .subset2(fit, "residuals"), unit, fit$solver$threads)
}

influence_directions <- function(fit, known) {
  if (inherits(fit, "glmpp_categories")) return(fit$covariance[known, known, drop = FALSE])
  response <- list(core_family = core_family(fit$family))
  lacks <- row_lacks("observed_information", list(blocks = NULL), response, fit$family)
  if (is_penalised_fit(fit) || !is.null(lacks)) return(unscaled_covariance(fit))
  quietly(observed_unscaled(fit))
}

# By central differences, unless the statistic is the coefficients themselves.
statistic_gradient <- function(object, known) {
  estimates <- named_estimates(object$object)
  if (identical(object$transform, identity)) return(diag(length(estimates))[, known, drop = FALSE])
  gradient <- vapply(known, function(j) {
    step <- 1e-5 * max(abs(estimates[j]), 1e-3)
    at <- function(by) object$transform(replace(estimates, j, estimates[j] + by))
    (at(step) - at(-step)) / (2 * step)
  }, numeric(length(object$t0)))
  matrix(gradient, length(object$t0))
}

#' @export
vcov.glmpp_bootstrap <- function(object, ...) {
  refuse_unknown(substitute(list(...)), "vcov", vcov.glmpp_bootstrap)
  t <- object$t[rowSums(!is.finite(object$t[, is.finite(object$t0), drop = FALSE])) == 0, , drop = FALSE]
  stats::cov(t)
}

#' @export
print.glmpp_bootstrap <- function(x, digits = max(3L, getOption("digits") - 3L), ...) {
  what <- switch(x$type, pairs = "rows drawn with replacement", cluster = sprintf("%s drawn with replacement", plural(x$units$count, "cluster")),
                 multiplier = "exponential weights", parametric = "responses drawn from the fit")
  cat(sprintf("Bootstrap of %s: %s\n\n", plural(x$R, "fit"), what))
  t <- replace(x$t, !is.finite(x$t), NA)
  table <- cbind(Estimate = x$t0, Bias = colMeans(t, na.rm = TRUE) - x$t0, "Std. Error" = apply(t, 2, stats::sd, na.rm = TRUE))
  print(table, digits = digits)
  missing <- colSums(is.na(t[, !is.na(x$t0), drop = FALSE]))
  if (any(missing > 0)) cat("\nNot determined by every resample: ", comma(sprintf("%s (%d)", names(missing), missing)[missing > 0]), "\n", sep = "")
  if (!all(x$converged)) cat("\nNot converged: ", sum(!x$converged), "\n", sep = "")
  invisible(x)
}
