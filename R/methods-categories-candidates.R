# drop1(), add1() and anova() of one fit of categories: each model is the open problem of the largest of them with columns held at zero in
# every class, and starts next to its end.

#' Terms that may go or come, of a fit of categories
#'
#' [drop1()][stats::drop1], [add1()][stats::add1] and, through them, [step()][stats::step], for fits by the families [multinomial()] and
#' [ordinal()]. The tables are those of fits of each model to the same rows; no model is read again.
#'
#' @param object A fit by [glmpp()] with the family [multinomial()] or [ordinal()], without a penalty.
#' @param scope,k As in [stats::drop1()] and [stats::add1()].
#' @param scale 0: there is no dispersion.
#' @param test `"Chisq"` (or `"LRT"`), the test of the likelihood ratio, or `"none"`.
#' @param vcov For `drop1()`: Wald tests by this covariance, as [vcov()][vcov.glmpp_categories] and its like have it, see [wald_tests]; no
#'   model is fitted.
#' @param ... `trace`, which [step()][stats::step] hands on; nothing else.
#' @returns A table of class `anova`: degrees of freedom, deviance and AIC, and with `test` the likelihood ratio and its p value. Where terms
#'   that `add1()` may take have missing values in rows of the fit, all models are fitted to the rows that remain, with a warning
#'   of class `glmpp_warning_rows`.
#' @section Conditions:
#' Errors of class `glmpp_error_argument` for a `scope` that is none, `glmpp_error_penalty` for a penalised fit, and
#' `glmpp_error_left_out` for one by `keep = "rows"` or `"summary"`. A warning of class `glmpp_warning_convergence` where a smaller
#' or larger model did not converge.
#' @examples
#' fit <- glmpp(Species ~ Sepal.Width + Sepal.Length, multinomial(), iris)
#' drop1(fit, test = "Chisq")
#' add1(fit, ~ . + Sepal.Width:Sepal.Length, test = "Chisq")
#' step(fit, trace = 0)
#' @export
drop1.glmpp_categories <- function(object, scope, scale = 0, test = c("none", "Chisq", "LRT"), k = 2, vcov = NULL, ...) {
  refuse_unknown(substitute(list(...)), "drop1", drop1.glmpp_categories, "trace")
  if (!is.null(vcov)) return(wald_drops(object, scope, if (missing(test)) NULL else test, vcov))
  test <- check_category_test(object, "drop1()", scale, test)
  scope <- terms_to_drop(object, if (!missing(scope)) scope)
  models <- open_category_models(object, fit_frame(object), "Terms left out", length(scope))
  on.exit(models$done())
  found <- lapply(scope, function(term) models$of(update_terms(object, "-", term)))
  category_terms_table(object, c(list(object[c("rank", "deviance")]), found), scope, test, k, "Single term deletions", 1)
}

#' @rdname drop1.glmpp_categories
#' @export
add1.glmpp_categories <- function(object, scope, scale = 0, test = c("none", "Chisq", "LRT"), k = 2, ...) {
  refuse_unknown(substitute(list(...)), "add1", add1.glmpp_categories, "trace")
  test <- check_category_test(object, "add1()", scale, test)
  scope <- terms_to_add(object, if (!missing(scope)) scope)
  frame <- larger_frame(object, scope)
  models <- open_category_models(object, frame, "Terms added", length(scope) + 1)
  on.exit(models$done())
  formulas <- c(list(stats::formula(object)), lapply(scope, function(term) update_terms(object, "+", term)))
  category_terms_table(object, lapply(formulas, models$of), scope, test, k, "Single term additions", -1)
}

check_category_test <- function(object, what, scale, test) {
  refuse_unpenalised_models(object, what)
  if (!identical(as.double(scale), 0)) {
    stop_glmpp("argument", "`scale` must be 0 for a fit of categories: it has no dispersion.", x = sprintf("It is %s.", value_text(scale)))
  }
  check_choice(test, c("none", "Chisq", "LRT"), "test")
}

# The frame of the fit with the terms of `scope` besides, in the rows that have them all.
larger_frame <- function(object, scope) {
  known <- nrow(fit_frame(object))
  call <- object$call
  call$formula <- update_terms(object, "+", paste(scope, collapse = " + "))
  frame <- read_frame(call, environment(stats::formula(object)), object$solver$threads, call$formula)
  if (nrow(frame) < known) {
    warn_glmpp("rows", sprintf("using the %d/%d rows from a combined fit", nrow(frame), known),
               x = "In the others, terms of `scope` have missing values.")
  }
  frame
}

