# Solvers: small objects that say how a fit is to be reached. The numbers that a solver reads are checked here;
# what it needs of family and penalty is checked before the fit.

#' Solvers, and what each needs
#'
#' Objects for the argument `solver` of [glmpp()]. All reach the same maximum of the likelihood, each in its own
#' way and time; `"auto"`, iteratively reweighted least squares, is nearly always the best. The others are there to
#' learn from, for models with very many coefficients (`lbfgs()`), and to check one by another. A name, as in
#' `solver = "newton"`, means the solver's defaults.
#'
#' * `irls()`: Fisher scoring, by the expected information.
#' * `newton()`: Newton's method by the observed information, moved towards the expected one where
#'   that is not positive definite. The same as `irls()` for canonical links. Not for families that only R knows.
#' * `lbfgs()`: limited-memory BFGS, from scores alone.
#' * `gradient_descent()`: steps along the score.
#' * `sgd()`: stochastic gradient descent over batches of rows. Not for families that only R knows, for links
#'   with a bounded predictor, nor for [ordinal()].
#' * `coordinate_descent()`: Fisher scoring whose least squares problem is solved one coefficient at a time, by sweeps forth and back
#'   that are made conjugate to each other (conjugate gradients, preconditioned by symmetric Gauss-Seidel).
#'
#' Descents start at zero where no `start` is given and zero is valid, else at the common mean. Unless a learning
#' rate and a number of iterations say otherwise, they stop when the next Newton step would be
#' shorter than `tolerance` standard errors. The score is that of the log-likelihood with dispersion 1, as in [nll()].
#'
#' @param iterations Most iterations, a whole number. With `learning_rate` given and no `tolerance`, exactly so many
#'   are taken.
#' @param tolerance Stop when the next Newton step is shorter than this many standard errors; for `sgd()`, when an
#'   epoch changes the deviance by less than this share of it. NULL: the default, or, with a learning rate and a number
#'   of iterations, no test at all.
#' @param memory Number of pairs of steps and score changes that are kept.
#' @param learning_rate What the score is multiplied by, used to the letter: then steps are taken whatever becomes of the
#'   deviance. NULL: chosen. For `gradient_descent()` 1 over the largest eigenvalue of the information at
#'   the start or, with a line search, the length that the last two points suggest (Barzilai and Borwein 1988); for `sgd()` a
#'   rate for each coefficient by the information's diagonal at the start, which falls as the
#'   2/3 power of the number of updates.
#' @param momentum Share of the last step that is added to the next, from 0 to below 1.
#' @param nesterov Should the score be taken where the momentum leads (Nesterov's look-ahead)?
#' @param line_search Should steps be shortened until the deviance falls enough? By default where no learning rate is
#'   given.
#' @param gradient `"sum"` over the rows, or `"mean"` (for `sgd()`: over a batch), which a given learning rate
#'   multiplies.
#' @param epochs Number of sweeps over the rows.
#' @param batch_size Number of rows for each update.
#' @param shuffle Should rows be visited in a random order, drawn anew for each epoch? Rows are shuffled within tiles of
#'   some hundred rows, and tiles among each other.
#' @param seed A whole number for the order of the rows; R's own generator is neither read nor moved.
#' @param schedule How a given learning rate changes: `"constant"`; `"inverse"`, rate / (1 + `decay` updates);
#'   `"adagrad"` or `"adam"`, a rate for each coefficient by the scores so far.
#' @param decay See `schedule`.
#' @param averaging Should the result be the average of the iterates, later ones weighing more (Shamir and Zhang 2013)?
#'   By default where no learning rate is given.
#' @param implicit Should the residual be that of the updated coefficients (Toulis and Airoldi 2017)? Such updates are
#'   stable for any rate. By default where no learning rate is given and `batch_size` is 1.
#' @param loss `"log_likelihood"`, or `"squared_error"` of the mean: steps are then along
#'   (y - mu) dmu/deta x.
#' @returns An object of class `"glmpp_solver"`: a list of `name` and `options`.
#' @references Nocedal, J. and Wright, S. J. (2006) *Numerical Optimization*, 2nd edition, Springer. Barzilai, J. and
#'   Borwein, J. M. (1988) Two-point step size gradient methods, *IMA Journal of Numerical Analysis* 8, 141-148.
#'   Friedman, J., Hastie, T. and Tibshirani, R. (2010) Regularization paths for generalized linear models via
#'   coordinate descent, *Journal of Statistical Software* 33(1). Toulis, P. and Airoldi, E. M. (2017) Asymptotic and
#'   finite-sample properties of estimators based on stochastic gradients, *Annals of Statistics* 45, 1694-1727.
#'   Duchi, J., Hazan, E. and Singer, Y. (2011) Adaptive subgradient methods, *Journal of Machine Learning Research* 12,
#'   2121-2159. Kingma, D. P. and Ba, J. (2015) Adam: a method for stochastic optimization, ICLR.
#' @examples
#' fit <- glmpp(am ~ wt, binomial, mtcars, solver = lbfgs(), trace = TRUE)
#' fit$trace
#' glmpp(am ~ wt, binomial, mtcars, start = c(0, 0),
#'       solver = gradient_descent(learning_rate = 0.01, iterations = 100))
#' @name solvers
NULL

