#' Confidence intervals
#'
#' Profile likelihood intervals, whose ends are the values of a coefficient at which the deviance, minimal over all
#' other coefficients, has risen by the squared normal quantile times the dispersion; or Wald intervals. Each end
#' is found by a few passes over the data from the fit itself (Venzon and Moolgavkar), not by a series of fits.
#'
#' @param object A fit by [glmpp()].
#' @param parm Names or numbers of coefficients; by default all.
#' @param level The confidence level, between 0 and 1.
#' @param method `"profile"` or `"wald"` (estimate and standard error); a penalised fit has the latter only.
#' @param dispersion A number, or what [dispersion()] estimates, such as `"ml"`; NULL: as [summary()].
#' @param vcov The covariance of Wald intervals, as in [vcov.glmpp()], section "In other verbs"; it makes `method` `"wald"`.
#' @param ... None: an argument that is not known is an error.
#' @returns A matrix with a row per coefficient and a column per limit, as [stats::confint()] has it, over whose columns stands
#'   which method it was: `"profile likelihood"` or `"Wald"`, in `names(dimnames())`. One profiled coefficient gives a vector,
#'   as `glm()` has it. NA where the deviance never rises enough: that end is open, and a warning of class
#'   `glmpp_warning_profile` names the coefficient.
#' @references Venzon, D. J. and Moolgavkar, S. H. (1988) A method for computing profile-likelihood-based confidence
#'   intervals, *Applied Statistics* 37, 87-94.
#' @examples
#' fit <- glmpp(am ~ wt, binomial, mtcars)
#' confint(fit)
#' confint(fit, "wt", method = "wald")
#' @export
confint.glmpp <- function(object, parm, level = 0.95, method = c("profile", "wald"), dispersion = NULL,
                          vcov = NULL, ...) {
  refuse_unknown(substitute(list(...)), "confint", confint.glmpp)
  is_penalised <- is_penalised_fit(object)
  has_profile <- !is.null(determinant_power(.subset2(object, "bias_reduction"), .subset2(object, "family")))
  if (!is.null(vcov) && !missing(method) && !identical(method, "wald")) stop_glmpp("argument", "`vcov` goes with `method = \"wald\"`.")
  if (!is.null(vcov)) method <- "wald"
  has_none <- is_penalised && !has_profile || has_joint_errors(object)
  method <- if (missing(method) && is.null(vcov) && has_none) "wald" else check_choice(method, c("profile", "wald"), "method")
  if (is_penalised && method == "profile" && !has_profile) stop_penalised_profile()
  if (method == "profile") refuse_joint_errors(object, "The likelihood profile")
  check_share(level, "level")
  names <- names(coef(object))
  parm <- if (missing(parm)) seq_along(names) else check_parameters(parm, names)
  tails <- c((1 - level) / 2, (1 + level) / 2)
  dispersion <- given_dispersion(dispersion, object)
  limits <- if (method == "wald") wald_limits(object, parm, tails, dispersion, vcov) else profile_limits(object, parm, tails, dispersion)
  percent <- paste(format(100 * tails, trim = TRUE, scientific = FALSE, digits = 3), "%")
  dimnames(limits) <- structure(list(names[parm], percent), names = c("", c(profile = "profile likelihood", wald = "Wald")[[method]]))
  if (method == "profile") drop(limits) else limits
}

check_parameters <- function(parm, names) {
  known <- if (is.character(parm)) match(parm, names) else if (is.numeric(parm)) match(parm, seq_along(names))
  if (length(known) && !anyNA(known)) return(known)
  stop_glmpp("argument", "`parm` must name coefficients, or be their numbers.",
             x = sprintf("%s is none.", value_text(if (length(known)) parm[is.na(known)] else parm)),
             i = if (is.character(parm)) did_you_mean(parm[is.na(known)], names), i = sprintf("They are %s.", comma(names)))
}

stop_penalised_profile <- function() {
  stop_glmpp("argument", "A penalised fit has no profile likelihood intervals.",
             i = "Use `method = \"wald\"`: estimates and standard errors of the penalised fit.")
}

wald_limits <- function(object, parm, tails, dispersion = NULL, vcov = NULL) {
  chosen <- chosen_covariance(object, vcov)$matrix
  if (!is.null(chosen)) chosen <- stats::.vcov.aliased(is.na(coef(object)), chosen)
  errors <- sqrt(diag(chosen %||% if (is.null(dispersion)) stats::vcov(object) else stats::vcov(object, dispersion = dispersion)))[parm]
  coef(object)[parm] + errors %o% stats::qnorm(tails)
}

profile_limits <- function(object, parm, tails, dispersion = NULL) {
  profile <- open_profile(object)
  best <- profile$at(replace(coef(object), is.na(coef(object)), 0))
  if (is.null(dispersion)) dispersion <- summary(object)$dispersion
  limits <- matrix(NA_real_, length(parm), 2)
  progress <- patient_progress("Profiling the likelihood", length(parm))
  on.exit(progress$done())
  for (k in if (!is.null(best)) which(!is.na(coef(object)[parm]))) {
    for (side in 1:2) {
      rise <- stats::qnorm(tails[side])^2 * dispersion
      limits[k, side] <- profile_end(profile, best, parm[k], c(-1, 1)[side], rise)
    }
    progress$tick(k)
  }
  warn_open_ends(limits, coef(object)[parm])
  limits
}

