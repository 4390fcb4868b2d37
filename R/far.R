# The fit from afar: the stages of glmpp(), with a home of data in the place of blocks and response.

fit_far <- function(call, family, source, envir, settings, start = NULL, contrasts = NULL, singular.ok = TRUE) {
  if (has_categories(family)) {
    stop_glmpp("family", sprintf("%s() takes a data frame: its fits from afar are not there yet.", family$family),
               i = "Fit one category against the rest by `binomial`, or a sample of the rows in memory.")
  }
  model <- new_remote_model(call, family, envir, settings, start, contrasts, eval_na_action(without_data(call), envir))
  with_home(source, model, function(home) {
    check_needs(settings$solver, function(name) far_lacks(name, home, family), settings$penalty)
    outline <- home$outline()
    if (is_estimated(family)) check_adoption(home)
    model[names(outline$settled)] <- outline$settled
    if (outline$response$effective_rows == 0) stop_no_weight("The weights, or counts, are 0 in every row.")
    schema <- new_schema(outline_frame(outline), contrasts)
    check_start(start, length(schema$columns))
    open <- far_opener(home, outline, schema, model, settings)
    problem <- if (is_estimated(family)) search_parameter(family, open, settings, start) else open(family)
    solution <- solve_problem(problem, problem$parameter$coefficients %||% start)
    solution$separation <- find_separation(solution, problem)
    solution$null_deviance <- null_deviance(problem, solution)
    parameter <- parameter_report(problem, solution)
    solution$log_likelihood <- parameter$log_likelihood %||% likelihood_by_pass(problem, solution, open)
    with_parameter(new_far_fit(solution, problem, source, call, singular.ok), parameter)
  })
}

