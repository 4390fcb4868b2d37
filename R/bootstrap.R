#' Bootstrap a fit
#'
#' Fits the model again to many resamples of its rows. The rows stay where they are: a resample is a vector of weights on the open problem
#' of the fit, each fit starts at the estimate and takes about three passes, and the resamples are fitted one on each thread.
#'
#' @param object A fit by [glmpp()] to a data frame, also one of [multinomial()] (with a baseline) or [ordinal()].
#' @param R Number of resamples.
#' @param type `"pairs"`: as many rows as there are, drawn with replacement. `"cluster"`: whole clusters, drawn so. `"multiplier"`:
#'   standard exponential weights, over their mean (the Bayesian bootstrap of Rubin), by row or, with `cluster`, by cluster; no factor
#'   level is lost in a resample. `"parametric"`: all rows with new responses by [simulate()][stats::simulate] of the fit (which
#'   knows no weights of poisson and Gamma rows: a warning of class `glmpp_warning_weights`). Rows without weight are drawn as all others.
#' @param cluster A one-sided formula of one variable, such as `~ id`, evaluated in the data; it makes `type` `"cluster"` if that is
#'   not given.
#' @param statistic NULL for the coefficients, or a function of the named vector of coefficients whose value is a numeric vector, of
#'   the same length for each resample.
#' @param seed A whole number: the resamples depend on it alone, and the session's generator is neither read nor moved. NULL takes it
#'   from the session's generator, so that [set.seed()] makes it reproducible.
#' @param threads Number of threads; by default that of the fit. The result is the same, to the bit, for any number.
#' @details A parameter of the family's own (theta, a Tweedie power) stays that of the fit, as in the standard errors; the resamples of
#'   a penalised fit have its penalty. Each fit is exact to about 1e-6 standard errors. A coefficient that a resample does not
#'   determine (a level that was not drawn) is NA there, and intervals leave that resample out. The memory is that of R x coefficients,
#'   and of two vectors of the rows for each thread.
#' @returns An object of class `c("glmpp_bootstrap", "boot")`: `t0` the statistic of the fit, `t` a matrix with a row for each
#'   resample, `R`, `stream` (the seed of the resamples), `type`, `converged` and `deviance` (of each resample), `passes` (over the
#'   rows, of all resamples together), and `draw`, a function of a resample's number whose value is the weights that it gave to the
#'   rows or clusters. `confint()` makes intervals, `vcov()` the covariance of the resamples (also for `summary(fit, vcov = vcov(b))`);
#'   [boot::boot.ci()] takes it. For its BCa intervals that function refits once for each row; `confint()` needs one pass.
#' @section Conditions:
#' Errors of class `glmpp_error_rows` for a fit from afar, `glmpp_error_argument`, `glmpp_error_cluster`, `glmpp_error_left_out`; a
#' warning of class `glmpp_warning_convergence` where fits did not converge, `glmpp_warning_separation` where resamples are completely
#' separated (the quasi-complete separation of a resample is not looked for).
#' @references Efron, B. and Tibshirani, R. J. (1993) *An Introduction to the Bootstrap*, Chapman and Hall. Davison, A. C. and
#'   Hinkley, D. V. (1997) *Bootstrap Methods and Their Application*, Cambridge University Press. Rubin, D. B. (1981) The Bayesian
#'   bootstrap, *Annals of Statistics* 9, 130-134.
#' @examples
#' fit <- glmpp(am ~ wt, binomial, mtcars)
#' b <- bootstrap(fit, R = 199, seed = 1)
#' b
#' confint(b, interval = "percentile")
#' @concept resampling
#' @concept percentile interval
#' @concept BCa
#' @export
bootstrap <- function(object, R = 999, type = c("pairs", "cluster", "multiplier", "parametric"), cluster = NULL, # nolint: object_name_linter.
                      statistic = NULL, seed = NULL, threads = NULL) {
  call <- match.call()
  check_replicable(object, "bootstrap()")
  check_count(R, "R")
  if (R < 1) stop_glmpp("argument", "`R` must be at least 1.", x = sprintf("It is %s.", format(R)))
  type <- if (missing(type) && !is.null(cluster)) "cluster" else check_choice(type, eval(formals(bootstrap)$type), "type")
  check_bootstrap_cluster(type, cluster)
  statistic <- check_statistic(statistic, named_estimates(object))
  drawn <- if (type == "parametric") parametric_replicates(object, R, seed, threads, statistic)
           else weighted_replicates(object, R, type, cluster, seed, threads, statistic)
  warn_unconverged_replicates(drawn$converged)
  warn_separated_replicates(object, drawn$deviance)
  structure(c(list(t0 = statistic(named_estimates(object)), R = as.integer(R), type = type, call = call, object = object), drawn),
            class = c("glmpp_bootstrap", "boot"), boot_type = "boot")
}