warn_open_ends <- function(limits, estimates) {
  open <- !is.na(estimates) & is.na(limits)
  if (!any(open)) return(invisible())
  ends <- c("lower", "upper")[col(limits)[open]]
  warn_glmpp("profile", "Some ends of profile likelihood intervals were not found: they are NA.",
             x = sprintf("%s.", comma(paste(names(estimates)[row(limits)[open]], paste0("(", ends, ")")))),
             i = "The deviance does not rise enough on that side: the interval is open, or its end lies where the mean is not valid.")
}

# The fit's problem, open: at(coefficients) has deviance, score and root of the information there, by one pass, NULL
# where they are not valid; with_held(j, coefficients) the same where all but coefficient j are fitted again.
open_profile <- function(object) {
  problem <- object$problem %||% problem_of(object)
  power <- determinant_power(.subset2(object, "bias_reduction"), .subset2(object, "family"))
  if (!is.null(power)) return(open_adjusted_profile(problem, object, power))
  rank <- object$rank
  at <- function(coefficients) {
    point <- evaluate_problem(problem, coefficients, c("score", "factor"))
    is_valid <- point$valid && is.finite(point$deviance) && length(point$estimable) == rank &&
      all(is.finite(point$root), is.finite(point$score)) && !is_singular(point$root)
    if (is_valid) c(list(coefficients = as.double(coefficients)), point[c("deviance", "score", "root", "estimable")])
  }
  with_held <- function(j, coefficients) {
    # Where weights vanish a fit may come to rest anywhere.
    if (is.null(at(coefficients))) return(NULL)
    solution <- tryCatch(fit_problem(problem, coefficients, held = j, rows = FALSE), glmpp_error_start = function(e) NULL)
    if (is.null(solution) || !solution$converged || !is.finite(solution$deviance)) return(NULL)
    at(solution$coefficients)
  }
  list(at = at, with_held = with_held)
}

# The problem of a fit to rows in memory, opened again.
problem_of <- function(object, settings = plain_settings(settings_of(object))) {
  frame <- recode_levels(fit_frame(object), object$schema, "error")
  row_problem(design_blocks(object$schema, frame), quietly(read_response(frame, object$family, NULL, settings$threads)), object$family,
              object$schema, settings)
}

# The system of Venzon and Moolgavkar, deviance = target and no score but in coefficient j, by Newton's method: with
# V the inverse information, n = V score and v its column j, the step is n + q v, where
# target - deviance = -score'n + q^2 v_j.
profile_end <- function(profile, best, j, side, rise) {
  target <- best$deviance + rise
  point <- best
  for (iteration in seq_len(25)) {
    solved <- solve_information(point, j)
    gap <- target - point$deviance + solved$decrement
    q <- side * sqrt(max(gap, 0) / solved$column[j])
    step <- solved$newton + q * solved$column
    length <- solved$decrement + 2 * q * solved$newton[j] + q^2 * solved$column[j]
    if (!all(is.finite(step))) break
    if (iteration > 1 && length <= 1e-14 * rise) return(point$coefficients[j] + step[j])
    point <- shortened_trial(profile, point, step, best$deviance + 9 * rise)
    if (is.null(point)) break
  }
  bracketed_end(profile, best, j, side, rise)
}

solve_information <- function(point, j) {
  estimable <- point$estimable
  root <- point$root[, seq_along(estimable), drop = FALSE]
  inverse_of <- function(values) {
    replace(numeric(length(point$coefficients)), estimable, backsolve(root, backsolve(root, values, transpose = TRUE)))
  }
  newton <- inverse_of(point$score[estimable])
  list(newton = newton, column = inverse_of(as.double(estimable == j)), decrement = sum(newton * point$score))
}

shortened_trial <- function(profile, point, step, most) {
  for (halving in 0:20) {
    trial <- profile$at(point$coefficients + step / 2^halving)
    if (!is.null(trial) && trial$deviance <= most) return(trial)
  }
}

# Slower and surer: the coefficient is fixed, the others are fitted to it, and the end is bracketed.
bracketed_end <- function(profile, best, j, side, rise) {
  error <- sqrt(solve_information(best, j)$column[j])
  nearest <- best
  excess <- function(distance) {
    moved <- fit_at_fixed(profile, nearest, j, best$coefficients[j] + side * distance * error)
    if (is.null(moved)) return(NA_real_)
    nearest <<- moved
    sqrt(max(moved$deviance - best$deviance, 0)) - sqrt(rise)
  }
  reached <- 0
  length <- sqrt(rise) / 4
  for (expansion in seq_len(60)) {
    beyond <- excess(reached + length)
    if (is.na(beyond)) {
      length <- length / 2
    } else if (beyond >= 0) {
      root <- tryCatch(stats::uniroot(excess, c(reached, reached + length), tol = 1e-10 * (reached + length)), error = function(e) NULL)
      return(if (is.null(root)) NA_real_ else best$coefficients[j] + side * root$root * error)
    } else {
      reached <- reached + length
      length <- 1.5 * length
    }
  }
  NA_real_
}

# The other coefficients fitted to a value of one, from where a step along the information would lead.
fit_at_fixed <- function(profile, from, j, value) {
  solved <- solve_information(from, j)
  start <- from$coefficients + solved$column * (value - from$coefficients[j]) / solved$column[j]
  profile$with_held(j, replace(start, j, value))
}
