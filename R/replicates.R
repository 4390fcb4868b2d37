# Many fits of one open problem whose rows have other weights in each: what bootstrap() and cv_deviance() repeat. The native
# entry is called in this file only.

# `units`: list(kind, count, seed, folds, unit), as src/export_replicates.cpp has them; `unit`, of each row from 1, or NULL.
# A function of the numbers of the first replicate and of how many there are, or of the weights `given` to the units in one.
open_replicates <- function(object, units, threads) {
  settings <- replicate_settings(object, threads)
  problem <- problem_with_rows(object, settings)
  request <- list(
    kind = units$kind, units = units$count, seed = units$seed, folds = units$folds, unit = units$unit,
    weights = as_weights_of_rows(problem$response), start = list(coefficients = core_coefficients(object, problem), is_guess = FALSE,
                                                                 anchor = problem$anchor, middle = problem$middle),
    control = core_control(settings, problem$facts$mean_weight), solver = settings$solver, penalty = problem$penalty(settings), held = NULL,
    threads = settings$threads
  )
  function(first, count, given = NULL) {
    found <- fit_replicates_impl(problem$core, c(request, list(first = first - 1, count = count, given = given)))
    found$coefficients <- in_order_of_vcov(found$coefficients, object, problem)
    found
  }
}

# The last step, which costs no pass, leaves less than its square. Where the expected information is not the observed one it contracts
# at a fixed rate until the observed one takes its place.
replicate_settings <- function(object, threads) {
  settings <- refit_settings(object, threads)
  is_newton <- has_categories(object$family) || is_canonical(object$family)
  settings$epsilon <- max(settings$epsilon, 1e-4)
  settings$step_tolerance <- max(settings$step_tolerance, if (is_newton) 1e-3 else 1e-5)
  settings$last_step <- settings$step_tolerance
  settings
}

problem_with_rows <- function(object, settings) {
  if (!inherits(object, "glmpp_categories")) return(problem_of(object, settings))
  frame <- model.frame(object)
  response <- read_categories(frame, object$family, settings$threads)
  design <- design_blocks(object$schema, frame)
  settings$is_auto <- TRUE
  category_problem(design, response, object$schema, category_settings(settings, design, response))
}

# Counts of successes and failures, or of classes, are weighted as they are.
as_weights_of_rows <- function(response) if (is.null(response$weights)) NULL else as.double(response$weights)

core_coefficients <- function(object, problem) {
  if (!inherits(object, "glmpp_categories")) return(as_start(object$coefficients))
  estimates <- estimate_table(object)[, 1]
  as_start(unname(replace(numeric(length(estimates)), estimate_order(problem$response, length(estimates)), estimates)))
}

in_order_of_vcov <- function(coefficients, object, problem) {
  if (!inherits(object, "glmpp_categories")) return(coefficients)
  coefficients[estimate_order(problem$response, nrow(coefficients)), , drop = FALSE]
}

# In pieces that a bar and an interrupt can come between.
run_replicates <- function(replicates, count, title, keep) {
  progress <- patient_progress(title, count)
  on.exit(progress$done())
  piece <- 50
  for (first in seq(1, count, by = piece)) {
    these <- seq(first, min(first + piece - 1, count))
    keep(these, replicates(first, length(these)))
    progress$tick(max(these))
  }
}

# A whole number that starts a stream of random ones; NULL takes it from the session's generator.
seed_number <- function(seed) {
  if (is.null(seed)) return(sample.int(.Machine$integer.max, 1))
  check_count(seed, "seed")
  seed
}

# Fits whose rows can be fitted again.
check_replicable <- function(object, what) {
  if (inherits(object, "glmpp_remote")) {
    stop_glmpp("rows", sprintf("%s fits the rows again and again, and needs them in memory.", what), x = "This fit is from afar.",
               i = "Robust standard errors come from there by one pass: `vcov(fit, type = \"HC1\")`, clustered with `cluster = ~ id`.")
  }
  if (!inherits(object, c("glmpp", "glmpp_categories"))) {
    stop_glmpp("argument", "`object` must be a fit by glmpp().", x = sprintf("It is %s.", describe_type(object)))
  }
  if (is_left_out(object, "model")) stop_left_out("model")
  if (!inherits(object, "glmpp_categories")) refuse_joint_errors(object, what)
  else if (isTRUE(object$baseline == 0)) {
    stop_glmpp("categories", sprintf("%s needs a multinomial fit with a baseline: of the symmetric one no data fix the sums.", what),
               i = "Fit it by `multinomial()` with a baseline class.")
  }
  if (all(is.na(named_estimates(object)))) {
    stop_glmpp("argument", sprintf("%s needs a fit with coefficients.", what))
  }
}
