# Fits under linear constraints: Newton's method, each step a quadratic programme over the information, on the open problem.

solve_constrained <- function(problem, start, settings) {
  constraints <- full_constraints(settings$constraints, problem$schema$columns)
  found <- climb_constrained(problem, constraints, as_start(start), settings)
  solution <- fit_problem(problem, found$coefficients, settings = replace(plain_settings(settings), "maxit", list(0L)))
  solution[c("converged", "reason", "iterations", "decrement")] <- found[c("converged", "reason", "iterations", "decrement")]
  solution$passes <- solution$passes + found$passes
  if (length(solution$aliased)) stop_endless_constrained()
  solution$trace <- found$trace
  solution$constraints <- constraint_report(constraints, found, solution$score)
  if (is.null(problem$facts$mean_offset) && problem$schema$intercept) {
    solution$common_deviance <- problem$null_deviance_of(problem$facts$mean)
  }
  solution
}

# A step of so many standard errors is the last.
settled_step <- 1e-9

climb_constrained <- function(problem, constraints, start, settings) {
  state <- new_climb(problem, settings)
  point <- state$at(feasible_start(problem, constraints, start, state))
  if (is.null(point)) problem$no_start()
  reason <- "iteration_limit"
  # Of a perfect fit the deviance is what rounding left of it, and no scale.
  least <- 1e-12 * abs(point$deviance)
  state$tell(point, NA_real_)
  for (iteration in seq_len(4L * as.integer(settings$maxit))) {
    step <- constrained_step(point, constraints, problem$schema$columns)
    scale <- max(abs(point$deviance), least) / problem$facts$rows
    is_last <- step$decrement <= settled_step^2 * scale
    # The last one is taken as it is, without a pass.
    if (is_last) {
      point$coefficients <- within_constraints(point$coefficients + step$change, constraints, step$active)
      reason <- "converged"
      break
    }
    trial <- shorter_step(point, step, state)
    if (is.null(trial)) {
      is_near <- step$decrement <= 1e-12 * scale
      reason <- if (is_near) "converged" else "no_descent"
      break
    }
    point <- trial
    state$tell(point, point$share)
  }
  list(coefficients = point$coefficients, converged = reason == "converged", reason = reason, iterations = iteration - (reason != "iteration_limit"),
       decrement = step$decrement, passes = state$passes(), active = step$active, trace = state$lines())
}

# What is asked of the problem at a point (NULL where the model is not defined there), how often, and what is told of the way.
new_climb <- function(problem, settings) {
  has_observed <- is.null(problem$lacks("observed_information"))
  need <- c("score", "information", if (has_observed) "observed_information")
  begin <- proc.time()[["elapsed"]]
  count <- 0L
  lines <- list()
  wants_trace <- !isFALSE(settings$trace)
  at <- function(coefficients) {
    count <<- count + 1L
    sums <- evaluate_problem(problem, coefficients, need, settings = settings)
    if (!isTRUE(sums$valid) || !is.finite(sums$deviance)) return(NULL)
    p <- length(coefficients)
    list(coefficients = coefficients, deviance = sums$deviance, score = sums$score, information = matrix(sums$information, p),
         observed = if (has_observed) matrix(sums$observed_information, p))
  }
  tell <- function(point, share) {
    if (!wants_trace) return(invisible())
    if ("print" %in% settings$trace) cat(sprintf("Deviance = %.12g Iterations - %d\n", point$deviance, length(lines)))
    lines[[length(lines) + 1]] <<- list(deviance = point$deviance, norm = max(abs(point$score)), share = share, passes = count,
                                        seconds = proc.time()[["elapsed"]] - begin, coefficients = point$coefficients)
  }
  list(at = at, passes = function() count, tell = tell, lines = function() if (wants_trace) as_trace_lines(lines, settings$trace))
}

as_trace_lines <- function(lines, trace) {
  if (identical(trace, "print")) return(NULL)
  number <- function(name) vapply(lines, function(line) as.double(line[[name]]), 0)
  kept <- list(iteration = seq_along(lines) - 1L, deviance = number("deviance"), gradient_max_norm = number("norm"), step_length = number("share"),
               passes = as.integer(number("passes")), seconds = number("seconds"))
  if ("coefficients" %in% trace) kept$coefficients <- do.call(rbind, lapply(lines, `[[`, "coefficients"))
  kept
}

