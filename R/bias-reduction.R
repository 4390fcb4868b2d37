# Estimates without the first term of their bias, by an adjusted score.

#' Bias reduction
#'
#' What `bias_reduction = ` of [glmpp()] takes: the estimates solve an adjusted score equation, U(beta) + A(beta) = 0, and are
#' finite where the maximum likelihood estimate runs to infinity (separation).
#'
#' With leverages h, A = X' (h d log(dmu/deta) / d eta) / 2 removes the first term of the mean bias (`"mean"`), which for the logit
#' link is the maximum of the likelihood times Jeffreys' prior; `"median"` makes the estimates as likely too large as too small;
#' `"jeffreys"` is the maximum of the likelihood times |X'WX|^`power`, for any link; `"correction"` subtracts the estimated bias from
#' the maximum likelihood estimate, which must exist. Solved by Fisher scoring of the adjusted score, at two passes over the data for
#' each iteration. Where the dispersion is estimated (gaussian, Gamma, inverse.gaussian) it has an adjusted score of its own, which is
#' solved along, and A is multiplied by it; `summary()` takes that estimate. For [multinomial()] with a baseline `"mean"`,
#' `"correction"` and `"jeffreys"`, from the rows in memory, 4096 at a time. Not for quasi families, negative binomial with theta
#' estimated, the zero-truncated ones and [ordinal()].
#'
#' [confint()][confint.glmpp] profiles the penalised likelihood where there is one (`"jeffreys"`, and `"mean"` under the canonical
#' links, where the dispersion is known), as `logistf` does; `anova()` of nested fits and `drop1()` compare it at its maxima, the
#' smaller model being the larger one with coefficients held at zero, as `logistf` has it. Standard errors are by the expected
#' information at the estimates, as in `brglm2`; `deviance`, `logLik()` and AIC are those of the likelihood there.
#'
#' @param type `"mean"` (Firth 1993), `"median"`, `"correction"` or `"jeffreys"`.
#' @param power For `"jeffreys"`: the power of the determinant of the information, a positive number; 1/2 is Jeffreys' prior.
#' @returns An object of class `"glmpp_reduction"`. `bias_reduction = "median"` is short for `firth("median")`. A fit has it as the
#'   component `bias_reduction`. Errors have the class `glmpp_error_bias_reduction`.
#' @references Firth, D. (1993) Bias reduction of maximum likelihood estimates, *Biometrika* 80, 27-38. Kosmidis, I. and Firth, D.
#'   (2009) Bias reduction in exponential family nonlinear models, *Biometrika* 96, 793-804. Kenne Pagui, E. C., Salvan, A. and
#'   Sartori, N. (2017) Median bias reduction of maximum likelihood estimates, *Biometrika* 104, 923-938. Cordeiro, G. M. and
#'   McCullagh, P. (1991) Bias correction in generalized linear models, *JRSS B* 53, 629-643. Heinze, G. and Schemper, M. (2002) A
#'   solution to the problem of separation in logistic regression, *Statistics in Medicine* 21, 2409-2419. Kosmidis, I. and Firth, D.
#'   (2011) Multinomial logit bias reduction via the Poisson log-linear model, *Biometrika* 98, 755-759. Kosmidis, I., Kenne Pagui, E. C.
#'   and Sartori, N. (2020) Mean and median bias reduction in generalized linear models, *Statistics and Computing* 30, 43-59.
#' @examples
#' separated <- data.frame(x = c(1, 2, 3, 4, 5, 6), y = c(0, 0, 0, 1, 1, 1))
#' glmpp(y ~ x, binomial, separated, bias_reduction = firth())
#' glmpp(am ~ wt, binomial, mtcars, bias_reduction = "median")
#' @concept Firth
#' @concept separation
#' @concept rare events
#' @concept bias correction
#' @concept penalised likelihood
#' @export
firth <- function(type = c("mean", "median", "correction", "jeffreys"), power = 0.5) {
  type <- check_choice(type, reduction_types(), "type")
  check_positive(power, "power")
  structure(list(type = type, power = if (type == "jeffreys") power), class = "glmpp_reduction")
}