# What fits models whose variables are all in `frame`, `count` of them: of(formula), and without(columns), by their numbers in the
# schema of the frame. Each is a list of rank and deviance.
open_category_models <- function(object, frame, title, count) {
  problem <- open_category_candidates(object, frame)
  progress <- patient_progress(title, max(count, 1))
  fitted <- 0
  said <- function(solution, response, schema) {
    progress$tick(min(fitted <<- fitted + 1, count))
    list(rank = rank_of_solution(solution, response, schema), deviance = solution$deviance)
  }
  without <- function(columns) said(solve_category_candidate(problem, columns), problem$response, problem$schema)
  of <- function(formula) {
    own <- narrower_frame(frame, formula)
    schema <- quietly(category_schema(own, object$contrasts, object$family))
    kept <- match(column_keys(schema), column_keys(problem$schema))
    if (!anyNA(kept)) return(without(setdiff(seq_along(problem$schema$columns), kept)))
    # A factor is coded otherwise where a margin of its term, or the intercept, is not there.
    own <- category_candidate_problem(own, schema, problem$response, object)
    said(solve_candidate(own, own$start, integer()), own$response, schema)
  }
  list(of = of, without = without, schema = problem$schema, done = progress$done)
}

# The problem of all columns, with what is known of its coefficients by the fit: `from`, NULL where its classes are others.
open_category_candidates <- function(object, frame) {
  response <- quietly(read_categories(frame, object$family, object$solver$threads))
  warn_empty_classes(setdiff(object$classes, response$classes), names(frame)[1])
  schema <- quietly(category_schema(frame, object$contrasts, object$family))
  problem <- category_candidate_problem(frame, schema, response, object)
  if (!identical(response$classes, object$classes)) return(problem)
  names <- core_names(object, object$schema$columns)
  values <- if (is_ordinal(object$family)) c(object$thresholds, object$coefficients) else as.vector(t(object$coefficients))
  known <- names %in% problem$names & !is.na(values)
  problem$from <- replace(numeric(length(problem$names)), match(names[known], problem$names), values[known])
  problem$known <- match(names[known], problem$names)
  if (sum(known) <= most_projected) problem$covariance <- object$covariance[names[known], names[known], drop = FALSE]
  problem
}

category_candidate_problem <- function(frame, schema, response, object) {
  design <- design_blocks(schema, frame)
  settings <- category_settings(silent_settings(object), design, response)
  settings$step_tolerance <- max(settings$step_tolerance, candidate_tolerance)
  problem <- category_problem(design, response, schema, settings)
  problem$start <- core_start(category_start(NULL, design, response, schema))
  problem
}

solve_category_candidate <- function(problem, columns) {
  held <- which(columns_of_core(problem$response, problem$schema) %in% columns)
  start <- if (is.null(problem$from)) replace(problem$start, held, 0)
           else candidate_start(problem$from, problem$covariance, problem$known, held)
  solve_candidate(problem, start, held)
}

# The column that each coefficient of the core belongs to, 0 for thresholds.
columns_of_core <- function(response, schema) {
  columns <- seq_along(schema$columns)
  if (is_ordinal(response$family)) c(integer(length(response$classes) - 1), columns) else rep(columns, length(free_classes(response)))
}

# See estimate_count().
rank_of_solution <- function(solution, response, schema) {
  if (is_ordinal(response$family)) return(length(solution$estimable))
  length(unique(columns_of_core(response, schema)[solution$estimable])) * (length(response$classes) - 1L)
}

# Columns of one name differ where their factors are coded by all levels in one of them and by contrasts in the other.
column_keys <- function(schema) {
  codings <- c("", vapply(schema$layout, function(term) paste(as.integer(term$full), collapse = ""), ""))
  paste(schema$columns, codings[schema$assign + 1])
}

# Of the frame of a larger model, what a formula with some of its variables takes.
narrower_frame <- function(frame, formula) {
  all <- attr(frame, "terms")
  terms <- stats::terms(formula)
  written <- function(terms) vapply(as.list(attr(terms, "variables"))[-1], deparse1, "")
  places <- match(written(terms), written(all))
  extras <- setdiff(seq_along(frame), seq_along(written(all)))
  attr(terms, "predvars") <- as.call(c(list(quote(list)), as.list(attr(all, "predvars"))[places + 1]))
  attr(terms, "dataClasses") <- attr(all, "dataClasses")[c(places, extras)]
  structure(frame[c(places, extras)], terms = terms)
}

category_terms_table <- function(object, models, scope, test, k, heading, sign) {
  rank <- vapply(models, function(model) as.double(model$rank), 0)
  deviance <- vapply(models, `[[`, 0, "deviance")
  candidates_table(object, rank, deviance, deviance + k * rank, scope, heading, sign,
                   if (test != "none") list(LRT = sign * (deviance[-1] - deviance[1])))
}
