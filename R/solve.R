# The only caller of the native fit. Turns how it ended into conditions.

solve_model <- function(design, response, family, start, settings, intercept) {
  check_start(start, design$coefficients)
  check_pairing(settings$solver, family, response)
  penalty <- core_penalty(settings$penalty, design$coefficients, intercept)
  middle <- middle_predictor(response, family)
  anchor <- if (intercept) anchor_start(design, response, middle)
  mean_weight <- if (is.null(response$weights)) 1 else mean(response$weights)
  progress <- solver_progress(settings)
  on.exit(progress$done())
  fit_from <- function(coefficients, response) {
    fit_impl(design, response$core_family, core_response(response),
             list(coefficients = coefficients, anchor = anchor, middle = middle),
             c(core_control(settings, mean_weight), solve_shortcuts(design, response, coefficients)),
             c(settings$solver, list(step_family = step_family(settings$solver, response$core_family))), penalty,
             core_trace(settings$trace, progress$tick))
  }
  solution <- fit_from(if (is.null(response$start_eta)) as_start(start), response)
  if (intercept && is.null(response$offset)) {
    solution$common_deviance <- common_deviance(response, family, settings, weighted_mean(response))
    if (has_run_away(solution, settings) && length(anchor)) {
      solution <- better_of(solution, fit_from(anchor, replace(response, "start_eta", list(NULL))))
    }
  }
  if (solution$reason == "no_valid_start" || ends_nowhere(solution, settings)) {
    stop_no_start(family, response, extreme_columns(design))
  }
  if (!solution$converged) solution$extreme <- extreme_columns(design)
  solution
}

# Columns of very different size can make the sums of the first step overflow.
ends_nowhere <- function(solution, settings) settings$solver$name == "irls" && !is.finite(solution$deviance)

solver_progress <- function(settings) {
  options <- settings$solver$options
  step_progress(sprintf("Iterations of %s()", settings$solver$name), options$epochs %||% options$iterations %||% settings$maxit)
}

# Who asks for a number of steps wants to see where they lead.
has_run_away <- function(solution, settings) {
  is_free <- settings$solver$name == "irls" && is.null(settings$penalty)
  is_free && isTRUE(solution$deviance > solution$common_deviance * (1 + 1e-6))
}

# A fit worse than the common mean has run away from the optimum: it is tried again from there.
better_of <- function(first, second) {
  if (!isTRUE(second$deviance < first$deviance)) return(first)
  second$common_deviance <- first$common_deviance
  second
}

# What the core may do before it iterates: fit a sample of the rows, group equal rows.
solve_shortcuts <- function(design, response, start) {
  plain <- is.null(start) && is.null(response$start_eta) && !response$core_family$is_callback
  kinds <- vapply(design$blocks, `[[`, "", "kind")
  list(sample = plain, group = plain && !"sparse" %in% kinds)
}

core_response <- function(response) {
  list(y = as_core_column(response$y), weights = as_core_column(response$weights), offset = response$offset,
       start_eta = response$start_eta)
}

as_core_column <- function(values) {
  if (is.null(values) || is.double(values) || is.integer(values) || is.logical(values)) as.vector(values)
  else as.double(values)
}

