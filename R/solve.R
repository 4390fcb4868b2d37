# The fit to a problem, wherever its rows are, and what is said of how it ended.

solve_problem <- function(problem, start = NULL, settings = problem$settings, held = integer()) {
  if (!is.null(settings$reduction)) return(solve_reduced(problem, start, settings))
  if (!is.null(settings$constraints)) return(solve_constrained(problem, start, settings))
  if (length(solver_facts(settings$solver)$needs) || !is.null(settings$penalty)) {
    check_needs(settings$solver, problem$lacks, settings$penalty)
  }
  progress <- solver_progress(settings)
  tick <- progress$tick
  if (!is.null(tick)) on.exit(progress$done())
  facts <- problem$facts
  passes <- problem$passes$count
  cells <- if (!is.null(problem$one_outcome)) known_cells(problem, start, held, settings)
  solution <- if (!is.null(cells$start)) fit_beside(cells, problem, settings, tick)
  if (is.null(solution)) solution <- fit_problem(problem, if (is.null(start)) problem$start else start, held, settings, tick = tick)
  if (!is.null(cells)) solution$one_outcome <- cells
  if (is.null(facts$mean_offset) && problem$schema$intercept && !length(held)) {
    common_deviance <- problem$null_deviance_of(facts$mean)
    if (has_run_away(solution, settings, common_deviance) && length(problem$anchor)) {
      solution <- better_of(solution, fit_problem(problem, problem$anchor, held, settings, tick = tick))
    }
    solution$common_deviance <- common_deviance
  }
  if (solution$reason == "no_valid_start" || ends_nowhere(solution, settings)) problem$no_start()
  if (!solution$converged) solution$extreme <- problem$extreme()
  if (!is.null(passes)) solution$passes <- count_passes(problem, passes, solution, settings)
  solution
}

# Where the family's own parameter was searched for, they were known before; see search_parameter().
known_cells <- function(problem, start, held, settings) {
  found <- problem$parameter
  if (!is.null(found)) return(if (!is.null(found$cells$start)) replace(found$cells, "start", list(found$coefficients)))
  if (is.null(start) && !length(held)) problem$one_outcome(settings)
}

# The fit beside levels that run to infinity: they stay next to their limit. NULL where it does not converge.
fit_beside <- function(cells, problem, settings, tick) {
  beside <- fit_problem(problem, cells$start, cells$held, settings, rows = FALSE, tick = tick, is_guess = is.null(problem$parameter))
  if (!beside$converged || beside$boundary) return(NULL)
  there <- replace(settings, c("maxit", "trace"), list(0L, FALSE))
  there$solver <- as_solver("auto")
  whole <- fit_problem(problem, beside$coefficients, settings = there)
  kept <- c("converged", "reason", "iterations", "falls", "trace")
  whole[kept] <- beside[kept]
  whole$passes <- whole$passes + beside$passes
  whole
}

# Epochs that are made where the rows are go over them too.
count_passes <- function(problem, before, solution, settings) {
  problem$passes$count - before + if ("epochs" %in% solver_facts(settings$solver)$needs) solution$iterations else 0L
}

# Columns of very different size can make the sums of the first step overflow.
ends_nowhere <- function(solution, settings) !is.finite(solution$deviance) && solver_facts(settings$solver)$is_rescued

solver_progress <- function(settings) {
  if (!wants_progress()) return(no_progress)
  options <- settings$solver$options
  step_progress(sprintf("Iterations of %s()", settings$solver$name), options$epochs %||% options$iterations %||% settings$maxit)
}

# Who asks for a number of steps wants to see where they lead.
has_run_away <- function(solution, settings, common_deviance) {
  isTRUE(solution$deviance > common_deviance * (1 + 1e-6)) && is.null(settings$penalty) && solver_facts(settings$solver)$is_rescued
}

# A fit worse than the common mean has run away from the optimum: it is tried again from there.
better_of <- function(first, second) {
  if (isTRUE(second$deviance < first$deviance)) second else first
}

