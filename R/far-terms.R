#' What formulas may say of rows that come in parts
#'
#' A fit to [chunks()], files, a cluster or a database sees a part of the rows at a time. Its formula, and `subset`, `weights` and
#' `offset`, mean what they mean for all rows together, or are refused by an error of class `glmpp_error_parts`, never
#' read part by part.
#'
#' @section Terms:
#' * Taken everywhere: what each row gives by itself. Arithmetic, comparisons, `log()`, `ifelse()`, `pmin()`, text
#'   functions, `factor()`, `cut()` with all breaks, `poly(raw = TRUE)`, `splines::ns()` with `knots` and `Boundary.knots`,
#'   `table[column]`, `%in%` a constant set, and the like.
#' * Taken after a look at all rows, which is one pass more: `min()`, `max()`, `range()`, `sum()`, `prod()`, `any()`, `all()`,
#'   `length()`, `mean()`, `sd()`, `var()`, `scale()`, `cut(x, 3)`, the codes of a factor made in the formula
#'   (`as.integer(factor(g))`), `relevel(factor(g), )`, `addNA()`, `interaction()`. The look is at all rows of the data, whatever `subset` says, as
#'   in memory; new rows are predicted by the same numbers.
#' * Taken after such a look in chunks, files and streams of a database, where the columns that they read have at most 5e6
#'   values: whatever gives one value, or the same few, for all rows, such as `median()`, `quantile()`, `x[1]`, `levels()`; and
#'   `poly()`, `splines::ns()`, `splines::bs()`.
#' * Functions that are not known here, of yours or of a package, are tried: rows of several parts must give the same
#'   alone, in pairs, in the opposite order and twice as in their parts.
#' * Refused: `rank()`, `order()`, `cumsum()`, `ave()`, `diff()`, `rev()` and others that look at the place of a row among all; vectors that are
#'   no columns (weights of the workspace, say); numbers drawn at random; your own functions that call one of these, or
#'   `mean()` and its like; differences
#'   of times without `units`, `format()` of numbers and [cut()] of dates, which all rows decide.
#'
#' @section Levels:
#' The levels of a factor have the one order that all parts follow: of two parts with the levels `a`, `c` and `a`, `b`, `c` the second
#' decides. Where parts contradict each other, or no part says which of two levels is first, the fit stops with an error of class
#' `glmpp_error_levels`: write `factor(x, levels = )`. Text, and `factor()` of text or numbers, is sorted, as in memory. A
#' column must be of one type in all parts; parts of nothing but NA fit any.
#'
#' @section Rows:
#' `subset` may be a condition on columns, or row numbers (or a flag for each row) where rows are counted: in chunks and files, and in
#' streams of a database with `order`. That all weights are zero, or all responses the same, is asked of all
#' rows, not of a part; parts without rows are skipped.
#'
#' @section AIC:
#' It is NA for a binomial fit from afar with fractional weights or trials: `glm()` rounds them row by row, and sums do not.
#'
#' @examples
#' file <- tempfile(fileext = ".csv")
#' write.csv(mtcars, file, row.names = FALSE)
#' glmpp(am ~ scale(wt) + I(hp - min(hp)), binomial, data = csv_chunks(file, rows = 10))
#' try(glmpp(am ~ rank(wt), binomial, data = csv_chunks(file, rows = 10)))
#' @name far_terms
NULL

# Which terms rows in parts can give. A term is taken where each row gives its own value (`row`), where a look at all
# rows beforehand can say what it needs of them (a *request*, see R/far-facts.R), or, for functions that nobody here
# knows, where rows from several parts give the same alone, in pairs and in another order (R/far-probe.R). All else is refused.

elementwise <- c(
  "+", "-", "*", "/", "^", "%%", "%/%", "(", "==", "!=", "<", "<=", ">", ">=", "&", "|", "!", "xor", "I", "offset", "identity",
  "as.numeric", "as.double", "as.integer", "as.logical", "as.character", "unclass", "as.vector", "log", "log2", "log10",
  "log1p", "exp", "expm1", "sqrt", "abs", "sign", "floor", "ceiling", "trunc", "round", "signif", "sin", "cos", "tan", "asin",
  "acos", "atan", "atan2", "sinh", "cosh", "tanh", "gamma", "lgamma", "digamma", "trigamma", "beta", "lbeta", "choose", "lchoose",
  "factorial", "is.na", "is.nan", "is.finite", "is.infinite", "ifelse", "pmin", "pmax", "nchar", "substr", "substring", "toupper",
  "tolower", "trimws", "sub", "gsub", "grepl", "startsWith", "endsWith", "sprintf", "paste", "paste0", "chartr", "as.Date",
  "as.POSIXct", "as.POSIXlt", "ISOdate", "ISOdatetime", "strftime", "strptime", "months", "weekdays", "quarters", "julian",
  "difftime", "as.difftime", "%in%", "match", "findInterval", "cbind", "rowSums", "rowMeans", "complete.cases",
  "dnorm", "pnorm", "qnorm", "dlogis", "plogis", "qlogis", "pexp", "pgamma", "pbeta", "pt", "qt", "pchisq", "isTRUE"
)

