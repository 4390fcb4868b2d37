#' Confidence intervals
#'
#' Profile likelihood intervals, whose ends are the values of a coefficient at which the deviance, minimal over all
#' other coefficients, has risen by the squared normal quantile times the dispersion; or Wald intervals. Each end
#' is found by a few passes over the data from the fit itself (Venzon and Moolgavkar), not by a series of fits.
#'
#' @param object A fit by [glmpp()].
#' @param parm Names or numbers of coefficients; by default all.
#' @param level The confidence level, between 0 and 1.
#' @param method `"profile"`; `"wald"` (estimate and standard error), which a penalised fit has only; `"score"`: the values that Rao's
#'   score test with the expected information does not reject, by a fit of the other coefficients for each value that is tried;
#'   `"bootstrap"`: [bootstrap()] with `...` as its arguments, and `interval` as that of its `confint()`.
#' @param dispersion A number, or what [dispersion()] estimates, such as `"ml"`; NULL: as [summary()].
#' @param vcov The covariance of Wald intervals, as in [vcov.glmpp()], section "In other verbs"; it makes `method` `"wald"`.
#' @param contrasts A matrix with a row for each linear combination of coefficients and a column for each coefficient (or columns named
#'   like some of them, the others being zero), or a vector for one: intervals of the combinations, in the place of `parm`.
#' @param ... For `method = "bootstrap"` arguments to [bootstrap()], and `interval`. Else none: an argument that is not known is an
#'   error.
#' @returns A matrix with a row per coefficient and a column per limit, as [stats::confint()] has it, over whose columns stands
#'   which method it was: `"profile likelihood"`, `"Wald"` (with `vcov` which covariance besides), `"score"` or that of the bootstrap, in `names(dimnames())`. One profiled coefficient gives a vector,
#'   as `glm()` has it. NA where the deviance never rises enough: that end is open, and a warning of class
#'   `glmpp_warning_profile` names the coefficient.
#' @references Venzon, D. J. and Moolgavkar, S. H. (1988) A method for computing profile-likelihood-based confidence
#'   intervals, *Applied Statistics* 37, 87-94. Rao, C. R. (1948) Large sample tests of statistical hypotheses concerning several
#'   parameters, *Proceedings of the Cambridge Philosophical Society* 44, 50-57.
#' @examples
#' fit <- glmpp(am ~ wt, binomial, mtcars)
#' confint(fit)
#' confint(fit, "wt", method = "wald")
#' confint(glmpp(breaks ~ wool * tension, poisson, warpbreaks), contrasts = c(tensionH = 1, tensionM = -1))
#' @concept profile likelihood
#' @concept odds ratio
#' @export
confint.glmpp <- function(object, parm, level = 0.95, method = c("profile", "wald", "score", "bootstrap"), dispersion = NULL,
                          vcov = NULL, contrasts = NULL, ...) {
  refuse_errors(object, "Confidence intervals")
  method <- interval_method(object, if (!missing(method)) method, vcov)
  if (!missing(parm)) refuse_with("contrasts", c(parm = !is.null(contrasts)))
  if (method == "bootstrap") {
    refuse_with("method = \"bootstrap\"", c(dispersion = !is.null(dispersion)))
    return(bootstrap_confint(object, parm, level, contrasts, ...))
  }
  refuse_unknown(substitute(list(...)), "confint", confint.glmpp)
  check_share(level, "level")
  names <- names(all_coefficients(object))
  parm <- if (is.null(contrasts)) if (missing(parm)) shown_places(object) %||% seq_along(names) else check_parameters(parm, names)
  is_plain <- method == "wald" && is.null(contrasts) && !has_covariance_matrix(object)
  if (!is_plain) check_combinations_memory(length(parm), names)
  combinations <- if (is_plain) NULL else if (is.null(contrasts)) unit_combinations(parm, names)
                  else check_contrasts(contrasts, names)
  tails <- c((1 - level) / 2, (1 + level) / 2)
  dispersion <- given_dispersion(dispersion, object)
  limits <- switch(method, wald = if (is_plain) plain_wald_limits(object, parm, tails, dispersion, vcov)
                                  else wald_limits(object, combinations, tails, dispersion, vcov),
                   likelihood_limits(object, combinations, tails, dispersion, method))
  called <- c(profile = "profile likelihood", wald = "Wald", score = "score")[[method]]
  if (!is.null(vcov)) called <- paste(c(called, attr(limits, "covariance")), collapse = ", ")
  attr(limits, "covariance") <- NULL
  dimnames(limits) <- structure(list(if (is_plain) names[parm] else rownames(combinations), percent_names(tails)), names = c("", called))
  if (method == "profile" && is.null(contrasts)) drop(limits) else limits
}