# The point next to the start, in the metric of the information there, that meets the constraints.
feasible_start <- function(problem, constraints, start, state) {
  from <- start %||% problem$anchor %||% numeric(length(problem$names))
  point <- state$at(from)
  if (is.null(point)) problem$no_start()
  point$score <- 0 * point$score
  point["observed"] <- list(NULL)
  within_constraints(from + constrained_step(point, constraints, problem$schema$columns, stop_aliased_constrained)$change, constraints)
}

# Halved until the deviance falls enough; NULL where it does not.
shorter_step <- function(point, step, state) {
  slope <- -2 * sum(point$score * step$change)
  rounding <- 1e-13 * abs(point$deviance)
  for (halving in 0:30) {
    share <- 2^-halving
    trial <- state$at(point$coefficients + share * step$change)
    if (!is.null(trial) && trial$deviance <= point$deviance + 1e-4 * share * slope + rounding) return(c(trial, share = share))
  }
  NULL
}

# The minimum of the quadratic model of half the deviance under the constraints; `decrement`, the square of its length in standard errors;
# `active`, +1 for constraints that hold it at the lower bound, or equal, -1 at the upper.
constrained_step <- function(point, constraints, columns, singular = stop_endless_constrained) {
  scale <- sqrt(pmax(diag(point$information), 0))
  check_regular(point$information, scale, columns, singular)
  curvature <- usable_curvature(point, scale)
  rows <- programme_rows(constraints, point$coefficients, scale)
  found <- tryCatch(quadprog::solve.QP(curvature, point$score / scale, t(rows$matrix), rows$bound, meq = rows$equalities),
                    error = function(e) stop_programme(e, constraints))
  active <- rep(0, length(constraints$lower))
  held <- found$iact[found$iact > 0]
  active[rows$constraint[held]] <- rows$side[held]
  change <- found$solution / scale
  list(change = change, decrement = sum(found$solution * (curvature %*% found$solution)), active = active)
}

# As rows of at least a bound, each of length 1; equalities first.
programme_rows <- function(constraints, at, scale) {
  equal <- constraints$lower == constraints$upper
  constraint <- c(which(equal), which(!equal & constraints$lower > -Inf), which(!equal & constraints$upper < Inf))
  side <- rep(c(1, 1, -1), c(sum(equal), sum(!equal & constraints$lower > -Inf), sum(!equal & constraints$upper < Inf)))
  own <- constraints$matrix[constraint, , drop = FALSE]
  bound <- ifelse(side > 0, constraints$lower[constraint], constraints$upper[constraint]) - drop(own %*% at)
  scaled <- own / rep(scale, each = nrow(own))
  length <- sqrt(rowSums(scaled^2))
  list(matrix = side * scaled / length, bound = side * bound / length, equalities = sum(equal), constraint = constraint, side = side)
}

stop_programme <- function(error, constraints) {
  if (grepl("inconsistent", conditionMessage(error))) {
    stop_glmpp("constraints", "No coefficients meet the constraints.", x = sprintf("They are %s.", comma(format(constraints))))
  }
  stop_glmpp("constraints", sprintf("A step under the constraints can't be found: %s.", conditionMessage(error)))
}

# Scaled to a unit diagonal of the expected information; that one where the observed one is not positive definite.
usable_curvature <- function(point, scale) {
  expected <- point$information / outer(scale, scale)
  if (is.null(point$observed)) return(expected)
  observed <- point$observed / outer(scale, scale)
  root <- tryCatch(chol(observed), error = function(e) NULL)
  if (is.null(root) || min(diag(root))^2 < 1e-9) expected else observed
}

# A squared pivot of the scaled information below this is rounding (src/linalg/information_factor.cpp).
check_regular <- function(information, scale, columns, singular) {
  found <- if (all(scale > 0)) qr(information / outer(scale, scale), tol = 1e-9) else list(rank = sum(scale > 0), pivot = order(scale == 0))
  if (found$rank == length(scale)) return(invisible())
  singular(columns[if (found$rank) found$pivot[-seq_len(found$rank)] else found$pivot])
}

# At the start it was regular.
stop_endless_constrained <- function(...) {
  stop_glmpp("singular", "The information became singular: the estimate runs to infinity.",
             i = "Where columns separate the outcomes there is none. Drop what separates, or bound its coefficient.")
}