# boot::boot.array() puts `seed` in the place of the session's generator, and leaves it there where it fails.
random_state <- function() get0(".Random.seed", globalenv(), inherits = FALSE)

# In the order of vcov().
named_estimates <- function(object) {
  if (inherits(object, "glmpp_categories")) estimate_table(object)[, 1] else object$coefficients
}

check_bootstrap_cluster <- function(type, cluster) {
  if (is.null(cluster)) {
    if (type == "cluster") stop_glmpp("argument", "`type = \"cluster\"` needs `cluster`, a one-sided formula such as `~ id`.")
    return(invisible())
  }
  check_sandwich("HC1", cluster)
  if (length(cluster_variables(cluster)) > 1) {
    stop_glmpp("argument", "`cluster` must have one variable: clusters in two ways can't be drawn whole.",
               i = "`vcov(fit, type = \"HC1\", cluster = ~ id + year)` has several ways.")
  }
  if (type %in% c("cluster", "multiplier")) return(invisible())
  stop_glmpp("argument", sprintf("`cluster` goes with `type = \"cluster\"` or `\"multiplier\"`; `type` is \"%s\".", type))
}

# The given function, which is tried on the estimates first.
check_statistic <- function(statistic, estimates) {
  if (is.null(statistic)) return(identity)
  if (!is.function(statistic)) stop_glmpp("argument", "`statistic` must be a function of the coefficients.",
                                          x = sprintf("It is %s.", describe_type(statistic)))
  value <- statistic(estimates)
  if (is.numeric(value) && length(value)) return(statistic)
  stop_glmpp("argument", "`statistic` must give numbers.", x = sprintf("Of the coefficients of the fit it gives %s.", describe_type(value)))
}

weighted_replicates <- function(object, count, type, cluster, seed, threads, statistic) {
  label <- if (!is.null(cluster)) cluster_of_rows(object, cluster)
  unit <- if (!is.null(label)) match_codes(label)
  if (!is.null(unit)) check_several_clusters(max(unit), cluster_variables(cluster))
  seed <- seed_number(seed)
  units <- list(kind = if (type == "multiplier") "multiplier" else "pairs",
                count = as.double(if (is.null(unit)) bootstrap_rows(object) else max(unit)),
                seed = as.double(seed), unit = unit)
  kept <- new_replicate_store(count, named_estimates(object), statistic)
  run_replicates(open_replicates(object, units, threads), count, "Fitting resamples", kept$add)
  # What boot::boot.ci() reads: the statistic as a function of weights that sum to 1. Its generator made none of these
  # resamples, so that it must not be asked for them: no `sim` of that name is known there.
  c(kept$all(), list(
    stream = seed, seed = random_state(), units = units, data = seq_len(units$count), sim = "weights", stype = "w",
    strata = rep(1, units$count),
    weights = rep(1 / units$count, units$count), statistic = refitted_statistic(object, units, statistic, threads),
    transform = statistic, draw = function(replicate) {
      check_count(replicate, "replicate")
      unit_weights_impl(list(kind = units$kind, units = units$count, seed = units$seed), replicate - 1)
    }
  ))
}

bootstrap_rows <- function(object) NROW(model.frame(object))

# For boot: a fit for each call, of the problem opened at the first.
refitted_statistic <- function(object, units, statistic, threads) {
  fit_given <- NULL
  function(data, w, ...) {
    if (is.null(fit_given)) fit_given <<- open_replicates(object, replace(units, "kind", "given"), threads)
    statistic(structure(fit_given(1, 1, as.double(w) * units$count)$coefficients[, 1], names = names(named_estimates(object))))
  }
}