# Arguments that are tables for all rows: constants, any number of them. Others must be one value, or they would be
# recycled anew in each part.
constant_vectors <- list(`%in%` = 2, match = 2, findInterval = 2)

reducers <- c("min", "max", "range", "mean", "median", "sum", "prod", "sd", "var", "mad", "IQR", "quantile", "length", "NROW",
              "any", "all", "levels", "nlevels", "weighted.mean", "fivenum", "unique", "table", "cor", "which.max", "which.min",
              "colMeans", "colSums")

# Their values hold a place in an order, or hang on what other rows there are.
never_by_row <- c("rank", "order", "sort", "rev", "ave", "cumsum", "cumprod", "cummax", "cummin", "diff", "lag", "seq_along",
                  "duplicated", "head", "tail", "which", "tapply", "ecdf", "row_number", "ntile", "dense_rank", "min_rank",
                  "percent_rank", "shift", "filter", "lowess", "smooth", "embed", "rle", "nrow", "seq_len", "seq", "sys.call",
                  "split", "unsplit", "rowsum", "prop.table", "proportions", "zapsmall", "toString",
                  "reorder", "fct_reorder")

drawn_at_random <- c("sample", "sample.int", "runif", "rnorm", "rbinom", "rpois", "rexp", "rgamma", "rbeta", "rt", "rchisq",
                     "rlogis", "rgeom", "rweibull", "rcauchy", "rnbinom", "jitter")

level_makers <- c("factor", "as.factor", "ordered", "as.ordered", "droplevels", "addNA", "absorb")
safe_predictors <- c("scale", "poly", "ns", "bs")
# These read the labels of a factor, which do not depend on what other levels there are.
label_readers <- c("==", "!=", "%in%", "as.character", "is.na", "paste", "paste0")

# columns: of the parts. part: one of them, by which types are told.
new_judge <- function(part, envir) {
  list2env(list(columns = names(part), part = part, envir = envir, requests = list(), is_unknown = FALSE), parent = emptyenv())
}

# "constant", the same in all parts, or "row". `top`: the expression is a variable of the model by itself.
judge <- function(expression, scope, top = FALSE) {
  if (is.symbol(expression)) return(if (as.character(expression) %in% scope$columns) "row" else "constant")
  if (!is.call(expression)) return("constant")
  name <- call_name(expression)
  if (identical(name, "function")) return(judge_closure(expression, scope))
  if (!reads_rows(expression, scope)) return(judge_constant(expression))
  if (is.null(name) || !is_known_function(expression[[1]], scope$envir)) return(judge_unknown(expression, scope))
  refuse_other_first(expression, name)
  if (name %in% c("$", "[[", "@")) return(judge_member(expression, scope))
  if (name == "[") return(judge_subset(expression, scope))
  if (name %in% reducers) return(request_value(expression, scope))
  if (name == "scale" || name == "cut" && is_cut_by_number(expression, scope)) return(request_rewriting(expression, scope))
  if (name %in% c("poly", "ns", "bs")) return(judge_basis(expression, scope))
  if (name %in% c(level_makers, "interaction", "relevel", "cut")) return(judge_levels(expression, name, scope, top))
  if (name == "format") return(judge_format(expression, scope))
  if (name %in% never_by_row) stop_needs_all(expression, sprintf("%s() looks at other rows.", name))
  if (name %in% drawn_at_random) judge_constant(expression)
  if (name %in% elementwise) return(judge_elementwise(expression, name, scope))
  judge_unknown(expression, scope)
}

# A constant is evaluated in every part, and again in every pass.
judge_constant <- function(expression) {
  if (any(all.names(expression) %in% drawn_at_random)) {
    stop_needs_all(expression, "It is drawn anew in each part: draw it before the fit.")
  }
  "constant"
}

