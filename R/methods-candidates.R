# drop1(), add1() and anova() of one fit: the tables are those of stats, whose methods ask for the fit of some columns of the
# design, one model after the other. Here each such model is the open problem of the fit with the other columns held at zero: no
# design matrix is made, and every fit starts next to its end.

#' Terms that may go or come
#'
#' [drop1()][stats::drop1], [add1()][stats::add1] and, through them, [step()][stats::step]: the tables of \pkg{stats}, with each
#' smaller or larger model fitted by held columns of one open problem.
#'
#' @param object A fit by [glmpp()] to a data frame.
#' @param scope,scale,k,x As in [stats::drop1()] and [stats::add1()].
#' @param test `"none"`, `"LRT"` (or `"Chisq"`), `"F"`, or `"Rao"`: the score test, score' I^-1 score with the expected information I
#'   of the larger model at the estimate of the smaller one, over the dispersion; one pass more.
#' @param refit FALSE, for `add1()` with `test = "Rao"`: no larger model is fitted, so that all candidates together take one pass; the
#'   table has their score tests alone. For the screening of many.
#' @param vcov For `drop1()`: the table has a Wald test for each term, by this covariance of the coefficients (as in [vcov.glmpp()],
#'   section "In other verbs"), and no model is fitted; see [wald_tests].
#' @param ... `trace`, which [step()][stats::step] hands on; nothing else.
#' @returns A table of class `anova`, as from \pkg{stats}. Where those of `glm()` differ from it, that is by the score test of a model
#'   without an intercept (`drop1()`), or with an offset (`add1()`), whose working residuals \pkg{stats} centres, or shifts by the
#'   offset.
#' @section Conditions:
#' An error of class `glmpp_error_penalty` for penalised and bias-reduced fits; but `drop1()` tests the terms of the latter by their
#' penalised likelihood where they have one, see [firth()].
#' @references Rao, C. R. (1948) Large sample tests of statistical hypotheses concerning several parameters with applications to problems of
#'   estimation, *Proceedings of the Cambridge Philosophical Society* 44, 50-57.
#' @examples
#' fit <- glmpp(breaks ~ wool + tension, poisson, warpbreaks)
#' drop1(fit, test = "Rao")
#' drop1(fit, vcov = "HC3")
#' add1(fit, ~ . + wool:tension, test = "Rao", refit = FALSE)
#' @name glmpp_candidates
NULL

#' @rdname glmpp_candidates
#' @export
drop1.glmpp <- function(object, scope, scale = 0, test = c("none", "Rao", "LRT", "Chisq", "F"), k = 2, vcov = NULL, ...) {
  refuse_unknown(substitute(list(...)), "drop1", drop1.glmpp, "trace")
  if (!is.null(vcov)) {
    refuse_with("vcov", c(scale = !missing(scale), k = !missing(k)))
    return(wald_drops(object, scope, if (missing(test)) NULL else test, vcov))
  }
  test <- match.arg(test)
  if (has_penalised_likelihood(object)) {
    refuse_with("bias_reduction", c(scale = !missing(scale), k = !missing(k)))
    return(penalised_drops(object, scope, test))
  }
  refuse_unpenalised_models(object, "drop1()")
  if (has_joint_errors(object)) return(by_refits("drop1", object, scope, test, k, ...))
  if (!has_candidates(object)) return(NextMethod())
  models <- open_candidates(problem_of(object, candidate_settings(object)), object, object$schema$assign, "Terms left out")
  on.exit(models$done())
  over_models(of_stats("drop1"), models)(object, scope, scale, test, k, ...)
}

#' @rdname glmpp_candidates
#' @export
add1.glmpp <- function(object, scope, scale = 0, test = c("none", "Rao", "LRT", "Chisq", "F"), x = NULL, k = 2, refit = TRUE, ...) {
  refuse_unknown(substitute(list(...)), "add1", add1.glmpp, "trace")
  refuse_unpenalised_models(object, "add1()")
  test <- match.arg(test)
  check_flag(refit, "refit")
  if (!refit) {
    refuse_with("refit = FALSE", c(x = !is.null(x), k = !missing(k)))
    return(screened_additions(object, scope, scale, test))
  }
  if (has_joint_errors(object)) return(by_refits("add1", object, scope, test, k, ...))
  if (missing(scope) || !is.null(x) || !has_candidates(object)) return(NextMethod())
  if (!is.character(scope)) scope <- stats::add.scope(object, stats::update.formula(object, scope))
  larger <- if (length(scope)) larger_problem(object, scope)
  # stats' method says what is wrong with the scope, and takes the rows that all terms have.
  if (is.null(larger)) return(NextMethod())
  models <- open_candidates(larger, object, larger$schema$assign, "Terms added")
  on.exit(models$done())
  over_models(of_stats("add1"), models)(object, scope, scale, test, models$columns, k, ...)
}