# A function that makes the problem of the rows for a family that differs from the model's in its own parameter.
far_opener <- function(home, outline, schema, model, settings) {
  schema$structure <- far_structure(home, schema, settings)
  share <- home$begin(schema, outline$kept)
  family_of_home <- model$family
  function(family) {
    if (!identical(family, family_of_home)) home$adopt(family)
    family_of_home <<- family
    far_problem(home, outline, schema, replace(model, "family", list(family)), settings, share)
  }
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

# The problem of rows that a home of data holds. `passes` counts what the home was asked, and keeps what it said of the
# coefficients asked last, and the deviance of the common mean, which the first pass brings along.
far_problem <- function(home, outline, schema, model, settings, share) {
  passes <- list2env(list(count = 0L, last = NULL, null_deviance = NULL), parent = emptyenv())
  core_family <- core_family(model$family)
  family <- model$family
  response <- outline$response
  facts <- list(rows = outline$kept, mean = outline_mean(outline), mean_weight = response$sum_weights / outline$kept,
                mean_offset = if (response$has_offset) response$offset / outline$kept, is_called_back = core_family$is_callback)
  mean <- if (schema$intercept) facts$mean else family$linkinv(0)
  ask <- function(question) {
    if (isTRUE(question$sample) || !is.null(question$bend)) return(home$pass(question))
    wants_null <- !question$at_start && is.null(passes$null_deviance) && !response$has_offset
    if (wants_null) question$null_mean <- mean
    passes$count <- passes$count + 1L
    passes$last <- home$pass(question)
    if (wants_null) passes$null_deviance <- passes$last$null_deviance
    passes$last
  }
  traits <- list(coefficients = length(schema$columns), effective_rows = response$effective_rows,
                 gives_root = home$traits$gives_root, gives_observed = isTRUE(home$traits$gives_observed),
                 gives_bends = isTRUE(home$traits$gives_bends), sample_share = share)
  problem <- new_problem(
    open_problem_impl(list(kind = "far", pass = ask, family = core_family, traits = traits,
                           design = if (!is.null(schema$structure)) c(design_of_no_rows(schema), schema["structure"]))),
    family, schema, settings, facts, function(name) far_lacks(name, home, family, share),
    home = home, outline = outline, model = model, passes = passes,
    request = function(settings) {
      steps <- step_family(settings$solver, core_family)
      if (is.null(steps)) return(NULL)
      penalty <- core_penalty(settings$penalty, length(schema$columns), schema$intercept)
      epochs <- open_epochs(home, c(settings$solver, steps, list(penalty = penalty)))
      list(steps = steps, epochs = epochs, close = epochs$close)
    },
    null_deviance_of = function(mean) passes$null_deviance %||% common_deviance_afar(passes, ask, length(schema$columns)),
    meat = function(coefficients, cluster, object, leverage = NULL) {
      if (is.null(leverage)) home$meat(coefficients, cluster) else home$meat(coefficients, cluster, leverage)
    },
    no_start = function() stop_no_start(family, 0, NULL),
    extreme = function() NULL
  )
  if (!home$traits$gives_start) problem$start <- problem$anchor
  problem$null_problem <- function(solution) list(problem = problem, held = seq_along(schema$columns)[-1])
  problem
}

# Of families whose likelihood is no function of sums that the outline has: one pass more.
likelihood_by_pass <- function(problem, solution, open) {
  family <- problem$family
  is_ours <- identical(core_family(family)$variance, record_of(family)$variance)
  if (!is_ours || !isTRUE(of_parameter(family, "needs_pass")) || !is.null(lacks_adoption(problem$home))) return(NULL)
  dispersion <- solution$deviance / total_weight(problem)
  if (!isTRUE(dispersion > 0)) return(NULL)
  likelihood_sums_at(family, dispersion, replace(solution$coefficients, solution$aliased, 0), open)$log_likelihood
}

# The family's own parameter is searched for by passes with one value after the other.
check_adoption <- function(home) {
  reason <- lacks_adoption(home)
  if (is.null(reason)) return(invisible())
  stop_glmpp("family", sprintf("The family's own parameter can't be estimated from there: %s.", reason),
             i = "Give it, or stream the rows (see in_database()).")
}

lacks_adoption <- function(home) {
  home_lacks(home, "adopt") %||% if (is.null(home$adopt)) "rows of this kind are summed for one family only"
}

# Asked along with any pass that is at hand to be made.
common_deviance_afar <- function(passes, ask, count) {
  last <- passes$last
  ask(new_question(numeric(count)))
  passes$last <- last %||% passes$last
  passes$null_deviance
}

# Epochs over rows that come here, or made where the rows are.
open_epochs <- function(home, settings) if (is.null(home$epochs)) home$batches() else home$epochs(settings)

# Some are known only after the first pass.
home_lacks <- function(home, name) if (is.function(home$lacks)) home$lacks()[[name]] else home$lacks[[name]]

far_lacks <- function(name, home, family, share = 1) {
  of_rows <- function(reason) paste("rows of this kind:", reason)
  has_rows <- !is.null(home$batches) || !is.null(home$epochs)
  own <- row_lacks(name, list(blocks = NULL), list(core_family = core_family(family)), family) %||% home_lacks(home, name)
  own %||% switch(name,
    observed_information = if (!isTRUE(home$traits$gives_observed)) of_rows("the observed information can't be had from there"),
    epochs = if (!has_rows) of_rows("its steps take one row after the other, and only sums come from there"),
    bias = if (!isTRUE(home$traits$gives_bias)) of_rows("their leverages can't be had from there"),
    groups = "distinct rows are not collected over the parts",
    sample = if (share == 0) "a sample does not pay for so few rows",
    proof = if (is.null(home$search)) of_rows("they can't be asked what stands against a direction")
  )
}

new_far_fit <- function(solution, problem, source, call, singular.ok) {
  outline <- problem$outline
  schema <- problem$schema
  schema$structure <- NULL
  settings <- problem$settings
  fit <- new_estimates(solution, problem, singular.ok)
  structure(c(fit, new_report(solution, problem, fit$qr), list(
    pearson = solution$last$pearson, df.null = as.integer(outline$response$effective_rows - schema$intercept),
    nobs = outline$kept, na.action = attr(outline_frame(outline), "na.action"),
    na.counts = outline$missing[outline$missing > 0], call = call, formula = problem$model$formula,
    terms = schema$terms, control = settings[c("epsilon", "maxit", "trace")], contrasts = schema$contrasts,
    xlevels = schema$xlevels, schema = schema, remote = list(source = source, model = problem$model, outline = outline)
  )), class = c("glmpp_remote", "glmpp"))
}