# The labels of clusters must be those of all parts.
refuse_cluster_of_parts <- function(cluster, part, envir) {
  scope <- new_judge(part, envir)
  judge(cluster[[2]], scope, top = TRUE)
  if (length(scope$requests)) stop_needs_all(scope$requests[[1]]$call, "As `cluster` it would be other labels in each part.")
}

# What is said here of a call is said of its first argument.
refuse_other_first <- function(expression, name) {
  first <- names(expression)[2] %||% ""
  if (!name %in% c(reducers, level_makers, safe_predictors, "cut", "relevel") || first %in% c("", "x")) return(invisible())
  stop_needs_all(expression, sprintf("Write its column first, in the place of `%s`.", first))
}

call_name <- function(expression) {
  head <- expression[[1]]
  if (is.symbol(head)) as.character(head)
  else if (is.call(head) && as.character(head[[1]])[1] %in% c("::", ":::")) as.character(head[[3]])
}

reads_rows <- function(expression, scope) any(all.vars(expression) %in% scope$columns)

# Functions of R itself and what comes with it; a user's own of the same name is not meant.
is_known_function <- function(head, envir) {
  found <- if (is.symbol(head)) get0(as.character(head), envir, mode = "function")
           else tryCatch(eval(head, envir), error = function(e) NULL)
  if (!is.function(found)) return(FALSE)
  is.primitive(found) || environmentName(topenv(environment(found))) %in% c("base", "stats", "splines", "utils", "methods", "glmpp")
}

judge_closure <- function(expression, scope) {
  arguments <- names(expression[[2]])
  seen <- setdiff(all.vars(expression[[3]]), arguments)
  if (any(seen %in% scope$columns)) stop_needs_all(expression, "A function in it looks at a whole column.")
  "constant"
}

judge_arguments <- function(expression, scope, places = seq_along(expression)[-1]) {
  vapply(places, function(place) {
    if (is_empty_argument(expression[[place]])) "constant" else judge(expression[[place]], scope)
  }, "")
}

is_empty_argument <- function(argument) is.symbol(argument) && !nzchar(as.character(argument))

judge_elementwise <- function(expression, name, scope) {
  if (name %in% c("paste", "paste0") && !is.null(expression$collapse)) stop_needs_all(expression, "`collapse` joins rows.")
  refuse_automatic_unit(expression, name, scope)
  # Text is read by the first format that fits the first of the rows.
  if (name %in% c("as.Date", "as.POSIXct", "as.POSIXlt") && length(expression) == 2) scope$is_unknown <- TRUE
  vectors <- constant_vectors[[name]]
  for (place in seq_along(expression)[-1]) {
    argument <- expression[[place]]
    if (is_empty_argument(argument)) next
    if (name %in% label_readers && is_call_of(argument, level_makers) && length(argument) == 2) argument <- argument[[2]]
    if ((place - 1) %in% vectors) {
      judge_whole(expression, place, scope)
      next
    }
    if (judge(argument, scope) == "row" || nzchar(names(expression)[place] %||% "")) next
    refuse_long_constant(argument, expression, scope)
  }
  "row"
}

# Numbers are formatted to a common width; dates by what is asked.
judge_format <- function(expression, scope) {
  formats <- Filter(is.character, as.list(expression)[-(1:2)])
  if (!any(grepl("%", unlist(formats)))) stop_needs_all(expression, "Its width depends on all rows.")
  judge(expression[[2]], scope)
}

# The difference of two times has the unit that suits the smallest one.
refuse_automatic_unit <- function(expression, name, scope) {
  is_time <- function(argument) {
    value <- tryCatch(suppressWarnings(eval(argument, utils::head(scope$part, 2), scope$envir)), error = function(e) NULL)
    inherits(value, c("POSIXct", "POSIXlt"))
  }
  has_unit <- name != "difftime" || !is.null(expression$units)
  is_between_times <- name == "-" && length(expression) == 3 && is_time(expression[[2]]) && is_time(expression[[3]])
  if (has_unit && !is_between_times) return(invisible())
  stop_needs_all(expression, sprintf("Its unit depends on all rows: write `difftime(%s, %s, units = \"hours\")`.",
                                     deparse1(expression[[2]]), deparse1(expression[[3]])))
}

# What is one thing for all rows, a table or a set of levels, may be asked of all rows, whatever it is made of.
judge_whole <- function(expression, place, scope) {
  argument <- expression[[place]]
  if (is_empty_argument(argument) || !reads_rows(argument, scope)) return("constant")
  inner <- new_judge(scope$part, scope$envir)
  kind <- tryCatch(judge(argument, inner), glmpp_error_parts = function(e) "row")
  if (kind == "constant" && !inner$is_unknown) scope$requests <- c(scope$requests, inner$requests)
  else add_request(scope, expression, "slot", place)
  "constant"
}