reduction_types <- function() eval(formals(firth)$type)

#' @export
format.glmpp_reduction <- function(x, ...) {
  if (is.null(x$power)) sprintf("firth(\"%s\")", x$type) else sprintf("firth(\"%s\", power = %s)", x$type, format(x$power))
}

#' @export
print.glmpp_reduction <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  invisible(x)
}

as_reduction <- function(given) {
  if (is.null(given) || inherits(given, "glmpp_reduction")) return(given)
  if (is.character(given)) return(firth(check_choice(given, reduction_types(), "bias_reduction")))
  stop_glmpp("argument", "`bias_reduction` must be NULL, made by firth(), or \"mean\", \"median\", \"correction\" or \"jeffreys\".",
             x = sprintf("It is %s.", describe_type(given)))
}

# Before any long work.
check_reduction <- function(settings, family) {
  if (is.null(settings$reduction)) return(invisible())
  refuse <- function(what, remedy = NULL) stop_glmpp("bias_reduction", sprintf("Bias reduction can't be had %s.", what), i = remedy)
  if (!is.null(settings$penalty)) refuse("with a penalty")
  if (!solver_facts(settings$solver)$is_rescued) refuse(sprintf("by %s()", settings$solver$name), "Its equations are solved by `solver = \"auto\"`.")
  if (has_categories(family)) {
    if (is_ordinal(family)) refuse("for ordinal()")
    if (settings$reduction$type == "median") refuse("of type \"median\" for multinomial()", "Take `bias_reduction = \"mean\"`.")
    if (isFALSE(family$baseline)) refuse("for a symmetric multinomial", "Take `multinomial()`, with a baseline.")
    return(invisible())
  }
  if (!can_reduce_bias(family)) refuse(sprintf("for the %s family: the derivatives that it is made of are not known", family$family))
  if (is_estimated(family)) refuse("with the family's own parameter estimated", sprintf("Give it: `%s`.", family$estimates$refusal))
  if (has_known_dispersion(family)) return(invisible())
  if (is.null(record_of(family)$dispersion_terms)) {
    refuse(sprintf("for the %s family, whose dispersion has no likelihood", family$family),
           "Families that have one: gaussian, Gamma, inverse.gaussian; with a known dispersion: binomial, poisson, negative_binomial(theta).")
  }
  if (settings$reduction$type == "jeffreys") {
    refuse("by Jeffreys' prior where the dispersion is estimated", "Take `bias_reduction = \"mean\"`.")
  }
}

can_reduce_bias <- function(family, core = core_family(family)) !core$is_callback && has_log_slopes_impl(core)

# ---- The solution ----

solve_reduced <- function(problem, start, settings) {
  reason <- problem$lacks("bias")
  if (!is.null(reason)) stop_glmpp("bias_reduction", sprintf("Bias reduction can't be had: %s.", reason))
  if (!has_known_dispersion_of_any(problem$family)) settings$weights_of_dispersion <- distinct_weights(problem)
  found <- if (settings$reduction$type == "correction") correct_estimate(problem, start, settings)
           else climb_adjusted(problem, start, settings)
  there <- replace(plain_settings(settings), "maxit", list(0L))
  solution <- fit_problem(problem, found$coefficients, settings = there)
  solution$converged <- found$converged
  solution$reason <- if (found$converged) "converged" else "iteration_limit"
  solution$iterations <- found$iterations
  solution$passes <- solution$passes + found$passes
  solution$reduced_dispersion <- found$dispersion
  if (is.null(problem$facts$mean_offset) && problem$schema$intercept) {
    solution$common_deviance <- problem$null_deviance_of(problem$facts$mean)
  }
  solution
}

# Categories have none.
has_known_dispersion_of_any <- function(family) has_categories(family) || has_known_dispersion(family)