stop_aliased_constrained <- function(columns) {
  stop_glmpp("singular", "With `constraints` no column may be a combination of others.", x = sprintf("Aliased: %s.", comma(columns)),
             i = "Leave it out of the formula.")
}

# What holds does so but for the last rounding. `active` as constrained_step() has it.
within_constraints <- function(coefficients, constraints, active = 0) {
  held <- which(constraints$lower == constraints$upper | active != 0)
  if (!length(held)) return(coefficients)
  own <- constraints$matrix[held, , drop = FALSE]
  bound <- ifelse(rep_len(active, nrow(constraints$matrix))[held] < 0, constraints$upper[held], constraints$lower[held])
  coefficients + drop(crossprod(own, qr.solve(tcrossprod(own), bound - drop(own %*% coefficients))))
}

# The multipliers are those of the active ones that make up the score.
constraint_report <- function(constraints, found, score) {
  equal <- constraints$lower == constraints$upper
  active <- equal | found$active != 0
  multiplier <- numeric(length(active))
  if (any(active)) {
    scale <- pmax(sqrt(colSums(constraints$matrix[active, , drop = FALSE]^2)), 1e-300)
    multiplier[active] <- stats::lm.fit(t(constraints$matrix[active, , drop = FALSE]), -score)$coefficients
  }
  constraints$value <- drop(constraints$matrix %*% found$coefficients)
  constraints$multiplier <- named(multiplier, names(constraints$value))
  constraints$active <- named(active, names(constraints$value))
  constraints
}

# ---- After it ----

is_constrained_fit <- function(object) !is.null(.subset2(object, "constraints"))

# Inequalities that hold the estimate.
active_inequalities <- function(constraints) which(constraints$active & constraints$lower < constraints$upper)

# (Z (Z'IZ)^-1 Z') with Z a basis of what the equalities leave free.
constrained_covariance <- function(object) {
  qr <- fit_qr(object)
  check_invertible(qr)
  constraints <- .subset2(object, "constraints")
  columns <- names(.subset2(object, "coefficients"))
  root <- qr$qr[, order(qr$pivot), drop = FALSE]
  held <- constraints$matrix[constraints$active, , drop = FALSE]
  covariance <- if (nrow(held) == length(columns)) matrix(0, length(columns), length(columns)) else {
    scale <- sqrt(colSums(root^2))
    free <- qr.Q(qr(t(held / rep(scale, each = nrow(held)))), complete = TRUE)[, -seq_len(nrow(held)), drop = FALSE] / scale
    free %*% chol2inv(qr.R(qr(root %*% free))) %*% t(free)
  }
  # Those that the constraints fix.
  fixed <- sqrt(pmax(diag(covariance), 0)) * sqrt(colSums(root^2)) < 1e-10
  covariance[fixed, ] <- covariance[, fixed] <- 0
  structure(covariance, dimnames = list(columns, columns))
}

# What has no distribution that is known where an inequality is active.
refuse_edge <- function(object, what) {
  constraints <- .subset2(object, "constraints")
  if (is.null(constraints) || !length(active_inequalities(constraints))) return(invisible())
  stop_glmpp("covariance", sprintf("%s can't be had where an inequality is active.", what),
             x = sprintf("Active: %s.", comma(format(constraints)[active_inequalities(constraints)])),
             i = "The estimator lies at the edge of what is allowed, and is not normal even in large samples.",
             i = "If it stands as an equality whatever the data say, write it as one.")
}

# What reads the decomposition of all columns.
refuse_constrained <- function(object, what, remedy = "Take the same model with the constraints written into the formula, by offset() and sums of columns.") {
  if (!is_constrained_fit(object)) return(invisible())
  stop_glmpp("covariance", sprintf("%s can't be had of a fit with `constraints`.", what),
             x = "It would be that of the model without them.", i = remedy)
}

print_constraints <- function(constraints, digits) {
  cat("Constraints:\n")
  print(constraints, digits = digits)
  if (length(active_inequalities(constraints))) {
    cat(strwrap("No standard errors: the estimate lies at the edge of what an inequality allows, where it is not normal."), sep = "\n")
  }
}

constraint_lines <- function(constraints) {
  if (is.null(constraints)) return(NULL)
  sprintf("Constraints: %s%s", comma(format(constraints), 5),
          if (!any(constraints$active)) "; none is active" else sprintf("; %d active", sum(constraints$active)))
}
