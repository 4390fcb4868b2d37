# Families with a parameter of their own that is to be estimated: `family$estimates` says how. Such a family is that at some value of
# it, and `estimates` is a list of
#
#   name       of the parameter, and `refusal`, the call that gives it
#   at(value)  the family at a value
#   search(family, open, settings, start)   the problem at the estimate, with `parameter`: list(value, coefficients, cells, spent), `spent` the
#              passes and iterations. `open(family)` makes the problem of a family; everything is asked of problems, so that any home
#              of data will do
#   report(problem, solution)   from the last fit: a list of what complete() reads, with `log_likelihood` at the estimate, and the `passes` it took;
#              `problem$parameter$reopen(value)` makes the problem at other values
#   complete(fit, report)       the fit with what it has of the parameter
#   is_orthogonal   whether expected information ties the parameter to no coefficient; may be left out

is_estimated <- function(family) !is.null(family$estimates)

refuse_estimated <- function(family, what) {
  if (!is_estimated(family)) return(invisible())
  stop_glmpp("family", sprintf("%s needs the family's own parameter: `%s` must be given.", what, family$estimates$name),
             i = sprintf("Write `%s`, or take the family of a fit that estimated it: `fit$family`.", family$estimates$refusal))
}

search_parameter <- function(family, open, settings, start = NULL) {
  problem <- family$estimates$search(family, open, settings, start)
  problem$parameter$estimates <- family$estimates
  problem$parameter$reopen <- function(value) open(family$estimates$at(value))
  problem
}

# How the fits of a search are made.
parameter_settings <- function(settings) {
  inner <- plain_settings(settings)
  inner$penalty <- settings$penalty
  inner$step_tolerance <- max(settings$step_tolerance, 1e-9)
  inner
}

parameter_report <- function(problem, solution) {
  found <- problem$parameter
  if (is.null(found)) return(NULL)
  report <- found$estimates$report(problem, solution)
  report$spent <- found$spent + c(report$passes %||% 0L, 0L)
  report$complete <- found$estimates$complete
  report
}

# Iterations and passes count those of the search.
with_parameter <- function(fit, report) {
  if (is.null(report)) return(fit)
  fit$iter <- fit$iter + report$spent[["iterations"]]
  fit$solver$passes <- fit$solver$passes + report$spent[["passes"]]
  report$complete(fit, report)
}

# What summary() takes of it.
estimated_parts <- c("theta", "SE.theta", "twologlik", "power", "power.interval")

parameter_lines <- function(fit) if (has_theta(fit)) theta_lines(fit) else power_lines(fit)

has_estimated_parameter <- function(object) has_theta(object) || has_power(object)

# Likelihood ratios of fits, each with its own estimate: deviances at different values of the parameter can't be compared.
compare_estimated <- function(models) {
  name <- if (any(vapply(models, has_theta, NA))) "theta" else "power"
  estimates <- lapply(models, function(model) if (has_estimated_parameter(model)) .subset2(model, name))
  estimated <- vapply(estimates, function(value) !is.null(value) && is.finite(value), NA)
  if (!all(estimated)) {
    stop_glmpp("anova", sprintf("anova() compares fits that all estimate `%s`, by their likelihoods.", name),
               x = sprintf("Model %d has none to estimate, or it is infinite.", which(!estimated)[1]),
               i = paste("`AIC()` compares the others with these; that theta is infinite lies at the end of its range,",
                         "where the test does not hold.")[name == "theta"])
  }
  models <- models[order(-vapply(models, stats::df.residual, 0))]
  df <- vapply(models, stats::df.residual, 0)
  likelihood <- vapply(models, function(model) 2 * as.numeric(stats::logLik(model)), 0)
  change <- c(NA, -diff(df))
  ratio <- c(NA, diff(likelihood))
  table <- data.frame(vapply(models, `[[`, 0, name), df, likelihood, change, ratio, stats::pchisq(ratio, change, lower.tail = FALSE))
  names(table) <- c(name, "Resid. Df", "2 x log-lik.", "Df", "LR stat.", "Pr(>Chi)")
  formulas <- vapply(models, function(model) deparse1(stats::formula(model)), "")
  title <- record_of(models[[1]]$family)$title
  structure(table, heading = c(sprintf("Likelihood ratio tests of %s models\n", title),
                               paste0("Model ", format(seq_along(models)), ": ", formulas, collapse = "\n")),
            class = c("anova", "data.frame"))
}

# A family at some value of its parameter, as one whose parameter is to be estimated.
to_estimate <- function(family, called, ...) {
  family$family <- called
  family$estimates <- list(...)
  family$initialize <- refusing_initialize
  family[family$estimates$name] <- NULL
  family
}

# Whoever reads `initialize`, as glm() does, would take the family at some value for that at the estimate.
refusing_initialize <- expression(
  stop("this family's own parameter must be given, unless the fit is made by glmpp::glmpp()", call. = FALSE)
)
