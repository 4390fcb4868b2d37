# Where rows live when they are not in R's memory. A *source* says where (chunks of a file, the nodes of a
# cluster, a table of a database); open_home() makes a *home* of it for one model, which answers what a
# solver asks. Only sums travel.
#
# A source is an object of class c("glmpp_<kind>", "glmpp_source"). It has a method for one of two generics:
#
# open_reader(source, columns) for a source that can hand out its rows as data frames, one after the other.
#   `columns`: the names of the columns that the model needs, NULL for all; more may be returned. Returns a list of
#     next_part()  the next data frame, NULL after the last; always the same rows in the same order.
#                  attr(part, "label") is what errors call it, such as "chunk 3 of file a.csv".
#     close()      gives back what was opened; called once, on errors and interrupts too.
#   Everything else is then done by R/far-parts.R.
#
# open_home(source, model) for a source that answers with sums itself. `model` is made by new_remote_model().
#   Returns a list of
#     traits       list(gives_root, gives_start, gives_observed, gives_bends, gives_bias, gives_bordered): whether a pass can fill `root` and
#                  `observed_information`, can start from the family's own starting means, knows a `bend`, can fill `adjustment` and `cubes`, and gives informations with the `structure` that
#                  the schema may have (R/structure.R): a vector then, which adds up. Without
#                  them a high condition is refused by the home's own error of class "glmpp_error_condition", solver
#                  newton() by check_needs(), the fit starts from the common mean, and is not rescued where Fisher
#                  scoring fails.
#     lacks        a named list of sentences: why it has no groups, sample, bends, proof, adopt (see `lacks` in R/problem.R), or a function
#                  that gives it, where outline() decides. May be NULL.
#     outline()    the first pass, which fixes what the formula means: see new_outline() in R/far-outline.R.
#     begin(schema, total)  tells the home the schema (R/schema.R: variables with levels and contrasts, layout of the
#                  terms, names of the columns), before the first pass(). `total`: the number of rows of the whole, which
#                  may be more than those of this home. Returns the share of its kept rows that it holds as a sample to
#                  start from, 0 for none.
#     pass(question)   one pass: the answer to new_question(), a list, see new_sums().
#     adopt(family)    from now on passes are of this family, which differs from the model's in a parameter of its own. May be NULL.
#     meat(coefficients, cluster, leverage)  the sum of x_i x_i' r_i^2, r_i the residual of the score, times what `leverage` (a list, as
#                  leverage_powers() in R/far-parts.R has it, or NULL) makes of the row's leverage; with a one-sided
#                  formula `cluster`, a matrix with the sums of x_i r_i, one named row per cluster. May be NULL.
#     search(question)  one pass of the search for separation: the answer of search_rows() (R/far-separation-rows.R),
#                  merged by merge_searches() in the order of the rows. May be NULL.
#     batches()    for sgd(): list(next_part, tiles, close), see batches_of_parts(). May be NULL.
#     epochs(settings)  for sgd() in the place of batches(), where the steps are made elsewhere: list(epoch, close), with
#                  epoch(iterate, average, mean_diagonal) one sweep over all rows, see REpochs in src/r_epochs.h.
#                  `settings`: the solver, with `step_family` and `penalty` as the core takes them. May be NULL.
#     close()      gives back what was opened; called once, on errors and interrupts too.

#' Homes of data that other packages bring
#'
#' [glmpp()] fits rows wherever a *source* says that they are. A source of another package is an object of class
#' `c("<its own>", "glmpp_source")` with a method for one of these generics.
#'
#' @param source The source.
#' @param columns The names of the columns that the model needs, NULL for all; more may be returned.
#' @param model What the home is told of the model: a list of which `formula`, `family` and `threads` may be read.
#' @returns `open_reader()`, for a source that can hand out its rows as data frames, one after the other: a list of
#'   `next_part()`, which returns the next data frame and NULL after the last (always the same rows in the same order;
#'   its attribute `label` is what errors call it), and `close()`, called once, on errors and interrupts too. All else is
#'   then done here. `open_home()`, for a source that answers with sums itself: a list of functions, which
#'   `R/far-home.R` in the sources of this package describes.
#' @examples
#' frames <- function(...) structure(list(frames = list(...)), class = c("frames", "glmpp_source"))
#' open_reader.frames <- function(source, columns) {
#'   done <- 0
#'   list(next_part = function() {
#'     if (done == length(source$frames)) return(NULL)
#'     done <<- done + 1
#'     structure(source$frames[[done]], label = paste("frame", done))
#'   }, close = function() invisible())
#' }
#' registerS3method("open_reader", "frames", open_reader.frames, asNamespace("glmpp"))
#' glmpp(am ~ wt, binomial, data = frames(mtcars[1:16, ], mtcars[17:32, ]))
#' @export
open_reader <- function(source, columns) UseMethod("open_reader")