# As stats writes them.
percent_names <- function(tails) paste(format(100 * tails, trim = TRUE, scientific = FALSE, digits = 3), "%")

# The method that is asked for, NULL for the default, if the fit has it.
interval_method <- function(object, asked, vcov) {
  is_penalised <- is_penalised_fit(object)
  has_profile <- !is.null(determinant_power(.subset2(object, "bias_reduction"), .subset2(object, "family")))
  if (!is.null(vcov)) {
    if (!is.null(asked) && !identical(asked, "wald")) stop_glmpp("argument", "`vcov` goes with `method = \"wald\"`.")
    return("wald")
  }
  has_none <- is_penalised && !has_profile || has_joint_errors(object)
  if (is.null(asked) && has_none) return("wald")
  method <- check_choice(asked, c("profile", "wald", "score", "bootstrap"), "method")
  if (is_penalised && (method == "score" || method == "profile" && !has_profile)) stop_penalised_profile(method, is_constrained_fit(object))
  if (method %in% c("profile", "score")) refuse_joint_errors(object, if (method == "profile") "The likelihood profile" else "The score test")
  method
}

bootstrap_confint <- function(object, parm, level, contrasts, interval = NULL, ...) {
  names <- names(named_estimates(object))
  check_share(level, "level")
  if (!is.null(contrasts)) {
    combinations <- check_contrasts(contrasts, names)
    drawn <- bootstrap(object, ..., statistic = function(b) drop(combinations %*% b))
  } else {
    if (!missing(parm) && !"statistic" %in% names(list(...))) check_parameters(parm, names)
    drawn <- bootstrap(object, ...)
  }
  arguments <- list(drawn, level = level)
  if (!is.null(interval)) arguments$interval <- interval
  if (!missing(parm) && is.null(contrasts)) arguments$parm <- parm
  do.call(stats::confint, arguments)
}

check_combinations_memory <- function(rows, names) {
  check_memory(2 * 8 * as.double(rows) * length(names), sprintf("intervals of %s", plural(rows, "coefficient")),
               i = "Name some by `parm`, or take `method = \"wald\"`.")
}

# Of coefficients alone, of which each needs its own variance.
plain_wald_limits <- function(object, parm, tails, dispersion, vcov) {
  estimates <- all_coefficients(object)
  chosen <- chosen_variances(object, vcov)
  variances <- if (is.null(chosen)) model_dispersion(object, dispersion) * unscaled_variances(object) else chosen$variances
  errors <- replace(rep(NA_real_, length(estimates)), !is.na(estimates), sqrt(variances))
  structure((estimates + errors %o% stats::qnorm(tails))[parm, , drop = FALSE], covariance = chosen$label)
}

# A row for each combination of coefficients.
unit_combinations <- function(parm, names) {
  combinations <- matrix(0, length(parm), length(names), dimnames = list(names[parm], names))
  combinations[cbind(seq_along(parm), parm)] <- 1
  combinations
}

check_contrasts <- function(contrasts, names) {
  if (is.numeric(contrasts) && is.null(dim(contrasts))) contrasts <- matrix(contrasts, 1, dimnames = list(NULL, names(contrasts)))
  if (!is.matrix(contrasts) || !is.numeric(contrasts) || !all(is.finite(contrasts))) {
    stop_glmpp("argument", "`contrasts` must be a vector or a matrix of finite numbers, a row for each combination of coefficients.",
               x = sprintf("It is %s.", describe_type(contrasts)))
  }
  given <- colnames(contrasts)
  unknown <- setdiff(given, names)
  if (length(unknown) || is.null(given) && ncol(contrasts) != length(names)) {
    stop_glmpp("argument", sprintf("`contrasts` must have a column for each coefficient (%d), or columns named like some of them.", length(names)),
               x = if (length(unknown)) sprintf("Unknown: %s.", comma(unknown)) else sprintf("It has %d.", ncol(contrasts)),
               i = sprintf("They are %s.", comma(names)))
  }
  if (anyDuplicated(given)) {
    stop_glmpp("argument", "`contrasts` must have one column for each coefficient that it names.", x = sprintf("`%s` is there twice.", given[duplicated(given)][1]))
  }
  combinations <- matrix(0, nrow(contrasts), length(names), dimnames = list(rownames(contrasts), names))
  combinations[, given %||% names] <- contrasts
  empty <- which(rowSums(combinations != 0) == 0)
  if (length(empty)) stop_glmpp("argument", "A row of `contrasts` must not be all zero.", x = sprintf("Row %d is.", empty[1]))
  if (is.null(rownames(combinations))) {
    rownames(combinations) <- vapply(seq_len(nrow(combinations)),
                                     function(k) combination_text(structure(combinations[k, ], names = names)), "")
  }
  combinations
}

