# A problem: the data, the model, and what a fit may know of them, wherever the rows are. Rows in memory, homes of data
# (R/far.R) and categories each make one: row_problem(), far_problem(), category_problem(). It stays open: one
# design, many fits. Everything is fitted and evaluated by fit_problem() and evaluate_problem(); the native fit and the
# native pass are called in this file only. A problem is a list of
#
#   core       the native problem (src/open_problem.h)
#   family, schema (of which `columns` and `intercept` are read), settings
#   names      of the coefficients, in the core's order
#   facts      what is known of all rows: `rows`, `mean` (the common mean of the response), `mean_weight`, `mean_offset`
#              (NULL without an offset), `is_called_back`, whether the family is one that only R knows
#   lacks(name)   NULL, or a sentence: why the home or the model has not what a solver, or a stage of a fit, would use
#              ("observed_information", "epochs"; "groups", "sample", "bends", "second_try", "proof", "sandwich", "profile")
#   start      NULL, or coefficients to start from where no start is given and the starting means can't be had
#   anchor     coefficients of the common mean, NULL where it has no linear predictor (`middle`)
#   one_outcome(settings)      NULL where there are no levels; gives NULL, or what is known of levels with one outcome before the first
#              pass, see R/one-outcome.R; with a `start` where the solver may choose its own
#   wants_pearson   whether a fit sums up Pearson's statistic, for the dispersion
#   request(settings)          for solvers that make stochastic steps: list(steps, epochs, close), NULL for others
#   penalty(settings)          what the core is told of the penalty
#   meat(coefficients, cluster, object, leverage)   of the sandwich: the sum of x x' r^2, r the residuals of the score, or with
#              `cluster`, a formula (from afar) or a code for each row, the sums of x r by cluster, a row each; `object` is the fit whose
#              data the cluster is evaluated in
#   null_deviance_of(mean)     the deviance of one mean for all rows
#   null_problem(solution)     list(problem, held): the intercept alone, beside an offset
#   no_start(solution)         stops where there is no valid start
#   extreme()                  columns of extreme size
#   rows()                     those of the separation proof, see R/separation.R; NULL where they can't be asked

# `is_guess`: `start` is one of ours, which a sample of the rows may better.
fit_problem <- function(problem, start = NULL, held = integer(), settings = problem$settings, rows = TRUE, weights = NULL, tick = NULL,
                        is_guess = FALSE) {
  if (is_bordered_design(problem$design)) problem <- with_all_elements(problem, settings)
  solver <- settings$solver
  # Of those that make stochastic steps.
  request <- if (length(solver_facts(solver)$needs)) problem$request(settings)
  if (!is.null(request$close)) on.exit(request$close())
  penalty <- settings$penalty
  separable <- if (!is.null(penalty) && is_separable(penalty)) separable_request(problem, settings)
  solution <- fit_impl(problem$core, list(
    start = list(coefficients = if (!is.null(start)) as_start(start), is_guess = is_guess, anchor = problem$anchor,
                 middle = problem$middle),
    control = core_control(settings, problem$facts$mean_weight, !rows && isTRUE(settings$only_deviance)),
    solver = if (is.null(request$steps)) solver else c(solver, request$steps),
    penalty = if (!is.null(penalty) && is.null(separable)) problem$penalty(settings), separable = separable, held = held,
    trace = settings$trace, progress = if (!is.null(tick)) list(tick = tick, patience = progress_patience()), threads = settings$threads,
    rows = rows, pearson = problem$wants_pearson, weights = weights,
    sample = (is.null(start) || is_guess) && is.null(problem$lacks("sample")), epochs = request$epochs
  ))
  # What the home said of the point that was reached.
  if (!is.null(problem$passes)) solution$last <- problem$passes$last
  solution
}

# Nothing can be asked of it afterwards. Others are collected with what they borrow, the columns of the data, one collection late.
close_problem <- function(problem) close_problem_impl(problem$core)

# One pass. `need`: names of sum_fields(), "factor" for the factor of the information, or "step" for that of Fisher scoring.
evaluate_problem <- function(problem, coefficients, need = character(), ..., settings = problem$settings) {
  if (any(c("information", "observed_information") %in% need) && is_bordered_design(problem$design)) {
    check_memory(4 * 8 * as.double(length(problem$names))^2, "the information between all coefficients", i = large_fit_advice)
  }
  ask_core(problem$core, coefficients,
           list(need = need, threads = settings$threads, control = core_control(settings, problem$facts$mean_weight), ...))
}

# The same of an open native problem alone, such as that of a part of the rows; `question` as src/export_problem.cpp has it.
ask_core <- function(core, coefficients, question) evaluate_impl(core, as.double(coefficients), question)

