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
#   Everything else is then done by R/parts.R.
#
# open_home(source, model) for a source that answers with sums itself. `model` is made by new_remote_model().
#   Returns a list of
#     traits       list(gives_root, gives_start, gives_observed): whether a pass can fill `root` and
#                  `observed_information`, and can start from the family's own starting means. Without them a high
#                  condition is refused by the home's own error of class "glmpp_error_condition", solver newton() by
#                  check_remote_solver(), and the fit starts from the common mean.
#     outline()    the first pass, which fixes what the formula means: see new_outline() in R/outline.R.
#     begin(schema, total)  tells the home the schema (R/schema.R: variables with levels and contrasts, layout of the
#                  terms, names of the columns), before the first pass(). `total`: the number of rows of the whole, which
#                  may be more than those of this home. Returns the share of its kept rows that it holds as a sample to
#                  start from, 0 for none.
#     pass(coefficients, need, at_start, sample, null_mean)
#                  one pass at `coefficients` (one per column of the schema): a list, see new_sums().
#     meat(coefficients, cluster)  the sum of x_i x_i' r_i^2, r_i the residual of the score; with a one-sided
#                  formula `cluster`, a matrix with the sums of x_i r_i, one named row per cluster. May be NULL.
#     batches()    for sgd(): list(next_part, tiles, close), see batches_of_parts(). May be NULL.
#     epochs(settings)  for sgd() in the place of batches(), where the steps are made elsewhere: list(epoch, close), with
#                  epoch(iterate, average, mean_diagonal) one sweep over all rows, see REpochs in src/r_epochs.h.
#                  `settings`: the solver, with `step_family` and `penalty` as the core takes them. May be NULL.
#     close()      gives back what was opened; called once, on errors and interrupts too.

open_reader <- function(source, columns) UseMethod("open_reader")

open_home <- function(source, model) UseMethod("open_home")

#' @export
open_home.default <- function(source, model) open_parts_home(source, model)

is_source <- function(data) inherits(data, c("glmpp_source", "tbl_lazy"))

# What one pass returns. `need` names which of score, information and root are filled; `null_deviance`,
# the deviance of one mean for all rows, only where `null_mean` was given. Every sum is over the rows
# that are kept, with y, prior weights w and mean mu:
#   deviance     sum of the unit deviances
#   valid        FALSE when a linear predictor or mean left its region
#   pearson      sum w (y - mu)^2 / V(mu)
#   relative     sum w y / mu (for the likelihood of the Gamma family; else NA will do)
#   mean_range   least and largest mean; may be NULL
#   score        X' w (y - mu) (dmu/deta) / V
#   information  X' diag(w (dmu/deta)^2 / V) X
#   root         its triangular root by QR
#   observed_information  X' diag(-d residual / d eta) X
# With `at_start` eta is that of the family's starting means and score is X'Wz of the working response z.
new_sums <- function(deviance, valid, pearson, relative = NA_real_, score = NULL, information = NULL,
                     root = NULL, null_deviance = NULL, observed_information = NULL, mean_range = NULL) {
  list(deviance = deviance, valid = valid, pearson = pearson, relative = relative, score = score,
       information = information, root = root, null_deviance = null_deviance, observed_information = observed_information,
       mean_range = mean_range)
}

# The sums of two sets of rows.
add_sums <- function(a, b) {
  add <- function(name) if (is.null(a[[name]])) NULL else a[[name]] + b[[name]]
  new_sums(a$deviance + b$deviance, a$valid && b$valid, a$pearson + b$pearson, a$relative + b$relative,
           add("score"), add("information"), if (!is.null(a$root)) merge_roots_impl(a$root, b$root),
           add("null_deviance"), add("observed_information"), range_of(a$mean_range, b$mean_range))
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