check_parameters <- function(parm, names) {
  known <- if (is.character(parm)) match(parm, names) else if (is.numeric(parm)) match(parm, seq_along(names))
  if (length(known) && !anyNA(known)) return(known)
  stop_glmpp("argument", "`parm` must name coefficients, or be their numbers.",
             x = sprintf("%s is none.", value_text(if (length(known)) parm[is.na(known)] else parm)),
             i = if (is.character(parm)) did_you_mean(parm[is.na(known)], names), i = sprintf("They are %s.", comma(names)))
}

stop_penalised_profile <- function(method = "profile", is_constrained = FALSE) {
  called <- if (is_constrained) "constrained" else "penalised"
  stop_glmpp("argument", sprintf("A %s fit has no %s intervals.", called, if (method == "profile") "profile likelihood" else "score"),
             i = sprintf("Use `method = \"wald\"`: estimates and standard errors of the %s fit.", called))
}

# NA where a combination has an aliased coefficient.
wald_limits <- function(object, combinations, tails, dispersion = NULL, vcov = NULL) {
  estimates <- all_coefficients(object)
  known <- !is.na(estimates)
  estimable <- rowSums(combinations[, !known, drop = FALSE] != 0) == 0
  # The covariances of those that are combined.
  if (!has_covariance_matrix(object)) known <- known & colSums(combinations != 0) > 0
  chosen <- covariance_of_names(object, names(estimates)[known], vcov, dispersion)
  covariance <- chosen$matrix
  used <- combinations[, known, drop = FALSE]
  middle <- replace(drop(used %*% estimates[known]), !estimable, NA)
  structure(middle + sqrt(rowSums((used %*% covariance) * used)) %o% stats::qnorm(tails), covariance = chosen$label)
}

# By the likelihood ratio or the score test.
likelihood_limits <- function(object, combinations, tails, dispersion, method) {
  profile <- open_profile(object)
  estimates <- all_coefficients(object)
  best <- profile$at(replace(estimates, is.na(estimates), 0))
  if (is.null(dispersion)) dispersion <- summary(object)$dispersion
  limits <- matrix(NA_real_, nrow(combinations), 2)
  estimable <- rowSums(combinations[, is.na(estimates), drop = FALSE] != 0) == 0
  progress <- patient_progress(if (method == "score") "Score tests along the profile" else "Profiling the likelihood", nrow(combinations))
  on.exit(progress$done())
  find_end <- if (method == "score") score_end else profile_end
  for (k in if (!is.null(best)) which(estimable)) {
    l <- unname(combinations[k, ])
    for (side in 1:2) limits[k, side] <- find_end(profile, best, l, c(-1, 1)[side], stats::qnorm(tails[side])^2 * dispersion)
    progress$tick(k)
  }
  warn_open_ends(limits, structure(ifelse(estimable, 0, NA), names = rownames(combinations)), method)
  limits
}

# Where the statistic of the score test of l'beta, U^2 l'Vl with U the score along l at the fit to that value, has reached `rise`.
score_end <- function(profile, best, l, side, rise) {
  bracketed_end(profile, best, l, side, rise, height = function(point) {
    solved <- solve_information(point, l)
    sqrt(max(solved$decrement, 0))
  })
}

warn_open_ends <- function(limits, estimates, method = "profile") {
  open <- !is.na(estimates) & is.na(limits)
  if (!any(open)) return(invisible())
  ends <- c("lower", "upper")[col(limits)[open]]
  if (method == "score") {
    warn_glmpp("profile", "Some ends of score intervals were not found: they are NA.",
               x = sprintf("%s.", comma(paste(names(estimates)[row(limits)[open]], paste0("(", ends, ")")))),
               i = "The statistic of the score test does not rise enough on that side.")
    return(invisible())
  }
  warn_glmpp("profile", "Some ends of profile likelihood intervals were not found: they are NA.",
             x = sprintf("%s.", comma(paste(names(estimates)[row(limits)[open]], paste0("(", ends, ")")))),
             i = "The deviance does not rise enough on that side: the interval is open, or its end lies where the mean is not valid.")
}