# The estimate less its bias there.
correct_estimate <- function(problem, start, settings) {
  plain <- replace(settings, "reduction", list(NULL))
  problem$settings <- plain
  estimate <- solve_problem(problem, start, settings = plain)
  separation <- if (has_categories(problem$family)) find_category_separation(named_solution(estimate, problem), problem)
                else find_separation(estimate, problem)
  if (!estimate$converged || !is.null(separation)) {
    stop_glmpp("bias_reduction", "There is no maximum likelihood estimate to correct.",
               x = if (!is.null(separation)) "Some combination of columns separates the outcomes." else "The fit did not converge.",
               i = "`bias_reduction = \"mean\"` needs none.")
  }
  at <- replace(estimate$coefficients, estimate$aliased, 0)
  point <- adjusted_point(problem, at, settings)
  weights <- settings$weights_of_dispersion
  list(coefficients = at + step_from(replace(point, "score", list(point$bias)))$change, converged = TRUE,
       iterations = estimate$iterations + 1L, passes = estimate$passes + 2L,
       dispersion = if (!is.null(weights)) corrected_dispersion(problem$family, point$deviance, weights, length(point$estimable)))
}

# Fisher scoring of the adjusted score; where that contracts slowly, in small data next to separation, Newton's
# method. Coefficients `held` stay as they start.
climb_adjusted <- function(problem, start, settings, held = integer()) {
  most <- max(settings$maxit, 100L)
  passes <- 0L
  power <- determinant_power(settings$reduction, problem$family)
  at_point <- function(coefficients) {
    passes <<- passes + 2L
    point <- adjusted_point(problem, coefficients, settings)
    if (is.null(point)) return(NULL)
    c(point, list(step = step_from(point, held), merit = if (!is.null(power)) penalised_deviance(point, power)))
  }
  point <- at_point(as_start(start) %||% problem$anchor %||% numeric(length(problem$names)))
  if (is.null(point)) problem$no_start()
  sizes <- point$step$size
  reached <- point$coefficients
  for (iteration in seq_len(most)) {
    is_slow <- iteration > 5 && point$step$size > 0.1 * sizes[length(sizes) - 1]
    next_point <- if (is_slow) newton_trial(point, at_point, held)
    point <- next_point %||% shorter_trial(point, at_point, max(utils::tail(sizes, 5)))
    if (is.null(point)) break
    sizes <- c(sizes, point$step$size)
    if (point$step$size < settled_size) {
      return(list(coefficients = point$coefficients + point$step$change, converged = TRUE, iterations = iteration, passes = passes,
                  dispersion = point$dispersion))
    }
    reached <- point$coefficients
  }
  list(coefficients = reached, converged = FALSE, iterations = iteration, passes = passes, dispersion = point$dispersion)
}

# Minus twice the logarithm of the likelihood times that power of the determinant.
penalised_deviance <- function(point, power) point$deviance - 4 * power * sum(log(abs(diag(point$root))))

# Scoring's step, halved until the penalised likelihood rises or, where there is none, the next step is no larger than the
# last ones; NULL where no step is valid.
shorter_trial <- function(point, at_point, largest) {
  found <- NULL
  for (halving in 0:12) {
    trial <- at_point(point$coefficients + point$step$change / 2^halving)
    if (is.null(trial)) next
    rounding <- 1e-10 * (abs(point$merit %||% 0) + 1)
    is_better <- if (is.null(point$merit)) trial$step$size <= largest else trial$merit <= point$merit + rounding
    if (is_better) return(trial)
    if (is.null(found) || trial$step$size < found$step$size) found <- trial
  }
  found
}

# A step by the derivative of the adjusted score, by differences; NULL where it comes no nearer.
newton_trial <- function(point, at_point, held) {
  free <- setdiff(point$estimable, held)
  error <- 1e-4 / sqrt(colSums(point$root^2))
  columns <- lapply(free, function(j) {
    by <- error[match(j, point$estimable)]
    moved <- lapply(c(by, -by), function(change) at_point(replace(point$coefficients, j, point$coefficients[j] + change)))
    if (all(lengths(moved) > 0)) (moved[[1]]$score - moved[[2]]$score)[free] / (2 * by)
  })
  if (any(lengths(columns) == 0)) return(NULL)
  step <- tryCatch(-solve(do.call(cbind, columns), point$score[free]), error = function(e) NULL)
  if (is.null(step)) return(NULL)
  trial <- at_point(replace(point$coefficients, free, point$coefficients[free] + step))
  if (!is.null(trial) && trial$step$size < point$step$size) trial
}