# Tables at a fixed value of a parameter that is not orthogonal to the coefficients would claim too much: each model is fitted with its own.
by_refits <- function(verb, object, scope, test, k, ...) {
  if (!test %in% c("none", "LRT", "Chisq")) {
    stop_glmpp("argument", sprintf("%s() of such a fit has the tests \"none\" and \"Chisq\".", verb), x = sprintf("`test` is \"%s\".", test))
  }
  test <- if (test == "none") "none" else "Chisq"
  method <- utils::getS3method(verb, "default", envir = asNamespace("stats"))
  if (missing(scope)) method(object, test = test, k = k, ...) else method(object, scope, test = test, k = k, ...)
}

# anova() of one fit: terms added one after the other.
sequential_table <- function(object, dispersion, ...) {
  models <- open_candidates(problem_of(object, candidate_settings(object)), object, object$schema$assign, "Terms added in turn")
  on.exit(models$done())
  object$x <- models$columns
  object$method <- models$fit
  over_models(of_stats("anova"), models)(object, dispersion = dispersion, ...)
}

# What a penalised fit and an unpenalised one without a term differ by is not what the term is worth.
refuse_unpenalised_models <- function(object, what) {
  if (!is_penalised_fit(object)) return(invisible())
  is <- if (!is.null(.subset2(object, "bias_reduction"))) "bias reduced" else if (is_constrained_fit(object)) "constrained" else "penalised"
  stop_glmpp("penalty", sprintf("%s compares maximum likelihood fits; this one is %s.", what, is),
             i = "Fit it without `penalty`, `bias_reduction` and `constraints`, or compare penalised fits by their predictions of other rows.")
}

# A family may report another deviance than it minimises.
has_candidates <- function(object) {
  if (is_left_out(object, "model")) stop_left_out("model")
  length(.subset2(object, "coefficients")) > 0 && !is_quasi(object$family)
}

# Of a deviance no digit is lost by a step that is shorter than this.
candidate_tolerance <- 1e-6

candidate_settings <- function(object) {
  settings <- plain_settings(settings_of(object))
  settings$step_tolerance <- max(settings$step_tolerance, candidate_tolerance)
  settings$only_deviance <- TRUE
  settings
}

# A method for a plain glm, which finds in `models` what it calls glm.fit() and model.matrix(), and so do the functions of its
# package that it calls by the names `callees`. Of a summary they read the dispersion.
over_models <- function(method, models, callees = character()) {
  around <- environment(method)
  of_models <- list(glm.fit = models$fit, model.matrix = function(object, ...) models$columns,
                    summary = function(object, dispersion = NULL, ...) list(dispersion = summary_dispersion(object, dispersion)))
  inside <- list2env(of_models, parent = around)
  for (name in callees) {
    callee <- get0(name, around, mode = "function")
    if (is.null(callee)) next
    environment(callee) <- inside
    assign(name, callee, envir = inside)
  }
  environment(method) <- inside
  method
}

of_stats <- function(generic) utils::getS3method(generic, "glm", envir = asNamespace("stats"))