# The sum of the prior weights.
total_weight <- function(problem) problem$facts$rows * problem$facts$mean_weight

# What is read most stands first: R looks for an element from the first on.
new_problem <- function(core, family, schema, settings, facts, lacks, ..., names = schema$columns, passes = NULL,
                        one_outcome = NULL, wants_pearson = !has_known_dispersion(family),
                        penalty = function(settings) core_penalty(settings$penalty, length(schema$columns), schema$intercept)) {
  middle <- middle_predictor(facts, family)
  list(settings = settings, schema = schema, passes = passes, family = family, parameter = NULL, facts = facts, core = core,
       one_outcome = one_outcome, wants_pearson = wants_pearson, start = NULL, middle = middle,
       anchor = anchor_coefficients(middle, schema, facts$mean_offset),
       lacks = lacks, ..., names = names, penalty = penalty)
}

# The linear predictor of the common mean, NA where the link has none.
middle_predictor <- function(facts, family) {
  mean <- facts$mean
  if (is.null(mean)) return(NA_real_)
  eta <- if (!facts$is_called_back && is_inside_link(mean, family$link)) family$linkfun(mean)
         else tryCatch(suppressWarnings(family$linkfun(mean)), error = function(e) NA_real_)[1]
  if (is.finite(eta)) as.double(eta) else NA_real_
}

# Where every link of the core has a linear predictor, without a warning or an error.
is_inside_link <- function(mean, link) {
  if (length(mean) != 1L || !is.finite(mean)) return(FALSE)
  mean > 0 && mean < 1 || any(link == "identity", mean > 0 && any(link == c("log", "inverse", "sqrt", "1/mu^2")))
}

# The common mean as coefficients, or what all rows have without an intercept: where a first step that leaves the
# valid region falls back to.
anchor_coefficients <- function(middle, schema, mean_offset) {
  count <- length(schema$columns)
  if (!count) return(NULL)
  if (!schema$intercept) return(numeric(count))
  if (!is.na(middle)) c(if (is.null(mean_offset)) middle else middle - mean_offset, numeric(count - 1))
}

as_start <- function(start) {
  if (!is.null(start)) as.double(replace(start, is.na(start), 0))
}

# ---- What a solver needs, and what a problem lacks ----

solver_facts <- function(solver) {
  facts <- .subset2(solver, "facts")
  if (is.null(facts)) .subset2(known_solvers(), solver$name) else facts
}

known_solvers <- function() reference_cache$solvers %||% cached("solvers", known_solvers_impl)

# Before any long work.
check_needs <- function(solver, lacks, penalty = NULL) {
  needs <- solver_facts(solver)$needs
  if (!is.null(penalty) && is_separable(penalty) && !"separable_penalty" %in% needs) {
    stop_glmpp("solver", sprintf("%s() can't fit with %s: it needs a penalty that is smooth.", solver$name, format(penalty)),
               i = "Leave `solver` out: such penalties have a solver of their own.")
  }
  for (need in needs) {
    reason <- lacks(need)
    if (is.null(reason)) next
    serving <- vapply(known_solvers(), function(other) !length(other$needs), NA)
    stop_glmpp("solver", sprintf("%s() can't fit %s.", solver$name, reason),
               i = sprintf("Use %s.", comma(sprintf("%s()", names(which(serving))))))
  }
}

# What a fit can have, with the reason where it has not: "yes" or a sentence, one for each stage of a fit.
facilities <- function(problem, settings = problem$settings) {
  facts <- solver_facts(settings$solver)
  said <- function(name, by_solver = NULL, by_penalty = NULL) {
    reasons <- c(problem$lacks(name), by_solver, if (!is.null(settings$penalty)) by_penalty)
    if (length(reasons)) reasons[[1]] else "yes"
  }
  to_the_letter <- if (takes_all_iterations(settings$solver)) "steps are taken to the letter"
  c(groups = said("groups", if (!facts$uses_groups) "steps are taken row by row"),
    sample = said("sample", if (!facts$starts_from_sample) "first-order methods start at zero, so that their path can be looked at"),
    rescue = said("bends", if (!facts$is_rescued) "first-order methods are left where they stop"),
    second_try = said("second_try", if (!facts$is_rescued) "first-order methods are left where they stop",
                      "a penalised fit may lie above the common mean"),
    aliased = "yes",
    separation = said("proof", to_the_letter, "a penalised estimate exists whatever separates"),
    sandwich = said("sandwich"),
    profile = said("profile", NULL, "a penalised fit has no likelihood to profile"))
}