as_start <- function(start) {
  if (!is.null(start)) as.double(replace(start, is.na(start), 0))
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

# The common mean as coefficients: where a first step that leaves the valid region falls back to.
anchor_start <- function(design, response, eta) {
  if (is.na(eta) || !design$coefficients) return(NULL)
  c(eta - if (is.null(response$offset)) 0 else mean(response$offset), numeric(design$coefficients - 1))
}

# The linear predictor of the common mean, NA where the link has none.
middle_predictor <- function(response, family) {
  mean <- weighted_mean(response)
  is_inside <- isTRUE(!response$core_family$is_callback && mean > 0 && mean < 1)
  eta <- if (is_inside) family$linkfun(mean)
         else tryCatch(suppressWarnings(family$linkfun(mean)), error = function(e) NA_real_)
  if (is.finite(eta[1])) as.double(eta[1]) else NA_real_
}

weighted_mean <- function(response) {
  if (is.null(response$mean)) common_mean(response$y, response$weights) else response$mean
}

common_mean <- function(y, weights) {
  if (is.null(weights)) sum(y) / length(y) else sum(weights * y) / sum(weights)
}

stop_no_start <- function(family, response, extreme) {
  largest <- max(abs(response$y))
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

warn_unless_converged <- function(solution, columns, family, settings) {
  asked_for <- takes_all_iterations(settings$solver) && solution$reason %in% c("converged", "iteration_limit")
  if (solution$converged || asked_for) return(invisible())
  falls <- solution$falls[!is.na(solution$falls)]
  why <- convergence_diagnosis(solution, columns, family, settings$solver)
  warn_glmpp("convergence", "algorithm did not converge",
             x = stop_reasons[[solution$reason]],
             x = sprintf("After %s the largest element of the score is %.3g%s.", plural(solution$iterations, "iteration"),
                         max(0, abs(solution$score)),
                         if (length(falls)) sprintf("; the last steps lowered the deviance by %s", comma(sprintf("%.2g", falls))) else ""),
             x = why$reason, i = why$remedy,
             i = if (isTRUE(settings$solver$options$learning_rate > 0)) "A smaller `learning_rate` may help.")
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

# Columns whose squares overflow or vanish: their positions, with the largest absolute value.
extreme_columns <- function(design) {
  sizes <- numeric(design$coefficients)
  for (block in design$blocks) {
    if (block$kind != "dense") next
    for (k in which(diff(block$start) == 1)) {
      entry <- block$start[k] + 1L
      if (block$source[entry] == 0) next
      values <- design$sources[[block$source[entry]]]
      rows <- seq_len(design$rows) + (block$column[entry] - 1L) * design$rows
      sizes[block$position[k]] <- max(abs(as.vector(unclass(values))[rows]))
    }
  }
  found <- which(sizes > 1e150 | sizes > 0 & sizes < 1e-150)
  structure(found, size = sizes[found])
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

extreme_means_note <- "No separation was found: these rows are merely far out. Are their values right?"

# Separation has been ruled out, or would have been said: these are merely extreme.
warn_extreme_means <- function(family, mean, range) {
  epsilon <- 10 * .Machine$double.eps
  if (family$family == "binomial" && (range[2] > 1 - epsilon || range[1] < epsilon)) {
    extreme <- which(mean > 1 - epsilon | mean < epsilon)
    warn_glmpp("extreme_means", "fitted probabilities numerically 0 or 1 occurred",
               x = sprintf("%s: %s.", plural(length(extreme), "row"), rows_text(extreme)),
               i = extreme_means_note)
  }
  if (family$family == "poisson" && range[1] < epsilon) {
    extreme <- which(mean < epsilon)
    warn_glmpp("extreme_means", "fitted rates numerically 0 occurred",
               x = sprintf("%s: %s.", plural(length(extreme), "row"), rows_text(extreme)),
               i = extreme_means_note)
  }
}

# The deviance of the common mean (or of the offset alone, without an intercept).
null_deviance <- function(response, family, settings, intercept, solution) {
  if (is.null(response$offset)) {
    if (intercept) return(solution$common_deviance)
    return(common_deviance(response, family, settings, family$linkinv(0)))
  }
  if (intercept && length(solution$coefficients) == 1) return(solution$deviance)
  design <- if (intercept) intercept_design(response$rows) else empty_design(response$rows)
  if (is.null(response$start_eta)) response$start_eta <- solution$eta
  null <- tryCatch(solve_model(design, response, family, NULL, plain_settings(settings), intercept), glmpp_error_start = identity)
  if (inherits(null, "condition")) return(no_null_deviance())
  if (!null$converged) {
    warn_glmpp("convergence", "fitting to calculate the null deviance did not converge -- increase 'maxit'?")
  }
  null$deviance
}

no_null_deviance <- function() {
  warn_glmpp("null", "The null deviance is NA: with this offset the model without covariates has no valid mean.")
  NA_real_
}

# The deviance of one mean for all rows. Without an intercept a link that holds a number for each row gives a mean for each.
common_deviance <- function(response, family, settings, mean) {
  if (length(mean) > 1) return(sum(family$dev.resids(response$y, mean, full_weights(response))))
  eta <- if (!response$core_family$is_callback) suppressWarnings(family$linkfun(mean)) else NA
  if (isTRUE(response$is_bernoulli) && mean > 0 && mean < 1 && identical(mean, weighted_mean(response))) {
    return(-2 * response$rows * (mean * log(mean) + (1 - mean) * log1p(-mean)))
  }
  if (is.finite(eta)) {
    return(deviance_impl(intercept_design(response$rows), response$core_family, core_response(response), eta,
                         settings$threads))
  }
  deviance_at_mean_impl(response$core_family, core_response(response), response$rows, mean)
}

empty_design <- function(rows) list(rows = rows, coefficients = 0L, sources = list(), blocks = NULL)
