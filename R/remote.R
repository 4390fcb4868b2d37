# The fit from afar: the same stages as glmpp(), with a home of data in the place of blocks and response.

fit_remote <- function(call, family, source, envir, settings, start = NULL, contrasts = NULL, singular.ok = TRUE) {
  if (has_categories(family)) {
    stop_glmpp("family", sprintf("%s() takes a data frame: its fits from afar are not there yet.", family$family),
               i = "Fit one category against the rest by `binomial`, or a sample of the rows in memory.")
  }
  model <- new_remote_model(call, family, envir, settings, start, contrasts, eval_na_action(without_data(call), envir))
  with_home(source, model, function(home) {
    check_remote_solver(settings, family, home)
    outline <- home$outline()
    model[names(outline$settled)] <- outline$settled
    schema <- new_schema(outline_frame(outline), contrasts)
    check_start(start, length(schema$columns))
    passes <- new_passes(home, outline, schema, model, settings)
    solution <- solve_from_afar(passes, start, settings)
    null <- remote_null_deviance(passes)
    new_remote_fit(solution, null, passes, source, call, singular.ok)
  })
}

# A fit worse than the common mean has run away from the optimum: it is tried again from there.
solve_from_afar <- function(passes, start, settings) {
  solution <- solve_remote(passes, start, settings = settings)
  solution$common_deviance <- passes$null_deviance
  if (!passes$schema$intercept || is.null(passes$null_deviance) || !has_run_away(solution, settings)) return(solution)
  again <- better_of(solution, solve_remote(passes, remote_anchor(passes), settings = settings))
  ask_pass(passes, again$coefficients, "score", FALSE, FALSE)
  again
}

# What a solver needs of the home, before any work.
check_remote_solver <- function(settings, family, home) {
  solver <- settings$solver
  check_pairing(solver, family, list(core_family = core_family(family)))
  if (solver$name == "sgd" && is.null(home$batches) && is.null(home$epochs)) stop_sums_only()
  if (solver$name == "newton" && !isTRUE(home$traits$gives_observed)) {
    stop_remote_solver("newton", "the observed information can't be had from there")
  }
}

stop_sums_only <- function() stop_remote_solver("sgd", "its steps take one row after the other, and only sums come from there")

stop_remote_solver <- function(name, reason) {
  stop_glmpp("solver", sprintf("%s() can't fit rows of this kind: %s.", name, reason),
             i = "Use irls(), lbfgs() or gradient_descent().")
}

without_data <- function(call) {
  call$data <- NULL
  call
}

# The home is closed however the work ends.
with_home <- function(source, model, work) {
  home <- open_home(source, model)
  on.exit(home$close())
  work(home)
}

# What asks a home for passes: counts them, and keeps what belongs to the coefficients asked last.
new_passes <- function(home, outline, schema, model, settings) {
  passes <- list2env(list(home = home, outline = outline, schema = schema, model = model, settings = settings,
                          count = 0L, last = NULL, null_deviance = NULL), parent = emptyenv())
  passes$mean <- outline_mean(outline)
  passes$sample_share <- home$begin(schema, outline$kept)
  passes
}

ask_pass <- function(passes, coefficients, need, at_start, sample) {
  wants_null <- !sample && !at_start && is.null(passes$null_deviance) && !passes$outline$response$has_offset
  sums <- passes$home$pass(coefficients, need, at_start, sample, if (wants_null) null_mean(passes))
  if (sample) return(sums)
  passes$count <- passes$count + 1L
  passes$last <- sums
  if (wants_null) passes$null_deviance <- sums$null_deviance
  sums
}

# The mean that all rows have in the model without covariates.
null_mean <- function(passes) {
  if (passes$schema$intercept) passes$mean else passes$model$family$linkinv(0)
}