is_call_of <- function(expression, names) is.call(expression) && isTRUE(call_name(expression) %in% names)

# What holds a request has no value yet.
refuse_long_constant <- function(argument, expression, scope) {
  if (reads_rows(argument, scope)) return(invisible())
  value <- tryCatch(eval(argument, scope$envir), error = function(e) NULL)
  if (NROW(value) <= 1) return(invisible())
  stop_needs_all(expression, sprintf("`%s` is no column and has %s, which parts of the rows can't be matched with.",
                                     deparse1(argument), plural(length(value), "value")))
}

judge_member <- function(expression, scope) {
  if (is_call_of(expression[[2]], "as.POSIXlt")) return(judge(expression[[2]], scope))
  if (judge(expression[[2]], scope) == "constant") {
    if (!any(vapply(as.list(expression)[-(1:2)], reads_rows, NA, scope))) return("constant")
    stop_needs_all(expression, "It picks values by their place among all rows.")
  }
  scope$is_unknown <- TRUE
  "row"
}

# table[column] looks each row up; column[place] is a value that all rows share; x[, 2] a column of a matrix.
judge_subset <- function(expression, scope) {
  indices <- as.list(expression)[-(1:2)]
  if (judge(expression[[2]], scope) == "constant") {
    kinds <- judge_arguments(expression, scope, 3:length(expression))
    return(if (any(kinds == "row")) "row" else "constant")
  }
  if (length(indices) == 2 && is_empty_argument(indices[[1]])) return("row")
  is_place <- length(indices) == 1 && !is_empty_argument(indices[[1]]) && !reads_rows(indices[[1]], scope)
  if (is_place) return(request_value(expression, scope))
  stop_needs_all(expression, "It takes values of other rows.")
}

# ---- Levels ----

judge_levels <- function(expression, name, scope, top) {
  if (name != "interaction") for (place in seq_along(expression)[-(1:2)]) judge_whole(expression, place, scope)
  if (name == "cut" || has_levels(expression)) {
    judge(expression[[2]], scope)
    return("row")
  }
  if (name == "absorb" && length(expression) != 2) {
    stop_needs_all(expression, "Combinations of several variables: `absorb(interaction(a, b))` of factors has those that are there.")
  }
  sorts_values <- name %in% c("factor", "as.factor", "ordered", "as.ordered", "droplevels", "absorb")
  if (top && sorts_values && !any(c("labels", "exclude") %in% names(expression))) {
    judge(expression[[2]], scope)
    return("row")
  }
  if (name == "relevel" || name == "droplevels" && !is_factor_of(expression[[2]], scope)) {
    judge(expression[[2]], scope)
    return("row")
  }
  if (name == "interaction") return(judge_interaction(expression, scope))
  if (name == "addNA" && is_factor_of(expression[[2]], scope)) {
    judge(expression[[2]], scope)
    return("row")
  }
  request_rewriting(expression, scope)
}

has_levels <- function(expression) {
  !is.null(expression$levels) || call_name(expression) %in% c("factor", "ordered") && length(expression) > 2 &&
    (is.null(names(expression)) || !nzchar(names(expression)[3]))
}

judge_interaction <- function(expression, scope) {
  for (place in seq_along(expression)[-1]) {
    argument <- expression[[place]]
    if (!reads_rows(argument, scope)) next
    if (is_factor_of(argument, scope)) judge(argument, scope) else return(request_rewriting(expression, scope))
  }
  "row"
}

is_factor_of <- function(expression, scope) {
  is.factor(tryCatch(eval(expression, scope$part, scope$envir), error = function(e) NULL))
}

# ---- Bases and cuts ----

is_cut_by_number <- function(expression, scope) {
  breaks <- tryCatch(match.call(base::cut.default, expression)$breaks, error = function(e) NULL)
  if (is.null(breaks) || reads_rows(breaks, scope)) return(FALSE)
  length(tryCatch(eval(breaks, scope$envir), error = function(e) NULL)) == 1
}