#' @rdname solvers
#' @export
irls <- function() new_solver("irls")

#' @rdname solvers
#' @export
newton <- function(iterations = 100) {
  check_count(iterations, "iterations")
  new_solver("newton", iterations = iterations)
}

#' @rdname solvers
#' @export
lbfgs <- function(iterations = 1000, memory = 10, tolerance = 1e-8) {
  check_count(iterations, "iterations")
  check_count(memory, "memory")
  check_positive(tolerance, "tolerance")
  new_solver("lbfgs", iterations = iterations, memory = as.integer(memory), tolerance = tolerance)
}

#' @rdname solvers
#' @export
gradient_descent <- function(learning_rate = NULL, iterations = NULL, momentum = 0, nesterov = FALSE,
                             line_search = is.null(learning_rate), gradient = c("sum", "mean"), tolerance = NULL) {
  check_rate(learning_rate)
  if (!is.null(iterations)) check_count(iterations, "iterations")
  check_momentum(momentum)
  check_flag(nesterov, "nesterov")
  check_flag(line_search, "line_search")
  if (!is.null(tolerance)) check_positive(tolerance, "tolerance")
  if (line_search && !is.null(learning_rate)) {
    stop_glmpp("argument", "`line_search` can't be TRUE with a `learning_rate`, which is used to the letter.",
               i = "Leave one of them out.")
  }
  if (nesterov && momentum == 0) {
    stop_glmpp("argument", "`nesterov` needs a `momentum` above 0.", i = "0.9 is usual.")
  }
  to_the_letter <- !is.null(learning_rate) && !is.null(iterations) && is.null(tolerance)
  new_solver("gradient_descent", learning_rate = learning_rate, iterations = iterations %||% 10000,
             momentum = momentum, nesterov = as.logical(nesterov), line_search = as.logical(line_search),
             mean_gradient = check_choice(gradient, c("sum", "mean"), "gradient") == "mean",
             tolerance = tolerance %||% if (!to_the_letter) 1e-8, takes_all_iterations = to_the_letter)
}

#' @rdname solvers
#' @export
sgd <- function(learning_rate = NULL, epochs = 3, batch_size = 1, shuffle = is.null(learning_rate),
                schedule = c("constant", "inverse", "adagrad", "adam"), decay = 0, averaging = is.null(learning_rate),
                momentum = 0, implicit = is.null(learning_rate) && batch_size == 1,
                loss = c("log_likelihood", "squared_error"), gradient = c("sum", "mean"), tolerance = NULL, seed = 1) {
  check_rate(learning_rate)
  check_count(epochs, "epochs")
  check_count(batch_size, "batch_size")
  check_flag(shuffle, "shuffle")
  check_flag(averaging, "averaging")
  check_flag(implicit, "implicit")
  check_momentum(momentum)
  check_count(seed, "seed")
  if (!is.null(tolerance)) check_positive(tolerance, "tolerance")
  if (!is.numeric(decay) || length(decay) != 1 || !isTRUE(decay >= 0)) {
    stop_glmpp("argument", "`decay` must be one number of at least 0.", x = sprintf("It is %s.", value_text(decay)))
  }
  schedule <- check_choice(schedule, c("constant", "inverse", "adagrad", "adam"), "schedule")
  check_rates_go_together(learning_rate, schedule, decay, implicit, batch_size, momentum)
  new_solver("sgd", learning_rate = learning_rate, epochs = as.integer(epochs), batch_size = batch_size,
             shuffle = as.logical(shuffle), schedule = schedule, decay = decay, averaging = as.logical(averaging),
             momentum = momentum, implicit = as.logical(implicit),
             mean_gradient = check_choice(gradient, c("sum", "mean"), "gradient") == "mean",
             loss = check_choice(loss, c("log_likelihood", "squared_error"), "loss"), tolerance = tolerance, seed = seed,
             takes_all_iterations = TRUE)
}

#' @rdname solvers
#' @export
coordinate_descent <- function(iterations = 100) {
  check_count(iterations, "iterations")
  new_solver("coordinate_descent", iterations = iterations)
}

# The one for penalties that are not smooth: nobody names it.
proximal_newton <- function() new_solver("proximal_newton", tolerance = 1e-9)

# Of R/constrained-fit.R; the core knows nothing of it.
constrained_newton <- function() {
  facts <- list(needs = character(), starts_from_sample = FALSE, is_rescued = FALSE, uses_groups = FALSE)
  structure(list(name = "constrained_newton", options = list(), takes_all_iterations = FALSE, facts = facts), class = "glmpp_solver")
}