check_start <- function(start, count) {
  if (is.null(start)) return(invisible())
  if (!is.numeric(start) || length(start) != count) {
    stop_glmpp("start", sprintf("`start` must be numeric, with one element per coefficient (%d).", count),
               x = sprintf("It is %s of length %d.", describe_type(start), length(start)))
  }
  # NA, as in the coefficients of a fit with aliased columns, starts from 0.
  bad <- which(is.nan(start) | is.infinite(start))[1]
  if (!is.na(bad)) stop_glmpp("start", "`start` must be finite.", x = sprintf("Element %d is %s.", bad, format(start[bad])))
}

# `largest`: of the response, in absolute value.
stop_no_start <- function(family, largest, extreme) {
  overflows <- isTRUE(largest > 1e150) || length(extreme)
  stop_glmpp("start", "cannot find valid starting values: please specify some.",
             x = stop_reasons[["no_valid_start"]],
             x = if (isTRUE(largest > 1e150)) sprintf("The response reaches %.2g: its squares overflow.", largest),
             x = if (length(extreme)) sprintf("Column %d of the design reaches %.2g.", extreme[1], attr(extreme, "size")[1]),
             i = if (overflows) "Give it another unit, so that its values are nearer to 1.",
             x = if (!overflows) sprintf("With the %s link of the %s family not every linear predictor is allowed.", family$link,
                                         family$family),
             i = if (!overflows) "Give `start` (coefficients), `mustart` (means) or `etastart`.",
             i = if (!overflows && !any(family$link %in% c("log", "logit"))) "A link that is valid everywhere, such as log or logit, needs no start.")
}

# The deviance of the common mean (or of the offset alone, without an intercept).
null_deviance <- function(problem, solution) {
  schema <- problem$schema
  if (is.null(problem$facts$mean_offset)) {
    if (!schema$intercept) return(problem$null_deviance_of(problem$family$linkinv(0)))
    known <- solution$common_deviance
    return(if (is.null(known)) problem$null_deviance_of(problem$facts$mean) else known)
  }
  if (!schema$intercept) return(deviance_of_offset(problem))
  if (length(solution$coefficients) == 1) return(solution$deviance)
  null <- problem$null_problem(solution)
  fit <- tryCatch(solve_problem(null$problem, settings = plain_settings(problem$settings), held = null$held), glmpp_error_start = identity)
  if (inherits(fit, "condition")) return(no_null_deviance())
  if (!fit$converged) {
    warn_glmpp("convergence", "fitting to calculate the null deviance did not converge -- increase 'maxit'?")
  }
  fit$deviance
}

deviance_of_offset <- function(problem) {
  sums <- evaluate_problem(problem, numeric(length(problem$names)))
  if (sums$valid) sums$deviance else no_null_deviance()
}

no_null_deviance <- function() {
  warn_glmpp("null", "The null deviance is NA: with this offset the model without covariates has no valid mean.")
  NA_real_
}

warn_unless_converged <- function(solution, columns, family, settings) {
  if (solution$converged) return(invisible())
  if (takes_all_iterations(settings$solver) && solution$reason %in% c("converged", "iteration_limit")) return(invisible())
  if (is_separable(settings$penalty)) return(warn_violation(solution, settings))
  falls <- solution$falls[!is.na(solution$falls)]
  rate <- settings$solver$options$learning_rate
  has_rate <- isTRUE(rate > 0)
  why <- if (has_rate && solution$reason %in% c("no_valid_step", "no_descent")) {
    list(reason = sprintf("The step is too large: `learning_rate` is %s.", format(rate)),
         remedy = "Give a smaller `learning_rate`; without one the length of each step is searched for.")
  } else {
    convergence_diagnosis(solution, columns, family, settings$solver)
  }
  warn_glmpp("convergence", "algorithm did not converge",
             x = stop_reasons[[solution$reason]],
             x = sprintf("After %s the largest element of the score is %.3g%s.", plural(solution$iterations, "iteration"),
                         max(0, abs(solution$score)),
                         if (length(falls)) sprintf("; the last steps lowered the deviance by %s", comma(sprintf("%.2g", falls))) else ""),
             x = why$reason, i = why$remedy,
             i = if (has_rate && solution$reason == "iteration_limit") "Another `learning_rate` may help.")
}