# Solves over the `free` columns, the others' coefficients held as they are in `fixed`.
solve_remote <- function(passes, start = NULL, free = seq_along(passes$schema$columns),
                         fixed = numeric(length(passes$schema$columns)), settings = plain_settings(passes$settings)) {
  is_whole <- length(free) == length(fixed)
  pass <- function(coefficients, need, at_start, sample) {
    sums <- ask_pass(passes, replace(fixed, free, coefficients), need, at_start, sample)
    if (is_whole) sums else keep_columns(sums, free)
  }
  before <- passes$count
  traits <- passes$home$traits
  anchor <- remote_anchor(passes)[free]
  if (is.null(start) && !traits$gives_start) start <- anchor
  family <- core_family(passes$model$family)
  is_plain <- is.null(start) && is_whole && !family$is_callback
  solver <- c(settings$solver, list(step_family = step_family(settings$solver, family)))
  penalty <- core_penalty(settings$penalty, length(fixed), passes$schema$intercept)
  epochs <- if (solver$name == "sgd") open_epochs(passes$home, c(solver, list(penalty = penalty)))
  on.exit(if (!is.null(epochs)) epochs$close())
  solution <- fit_remote_impl(
    pass, family,
    list(coefficients = length(free), effective_rows = passes$outline$response$effective_rows,
         gives_root = traits$gives_root, gives_observed = isTRUE(traits$gives_observed),
         sample_share = if (is_plain) passes$sample_share else 0),
    list(coefficients = as_start(start), anchor = anchor, middle = middle_of_mean(passes$mean, passes$model$family)),
    core_control(settings, passes$outline$response$sum_weights / passes$outline$kept), solver, penalty, core_trace(settings$trace), epochs
  )
  if (solution$reason == "no_valid_start") stop_no_start(passes$model$family, list(y = 0), NULL)
  solution$passes <- passes$count - before + if (settings$solver$name == "sgd") solution$iterations else 0L
  solution
}

# Epochs over rows that come here, or made where the rows are.
open_epochs <- function(home, settings) if (is.null(home$epochs)) home$batches() else home$epochs(settings)

keep_columns <- function(sums, free) {
  if (!is.null(sums$score)) sums$score <- sums$score[free]
  if (!is.null(sums$information)) sums$information <- sums$information[free, free, drop = FALSE]
  if (!is.null(sums$observed_information)) sums$observed_information <- sums$observed_information[free, free, drop = FALSE]
  if (!is.null(sums$root)) sums$root <- root_of_columns(sums$root, free)
  sums
}

root_of_columns <- function(root, free) {
  empty <- matrix(0, length(free), length(free))
  kept <- rbind(root[, free, drop = FALSE], empty)
  merge_roots_impl(empty, kept)
}

# The common mean as coefficients, where there is an intercept to hold it.
remote_anchor <- function(passes) {
  columns <- passes$schema$columns
  if (!length(columns)) return(numeric())
  eta <- if (passes$schema$intercept) middle_of_mean(passes$mean, passes$model$family) else 0
  response <- passes$outline$response
  if (is.na(eta)) return(NULL)
  c(eta - if (response$has_offset && passes$schema$intercept) response$offset / passes$outline$kept else 0,
    numeric(length(columns) - 1))
}

middle_of_mean <- function(mean, family) {
  eta <- tryCatch(suppressWarnings(family$linkfun(mean)), error = function(e) NA_real_)
  if (is.finite(eta[1])) as.double(eta[1]) else NA_real_
}

# A pass has brought it along where there is no offset; else the intercept is fitted to the offset.
remote_null_deviance <- function(passes) {
  final <- passes$last
  on.exit(passes$last <- final)
  if (!passes$outline$response$has_offset) {
    if (is.null(passes$null_deviance)) ask_pass(passes, numeric(length(passes$schema$columns)), character(), FALSE, FALSE)
    return(passes$null_deviance)
  }
  if (!passes$schema$intercept) {
    return(ask_pass(passes, numeric(length(passes$schema$columns)), character(), FALSE, FALSE)$deviance)
  }
  if (length(passes$schema$columns) == 1) return(final$deviance)
  null <- tryCatch(solve_remote(passes, free = 1), glmpp_error_start = identity)
  if (inherits(null, "condition")) return(no_null_deviance())
  null$deviance
}