# A basis is a matter of the row where all that it would ask of the column is given.
judge_basis <- function(expression, scope) {
  given <- names(expression)
  is_given <- switch(call_name(expression),
    poly = isTRUE(expression$raw) || !is.null(expression$coefs),
    all(c("knots", "Boundary.knots") %in% given) ||
      call_name(expression) == "bs" && "Boundary.knots" %in% given && !"df" %in% given && length(expression) == 3
  )
  if (!is_given) return(request_rewriting(expression, scope))
  is_fixed <- names(expression)[-1] %in% c("knots", "Boundary.knots", "df", "degree", "coefs")
  judge_arguments(expression, scope, which(!is_fixed) + 1L)
  for (place in which(is_fixed) + 1L) judge_whole(expression, place, scope)
  "row"
}

# ---- Functions that are not known ----

# A user's own function is looked into: what it calls must not be what looks at all rows.
judge_unknown <- function(expression, scope) {
  judge_arguments(expression, scope)
  found <- tryCatch(eval(expression[[1]], scope$envir), error = function(e) NULL)
  is_of_package <- is.function(found) && !is.primitive(found) && !identical(topenv(environment(found)), globalenv())
  if (is_of_package && isTRUE(call_name(expression) %in% never_by_row)) {
    stop_needs_all(expression, sprintf("%s() looks at other rows.", call_name(expression)))
  }
  bad <- if (is.function(found)) unsafe_calls(found) else character()
  if (length(bad)) {
    stop_needs_all(expression, sprintf("`%s` calls %s, which may look at all rows.", deparse1(expression[[1]]),
                                       comma(paste0(bad, "()"))))
  }
  scope$is_unknown <- TRUE
  "row"
}

unsafe_calls <- function(found, seen = list()) {
  if (is.primitive(found) || !identical(topenv(environment(found)), globalenv())) return(character())
  names <- unique(all.names(body(found), functions = TRUE))
  bad <- intersect(names, c(reducers, never_by_row, drawn_at_random, "scale"))
  others <- lapply(setdiff(names, bad), function(name) get0(name, environment(found), mode = "function"))
  others <- Filter(function(f) is.function(f) && !is.primitive(f) && !any(vapply(seen, identical, NA, f)), others)
  for (other in others) bad <- union(bad, unsafe_calls(other, c(seen, list(found), others)))
  bad
}

# ---- The variables of a model ----

# Those of the terms, as they are evaluated, then those that are arguments of the call.
model_expressions <- function(model, part) {
  terms <- model_terms(model, part)
  given <- intersect(c("subset", "weights", "offset", "etastart", "mustart"), names(model$frame_call))
  list(terms = terms, variables = variable_expressions(terms), extras = as.list(model$frame_call)[given])
}

model_terms <- function(model, part) {
  formula <- model$frame_call$formula
  if (inherits(formula, "terms")) formula else tryCatch(stats::terms(formula, data = part), error = function(e) stop_frame(e))
}

# As they are evaluated, with what a look has settled.
variable_expressions <- function(terms) as.list(attr(terms, "predvars") %||% attr(terms, "variables"))[-1]

# What the model asks of all rows, and which of its expressions can't be known from what they are made of.
judge_model <- function(model, part) {
  expressions <- model_expressions(model, part)
  all <- c(expressions$variables, expressions$extras)
  requests <- list()
  is_unknown <- logical(length(all))
  for (k in seq_along(all)) {
    scope <- new_judge(part, environment(model$formula))
    kind <- judge_variable(all[[k]], scope, names(all)[k] %||% "")
    is_unknown[k] <- scope$is_unknown
    requests <- c(requests, scope$requests)
  }
  calls <- lapply(requests, `[[`, "call")
  list(requests = requests[!duplicated(calls)], unknown = all[is_unknown])
}

judge_variable <- function(expression, scope, role) {
  if (role == "subset" && is_call_of(expression, "which") && length(expression) == 2) expression <- expression[[2]]
  kind <- judge(expression, scope, top = TRUE)
  if (kind == "row" || role == "subset" || is.null(expression)) return(kind)
  # What can't be evaluated is told by model.frame(), in words of its own.
  if (!reads_rows(expression, scope) && inherits(try(eval(expression, scope$envir), silent = TRUE), "try-error")) return(kind)
  stop_needs_all(expression, "No column of the parts is in it: its values have no rows to go with.")
}

stop_needs_all <- function(expression, reason) {
  stop_glmpp("parts", sprintf("`%s` takes its values from all rows at once, and no part has them.", deparse1(expression)),
             x = reason,
             i = paste("Write what each row gives by itself, with numbers in place of what all rows say, as in `(x - 3.2) / 1.5`,",
                       "`cut(x, breaks)`, `factor(x, levels = )`, `ns(x, knots = , Boundary.knots = )`; or make it a column of the data."))
}