# The square of a step in standard errors; the last one is taken.
settled_size <- 1e-18

# Deviance, adjusted score, its `bias` part and the factor of the information there, by two passes; NULL where the model is not defined.
adjusted_point <- function(problem, at, settings) {
  sums <- evaluate_problem(problem, at, need = c("score", "factor"), settings = settings)
  if (!isTRUE(sums$valid) || is.null(sums$root)) return(NULL)
  kept <- sums$estimable
  rank <- seq_along(kept)
  root <- sums$root[rank, rank, drop = FALSE]
  power <- settings$reduction$power
  bias <- if (has_categories(problem$family)) category_bias(problem, at, root, kept, power %||% 0.5)
          else bias_by_pass(problem, at, root, kept, settings)
  if (is.null(bias)) return(NULL)
  weights <- settings$weights_of_dispersion
  dispersion <- if (!is.null(weights)) reduced_dispersion(problem$family, sums$deviance, weights, length(kept), settings$reduction$type)
  bias <- bias * (dispersion %||% 1)
  list(coefficients = at, deviance = sums$deviance, score = sums$score + bias, bias = bias, root = root, estimable = kept,
       dispersion = dispersion)
}

# NULL where the model is not defined there.
bias_by_pass <- function(problem, at, root, kept, settings) {
  reduction <- settings$reduction
  power <- reduction$power
  terms <- list(root = root, estimable = kept, on_slope = if (is.null(power)) 0.5 else 2 * power,
                on_variance = if (is.null(power)) 0 else -power, with_cubes = reduction$type == "median")
  sums <- evaluate_problem(problem, at, need = "adjustment", settings = settings, bias = terms)
  if (!isTRUE(sums$valid)) return(NULL)
  bias <- sums$adjustment
  if (terms$with_cubes) bias[kept] <- bias[kept] + drop(crossprod(root, root %*% (sums$cubes[kept] / diag(chol2inv(root)))))
  bias
}

# Fisher scoring's step, and its size.
step_from <- function(point, held = integer()) {
  free <- which(!point$estimable %in% held)
  root <- point$root
  if (length(held)) root <- chol(crossprod(root[, free, drop = FALSE]))
  places <- point$estimable[free]
  half <- backsolve(root, point$score[places], transpose = TRUE)
  list(change = replace(numeric(length(point$coefficients)), places, backsolve(root, half)),
       size = sum(half^2) / max(point$dispersion %||% 1, 1e-300))
}

# ---- Profiles of the penalised likelihood ----

# Whether the adjusted score is the derivative of the likelihood times a power of the determinant of the information: the power, or NULL.
determinant_power <- function(reduction, family) {
  if (is.null(reduction) || reduction$type == "jeffreys") return(reduction$power)
  if (has_categories(family)) return(if (reduction$type == "mean") 0.5)
  if (!has_known_dispersion(family)) return(NULL)
  if (reduction$type == "mean" && is_canonical(family)) 0.5
}

# The observed information is the expected one.
is_canonical <- function(family) {
  core <- core_family(family)
  isTRUE(core$link == c(`mu(1-mu)` = "logit", mu = "log", constant = "identity")[core$variance])
}

# As open_profile() has it, with minus twice the logarithm of that product in the place of the deviance.
open_adjusted_profile <- function(problem, object, power) {
  settings <- problem$settings
  settings$reduction <- .subset2(object, "bias_reduction")
  at <- function(coefficients) {
    point <- adjusted_point(problem, as.double(coefficients), settings)
    if (is.null(point) || length(point$estimable) != object$rank) return(NULL)
    point$deviance <- penalised_deviance(point, power)
    point
  }
  with_held <- function(j, coefficients) {
    found <- tryCatch(climb_adjusted(problem, coefficients, settings, held = j), glmpp_error_start = function(e) NULL)
    if (!is.null(found) && found$converged) at(found$coefficients)
  }
  list(at = at, with_held = with_held)
}