# `columns`: what stands for the design matrix; `fit`: what stands for glm.fit(); `done` ends the bar, of which `title` stands above.
# A fit's `residuals` stand for the point that it reached: whoever regresses them on columns asks for the score test of these.
open_candidates <- function(problem, object, assign, title) {
  progress <- patient_progress(title, max(assign, 1))
  fitted <- 0
  last <- NULL
  names <- problem$names
  known <- known_coefficients(object)
  places <- if (identical(names(known), names)) seq_along(names) else match(names(known), names, 0L)
  from <- replace(numeric(length(names)), places, known[places > 0])
  estimable <- sort(places[places > 0 & !is.na(object$coefficients)])
  covariance <- if (length(estimable) <= most_projected) unscaled_covariance(object)
  fit <- function(x, y, ...) {
    chosen <- unclass(x)$chosen
    if (inherits(y, "glmpp_score_point")) return(list(null.deviance = score_statistic(y$ask(), chosen)$statistic, deviance = 0))
    held <- which(replace(rep.int(TRUE, length(names)), chosen, FALSE))
    # Of terms added in turn the last model is the closest.
    is_next <- length(last$chosen) > 0 && all(last$chosen %in% chosen)
    start <- if (is_next) last$coefficients else candidate_start(from, covariance, estimable, held)
    solution <- solve_candidate(problem, start, held)
    last <<- if (isTRUE(solution$converged) && length(solution$coefficients)) list(chosen = chosen, coefficients = solution$coefficients)
    rank <- length(solution$estimable)
    progress$tick(min(fitted <<- fitted + 1, max(assign, 1)))
    list(rank = rank, deviance = solution$deviance, df.residual = as.integer(object$df.residual + object$rank - rank),
         residuals = score_point(problem, solution))
  }
  columns <- structure(list(chosen = seq_along(names), rows = problem$facts$rows), assign = assign, class = "glmpp_columns")
  list(fit = fit, columns = columns, done = progress$done)
}

# Of so many coefficients the others' move is found faster than by a pass.
most_projected <- 300

# Where the estimate would go, by its covariances, if the held coefficients were zero.
candidate_start <- function(from, covariance, estimable, held) {
  start <- replace(from, held, 0)
  if (is.null(covariance)) return(start)
  gone <- match(intersect(held, estimable), estimable)
  if (!length(gone) || length(gone) == length(estimable)) return(start)
  lost <- from[estimable[gone]]
  move <- tryCatch(covariance[, gone, drop = FALSE] %*% solve(covariance[gone, gone, drop = FALSE], lost), error = function(e) 0)
  moved <- replace(from, estimable, from[estimable] - as.vector(move))
  if (all(is.finite(moved))) replace(moved, held, 0) else start
}

solve_candidate <- function(problem, start, held) {
  if (length(held) == length(problem$names)) {
    return(list(deviance = evaluate_problem(problem, numeric(length(held)))$deviance, estimable = integer()))
  }
  solution <- tryCatch(fit_problem(problem, start, held, rows = FALSE), glmpp_error_start = function(e) NULL)
  if (!isTRUE(solution$converged)) solution <- solve_problem(problem, held = held)
  if (!solution$converged) {
    warn_glmpp("convergence", sprintf("algorithm did not converge for the model without %s.", comma(problem$names[held])),
               x = stop_reasons[[solution$reason]])
  }
  solution
}

# The problem of the fit with the terms of `scope` besides; NULL where they have missing values in rows of the fit.
larger_problem <- function(object, scope) {
  call <- call_of_data(object)
  call$formula <- stats::update.formula(object, stats::as.formula(paste("~ . +", paste(scope, collapse = "+"))))
  settings <- candidate_settings(object)
  where <- environment(stats::formula(object))
  frame <- tryCatch(quietly(read_frame(call, where, settings$threads, call$formula)), error = function(e) NULL)
  if (is.null(frame) || !identical(attr(frame, "row.names"), attr(fit_frame(object), "row.names"))) return(NULL)
  own <- fit_frame(object)
  place <- attr(attr(frame, "terms"), "response")
  if (!is.null(.subset2(object, "call_of_data"))) {
    frame[[place]] <- own[[attr(attr(own, "terms"), "response")]]
    frame[["(weights)"]] <- own[["(weights)"]]
  }
  if (!has_response_of_fit(object, frame[[place]])) {
    stop_glmpp("rows", "The data have changed since the fit: the response is another.", i = "Fit the data as they are now.")
  }
  schema <- tryCatch(new_schema(frame, object$contrasts), error = function(e) NULL)
  if (is.null(schema)) return(NULL)
  response <- quietly(read_response(frame, object$family, NULL, settings$threads))
  row_problem(design_blocks(schema, frame), response, object$family, schema, settings)
}

#' @export
dim.glmpp_columns <- function(x) {
  columns <- unclass(x)
  c(columns$rows, length(columns$chosen))
}

#' @export
`[.glmpp_columns` <- function(x, i, j, drop = FALSE) {
  columns <- unclass(x)
  columns$chosen <- columns$chosen[j]
  structure(columns, class = "glmpp_columns")
}
