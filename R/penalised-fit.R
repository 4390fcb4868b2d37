# A fit at one lambda of a penalty that is not smooth: what the core is told, and what can't be said of such a fit.

is_separable_fit <- function(object) is_separable(.subset2(object, "penalty"))

# ---- Before the fit ----

check_separable_fit <- function(settings, family) {
  penalty <- settings$penalty
  if (!is_separable(penalty)) return(invisible())
  refuse_estimated(family, sprintf("A fit with %s()", penalty$name))
  if (!has_categories(family)) return(invisible())
  stop_glmpp("family", sprintf("%s() is not there for fits of %s().", penalty$name, family$family),
             i = if (is_ordinal(family)) "Take `penalty = ridge()`, or one category against the rest by `binomial`."
                 else "Take a path of one lambda: `glmpp_path(formula, multinomial(), data, penalty)`.")
}

# The core's request of a path, for one lambda.
separable_request <- function(problem, settings) {
  penalty <- settings$penalty
  settings$separable <- penalty
  settings$tolerance <- settings$solver$options$tolerance
  settings$maxit <- 4L * as.integer(settings$maxit)
  request <- path_request(problem, settings)
  request$is_wide <- is.null(problem$home) && is_wide_fit(problem$design, problem$family, settings)
  c(request[c("penalty", "weight", "tolerance", "iterations", "scale", "is_wide", "norm", "mean")],
    lambda = penalty$lambda / if (penalty$scale == "sum") request$weight else 1)
}

# For one lambda the information of all columns pays for longer than along a path. A trace is of all coefficients.
is_wide_fit <- function(design, family, settings) {
  penalty <- settings$penalty
  is_separable(penalty) && penalty$lambda > 0 && penalty$alpha > 0 && isFALSE(settings$trace) && numeric_columns(design) > 1000
}

warn_violation <- function(solution, settings) {
  warn_glmpp("convergence", "algorithm did not converge", x = stop_reasons[[solution$reason]],
             x = sprintf("After %s the optimality conditions are violated by %.2g, where %.2g was asked for (of the null model's largest slope).",
                         plural(solution$iterations, "step"), solution$violation, settings$solver$options$tolerance),
             i = if (solution$reason == "iteration_limit") "Raise `maxit` by `control = glmpp_control(maxit = )`."
                 else "Take a larger `lambda`, or drop columns that nearly repeat others.")
}

# ---- After it ----

# What needs a distribution of the coefficients, which such fits have none of that is known.
refuse_separable <- function(object, what) {
  if (!is_separable_fit(object)) return(invisible())
  stop_glmpp("penalty", sprintf("%s can't be had of a fit by %s().", what, .subset2(object, "penalty")$name), x = no_errors_reason,
             i = no_errors_remedy)
}

# Where there is no distribution of the coefficients.
lacks_errors <- function(object) {
  constraints <- .subset2(object, "constraints")
  is_separable_fit(object) || !is.null(constraints) && length(active_inequalities(constraints)) > 0
}

refuse_errors <- function(object, what) {
  refuse_separable(object, what)
  refuse_edge(object, what)
}

# Where the decomposition of all columns says nothing of the fit.
lacks_leverages <- function(object) is_separable_fit(object) || is_constrained_fit(object)

refuse_leverages <- function(object, what, ...) {
  refuse_separable(object, what)
  refuse_constrained(object, what, ...)
}

no_errors_note <- "the coefficients are shrunken, and chosen by the same rows. Refit the chosen terms on other rows: update(select_fit(fit), data = other_rows)."
no_errors_reason <- "Its coefficients are shrunken, and chosen by the same rows: formulas for estimates by maximum likelihood do not hold."
no_errors_remedy <- "Refit the chosen terms, on other rows for valid tests: `update(select_fit(fit), data = other_rows)`."

refuse_resamples <- function(object) {
  if (!is_separable_fit(object)) return(invisible())
  stop_glmpp("penalty", sprintf("Resamples and refitter() can't be had of a fit by %s().", .subset2(object, "penalty")$name),
             x = "The bootstrap is not consistent for coefficients that are zero (Chatterjee and Lahiri, 2010).",
             i = "Cross-validation: `glmpp_cv(lambda = )`. One fit of a new response or new weights: refit().")
}

# How many coefficients are zero that the penalty may set to it.
penalty_line <- function(penalty, coefficients) {
  if (is.null(penalty)) return(NULL)
  said <- paste("Penalty:", format(penalty))
  if (!is_separable(penalty)) return(said)
  zero <- sum(coefficients %in% 0)
  sprintf("%s; %d of %s %s zero", said, zero, plural(length(coefficients), "coefficient"), if (zero == 1) "is" else "are")
}