new_solver <- function(name, ..., takes_all_iterations = FALSE) {
  structure(list(name = name, options = list(...), takes_all_iterations = takes_all_iterations, facts = .subset2(known_solvers(), name)),
            class = "glmpp_solver")
}

#' @export
print.glmpp_solver <- function(x, ...) {
  given <- Filter(Negate(is.null), x$options)
  cat(x$name, "(", paste(names(given), vapply(given, deparse1, ""), sep = " = ", collapse = ", "), ")\n", sep = "")
  invisible(x)
}

check_rate <- function(rate) {
  if (!is.null(rate)) check_positive(rate, "learning_rate")
}

check_momentum <- function(momentum) {
  if (is.numeric(momentum) && length(momentum) == 1 && isTRUE(momentum >= 0 && momentum < 1)) return(invisible())
  stop_glmpp("argument", "`momentum` must be one number from 0 to below 1.", x = sprintf("It is %s.", value_text(momentum)))
}

check_rates_go_together <- function(learning_rate, schedule, decay, implicit, batch_size, momentum) {
  if (is.null(learning_rate) && schedule != "constant") {
    stop_glmpp("argument", sprintf("`schedule = \"%s\"` needs a `learning_rate`.", schedule),
               i = "Without one, sgd() has a schedule of its own.")
  }
  if (decay > 0 && schedule != "inverse") {
    stop_glmpp("argument", "`decay` goes with `schedule = \"inverse\"` only.")
  }
  if (implicit && (batch_size != 1 || momentum != 0 || schedule %in% c("adagrad", "adam"))) {
    stop_glmpp("argument", "`implicit` updates take one row at a time, with no momentum and no rates by past scores.",
               i = "Set `batch_size = 1`, `momentum = 0` and `schedule` to \"constant\" or \"inverse\", or `implicit = FALSE`.")
  }
}

solver_makers <- list(auto = irls, irls = irls, newton = newton, lbfgs = lbfgs, gradient_descent = gradient_descent,
                      sgd = sgd, coordinate_descent = coordinate_descent)

# A solver whose direction another package, or a test, has compiled: `maker` points to a DirectionMaker (src/solver/solve.h),
# `facts` are those of solver_facts(). Returns its constructor, which `solver` of glmpp() takes too, or its name.
add_solver <- function(name, maker, needs = character(), starts_from_sample = FALSE, is_rescued = FALSE, uses_groups = TRUE,
                       from_zero = TRUE, iterations = 1000, tolerance = 1e-8) {
  add_solver_impl(name, list(needs = needs, starts_from_sample = starts_from_sample, is_rescued = is_rescued, uses_groups = uses_groups),
                  from_zero, maker)
  forget_cached("solvers")
  added_solvers[[name]] <- function() new_solver(name, iterations = iterations, tolerance = tolerance)
}

added_solvers <- new.env(parent = emptyenv())

# The solver that an argument asks for.
choose_solver <- function(solver, penalty) {
  if (identical(solver, "auto") && is_separable(penalty)) proximal_newton() else as_solver(solver)
}

all_solver_makers <- function() c(solver_makers, as.list(added_solvers))

as_solver <- function(solver) {
  if (inherits(solver, "glmpp_solver")) return(solver)
  if (identical(solver, "auto")) return(reference_cache$irls %||% cached("irls", irls))
  makers <- all_solver_makers()
  if (is.function(solver)) solver <- names(makers)[vapply(makers, identical, NA, solver)][1]
  if (is.character(solver) && length(solver) == 1 && solver %in% names(makers)) {
    return(if (solver == "irls") cached("irls", irls) else makers[[solver]]())
  }
  known <- names(makers)
  guess <- nearest_names(solver, known)
  stop_glmpp("argument", paste0("`solver` must be one of ", comma(dQuote(known, FALSE)), ", or made by their functions."),
             x = if (is.character(solver)) sprintf("There is no solver %s.", dQuote(solver[1], FALSE))
                 else sprintf("It is %s.", describe_type(solver)),
             i = if (length(guess)) sprintf("Did you mean %s?", comma(guess)))
}

# What one step is called.
step_words <- c(irls = "Fisher Scoring iterations", sgd = "epochs of sgd()", proximal_newton = "proximal Newton steps",
                constrained_newton = "quadratic programmes")

step_word <- function(name) if (name %in% names(step_words)) step_words[[name]] else sprintf("iterations of %s()", name)

# The model whose score stochastic steps follow; NULL for solvers that make none.
step_family <- function(solver, core_family) {
  if (!any(solver_facts(solver)$needs == "epochs")) return(NULL)
  if (identical(solver$options$loss, "squared_error")) core_family$variance <- "constant"
  list(step_family = core_family)
}