new_remote_fit <- function(solution, null_deviance, passes, source, call, singular.ok) {
  outline <- passes$outline
  schema <- passes$schema
  columns <- schema$columns
  family <- passes$model$family
  settings <- passes$settings
  check_rank(solution, columns, singular.ok)
  warn_unless_converged(solution, columns, family, settings)
  warn_extreme_range(family, passes$last$mean_range)
  if (solution$boundary) warn_boundary(solution, family)
  rank <- length(solution$active)
  rows <- outline$response$effective_rows
  qr <- compact_qr(solution$root, c(solution$active, solution$aliased), columns, settings)
  structure(list(
    coefficients = if (length(columns)) aliased_as_na(solution, columns) else numeric(),
    rank = rank, qr = qr, aliased = if (length(solution$aliased)) alias_combinations(qr),
    family = family, deviance = solution$deviance, aic = remote_aic(passes, solution$deviance) + 2 * rank,
    null.deviance = null_deviance, pearson = passes$last$pearson,
    iter = if (length(columns)) solution$iterations else 0L, df.residual = as.integer(rows - rank),
    df.null = as.integer(rows - schema$intercept), nobs = outline$kept, converged = solution$converged,
    boundary = solution$boundary, na.action = attr(outline_frame(outline), "na.action"),
    na.counts = outline$missing[outline$missing > 0], call = call, formula = passes$model$formula,
    terms = schema$terms, control = settings[c("epsilon", "maxit", "trace")], contrasts = schema$contrasts,
    xlevels = schema$xlevels, schema = schema, remote = list(source = source, model = passes$model, outline = outline),
    trace = new_trace(solution$trace, columns), penalty = settings$penalty,
    solver = list(name = settings$solver$name, reason = solution$reason, passes = solution$passes,
                  condition = solution$condition, path = solution$path, digits = expected_digits(solution), score = structure(solution$score, names = columns),
                  threads = settings$threads, control = settings[names(formals(glmpp_control))])
  ), class = c("glmpp_remote", "glmpp"))
}

# Separation is proved from rows; from sums it can only be suspected.
warn_extreme_range <- function(family, range) {
  epsilon <- 10 * .Machine$double.eps
  what <- if (length(range) && family$family == "binomial" && (range[2] > 1 - epsilon || range[1] < epsilon)) {
    "fitted probabilities numerically 0 or 1 occurred"
  } else if (length(range) && family$family == "poisson" && range[1] < epsilon) {
    "fitted rates numerically 0 occurred"
  }
  if (is.null(what)) return(invisible())
  warn_glmpp("extreme_means", what, x = sprintf("The fitted means go from %s to %s.", format(range[1]), format(range[2])),
             i = "Some combination of columns may separate the outcomes; then estimates and standard errors that are very large have no meaning.",
             i = "A fit to a sample of the rows in memory proves or refutes that.")
}

# Minus twice the log-likelihood, as family$aic() has it, from sums.
remote_aic <- function(passes, deviance) {
  sums <- passes$outline$response
  total <- sums$sum_weights
  name <- passes$model$family$family
  if (has_additive_likelihood(passes$model$family)) return(deviance + sums$saturated)
  dispersion <- deviance / total
  switch(name,
    gaussian = passes$outline$kept * (log(2 * pi * deviance / passes$outline$kept) + 1) + 2 - sums$log_weights,
    Gamma = gamma_aic(1 / dispersion, total, sums$log_y, passes$last$relative, deviance),
    inverse.gaussian = total * (log(dispersion * 2 * pi) + 1) + 3 * sums$log_y + 2,
    NA_real_
  )
}
