# side_by_side() of a penalised fit: the optimum of the same objective by glmnet, or its optimality conditions alone.

beside_glmnet <- function(fit, envir) {
  ours <- time_fit(fit$call, envir)
  settings <- new_settings(list(), penalty = fit$penalty)
  problem <- problem_of(fit, settings)
  measure <- penalised_measures(problem, settings)
  asked <- glmnet_arguments(fit, problem, settings)
  theirs <- if (is.null(asked$reason)) time_glmnet(asked)
  coefficients <- cbind(glmpp = coef(ours$fit), glmnet = theirs$coefficients)
  measures <- vapply(colnames(coefficients), function(name) {
    of_one <- coefficients[, name]
    measure(replace(of_one, is.na(of_one), 0))
  }, numeric(2))
  structure(list(call = fit$call, coefficients = coefficients, objective = named(measures[1, ], colnames(coefficients)),
                 violation = named(measures[2, ], colnames(coefficients)), seconds = c(glmpp = ours$seconds, glmnet = theirs$seconds),
                 reason = asked$reason, rows = nobs(fit)), class = "glmpp_beside_glmnet")
}

# The objective over the weight of all rows, and the largest derivative that is left of it, of least length, by a standardised coefficient.
penalised_measures <- function(problem, settings) {
  part <- penalty_part(problem)
  weight <- total_weight(problem)
  request <- if (is_separable(settings$penalty)) separable_request(problem, settings)
  smooth <- if (is.null(request)) problem$penalty(settings)
  moments <- design_moments(problem, TRUE)
  scale <- sqrt(moments$square)
  scale[scale == 0] <- 1
  function(coefficients) {
    sums <- evaluate_problem(problem, coefficients, "score")
    gradient <- -sums$score
    slopes <- if (is.null(request)) {
      (gradient + as.vector(penalty_impl(smooth, coefficients)$curvature %*% coefficients)) / scale
    } else {
      free <- setdiff(seq_along(gradient), unlist(request$penalty$columns))
      c(gradient[free] / scale[free], vapply(least_slopes(request, coefficients, gradient), function(own) sqrt(sum(own^2)), 0))
    }
    c(objective = (sums$deviance + part(coefficients)) / 2 / weight, violation = max(abs(slopes)) / weight)
  }
}

# What glmnet() is to be asked, or the `reason` why it can't be.
glmnet_arguments <- function(fit, problem, settings) {
  if (!requireNamespace("glmnet", quietly = TRUE)) return(list(reason = "glmnet is not installed"))
  penalty <- fit$penalty
  schema <- problem$schema
  if (!schema$intercept || isTRUE(penalty$intercept)) return(list(reason = "glmnet has an intercept that is free"))
  if (length(schema$columns) < 3) return(list(reason = "glmnet needs two columns"))
  told <- if (is_separable(penalty)) told_of_separable(separable_request(problem, settings), penalty, schema)
          else told_of_ridge(problem$penalty(settings), total_weight(problem))
  if (!is.null(told$reason)) return(told)
  if (!any(told$penalty.factor > 0)) return(list(reason = "glmnet needs a penalty on some column"))
  # It scales the factors to a mean of 1.
  told$lambda <- told$lambda * mean(told$penalty.factor)
  x <- expanded_matrix(fit, "the matrix for glmnet")[, -1, drop = FALSE]
  weights <- as.vector(fit$prior.weights)
  family <- glmnet_family(fit$family, told$alpha)
  y <- as.vector(fit$y)
  if (identical(family, "binomial")) {
    y <- cbind(weights * (1 - y), weights * y)
    weights <- NULL
  }
  c(told, list(x = x, y = y, family = family, weights = weights, offset = fit$offset, thresh = 1e-14, maxit = 1e6))
}

# Its own loops are exact; for a gaussian response it takes another unit of the ridge part.
glmnet_family <- function(family, alpha) {
  name <- paste(family$family, family$link)
  if (name == "gaussian identity" && alpha == 1) "gaussian"
  else if (name == "binomial logit") "binomial"
  else if (name == "poisson log") "poisson"
  else family
}

told_of_separable <- function(request, penalty, schema) {
  groups <- request$penalty
  if (any(lengths(groups$columns) > 1)) return(list(reason = "glmnet has no groups of columns"))
  columns <- unlist(groups$columns)
  coding <- unlist(groups$coding)
  of_columns <- function(values, default) replace(rep(default, length(schema$columns)), columns, values)[-1]
  list(penalty.factor = of_columns(groups$norm + groups$square, 0), lower.limits = of_columns(groups$lower * coding, -Inf),
       upper.limits = of_columns(groups$upper * coding, Inf), alpha = penalty$alpha, lambda = request$lambda,
       standardize = penalty$standardize)
}

told_of_ridge <- function(core, weight) {
  if (!identical(core$name, "ridge") || core$strength[1] != 0) return(list(reason = "glmnet has an intercept that is free"))
  list(penalty.factor = core$strength[-1], alpha = 0, lambda = 1 / weight, standardize = FALSE)
}

time_glmnet <- function(asked) {
  seconds <- system.time(made <- quietly(do.call(glmnet::glmnet, Filter(Negate(is.null), asked))))[["elapsed"]]
  list(coefficients = c(made$a0[1], as.vector(made$beta[, 1])), seconds = seconds)
}

#' @export
print.glmpp_beside_glmnet <- function(x, digits = 8, most = 20, ...) {
  has_theirs <- is.null(x$reason)
  cat(if (has_theirs) "Side by side with glmnet::glmnet()\n\n" else sprintf("By its optimality conditions alone: %s\n\n", x$reason))
  print_coefficients_beside(x, digits, most)
  cat("\n")
  print(rbind(objective = format(x$objective, digits = 15), `largest violation` = format(x$violation, digits = 2)), quote = FALSE, right = TRUE)
  cat(sprintf("\nTime on %s rows: %s.\n\n", format(x$rows, big.mark = ","),
              comma(sprintf("%s %s", names(x$seconds), vapply(x$seconds, seconds_text, "")))))
  invisible(x)
}