# trace((H + P)^-1 H), with the information H and the penalty's second derivative P.
effective_df <- function(object, unscaled) {
  penalty <- .subset2(object, "penalty")
  if (is.null(penalty) || is_separable(penalty) || !length(unscaled)) return(NULL)
  coefficients <- .subset2(object, "coefficients")
  core <- core_penalty(penalty, length(coefficients), .subset2(object, "schema")$intercept)
  known <- !is.na(coefficients)
  curvature <- penalty_impl(core, replace(coefficients, !known, 0))$curvature
  nrow(unscaled) - sum(unscaled * curvature[known, known])
}

# What `object` is to stats' predictions by terms, which look for its columns in the decomposition.
with_all_columns <- function(object) {
  plain <- compact(object)
  if (!lacks_leverages(object)) return(plain)
  plain$rank <- length(plain$coefficients)
  plain$qr$pivot <- seq_len(plain$rank)
  plain$coefficients[is.na(plain$coefficients)] <- 0
  plain
}

plot_without_leverages <- function(x, which = 1, ...) {
  if (!identical(as.integer(which), 1L)) refuse_leverages(x, "Leverages")
  draw <- utils::getS3method("plot", "lm")
  draw(x, which = 1, ...)
}

# The terms that the fit chose, without a penalty.
refit_selected <- function(object, envir) {
  call <- object$call
  call$penalty <- NULL
  call[[1]] <- quote(glmpp::glmpp)
  call$formula <- selected_formula(object, known_coefficients(object))
  eval(call, envir)
}

# ---- The objective ----

# Twice what the penalty adds to the negative log-likelihood, as a function of the coefficients.
separable_part <- function(request) {
  function(coefficients) 2 * request$weight * request$lambda * separable_at(request, coefficients)$value
}

# The value for lambda = 1, `Inf` outside the bounds, and of each group its coordinates.
separable_at <- function(request, coefficients) {
  groups <- request$penalty
  theta <- Map(function(columns, coding) qr.solve(coding, coefficients[columns]), groups$columns, groups$coding)
  length_of <- vapply(theta, function(own) sqrt(sum(own^2)), 0)
  single <- lengths(theta) == 1
  first <- vapply(theta, `[`, 0, 1L)
  rounding <- 1e-12 * (1 + abs(first))
  is_outside <- single & (first < groups$lower - rounding | first > groups$upper + rounding)
  list(value = if (any(is_outside)) Inf else sum(groups$norm * length_of + groups$square * length_of^2 / 2), theta = theta)
}

# The derivative of least length by the coordinates of each group, of what has this gradient in the coefficients and of the penalty.
least_slopes <- function(request, coefficients, gradient) {
  groups <- request$penalty
  strength <- request$weight * request$lambda
  theta <- separable_at(request, coefficients)$theta
  Map(function(columns, coding, theta, norm, square, lower, upper) {
    slope <- as.vector(crossprod(coding, gradient[columns])) + strength * square * theta
    size <- sqrt(sum(theta^2))
    if (size > 0) slope <- slope + strength * norm * theta / size
    else slope <- slope * max(0, 1 - strength * norm / max(sqrt(sum(slope^2)), 1e-300))
    if (length(theta) > 1) return(slope)
    # At a bound nothing is gained outwards.
    if (theta <= lower) min(slope, 0) else if (theta >= upper) max(slope, 0) else slope
  }, groups$columns, groups$coding, theta, groups$norm, groups$square, groups$lower, groups$upper)
}

# What nll() says of the likelihood, with the penalty.
with_penalty <- function(plain, problem, coefficients, dispersion) {
  penalty <- problem$settings$penalty
  if (!is_separable(penalty)) return(with_smooth_penalty(plain, problem$penalty(problem$settings), coefficients, dispersion))
  request <- separable_request(problem, problem$settings)
  plain$value <- plain$value + separable_part(request)(coefficients) / 2 / dispersion
  slopes <- least_slopes(request, coefficients, plain$gradient * dispersion)
  for (g in seq_along(slopes)) {
    coding <- request$penalty$coding[[g]]
    plain$gradient[request$penalty$columns[[g]]] <- coding %*% solve(crossprod(coding), slopes[[g]]) / dispersion
  }
  plain
}

with_smooth_penalty <- function(plain, core, coefficients, dispersion) {
  added <- penalty_impl(core, coefficients)
  plain$value <- plain$value + added$value / dispersion
  plain$gradient <- plain$gradient + as.vector(added$curvature %*% coefficients) / dispersion
  for (name in intersect(c("information", "observed_information"), names(Filter(Negate(is.null), plain)))) {
    plain[[name]] <- plain[[name]] + added$curvature / dispersion
  }
  plain
}
