#' Control a fit
#'
#' @param epsilon Convergence: the deviance has settled when `|dev - dev_old| / (|dev| + 0.1) < epsilon`.
#' @param maxit Most iterations of Fisher scoring. Where 10 or more of them reach no optimum, a barrier and
#'   Newton's method, which are slower and surer, may take four times as many for each barrier height. A fit by [lasso()] or
#'   [group_lasso()] may take four times as many steps. Of many columns, steps by the information of an earlier point count too; they
#'   use up no more than half.
#' @param trace `TRUE` keeps a line for each iteration as the fit's component `trace`; `"print"` prints the deviances too,
#'   as they come; `"coefficients"` keeps the coefficients too; both may be given. See section "Trace".
#' @param step_tolerance Once the deviance has settled, iterations go on until the next step is smaller
#'   than this many standard errors (or rounding stops it from shrinking), so that the
#'   coefficients and their standard errors have converged too.
#' @param halvings Most times that one step is halved, while the deviance is not finite or rises, or the
#'   linear predictor or the mean leave their valid region.
#' @param rank_tolerance A column is aliased when its norm, given the columns before it, is less than this
#'   share of its norm. `glm()` takes `min(1e-7, epsilon / 1000)`; here it is not let below 1e-11, where
#'   rounding would decide.
#' @param threads Number of threads; see [glmpp()].
#' @returns A list with these components.
#'
#' @section Trace:
#' With `trace = TRUE` the fit has a component `trace`, a data frame of class `glmpp_trace` with a row for the start and one for each
#' iteration that was accepted:
#' * `iteration`, from 0, the start;
#' * `deviance` there, with the penalty's part where there is a penalty;
#' * `gradient_max_norm`, the largest absolute derivative of the log-likelihood (with dispersion 1) by a coefficient; NA where a fit starts
#'   from means rather than coefficients; of a fit by [lasso()] the largest violation of its optimality conditions;
#' * `step_length`, the share of the proposed step that was taken: below 1 where it was shortened; NA at the start;
#' * `passes` over the rows so far, which are more than iterations where steps are tried;
#' * `seconds` since the iterations began.
#'
#' With `trace = "coefficients"` the attribute `coefficients` is a matrix with the same rows and a column for each coefficient. `plot(fit$trace)`
#' draws it; [convergence_trace()] compares fits, [likelihood_surface()] draws the way of two coefficients.
#'
#' @section Progress bars:
#' In interactive sessions passes over rows that are elsewhere, and whatever takes more than a few seconds (iterations, profiles,
#' [bootstrap()], [drop1()][glmpp_candidates]), show a bar. `options(glmpp.progress = FALSE)` turns them all off, `TRUE` turns them on in
#' scripts too, and `"text"` draws them without \pkg{cli}.
#' @examples
#' glmpp_control(maxit = 50)
#' glmpp(am ~ wt, binomial, mtcars, trace = TRUE)$trace
#' @concept progress bar
#' @concept convergence
#' @concept iterations
#' @export
glmpp_control <- function(epsilon = 1e-8, maxit = 25, trace = FALSE, step_tolerance = epsilon / 1000,
                          halvings = 30, rank_tolerance = max(min(1e-7, epsilon / 1000), 1e-11),
                          threads = NULL) {
  check_positive(epsilon, "epsilon")
  check_positive(step_tolerance, "step_tolerance")
  check_share(rank_tolerance, "rank_tolerance")
  check_count(maxit, "maxit")
  check_count(halvings, "halvings")
  check_trace(trace)
  list(epsilon = epsilon, maxit = maxit, trace = trace, step_tolerance = step_tolerance, halvings = halvings,
       rank_tolerance = rank_tolerance, threads = check_threads(threads))
}

# What one fit runs with: control, solver and threads, checked.
new_settings <- function(control, solver = "auto", threads = NULL, penalty = NULL, bias_reduction = NULL, constraints = NULL) {
  if (!is.list(control)) {
    stop_glmpp("argument", "`control` must be a list.",
               x = sprintf("It is %s.", describe_type(control)))
  }
  unknown <- if (length(control)) setdiff(names(control), names(formals(glmpp_control)))
  if (length(unknown)) {
    stop_glmpp("argument", sprintf("`%s` is not an argument of glmpp() or glmpp_control().", unknown[1]),
               i = paste("glmpp_control() takes", comma(names(formals(glmpp_control)))))
  }
  if (!length(control) && is.null(penalty) && identical(solver, "auto")) {
    settings <- reference_cache$settings
    if (is.null(settings)) settings <- cached("settings", function() add_settings(glmpp_control(), "auto", NULL))
  } else {
    settings <- add_settings(do.call(glmpp_control, control), solver, penalty)
  }
  if (!is.null(bias_reduction)) settings$reduction <- as_reduction(bias_reduction)
  if (!is.null(constraints)) {
    settings$constraints <- as_constraints(constraints)
    if (settings$is_auto) settings$solver <- constrained_newton()
  }
  settings$threads <- thread_count(if (is.null(threads)) settings$threads else check_threads(threads))
  settings
}

add_settings <- function(control, solver, penalty) {
  penalty <- check_penalty(penalty)
  c(list(solver = choose_solver(solver, penalty), penalty = penalty, reduction = NULL, constraints = NULL, is_auto = identical(solver, "auto")),
    control)
}

check_trace <- function(trace) {
  if (is.character(trace) && length(trace) && all(trace %in% c("print", "coefficients"))) return(invisible())
  if ((is.logical(trace) || is.numeric(trace)) && length(trace) == 1 && !is.na(trace)) return(invisible())
  stop_glmpp("argument", "`trace` must be TRUE, FALSE, \"print\", \"coefficients\" or both of these.",
             x = sprintf("It is %s.", value_text(trace)))
}

# What the core reads of them; see as_control() in src/convert.cpp.
core_control <- function(settings, mean_weight = 1, only_deviance = FALSE) {
  list(settings = settings, mean_weight = mean_weight, only_deviance = only_deviance)
}

# For the fits within a fit.
plain_settings <- function(settings) {
  settings$solver <- as_solver("auto")
  settings$penalty <- NULL
  settings$reduction <- NULL
  settings$constraints <- NULL
  settings$trace <- FALSE
  settings
}

takes_all_iterations <- function(solver) isTRUE(.subset2(solver, "takes_all_iterations"))

thread_count <- function(threads) {
  if (is.null(threads)) threads <- getOption("glmpp.threads")
  threads <- if (!is.null(threads)) check_threads(threads)
  if (is.null(threads)) threads <- reference_cache$threads
  if (is.null(threads)) threads <- cached("threads", available_threads_impl)
  if (!is_any_set_impl(thread_limits)) return(as.integer(threads))
  limits <- Sys.getenv(thread_limits, names = FALSE)
  as.integer(max(1, min(threads, as_limit(limits[1]), if (is_package_check(limits[2])) 2)))
}

thread_limits <- c("OMP_THREAD_LIMIT", "_R_CHECK_LIMIT_CORES_")

as_limit <- function(text) {
  value <- suppressWarnings(as.numeric(text))
  if (is.finite(value) && value >= 1) value
}

# R CMD check --as-cran allows two processes.
is_package_check <- function(limit) tolower(limit) %in% c("true", "warn", "error")