# With the session's generator, or one of its own; the problem is opened anew for each response.
parametric_replicates <- function(object, count, seed, threads, statistic) {
  if (inherits(object, "glmpp_categories")) {
    stop_glmpp("argument", "`type = \"parametric\"` is for fits with one linear predictor a row.", i = "Take \"pairs\" or \"multiplier\".")
  }
  if (!is.null(seed)) seed_number(seed)
  kept <- new_replicate_store(count, named_estimates(object), statistic)
  refit <- refitter_of(object, replicate_settings(object, threads))
  # Rows that na.exclude left out are no rows of the fit; what stats says of weights is said once.
  present <- object
  present$na.action <- NULL
  unsaid <- NULL
  simulated <- function(many) withCallingHandlers(stats::simulate(present, many), warning = function(w) {
    unsaid <<- conditionMessage(w)
    invokeRestart("muffleWarning")
  })
  one <- function(first, many) {
    y <- tryCatch(simulated(many), error = function(e) {
      stop_glmpp("family", sprintf("New responses can't be drawn: %s.", conditionMessage(e)),
                 i = "Take `type = \"pairs\"` or `\"multiplier\"`.")
    })
    fits <- lapply(y, function(drawn) refit(y = drawn))
    estimates <- named_estimates(object)
    list(coefficients = matrix(vapply(fits, `[[`, estimates, "coefficients"), length(estimates)),
         converged = vapply(fits, `[[`, NA, "converged"),
         deviance = vapply(fits, `[[`, 0, "deviance"), passes = vapply(fits, `[[`, 0L, "passes"))
  }
  with_seed_state(seed, count, function() {
    run_replicates(one, count, "Fitting simulated responses", kept$add)
    list()
  })
  if (!is.null(unsaid)) {
    warn_glmpp("weights", "New responses are drawn as simulate() of the fit has them.", x = unsaid)
  }
  c(kept$all(),
    list(stream = seed, seed = random_state(), data = model.frame(object), sim = "parametric", stype = "i", transform = statistic,
                     statistic = function(data, ...) statistic(refit(y = data[[1]])$coefficients)))
}

# What the replicates came to, a row each.
new_replicate_store <- function(count, estimates, statistic) {
  names <- names(statistic(estimates))
  size <- length(statistic(estimates))
  t <- matrix(NA_real_, count, size, dimnames = list(NULL, names))
  converged <- logical(count)
  deviance <- numeric(count)
  passes <- 0
  add <- function(these, found) {
    for (k in seq_along(these)) {
      value <- statistic(structure(found$coefficients[, k], names = names(estimates)))
      if (length(value) != size) {
        stop_glmpp("argument", "`statistic` must give as many numbers for each resample.",
                   x = sprintf("Of resample %d it gives %d, of the fit %d.", these[k], length(value), size))
      }
      t[these[k], ] <<- value
    }
    converged[these] <<- found$converged
    deviance[these] <<- found$deviance
    passes <<- passes + sum(found$passes)
  }
  list(add = add, all = function() list(t = t, converged = converged, deviance = deviance, passes = passes))
}

warn_unconverged_replicates <- function(converged) {
  if (all(converged)) return(invisible())
  warn_glmpp("convergence", sprintf("%s of %d did not converge.", plural(sum(!converged), "fit"), length(converged)),
             x = sprintf("The first is number %d.", which(!converged)[1]),
             i = "`converged` tells which.")
}

# Nothing is left of their deviance.
warn_separated_replicates <- function(object, deviance, what = "resample", remedy = NULL) {
  nothing <- 1e-6 * stats::deviance(object)
  can_separate <- has_categories(object$family) || !is.null(record_of(object$family)$extremes)
  separated <- which(can_separate & deviance < nothing)
  if (!length(separated)) return(invisible())
  warn_glmpp("separation",
             sprintf("Of %s %d separate the outcomes: their estimates run to infinity.", plural(length(deviance), what), length(separated)),
             x = sprintf("The first is number %d.", separated[1]),
             i = remedy %||% "Bias, standard error and percentiles count them as they are. `bias_reduction = \"mean\"` keeps a fit finite.")
}
