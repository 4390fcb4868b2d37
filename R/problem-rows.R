# The problem of rows in memory with one linear predictor each.

row_problem <- function(design, response, family, schema, settings) {
  core_family <- response$core_family
  design <- with_structure(design, settings)
  core <- open_problem_impl(list(kind = "rows", design = design, family = core_family, response = core_response(response),
                                 group = may_group(design, core_family)))
  weights <- response$weights
  offset <- response$offset
  facts <- list(rows = response$rows, mean = weighted_mean(response), mean_weight = if (is.null(weights)) 1 else mean(weights),
                mean_offset = if (!is.null(offset)) mean(offset), is_called_back = core_family$is_callback)
  problem <- new_problem(
    core, family, schema, settings, facts, function(name) row_lacks(name, design, response, family),
    design = design, response = response,
    request = function(settings) {
      steps <- step_family(settings$solver, core_family)
      if (!is.null(steps)) list(steps = steps)
    },
    meat = function(coefficients, cluster, object, leverage = NULL) {
      # The fit has the scores of its rows.
      weights <- .subset2(object, "weights")
      residuals <- .subset2(object, "residuals")
      if (is.null(cluster)) meat_of_scores(replace(design, "structure", "dense"), weights, residuals, leverage, NULL, settings$threads)
      else sums_of_groups(design, weights, residuals, cluster, settings$threads)
    },
    null_deviance_of = function(mean) common_deviance(response, family, settings, mean, core),
    null_problem = function(solution) null_rows(design, response, family, settings, solution),
    no_start = function() stop_no_start(family, max(abs(response$y)), extreme_columns(design)),
    extreme = function() extreme_columns(design),
    one_outcome = if (any_categorical(schema$variables)) function(settings) known_runaways(problem, settings),
    wants_pearson = !(if (is.null(known <- core_family$has_known_dispersion)) has_known_dispersion(family) else known)
  )
  problem
}

# The problem of a fit to rows in memory, opened again.
problem_of <- function(object, settings = plain_settings(settings_of(object)), structure = NULL) {
  frame <- recode_levels(fit_frame(object), object$schema, "error")
  design <- design_blocks(object$schema, frame)
  design$structure <- structure
  row_problem(design, quietly(read_response(frame, object$family, NULL, settings$threads)), object$family,
              object$schema, settings)
}

# A penalty keeps the estimate finite, and steps that are taken to the letter show where they lead.
known_runaways <- function(problem, settings) {
  if (is_penalised(settings) || takes_all_iterations(settings$solver)) return(NULL)
  cells <- one_outcome_cells(problem)
  if (!is.null(cells) && solver_facts(settings$solver)$is_rescued) cells$start <- start_at_limit(cells, problem)
  cells
}

# A problem of so many rows that only its passes are wanted of.
pass_problem <- function(design, response) {
  list(core = open_problem_impl(list(kind = "rows", design = design, family = response$core_family, response = core_response(response))))
}

core_response <- function(response) {
  list(y = as_core_column(response$y), weights = as_core_column(response$weights), offset = response$offset,
       start_eta = response$start_eta)
}

as_core_column <- function(values) {
  if (is.null(values)) NULL
  else if (is.double(values) || is.integer(values) || is.logical(values)) as.vector(values)
  else as.double(values)
}

is_sparse_design <- function(design) {
  for (block in design$blocks) if (block$kind == "sparse") return(TRUE)
  FALSE
}

may_group <- function(design, core_family) !core_family$is_callback && !is_sparse_design(design)

row_lacks <- function(name, design, response, family) {
  core_family <- response$core_family
  called_back <- if (core_family$is_callback) "families that only R knows see all rows at once"
  has_own_start <- !is.null(response$start_eta)
  switch(name,
    observed_information = if (core_family$is_callback) {
      of_family(family, "the observed information needs derivatives that only native families have")
    },
    bias = if (!can_reduce_bias(family, core_family)) {
      of_family(family, "the derivatives that the bias is made of are not known")
    },
    epochs = if (core_family$is_callback) of_family(family, called_back) else if (has_bounded_predictor_impl(core_family)) {
      of_family(family, "a step by one row leaves the range where the mean is valid for the others")
    },
    groups = called_back %||% if (is_sparse_design(design)) "a sparse design is not grouped"
             else if (!is.null(response$offset)) "rows with an offset of their own are not grouped"
             else if (has_own_start) "rows with a starting mean of their own are not grouped",
    sample = called_back %||% if (has_own_start) "rows have a starting mean of their own",
    bends = called_back
  )
}

of_family <- function(family, reason) sprintf("the %s family with the %s link: %s", family$family, family$link[1], reason)

# The intercept alone, or nothing, beside the offset.
null_rows <- function(design, response, family, settings, solution) {
  if (is.null(response$start_eta)) response$start_eta <- solution$eta
  schema <- list(columns = "(Intercept)", intercept = TRUE)
  list(problem = row_problem(intercept_design(response$rows), response, family, schema, plain_settings(settings)), held = integer())
}

weighted_mean <- function(response) {
  if (is.null(response$mean)) common_mean(response$y, response$weights) else response$mean
}

common_mean <- function(y, weights) {
  if (is.null(weights)) sum(y) / length(y) else sum(weights * y) / sum(weights)
}

# The deviance of one mean for all rows. Without an intercept a link that holds a number for each row gives a mean for each.
common_deviance <- function(response, family, settings, mean, core = pass_problem(intercept_design(response$rows), response)$core) {
  if (length(mean) > 1) return(sum(family$dev.resids(response$y, mean, full_weights(response))))
  if (isTRUE(response$is_bernoulli) && mean > 0 && mean < 1 && identical(mean, response$mean)) {
    return(-2 * response$rows * (mean * log(mean) + (1 - mean) * log1p(-mean)))
  }
  eta <- if (response$core_family$is_callback || response$rows < few_rows) NA else suppressWarnings(family$linkfun(mean))
  if (!is.finite(eta)) return(ask_core(core, numeric(), list(mean = mean, threads = settings$threads))$deviance)
  problem <- pass_problem(intercept_design(response$rows), replace(response, c("offset", "start_eta"), list(NULL)))
  ask_core(problem$core, eta, list(need = character(), threads = settings$threads))$deviance
}

# So many are gone through sooner than a pass over them is opened.
few_rows <- 10000

# Columns whose squares overflow or vanish: their positions, with the largest absolute value.
extreme_columns <- function(design) {
  sizes <- numeric(design$coefficients)
  for (block in design$blocks) {
    if (block$kind != "dense") next
    for (k in which(diff(block$start) == 1)) {
      entry <- block$start[k] + 1L
      if (block$variable[entry] == 0) next
      values <- design$variables[[block$variable[entry]]]
      rows <- seq_len(design$rows) + (block$column[entry] - 1L) * design$rows
      sizes[block$position[k]] <- max(abs(as.vector(unclass(values))[rows]))
    }
  }
  found <- which(sizes > 1e150 | sizes > 0 & sizes < 1e-150)
  structure(found, size = sizes[found])
}