# Why it did not converge, as far as the numbers tell, and what to do next.
convergence_diagnosis <- function(solution, columns, family, solver) {
  extreme <- solution$extreme
  if (!is.null(solution$separation)) {
    list(reason = "The estimate runs to infinity: another warning names the coefficients.",
         remedy = "See `separation` in the fit.")
  } else if (length(extreme)) {
    list(reason = sprintf("Badly scaled: the largest value of `%s` is %.2g.", columns[extreme[1]], attr(extreme, "size")[1]),
         remedy = "Give it another unit, so that its values are nearer to 1.")
  } else if (isTRUE(solution$condition > 1e9)) {
    list(reason = sprintf("Badly conditioned: the columns are close to collinear (condition %.1e).", solution$condition),
         remedy = "Centre and scale the variables, use poly() for powers, or drop one that nearly repeats others.")
  } else if (solution$reason == "iteration_limit") {
    slow <- length(solution$falls) == 2 && isTRUE(solution$falls[2] > 0.3 * solution$falls[1])
    list(reason = if (slow) "Slow: each step gains almost as much as the one before.",
         remedy = if (is.null(solver$options$iterations)) "Raise `maxit` by `control = glmpp_control(maxit = )`."
                  else sprintf("Raise `iterations` of %s(), or use irls().", solver$name))
  } else {
    list(reason = sprintf("The %s link of the %s family allows not every linear predictor, or its likelihood is flat here.",
                          family$link, family$family),
         remedy = if (any(family$link %in% c("log", "logit"))) "Give `start`, or another `solver`, such as `newton()`."
                  else "Give `start`, or take a link that is valid everywhere, such as log or logit.")
  }
}

# The rows are unknown for a family that only R knows: its last step was shortened to stay valid.
warn_boundary <- function(solution, family) {
  rows <- solution$boundary_rows
  warn_glmpp("boundary", "algorithm stopped at boundary value",
             x = if (length(rows)) {
               sprintf("The optimum is where the mean just stays valid: %s at the boundary, %s.", plural(length(rows), "row"),
                       rows_text(rows))
             } else "The last step was shortened to keep the mean valid: the optimum may lie on the boundary.",
             i = "The score is not zero there: standard errors and tests do not hold.",
             i = sprintf("A link that is valid everywhere has no boundary; %s has one for the %s family.", family$link,
                         family$family))
}

# Separation has been ruled out, or would have been said: these are merely extreme. `mean`: of the rows, where they are at
# hand.
warn_extreme_means <- function(family, range, mean = NULL, is_ruled_out = TRUE, is_penalised = FALSE) {
  ends <- record_of(family)$extremes
  if (is.null(ends) || !isTRUE(ends$low && range[1] < extreme_mean || ends$high && range[2] > 1 - extreme_mean)) return(invisible())
  extreme <- which(ends$low & mean < extreme_mean | ends$high & mean > 1 - extreme_mean)
  warn_glmpp("extreme_means", ends$text,
             x = if (length(extreme)) sprintf("%s: %s.", plural(length(extreme), "row"), rows_text(extreme))
                 else sprintf("The fitted means go from %s to %s.", format(range[1]), format(range[2])),
             i = if (is_penalised) "Coefficients that nothing holds run to infinity where their columns separate the outcomes: then they have no meaning.",
             i = if (is_ruled_out && !is_penalised) extreme_means_note,
             i = if (!is_ruled_out && !is_penalised) "Some combination of columns may separate the outcomes; then estimates and standard errors that are very large have no meaning.",
             i = if (!is_ruled_out && !is_penalised) "A fit to a sample of the rows in memory proves or refutes that.")
}

# glm()'s.
extreme_mean <- 10 * .Machine$double.eps

extreme_means_note <- "No separation was found: these rows are merely far out. Are their values right?"