#' @rdname open_reader
#' @export
open_home <- function(source, model) UseMethod("open_home")

#' @export
open_home.default <- function(source, model) open_parts_home(source, model)

is_source <- function(data) inherits(data, c("glmpp_source", "tbl_lazy"))

# What a pass is asked: the sums `need` (names of sum_fields()) at `coefficients`; or `at_start`, where eta is that of the
# family's starting means and the score is X'Wz of the working response z; over the `sample` alone, where the home holds
# one; of the model with a `bend` (a list of kind, height, target and target_weight; see src/family/bend.h); beside
# them, at `null_mean`, the deviance of that one mean for all rows; for `adjustment` and `cubes`, the `bias` terms, a list as
# src/objective/bias_terms.h has it.
new_question <- function(coefficients, need = character(), at_start = FALSE, sample = FALSE, bend = NULL, null_mean = NULL,
                         bias = NULL) {
  list(coefficients = coefficients, need = need, at_start = at_start, sample = sample, bend = bend, null_mean = null_mean, bias = bias)
}

# What one pass returns, a list, every sum over the rows that are kept, with y, prior weights w and mean mu:
#   deviance     sum of the unit deviances
#   valid        FALSE when a linear predictor or mean left its region
#   null_deviance  the deviance of `null_mean`, only where that was asked
# and of the fields that the core knows (src/objective/sums.h) those that were asked for, and
#   pearson      sum w (y - mu)^2 / V(mu)
#   least_mean, most_mean   may be left out
# always. The core's list of fields says how the sums of two sets of rows become one.
new_sums <- function(deviance, valid, ..., null_deviance = NULL) {
  fields <- list(...)
  unknown <- setdiff(names(fields), names(sum_merges()))
  if (length(unknown)) stop_glmpp("pass", sprintf("`%s` is no sum of a pass.", unknown[1]), i = sprintf("The sums are %s.", comma(names(sum_merges()))))
  c(list(deviance = deviance, valid = valid, null_deviance = null_deviance), fields)
}

sum_merges <- function() cached("sum_merges", sum_fields_impl)

merge_rules <- list(add = `+`, root = function(a, b) merge_roots_impl(a, b), least = min, most = max)

# The sums of two sets of rows.
add_sums <- function(a, b) {
  merge <- function(name) if (!is.null(a[[name]])) merge_rules[[sum_merges()[[name]]]](a[[name]], b[[name]])
  fields <- intersect(names(a), names(sum_merges()))
  c(list(deviance = a$deviance + b$deviance, valid = a$valid && b$valid),
    if (!is.null(a$null_deviance)) list(null_deviance = a$null_deviance + b$null_deviance),
    lapply(structure(fields, names = fields), merge))
}

range_of <- function(a, b) if (length(a) || length(b)) range(a, b)

# What a home is told of the model before it reads anything. The environment holds what the formula refers to
# beside the columns.
new_remote_model <- function(call, family, envir, settings, start, contrasts, na_action) {
  frame_call <- new_frame_call(call)
  frame_call$formula <- stats::as.formula(eval(call$formula, envir))
  frame_call$data <- quote(.glmpp_part)
  frame_call$na.action <- quote(stats::na.pass)
  list(formula = frame_call$formula, frame_call = frame_call, envir = envir, family = family, start = start,
       contrasts = contrasts, na_action = na_action, threads = settings$threads,
       columns = needed_columns(frame_call))
}

# The names that the model's expressions use; NULL when a dot stands for all columns.
needed_columns <- function(frame_call) {
  frame_call$data <- NULL
  names <- unique(unlist(lapply(as.list(frame_call)[-1], function(e) if (is.language(e)) all.vars(e))))
  if (!"." %in% names) names
}
